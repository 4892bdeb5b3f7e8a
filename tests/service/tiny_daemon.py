"""A real daemon around a bridge of a few lines, for tests: ``python tiny_daemon.py CONFIG``.

The config is JSON. Its words make the bridge misbehave; what happens to it is printed, a line each.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import click

from belabridge.cli.failure import told_plainly
from belabridge.errors import BelabridgeError, ConfigError, Fault, PortInUse
from belabridge.service.daemon import Daemon
from belabridge.service.journal import configure


def say(*words):
    print(*words, flush=True)


class TinyBridge:
    def __init__(self, config):
        self.config = config

    async def start(self):
        say("start", self.config["name"])
        if self.config.get("start") == "hang":
            await asyncio.Event().wait()
        self._refuse("start")

    async def stop(self):
        say("stop")
        if self.config.get("stop") == "hang":
            await asyncio.Event().wait()

    async def reconfigure(self, config):
        before, self.config = self.config, config
        try:
            self._refuse("reconfigure")
        except BelabridgeError:
            self.config = before
            raise
        say("reconfigure", config["name"])

    def reloaded(self):
        say("reloaded")

    def _refuse(self, when):
        if self.config.get(when) == "port":
            raise PortInUse("127.0.0.1", 9001, "osc.listen")
        if self.config.get(when) == "refuse":
            raise BelabridgeError("the bridge does not want to")

    def status(self):
        return {"name": self.config["name"], "value": float("nan"), "pid": "the daemon knows better"}

    def alive(self, now):
        assert abs(now - time.monotonic()) < 5
        if self.config.get("alive") == "block":
            say("blocking")
            time.sleep(600)  # the event loop hangs: what a watchdog is for
        return self.config.get("alive", True)

    def summary(self):
        return f"bridge {self.config['name']}\nREADY=0"


def load(path):
    text = path.read_text()
    if text == "hang":
        say("loading")
        time.sleep(600)  # a network drive that went away
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(
            [Fault(str(path), 3, 5, "not good", "something better"), Fault(str(path), 1, 2, "bad")]
        ) from error


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def tiny(path):
    configure()
    daemon = Daemon(
        lambda: load(path),
        TinyBridge,
        config=path,
        applied=lambda config: say("applied", config["name"]),
        place_of=lambda _config, what: {"osc.listen": (7, 9)}[what],
    )
    with told_plainly(click.get_current_context()):
        sys.exit(asyncio.run(daemon.run()))


if __name__ == "__main__":
    tiny()
