"""``Monitor``: a value of each variable now and then, in the form that users of pybela know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from belabridge.client.known.arguments import USUAL_PERIOD, periods_of
from belabridge.client.known.buffers import as_monitored
from belabridge.client.known.keep import Keep
from belabridge.client.known.run import MonitorRun
from belabridge.client.known.saving import VALUES_NAME, ValueSaver
from belabridge.client.known.sessions import Session, callbacks_of
from belabridge.client.known.streamer import Streamer
from belabridge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from belabridge.client.blocks import Sample

AT_ONCE_S: Final = 0.15
"""A variable that the program assigns shows itself within a few blocks of audio; others have no frame of
their own, and are looked at in the board's list."""


class Monitor(Streamer):
    """A value of each variable every so many frames."""

    _usual_length = 2000

    def start_monitoring(
        self,
        variables: str | Sequence[str] | None = None,
        periods: int | Sequence[int] | None = None,
        saving_enabled: bool = False,
        saving_filename: str | None = VALUES_NAME,
        saving_dir: str = "./",
    ) -> None:
        """Monitor variables until ``stop_monitoring``; returns at once.

        Args:
            variables: one name or several; none = all.
            periods: in frames, one for all or one each; none = 1000; 1 = a single value.
            saving_enabled: write the values to files ``<variable>_<saving_filename>``, none of which is ever
                overwritten.
            saving_filename: as there.
            saving_dir: where; it is made if need be.

        Raises:
            UnknownVariable: the board lacks one; a ValueError, as all misuse.
            NotConnected: ``connect`` was not called.
        """
        self.start_streaming(variables, periods, saving_enabled, saving_filename, saving_dir)

    def stop_monitoring(self, variables: str | Sequence[str] | None = None) -> dict[str, Any]:
        """End monitoring.

        Args:
            variables: one name or several, and the others go on; none = all.

        Returns:
            ``{variable: {"timestamps": […], "values": […]}}`` of those of which something came.
        """
        self._stop(self._names(variables))
        return {name: both for name, both in self.values.items() if both["values"]}

    def monitor_n_values(
        self,
        variables: str | Sequence[str] | None = None,
        periods: int | Sequence[int] | None = None,
        n_values: int = 1000,
        saving_enabled: bool = False,
        saving_filename: str | None = VALUES_NAME,
    ) -> dict[str, Any]:
        """Monitor until there are ``n_values`` of each variable; arguments as for ``start_monitoring``.

        Returns:
            ``values``.
        """
        self.stream_n_values(variables, periods, n_values, saving_enabled, saving_filename)
        return self.values

    async def async_monitor_n_values(
        self,
        variables: str | Sequence[str] | None = None,
        periods: int | Sequence[int] | None = None,
        n_values: int = 1000,
        saving_enabled: bool = False,
        saving_filename: str | None = VALUES_NAME,
    ) -> dict[str, Any]:
        """The same for ``async`` programs."""
        await self.async_stream_n_values(variables, periods, n_values, saving_enabled, saving_filename)
        return self.values

    def peek(self, variables: str | Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """What variables are now, each with the frame at which it was that.

        Of a variable that is controlled, or that the program never assigns, it is what the program reads.

        Args:
            variables: one name or several; none = all.

        Returns:
            ``{variable: {"timestamp": frame, "value": number}}``.
        """
        names, lease = self._names(variables), self._board
        keep: Keep[Sample] = Keep(names, 1, enough=1)
        session = Session(lease, MonitorRun(lease.hub, dict.fromkeys(names, 1), keep), keep, None)
        session.begin()
        try:
            board = self._listed()
            session.wait(AT_ONCE_S)
        finally:
            session.end()
        listed = {variable.name: variable for variable in reversed(board.variables)}
        peeked = {}
        for name in names:
            came = keep.queues[name]
            if came and not (name in listed and listed[name].controlled):
                peeked[name] = as_monitored(came[0])
            else:
                peeked[name] = {
                    "timestamp": board.frame,
                    "value": lease.hub.link.foreseen(listed[name]).value,
                }
        return peeked

    @property
    def values(self) -> dict[str, dict[str, list[Any]]]:
        """The last values: ``{variable: {"timestamps": […], "values": […]}}``, of all of the board's."""
        return {
            name: {"timestamps": [one.frame for one in came], "values": [one.value for one in came]}
            for name, queue in self._queues.items()
            for came in [queue.copy()]
        }

    def schedule_streaming(self, *_args: Any, **_more: Any) -> dict[str, Any]:
        """There is no such thing for a monitor.

        Raises:
            UsageError: always.
        """
        raise UsageError("a monitor cannot be scheduled: use a Streamer")

    def load_data_from_file(self, filename: str, flatten: bool = True) -> Any:
        """The values of a saved file: ``{"timestamps": […], "values": […]}``, or else a list of dicts.

        Raises:
            NoRecording: it cannot be read.
        """
        values = super().load_data_from_file(filename)
        if not flatten:
            return values
        return {
            "timestamps": [each["timestamp"] for each in values],
            "values": [each["value"] for each in values],
        }

    def _as_buffer(self, item: Any) -> Mapping[str, Any]:
        return as_monitored(item)

    def _flat(self, items: list[Any]) -> list[Any]:
        return [item.value for item in items]

    def _last(self, item: Any) -> Mapping[str, Any]:
        return super()._last(None) if item is None else as_monitored(item)

    def _shown_every(self, names: Sequence[str]) -> Mapping[str, int]:
        run = self._session.run if self._session is not None and self.is_streaming() else None
        shown = run.periods_frames if isinstance(run, MonitorRun) else {}
        return {name: shown.get(name, USUAL_PERIOD) for name in names}

    def _shortest(self, names: Sequence[str]) -> int:  # noqa: ARG002 - as ``Streamer``
        return 1

    def _new_session(
        self,
        spans: Mapping[str, tuple[int, int]],
        periods: int | Sequence[int] | None,
        *,
        saving: tuple[str, str | None] | None,
        on_buffer: Callable[..., Any] | None,
        on_block: Callable[..., Any] | None,
        args: Any,
        enough: int | None = None,
    ) -> Session[Any]:
        lease, each = self._board, periods_of(periods, tuple(spans))
        self._end_former()
        saver = ValueSaver(*saving) if saving is not None else None
        callbacks = callbacks_of(on_buffer, on_block, args)
        tell = tell_row = None
        if callbacks is not None:
            put = callbacks.put

            def tell(sample: Sample) -> None:
                put(lambda: {"name": sample.name, "buffer": as_monitored(sample)})

            def tell_row(row: Sequence[Sample]) -> None:
                put(lambda: [{"name": one.name, "buffer": as_monitored(one)} for one in row])

        keep: Keep[Sample] = Keep(
            spans,
            max(self._length, enough or 0),
            enough=enough,
            save=saver.save if saver else None,
            end_saving=saver.close if saver else None,
            tell=tell if on_buffer is not None else None,
        )
        run = MonitorRun(lease.hub, each, keep, tell=tell_row if on_block is not None else None)
        return Session(lease, run, keep, callbacks)
