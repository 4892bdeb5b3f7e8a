"""``Logger``: variables written to files on the board and brought here, in pybela's form."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from belabridge.client.bela import ANSWER_S
from belabridge.client.known.arguments import frames_of, mode_of
from belabridge.client.known.log_buffers import read_buffers
from belabridge.client.known.log_files import finished, free_path, of_all
from belabridge.client.known.watcher import Watcher
from belabridge.errors import BelabridgeError, BoardTimeout, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from belabridge.board.logs.shell import LogShell
    from belabridge.board.logs.transfers import Fetched
    from belabridge.wire.control import LogStarted

log = logging.getLogger("belabridge.client")

LOOK_EVERY_S: Final = 0.05  # of a log that is to end: a board writes its last block within some of these
END_S: Final = 10.0  # a busy board writes for seconds before it answers again


@dataclass(slots=True)
class _Log:
    """One variable that is being logged."""

    started: LogStarted
    stopped: asyncio.Event
    fetched: Callable[[], Fetched] | None  # waits for the end of its transfer


class Logger(Watcher):
    """Logs variables on the board, and brings the files here."""

    def _prepare(self) -> None:
        super()._prepare()
        self._logs: dict[str, _Log] = {}
        self._paths: dict[str, dict[str, str]] = {"local_paths": {}, "remote_paths": {}}
        self._ends: dict[Path, int] = {}

    def start_logging(
        self,
        variables: str | Sequence[str] | None = None,
        transfer: bool = True,
        logging_dir: str = "./",
    ) -> dict[str, dict[str, str]]:
        """Log variables until ``stop_logging``; returns as soon as the board does it.

        Args:
            variables: one name or several; none = all.
            transfer: bring the files here while they grow.
            logging_dir: to this folder; it is made if need be. Nothing in it is overwritten.

        Returns:
            ``{"local_paths": {variable: path}, "remote_paths": {variable: path}}``, by the names that the
            board gave the files. The local files are whole when ``stop_logging`` has returned.

        Raises:
            UnknownVariable: the board lacks one; a ValueError, as all misuse.
            UsageError: one is being logged already.
            LogError: the board does not log, or does not let us at its files.
        """
        return self._start(self._names(variables), None, None, transfer=transfer, folder=logging_dir)

    def stop_logging(self, variables: str | Sequence[str] | None = None) -> dict[str, dict[str, str]]:
        """End logging; returns when the files are here, whole and verified, if they are to be.

        Args:
            variables: one name or several, and the others go on; none = all that this object logs.

        Returns:
            As ``start_logging``.

        Raises:
            LogError: a file could not be brought; what came of it is kept, and the others are here.
        """
        names = self._names(variables) if variables is not None and len(variables) else tuple(self._logs)
        if names:
            board = self._board
            board.thread.call(board.hub.wait(ANSWER_S))
            board.thread.run(lambda: board.hub.link.here().unlog(names))
            self._until_over(names, END_S)
        return self._finish(names)

    def schedule_logging(
        self,
        variables: str | Sequence[str] | None = None,
        timestamps: int | Sequence[int] | None = None,
        durations: int | Sequence[int] | None = None,
        transfer: bool = True,
        logging_dir: str = "./",
    ) -> dict[str, dict[str, str]]:
        """Log from frames on and for so many frames; with ``transfer``, returns when the files are here.

        Args:
            variables: as for ``start_logging``.
            timestamps: the first frame, one for all or one each; one that is over, or none, is now.
            durations: in frames, likewise; 0, or none, is until ``stop_logging``, and is not waited for.
            transfer: as there.
            logging_dir: as there.

        Returns:
            As ``start_logging``.
        """
        names = self._names(variables)
        starts, lengths = frames_of("timestamps", timestamps, names), frames_of("durations", durations, names)
        paths = self._start(
            names, list(starts.values()), list(lengths.values()), transfer=transfer, folder=logging_dir
        )
        if not transfer or not all(lengths.values()):
            return paths
        try:
            self._until_over(names, None)
        except BaseException:
            self.stop_logging(names)
            raise
        return self._finish(names)

    def is_logging(self) -> bool:
        """This object logs something, or is to."""
        if not self._logs:
            return False
        now = self._board.bela.frame
        ends = [each.started.end_frame for each in self._logs.values()]
        return any(end is None or end >= now for end in ends)

    def read_binary_file(self, file_path: str, timestamp_mode: str) -> dict[str, Any]:
        """The buffers of a log file.

        Args:
            file_path: of a file here.
            timestamp_mode: ``"dense"`` or ``"sparse"``, as ``watcher_vars`` tells.

        Returns:
            ``{"project_name", "var_name", "type", "buffers": [{"ref_timestamp", "data"}, …]}``, of a sparse
            variable with ``"rel_timestamps"``.

        Raises:
            NoRecording: it cannot be read.
        """
        return read_buffers(file_path, mode_of(timestamp_mode), self._ends.get(Path(file_path).absolute()))

    def copy_all_bin_files_in_project(self, dir: str = "./", verbose: bool = True) -> list[str]:  # noqa: A002 - pybela's
        """Bring all log files of the program here.

        Args:
            dir: to this folder; what is here already is not brought again.
            verbose: log what was brought.

        Returns:
            Where they are.

        Raises:
            LogError: one could not be brought; the others are here.
        """
        self.connect_ssh()
        fetched = self._ssh.call(lambda shell: of_all(shell, lambda name: shell.fetch(name, Path(dir))))
        if verbose:
            log.info("%d log files are in %s", len(fetched), dir)
        return [str(each.path) for each in fetched]

    def finish_copying_file(self, remote_path: str, local_path: str) -> str:
        """Bring the rest of a file of which the beginning is here.

        Args:
            remote_path: of the file on the board.
            local_path: of what is here.

        Returns:
            ``local_path``, which is whole then.

        Raises:
            LogError: what is here is not the beginning of that file, or it could not be brought.
        """
        self.connect_ssh()
        return str(
            finished(
                Path(local_path),
                lambda name: self._ssh.call(
                    lambda shell: shell.fetch(
                        PurePosixPath(remote_path), Path(local_path).absolute().parent, name=name
                    )
                ),
            )
        )

    def delete_file_from_bela(self, remote_path: str, verbose: bool = True) -> None:
        """Remove a file from the board.

        Raises:
            NoSuchLog: there is none.
        """
        self.connect_ssh()
        self._ssh.call(lambda shell: shell.remove(PurePosixPath(remote_path)))
        if verbose:
            log.info("%s was removed from the board", remote_path)

    def delete_all_bin_files_in_project(self, verbose: bool = True) -> None:
        """Remove all log files of the program from the board, but those that are being written."""
        self.connect_ssh()
        written = {variable.log_file_name for variable in self._listed().variables if variable.logged}

        async def remove(shell: LogShell) -> list[str]:
            async def unless_written(name: str) -> str:
                if name not in written:
                    await shell.remove(name)
                return name

            return await of_all(shell, unless_written)

        names = self._ssh.call(remove)
        if verbose:
            log.info("%d log files were removed from the board", len(set(names) - written))

    def disconnect(self) -> None:
        """End what this object logs; the last object leaves the board."""
        try:
            if self._logs and self.is_connected():
                self.stop_logging()
        finally:
            self._logs.clear()
            super().disconnect()

    def _start(
        self,
        names: tuple[str, ...],
        starts: list[int] | None,
        lengths: list[int] | None,
        *,
        transfer: bool,
        folder: str,
    ) -> dict[str, dict[str, str]]:
        if self._logs:
            self.stop_logging()
        board = self._board
        if transfer and starts is None:
            self.connect_ssh()  # before: a board that is closed to us logs nothing
        busy = [v.name for v in self._listed().variables if v.logged and v.name in names]
        if busy:
            raise UsageError(f"{', '.join(busy)}: being logged already; stop_logging({busy!r}) ends that")
        started = board.thread.call(board.hub.link.here().log(names, starts, lengths, timeout_s=END_S))
        if transfer and starts is not None:
            try:
                self.connect_ssh()  # now: it takes a while, and the frame at which to begin might be over
            except BaseException:
                board.thread.run(lambda: board.hub.link.here().unlog(names))
                raise
        project = self._login.projects / board.bela.project
        local: dict[str, str] = {}
        self._paths = {
            "local_paths": local,
            "remote_paths": {one.variable: str(project / one.file_name) for one in started},
        }
        for one in started:
            self._logs[one.variable] = each = _Log(one, asyncio.Event(), None)
            if transfer:
                path = free_path(Path(folder), one.file_name)
                local[one.variable] = str(path)
                each.fetched = self._ssh.begin(_following(each, path))
        return self._paths

    def _until_over(self, names: Collection[str], timeout_s: float | None) -> None:
        """Return when the board logs none of these any more."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        ends = [each.started.end_frame or 0 for name, each in self._logs.items() if name in names]
        last = max(ends, default=0) if timeout_s is None else 0
        while True:
            board = self._listed()
            if board.frame > last and not any(v.logged for v in board.variables if v.name in names):
                return
            if until is not None and time.monotonic() > until:
                raise BoardTimeout(
                    f"the board did not end its logs of {', '.join(names)} within {timeout_s:g} s"
                )
            left_s = max(0, last - board.frame) / board.sample_rate
            time.sleep(max(LOOK_EVERY_S, min(left_s, 1.0)))

    def _finish(self, names: Collection[str]) -> dict[str, dict[str, str]]:
        """Bring what is left of logs that are over."""
        ended: Mapping[str, _Log] = {name: self._logs.pop(name) for name in names if name in self._logs}
        transferred = {name: each for name, each in ended.items() if each.fetched is not None}
        if transferred:

            def tell() -> None:
                for each in transferred.values():
                    each.stopped.set()

            self._ssh.run(tell)
        fault: BelabridgeError | None = None
        for name, each in transferred.items():
            try:
                path = each.fetched().path if each.fetched is not None else Path()
            except BelabridgeError as error:
                fault = fault or error
                continue
            self._paths["local_paths"][name] = str(path)
            if each.started.end_frame is not None:
                self._ends[path.absolute()] = each.started.end_frame
        if fault is not None:
            raise fault
        return self._paths


def _following(each: _Log, path: Path) -> Callable[[LogShell], Any]:
    return lambda shell: shell.follow(
        each.started.file_name, path.parent, stopped=each.stopped, name=path.name
    )
