"""The daemon's life: start, serve, reload, stop; told to the service manager and to whoever asks."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from belabridge import __version__
from belabridge.errors import BelabridgeError, CannotListen, ConfigError, Fault
from belabridge.service.aside import aside
from belabridge.service.control import ControlServer
from belabridge.service.folder import made_folder
from belabridge.service.notify import Notifier
from belabridge.service.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

log = logging.getLogger("belabridge.service")

STOP_S = 1.5  # for the bridge to give the board back what it took; the whole end is promised within 2 s
CANCEL_S = 0.2  # for what else has to be ended
STATUS_PERIOD_S = 5.0  # of the line in `systemctl status`; each one is a D-Bus signal
UNWATCHED_INTERVAL_S = 20.0  # without a manager: how long no work is done until the log says so, twice over

T = TypeVar("T")
ConfigT = TypeVar("ConfigT")
ConfigT_contra = TypeVar("ConfigT_contra", contravariant=True)


class BridgeLike(Protocol[ConfigT_contra]):
    """What the daemon needs of a bridge."""

    async def start(self) -> None:
        """Serve; does not wait for the board. One that raises has cleaned up behind itself."""

    async def stop(self) -> None:
        """End, giving the board back what was taken; also after a ``start`` that was cancelled."""

    async def reconfigure(self, config: ConfigT_contra) -> None:
        """Change over, touching only what differs; one that raises ``BelabridgeError`` changed nothing."""

    def reloaded(self) -> None:
        """A reload found nothing changed: tell everything again."""

    def panic(self) -> None:
        """End everything that sounds."""

    async def log(self, words: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Do something with log files, as ``logs.desk.Desk`` says."""

    def status(self) -> dict[str, Any]:
        """All there is to know, as JSON can carry it."""

    def alive(self, now: float) -> bool:
        """Whether the bridge's own work goes on; ``now`` in seconds, monotonic."""

    def summary(self) -> str:
        """``status`` in one line."""


