"""``Streamer``: every sample of variables, in the form that users of pybela know."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from belabridge.client.known.arguments import buffer_values, frames_of, type_of, whole
from belabridge.client.known.buffers import as_buffer, flat, with_timestamps
from belabridge.client.known.keep import Keep
from belabridge.client.known.lazy_dict import LazyDict
from belabridge.client.known.listed import as_properties
from belabridge.client.known.run import StreamRun
from belabridge.client.known.saving import BUFFERS_NAME, BufferSaver
from belabridge.client.known.sessions import Keeping, Session, at_least, callbacks_of
from belabridge.client.known.together import Together
from belabridge.client.spans import seconds
from belabridge.client.streaming import LATENCY
from belabridge.errors import UsageError
from belabridge.recording.json_lines_read import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from belabridge.client.blocks import Block

PATIENCE_S: Final = 10.0
"""Buffers that are wanted together wait so long for the slowest variable: 21 MB of 12 audio-rate floats."""


class Streamer(Keeping):
    """Every sample of variables of a board.

    Attributes:
        buffer_length: values of a buffer; None = as many as an original board's have, ``data_length``.
        latency_s: None = a buffer comes when it is full, as pybela's do. Otherwise a value waits so long at
            most, on a board with our library, and buffers are shorter when the variable is slow.
    """

    def _prepare(self) -> None:
        super()._prepare()
        self.buffer_length: int | None = None
        self.latency_s: float | None = None

    def start_streaming(
        self,
        variables: str | Sequence[str] | None = None,
        periods: int | Sequence[int] | None = None,
        saving_enabled: bool = False,
        saving_filename: str | None = BUFFERS_NAME,
        saving_dir: str = "./",
        on_buffer_callback: Callable[..., Any] | None = None,
        on_block_callback: Callable[..., Any] | None = None,
        callback_args: Any = (),
    ) -> None:
        """Stream variables until ``stop_streaming``; returns at once.

        Args:
            variables: one name or several; none = all.
            periods: has no meaning for a streamer.
            saving_enabled: write the buffers to files ``<variable>_<saving_filename>``, none of which is ever
                overwritten.
            saving_filename: as there; ``__1`` is put into it when there are such files.
            saving_dir: where; it is made if need be.
            on_buffer_callback: called with each buffer, ``{"name": …, "buffer": {"ref_timestamp": …,
                "data": […]}}``, of a sparse variable also ``"rel_timestamps"``. A function or a coroutine
                function; it runs in a thread of its own.
            on_block_callback: the same, but called with a list of such, one for each variable, of the same
                frames.
            callback_args: what it gets besides: a tuple, or the one argument.

        Raises:
            UnknownVariable: the board lacks one; a ValueError, as all misuse.
            NotConnected: ``connect`` was not called.
            CannotSave: there cannot be files.
        """
        names = self._names(variables)
        self._begin(
            self._new_session(
                dict.fromkeys(names, (0, 0)),
                periods,
                saving=(saving_dir, saving_filename) if saving_enabled else None,
                on_buffer=on_buffer_callback,
                on_block=on_block_callback,
                args=callback_args,
            )
        )

    def stop_streaming(self, variables: str | Sequence[str] | None = None) -> dict[str, Any]:
        """End streaming, and take what the board still has: the last buffers, as long as they are.

        Args:
            variables: one name or several, and the others go on; none = all.

        Returns:
            ``streaming_buffers_queue``.

        Raises:
            CannotSave: saving has ended before, such as by a full disk.
        """
        self._stop(self._names(variables))
        return self.streaming_buffers_queue

    def schedule_streaming(
        self,
        variables: str | Sequence[str] | None = None,
        timestamps: int | Sequence[int] | None = None,
        durations: int | Sequence[int] | None = None,
        saving_enabled: bool = False,
        saving_filename: str | None = BUFFERS_NAME,
        saving_dir: str = "./",
        on_buffer_callback: Callable[..., Any] | None = None,
        on_block_callback: Callable[..., Any] | None = None,
        callback_args: Any = (),
    ) -> dict[str, Any]:
        """Stream from frames on and for so many frames; returns when that is over.

        Args:
            variables: as for ``start_streaming``, like the rest.
            timestamps: the first frame, one for all or one each; one that is over, or none, is now.
            durations: in frames, likewise; 0, or none, is until ``stop_streaming``, and is not waited for.
            saving_enabled: as there.
            saving_filename: as there.
            saving_dir: as there.
            on_buffer_callback: as there.
            on_block_callback: as there.
            callback_args: as there.

        Returns:
            ``streaming_buffers_queue``: exactly the values of those frames.
        """
        names = self._names(variables)
        starts, lengths = frames_of("timestamps", timestamps, names), frames_of("durations", durations, names)
        session = self._begin(
            self._new_session(
                {name: (starts[name], lengths[name]) for name in names},
                None,
                saving=(saving_dir, saving_filename) if saving_enabled else None,
                on_buffer=on_buffer_callback,
                on_block=on_block_callback,
                args=callback_args,
            )
        )
        if all(lengths.values()):
            self._complete(session)
        return self.streaming_buffers_queue

    def stream_n_values(
        self,
        variables: str | Sequence[str] | None = None,
        periods: int | Sequence[int] | None = None,
        n_values: int = 1000,
        saving_enabled: bool = False,
        saving_filename: str | None = BUFFERS_NAME,
        saving_dir: str = "./",
        on_buffer_callback: Callable[..., Any] | None = None,
        on_block_callback: Callable[..., Any] | None = None,
        callback_args: Any = (),
    ) -> dict[str, Any]:
        """Stream until there are ``n_values`` of each variable, in full buffers; so there may be more.

        Args:
            variables: as for ``start_streaming``, like the rest.
            periods: as there.
            n_values: of each variable.
            saving_enabled: as there.
            saving_filename: as there.
            saving_dir: as there.
            on_buffer_callback: as there.
            on_block_callback: as there.
            callback_args: as there.

        Returns:
            ``streaming_buffers_queue``, with as many buffers of each as hold ``n_values`` of the variable
            whose buffers are shortest.
        """
        session = self._begin_some(
            variables,
            n_values,
            periods,
            saving=(saving_dir, saving_filename) if saving_enabled else None,
            on_buffer=on_buffer_callback,
            on_block=on_block_callback,
            args=callback_args,
        )
        self._complete(session)
        return self.streaming_buffers_queue

    async def async_stream_n_values(
        self,
        variables: str | Sequence[str] | None = None,
        periods: int | Sequence[int] | None = None,
        n_values: int = 1000,
        saving_enabled: bool = False,
        saving_filename: str | None = BUFFERS_NAME,
        saving_dir: str = "./",
        on_buffer_callback: Callable[..., Any] | None = None,
        on_block_callback: Callable[..., Any] | None = None,
        callback_args: Any = (),
    ) -> dict[str, Any]:
        """The same for ``async`` programs; being cancelled ends it."""
        session = await asyncio.to_thread(
            self._begin_some,
            variables,
            n_values,
            periods,
            saving=(saving_dir, saving_filename) if saving_enabled else None,
            on_buffer=on_buffer_callback,
            on_block=on_block_callback,
            args=callback_args,
        )
        try:
            await asyncio.shield(asyncio.wrap_future(session.run.over))
        finally:
            await asyncio.to_thread(session.end)
        self._complete(session)
        return self.streaming_buffers_queue

    @property
    def streaming_buffers_queue(self) -> dict[str, Any]:
        """The last buffers of each variable, ``streaming_buffers_queue_length`` at most.

        A list for each variable of the board, of ``{"ref_timestamp": first frame, "data": values}``; buffers
        of sparse variables also have ``"rel_timestamps"``, the frame of each value after that. The
        numbers become Python's when they are looked at.
        """
        queues = self._queues
        return LazyDict(queues, lambda name: [self._as_buffer(item) for item in queues[name].copy()])

    @property
    def streaming_buffers_data(self) -> dict[str, Any]:
        """The values of these buffers, a flat list for each variable."""
        queues = self._queues
        return LazyDict(queues, lambda name: self._flat([*queues[name].copy()]))

    @property
    def last_streamed_buffer(self) -> dict[str, Any]:
        """Of each variable, ``data`` and ``timestamps`` of its last buffer, a frame for each value."""
        lasts = {name: queue[-1] if queue else None for name, queue in self._queues.items()}
        return LazyDict(lasts, lambda name: self._last(lasts[name]))

    @property
    def monitored_vars(self) -> list[dict[str, Any]]:
        """``watcher_vars`` that are monitored now, by whomever; asks the board."""
        return [as_properties(each) for each in self._listed().variables if each.monitor_period_frames]

    def send_buffer(
        self,
        buffer_id: int,
        buffer_type: str,
        buffer_length: int,
        data_list: Sequence[float],
        verbose: bool = False,  # noqa: ARG002 - pybela's
    ) -> None:
        """Fill an array of the board's program.

        Args:
            buffer_id: the number that the program got when it registered it.
            buffer_type: its C type: ``"f" "d" "i" "j" "c"``.
            buffer_length: how many of the values are sent.
            data_list: at least so many numbers.
            verbose: has no meaning here.

        Raises:
            UsageError: there are fewer values, or they do not fit the type or one message.
            BoardError: it could not be sent.
        """
        count = at_least("buffer_length", whole("buffer_length", buffer_length))
        if len(data_list) < count:
            raise UsageError(
                f"buffer_length={count}, but {len(data_list)} values: a board would read beyond them"
            )
        self.bela.send_buffer(buffer_id, data_list[:count], type=type_of(buffer_type))

    def load_data_from_file(self, filename: str) -> Any:
        """The buffers of a saved file, as dicts.

        Raises:
            NoRecording: it cannot be read.
        """
        return list(objects(filename))

    def plot_data(
        self,
        x_var: str,
        y_vars: str | Sequence[str],
        y_range: tuple[float, float] | None = None,
        plot_update_delay: int = 100,
        rollover: int = 500,
    ) -> Any:
        """Show variables in a live picture, in the browser or inline in a notebook; any mix of rates.

        Args:
            x_var: whose frames are the time; all have the same.
            y_vars: what is shown.
            y_range: lowest and highest value; None = as the data goes.
            plot_update_delay: has no meaning here: the picture follows the screen.
            rollover: how many values of ``x_var`` the picture holds.

        Returns:
            The picture, as ``bela.plot`` gives it.
        """
        from belabridge.client.known.plotting import plot

        del plot_update_delay
        names = self._names(y_vars)
        self._names(x_var)
        return plot(self.bela, names, self._shown_every(names), y_range, rollover)

    # For the monitor, which is much the same.

    def _shown_every(self, _names: Sequence[str]) -> Mapping[str, int]:
        return {}

    def _as_buffer(self, item: Any) -> Mapping[str, Any]:
        return as_buffer(item)

    def _flat(self, items: list[Any]) -> list[Any]:
        return flat(items)

    def _last(self, item: Any) -> Mapping[str, Any]:
        return with_timestamps(item)

    def _lengths(self, names: Sequence[str]) -> dict[str, int]:
        """Values of a buffer."""
        if self.buffer_length is not None:
            return dict.fromkeys(names, at_least("buffer_length", self.buffer_length))
        return {name: buffer_values(self._table[name].type, self._table[name].mode) for name in names}

    def _shortest(self, names: Sequence[str]) -> int:
        """Values of the shortest buffer among some variables."""
        return min(self._lengths(names).values())

    def _begin_some(
        self,
        variables: str | Sequence[str] | None,
        n_values: int,
        periods: int | Sequence[int] | None,
        **more: Any,
    ) -> Session[Any]:
        """Begin a session that ends when there is enough."""
        names = self._names(variables)
        enough = -(-at_least("n_values", whole("n_values", n_values)) // self._shortest(names))
        return self._begin(self._new_session(dict.fromkeys(names, (0, 0)), periods, enough=enough, **more))

    def _new_session(
        self,
        spans: Mapping[str, tuple[int, int]],
        periods: int | Sequence[int] | None,  # noqa: ARG002 - a monitor's
        *,
        saving: tuple[str, str | None] | None,
        on_buffer: Callable[..., Any] | None,
        on_block: Callable[..., Any] | None,
        args: Any,
        enough: int | None = None,
    ) -> Session[Any]:
        """A session of its own, from whose parts nothing leads back here."""
        lease, names, lengths = self._board, tuple(spans), self._lengths(tuple(spans))
        latency = LATENCY if self.latency_s is None else seconds(self.latency_s)
        self._end_former()
        saver = BufferSaver(*saving) if saving is not None else None
        callbacks = callbacks_of(on_buffer, on_block, args)
        together = tell = None
        if callbacks is not None and on_block is not None:
            put = callbacks.put
            together = Together(lengths, round(PATIENCE_S * lease.hub.sample_rate_hz))

            def tell(blocks: Mapping[str, Block]) -> None:
                put(lambda: [{"name": name, "buffer": as_buffer(blocks[name])} for name in names])

        keep = Keep(
            names,
            max(self._length, enough or 0),
            enough=enough,
            save=saver.save if saver else None,
            end_saving=saver.close if saver else None,
            tell=_teller(callbacks) if callbacks is not None and on_block is None else None,
        )
        run = StreamRun(
            lease.hub,
            spans,
            lengths,
            keep,
            waits=self.latency_s is None,
            latency=latency,
            together=together,
            tell=tell,
        )
        return Session(lease, run, keep, callbacks)


def _teller(callbacks: Any) -> Callable[[Block], None]:
    put = callbacks.put

    def tell(buffer: Block) -> None:
        put(lambda: {"name": buffer.name, "buffer": as_buffer(buffer)})

    return tell
