"""Chromium without a screen, told what to do by its debugging protocol."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from websockets.sync.client import connect

from processes import wait_for

CHROMIUM = shutil.which("chromium")
START_S = 60.0  # of a browser, on a busy machine
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
]


class Browser:
    """A browser with one page; use it with ``with``."""

    def __init__(self, width=1200, height=800):
        """Start it with a window of so many pixels."""
        self.folder = tempfile.TemporaryDirectory(prefix="chromium", ignore_cleanup_errors=True)
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={self.folder.name}", f"--window-size={width},{height}"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._stack = ExitStack()
        self._numbers = itertools.count(1)
        self.said = []  # what the page wrote to its console, and what it threw
        try:
            port_file = Path(self.folder.name, "DevToolsActivePort")
            lines = wait_for(lambda: port_file.exists() and port_file.read_text().split(), within_s=START_S)
            url = f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            self._socket = self._stack.enter_context(
                connect(url, compression=None, max_size=1 << 28, proxy=None)
            )
            self._session = None
            target = self.do("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self.do("Page.enable")
            self.do("Runtime.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End it."""
        self._stack.close()
        self.process.terminate()
        try:
            self.process.wait(START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def do(self, method, **params):
        """A command of the protocol; its result."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        self._socket.send(json.dumps(command))
        while True:
            answer = json.loads(self._socket.recv(START_S))
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            if answer.get("method") == "Runtime.exceptionThrown":
                self.said.append(answer["params"]["exceptionDetails"])
            elif answer.get("method") == "Runtime.consoleAPICalled":
                self.said.append([one.get("value") for one in answer["params"]["args"]])

    def open(self, url):
        """Show a page; returns when all of it is loaded."""
        self.do("Page.navigate", url=url)
        is_there = f"location.href == {json.dumps(url)} && document.readyState == 'complete'"
        wait_for(lambda: self.run(is_there), within_s=START_S)

    def run(self, expression):
        """What an expression, or a promise, gives in the page."""
        done = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def picture(self, path):
        """Write what one sees to a PNG file."""
        data = self.do("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))