class Daemon(Generic[ConfigT]):
    """Owns a bridge for the life of the program.

    SIGTERM and SIGINT stop it, a second one without waiting for the board; SIGHUP and the control socket's
    ``reload`` check the config anew and hand it to the bridge, or keep the old one when it has faults.
    """

    def __init__(
        self,
        load: Callable[[], ConfigT],
        build: Callable[[ConfigT], BridgeLike[ConfigT]],
        *,
        config: Path | None = None,
        applied: Callable[[ConfigT], None] = lambda _: None,
        place_of: Callable[[ConfigT, str], tuple[int, int]] = lambda _config, _what: (1, 1),
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            load: reads and checks the config (never None), may block, raises ``ConfigError``.
            build: makes the bridge, without starting it.
            config: the file that ``load`` reads, None without one.
            applied: called with each config that came into force, such as to set the log's level.
            place_of: (line, column) of a setting such as ``osc.listen``, for a port that is in use.
            environ: the service manager's variables.
        """
        self._load = load
        self._build = build
        self._file = config
        self._applied = applied
        self._place_of = place_of
        self._environ = environ
        self._notify = Notifier(environ)
        self._config: ConfigT | None = None
        self._bridge: BridgeLike[ConfigT] | None = None
        self._began = time.monotonic()
        self._stop = asyncio.Event()
        self._at_once = asyncio.Event()
        self._hup = asyncio.Event()
        self._reloading = asyncio.Lock()

    def request_stop(self) -> None:
        """Let ``run`` end, as SIGTERM does; the second call does not wait for the board."""
        (self._at_once if self._stop.is_set() else self._stop).set()

    def status(self) -> dict[str, Any]:
        """The bridge's status with the daemon's own: belabridge (version), pid, uptime_s, config.

        Only the daemon's own before the bridge is built.
        """
        own = {
            "belabridge": __version__,
            "pid": os.getpid(),
            "uptime_s": time.monotonic() - self._began,
            "config": None if self._file is None else str(self._file.absolute()),
        }
        return (
            own if self._bridge is None else own | self._bridge.status() | own
        )  # its names first, and last word

    async def run(self) -> int:
        """Live until told to stop.

        Returns:
            0 after a clean end; 1 when the bridge did not stop in time.

        Raises:
            ConfigError: the config has faults at the start, or names a port that is in use.
            BelabridgeError: the bridge could not start.
        """
        loop = asyncio.get_running_loop()
        reactions = {
            signal.SIGTERM: self.request_stop,
            signal.SIGINT: self.request_stop,
            signal.SIGHUP: self._hup.set,
        }
        for number, reaction in reactions.items():
            loop.add_signal_handler(number, reaction)
        try:
            return await self._live()
        finally:
            for number in reactions:
                loop.remove_signal_handler(number)

    async def reload(self) -> dict[str, Any]:
        """Check the config anew, and change over when it is right and differs; else tell everything again.

        Returns:
            ``{"changed": bool}``.

        Raises:
            ConfigError: it has faults, or names a port that is in use; the old one stays in force.
            BelabridgeError: the bridge refused it; the old one stays in force.
        """
        bridge = self._bridge
        if bridge is None:
            raise BelabridgeError("the daemon is only starting: ask again in a second")
        async with self._reloading:
            self._notify.reloading()
            try:
                new = await aside(self._load, "load-config")
                changed = new != self._config
                if changed:
                    await self._with_place(new, bridge.reconfigure(new))
                    self._config = new
                    self._applied(new)
                else:
                    bridge.reloaded()
            except BelabridgeError as error:
                for line in [*str(error).splitlines(), "the old config stays in force"]:
                    log.error("reload: %s", line)  # noqa: TRY400 - what to write instead, not a traceback
                raise
            finally:
                if not self._stop.is_set():
                    self._notify.ready()
        log.info("reload: %s", "the new config is in force" if changed else "nothing has changed")
        self._notify.status(bridge.summary())
        return {"changed": changed}

    async def _live(self) -> int:
        config = await self._unless_stopped(aside(self._load, "load-config"))
        if config is None:
            return 0
        self._applied(config)
        bridge = self._build(config)
        self._config, self._bridge = config, bridge
        started = await self._unless_stopped(self._with_place(config, bridge.start()))
        if not started:
            return await self._end(bridge)
        control = await self._open_control()
        self._notify.ready()
        try:
            await self._unless_stopped(self._beat(bridge), self._reload_on_hup())
        finally:
            self._notify.stopping()
            if control is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(CANCEL_S):
                        await control.stop()
            code = await self._end(bridge)
        return code

    async def _unless_stopped(self, *jobs: Coroutine[Any, Any, T]) -> T | None:
        """What the first job to end gives or raises; None, with all cancelled, when a stop comes first."""
        stop = asyncio.create_task(self._stop.wait())
        tasks = [asyncio.create_task(job) for job in jobs]
        await asyncio.wait({stop, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in tasks if task.done()]
        rest = {task for task in (stop, *tasks) if not task.done()}
        for task in rest:
            task.cancel()
        if rest:  # a job that is slow to be cancelled does not hold up the end
            await asyncio.wait(rest, timeout=CANCEL_S)
        return ended[0].result() if ended else None

    async def _end(self, bridge: BridgeLike[ConfigT]) -> int:
        stop = asyncio.create_task(bridge.stop())
        at_once = asyncio.create_task(self._at_once.wait())
        await asyncio.wait({stop, at_once}, timeout=STOP_S, return_when=asyncio.FIRST_COMPLETED)
        at_once.cancel()
        if stop.done():
            stop.result()
            return 0
        stop.cancel()
        log.error("the board did not let go in time: it may go on sending what was watched")
        return 1

    async def _open_control(self) -> ControlServer | None:
        """The control socket; a bridge without one is better than none."""

        async def status() -> dict[str, Any]:
            return self.status()

        async def panic() -> dict[str, Any]:
            if self._bridge is not None:
                self._bridge.panic()
            return {}

        async def log_talk(
            words: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]
        ) -> dict[str, Any]:
            if self._bridge is None:
                raise BelabridgeError("the daemon is only starting: ask again in a second")
            return await self._bridge.log(words, tell)

        try:
            handlers = {"status": status, "reload": self.reload, "panic": panic}
            control = ControlServer(handlers, made_folder(self._environ), talks={"log": log_talk})
            await control.start()
        except BelabridgeError as error:
            log.warning("%s", error)
            return None
        return control

    async def _beat(self, bridge: BridgeLike[ConfigT]) -> None:
        """Feed the watchdog and the status line."""
        watched = self._notify.watchdog_interval_s
        dog = Watchdog(watched or UNWATCHED_INTERVAL_S)
        dog.worked(time.monotonic())
        starved = False
        last_line, last_line_at = "", float("-inf")
        while True:
            now = time.monotonic()
            if bridge.alive(now):
                dog.worked(now)
            if dog.should_feed(now) and watched:
                self._notify.watchdog()
            if dog.starving(now) != starved:
                starved = not starved
                if starved:
                    log.error("the bridge does no work any more; a service manager will restart it")
            if self._notify.active and now - last_line_at >= STATUS_PERIOD_S:
                last_line_at = now
                if (line := bridge.summary()) != last_line:
                    last_line = line
                    self._notify.status(line)
            await asyncio.sleep(dog.look_s)

    async def _reload_on_hup(self) -> None:
        while True:
            await self._hup.wait()
            self._hup.clear()  # several while one reload runs are one more
            try:
                with suppress(BelabridgeError):  # reload has logged it
                    await self.reload()
            except Exception:
                # The outermost loop of this task: a fault of ours must not take the bridge with it.
                log.exception("a fault in belabridge: the reload is not done")

    async def _with_place(self, config: ConfigT, job: Coroutine[Any, Any, None]) -> bool:
        """Await ``job``; a port in use is a fault of the config file when there is one."""
        try:
            await job
        except CannotListen as error:
            if self._file is None:
                raise
            fault = Fault(
                str(self._file),
                *self._place_of(config, error.what),
                f"{error.what}: {error.problem}",
                error.instead,
            )
            raise ConfigError([fault]) from error
        return True
