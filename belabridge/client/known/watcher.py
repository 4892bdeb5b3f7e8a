"""``Watcher``: a board in the form that users of pybela know; what its four kinds share."""

from __future__ import annotations

import logging
import threading
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from belabridge.client.bela import ANSWER_S
from belabridge.client.connect import TIMEOUT_S
from belabridge.client.known.arguments import BUFFER_BYTES, buffer_values, mode_of, names_of, type_of
from belabridge.client.known.listed import as_list, as_properties, as_rate, is_streamed
from belabridge.client.known.shared import Lease
from belabridge.client.known.ssh import Ssh
from belabridge.errors import NotConnected, UsageError
from belabridge.values import DEFAULT_PORT, Address
from belabridge.wire.commands import own_text
from belabridge.wire.formats import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from belabridge.board.logs.login import Login
    from belabridge.client.blocking import BlockingBela
    from belabridge.values import Variable
    from belabridge.wire.listing import VariableList

log = logging.getLogger("belabridge.client")

USB_IP: Final = "192.168.7.2"  # of a board on a USB cable
Properties: TypeAlias = list[dict[str, Any]]
_PATIENCE_S: Final = 3600.0  # of one wait without an end; any length that a lock can wait


class Watcher:
    """A board: what its variables are.

    All objects of one program share a connection to a board, each with what it wants of it; they may be used
    from any thread, also where an event loop runs, as in a notebook.

    Args:
        ip: the board's address or name, such as ``bela.local``.
        port: of its WebSockets.
        data_add: pybela's name for the data endpoint; every Bela has ``gui_data``.
        control_add: the same of the control endpoint, ``gui_control``.

    Attributes:
        ip: as given.
        port: as given.
        login: how to reach the board's files by SSH; None = as root at ``ip``, without a password.
    """

    def __init__(
        self,
        ip: str = USB_IP,
        port: int = DEFAULT_PORT,
        data_add: str = "gui_data",
        control_add: str = "gui_control",
    ) -> None:
        if (data_add.strip("/"), control_add.strip("/")) != ("gui_data", "gui_control"):
            raise UsageError(
                "a Bela's endpoints are gui_data and gui_control: leave data_add and control_add out"
            )
        self.ip, self.port = ip, port
        self.data_add, self.control_add = data_add, control_add
        self.login: Login | None = None
        self._lease: Lease | None = None
        self._ssh = Ssh()
        self._prepare()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cleanup()

    # The connection.

    def connect(self) -> int:
        """Connect to the board; nothing when it is connected.

        Returns:
            1.

        Raises:
            ConnectionError: nobody there; ``NotConnected``, which says why.
        """
        if self._lease is None or not self._lease.is_alive:
            self._lease = Lease(Address(self.ip, self.port), self, timeout_s=TIMEOUT_S)
        return 1

    def disconnect(self) -> None:
        """End what was begun with this object; the last one leaves the board."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.release()

    def stop(self) -> None:
        """The same, by the name that it had in early versions of pybela."""
        self.disconnect()

    def cleanup(self) -> None:
        """End everything, the connection over SSH as well."""
        self.disconnect()
        self.disconnect_ssh()

    def is_connected(self) -> bool:
        """There is a connection now; when it broke, it is being made anew."""
        return self._lease is not None and self._lease.is_alive and self._lease.bela.is_connected

    @property
    def bela(self) -> BlockingBela:
        """The same board in the modern form."""
        return self._board.bela

    # What the board says.

    def list(self) -> dict[str, Any]:
        """What the board lists now: ``sampleRate``, ``timestamp``, and in ``watchers`` each variable."""
        return as_list(self._listed())

    def get_latest_timestamp(self) -> int:
        """The frame at which the board is now."""
        return self._listed().frame

    @property
    def watcher_vars(self) -> Properties:
        """``name``, ``type``, ``timestamp_mode``, ``data_length`` and ``monitor`` of each variable."""
        return [as_properties(variable) for variable in self._table.values()]

    @property
    def watched_vars(self) -> Properties:
        """Those that are streamed now, by whomever; asks the board."""
        return [as_properties(variable) for variable in self._listed().variables if is_streamed(variable)]

    @property
    def unwatched_vars(self) -> Properties:
        """The others."""
        return [as_properties(variable) for variable in self._listed().variables if not is_streamed(variable)]

    @property
    def sample_rate(self) -> float | None:
        """Audio frames a second; None before ``connect``."""
        return None if self._lease is None else as_rate(self._lease.bela.sample_rate_hz)

    @property
    def project_name(self) -> str | None:
        """The name of the program on the board; None before ``connect``."""
        return None if self._lease is None else self._lease.bela.project

    # Constants of the protocol.

    def get_prop_of_var(self, var_name: str, prop: str) -> Any:
        """One property of ``watcher_vars``.

        Raises:
            UnknownVariable: the board lacks it.
            UsageError: there is no such property.
        """
        (name,) = self._names(var_name)
        properties = as_properties(self._table[name])
        if prop not in properties:
            raise UsageError(f"property {prop!r}: write one of {', '.join(properties)}")
        return properties[prop]

    def get_data_length(self, var_type: str, timestamp_mode: str) -> int:
        """How many values a full buffer has."""
        return buffer_values(type_of(var_type), mode_of(timestamp_mode))

    def get_buffer_size(self, var_type: str, timestamp_mode: str) -> int:
        """How many bytes a full buffer has, its frame included: always 4104."""
        type_of(var_type), mode_of(timestamp_mode)
        return BUFFER_BYTES

    def get_data_byte_size(self, var_type: str) -> int:
        """How many bytes a value has."""
        return layout(type_of(var_type), mode_of("dense")).dtype.itemsize

    # What anybody may want.

    def wait(self, time_in_seconds: float = 0) -> None:
        """Wait while data comes; 0 = for ever, until Ctrl-C, which raises ``KeyboardInterrupt``.

        Raises:
            UsageError: it is negative.
        """
        if not time_in_seconds >= 0:
            raise UsageError(f"wait({time_in_seconds!r}): write seconds, or 0 for ever")
        nothing = threading.Event()
        if time_in_seconds:
            nothing.wait(time_in_seconds)
            return
        while True:
            nothing.wait(_PATIENCE_S)

    def send_ctrl_msg(self, msg: dict[str, Any]) -> None:
        """Send the board a message of your own, such as ``{"watcher": [{"cmd": "list"}]}``.

        Raises:
            UsageError: it is none that a board can take; nothing was sent.
            BoardLost: there is no connection now.
        """
        text = own_text(msg)
        board = self._board
        board.thread.run(lambda: board.hub.link.here().say_text(text))

    # The board's files.

    def connect_ssh(self) -> None:
        """Connect to the board's files, which happens by itself when they are needed.

        Raises:
            SshRefused: there is no way to them.
        """
        self._ssh.open(self._login, self._board.bela.project)

    def disconnect_ssh(self) -> None:
        """End that connection."""
        self._ssh.close()

    def copy_file_from_bela(self, remote_path: str, local_path: str, verbose: bool = True) -> str:
        """Bring a file from the board here, verified, and gone on with where it had broken.

        Args:
            remote_path: of the file on the board.
            local_path: of the file here, or a folder; when that name is taken by another file, the next free
                one is used: ``mic-2.bin``.
            verbose: log how far it is.

        Returns:
            Where it is.

        Raises:
            LogError: it could not be brought.
        """
        self.connect_ssh()
        remote, local = PurePosixPath(remote_path), Path(local_path)
        if local.is_dir():
            local /= remote.name
        told = _told(remote.name) if verbose else _quiet
        return str(self._ssh.fetch(remote, local, told).path)

    @property
    def _login(self) -> Login:
        from belabridge.board.logs.login import Login

        return self.login or Login(self.ip)

    # For its kinds.

    def _prepare(self) -> None:
        """Make what a kind has besides; all of them are made with the same arguments."""

    @property
    def _board(self) -> Lease:
        """The connection.

        Raises:
            NotConnected: ``connect`` was not called.
        """
        if self._lease is None or not self._lease.is_alive:
            kind = type(self).__name__
            raise NotConnected(f"this {kind} is not connected: call its connect() first")
        return self._lease

    @property
    def _table(self) -> dict[str, Variable]:
        return self._board.hub.table

    def _names(self, variables: str | Sequence[str] | None) -> tuple[str, ...]:
        return names_of(variables, self._table)

    def _listed(self) -> VariableList:
        board = self._board
        return board.thread.call(board.hub.list(ANSWER_S))


def _quiet(done: int, total: int) -> None:
    """Nothing."""


def _told(name: str) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        log.debug("%s: %d of %d bytes", name, done, total)

    return told
