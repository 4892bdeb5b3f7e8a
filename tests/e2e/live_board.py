"""A simulated board in a thread of the test, where faults can be injected while others wait."""

from __future__ import annotations

import asyncio
import threading

from belabridge.sim.programs.default import default_program
from belabridge.sim.server import SimServer


class LiveBoard:
    """A running ``SimServer``; all of it is touched in its own loop only."""

    def __init__(self, program=None, port=0, **more):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = SimServer(program or default_program(), port=port, **more)
        self._wait(self._server.start())
        self.port = self._server.port
        self.address = f"127.0.0.1:{self.port}"

    def _wait(self, job):
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(20)

    def ask(self, question):
        """``question(server)``, asked in the server's loop."""

        async def asked():
            return question(self._server)

        return self._wait(asked())

    def inject(self, fault):
        self.ask(lambda server: server.inject(fault))

    @property
    def harm(self):
        """What clients sent that would harm a board."""
        return self.ask(lambda server: list(server.board.harm))

    @property
    def clients(self):
        """How many WebSockets are open."""
        return self.ask(lambda server: len(server.clients))

    def close_now(self):
        """Switch it off."""
        self._wait(self._server.stop())

    def close(self):
        self.close_now()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
