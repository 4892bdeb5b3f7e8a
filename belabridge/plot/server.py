"""Serves a picture to browsers: its page by HTTP, its columns by a WebSocket, as fast as each asks."""

from __future__ import annotations

import errno
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from belabridge.errors import CannotListen, PortInUse, RemoteFormatError
from belabridge.plot.codec.messages import read_ask
from belabridge.plot.drawing import pages

if TYPE_CHECKING:
    from belabridge.plot.picture import Picture

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
MOST_BROWSERS: Final = 16  # each may ask 60 times a second
_LONGEST_ASK: Final = 1 << 16  # a column number each of some thousand variables
_WAITING: Final = 4  # questions of one browser; a page has two on their way
_POLICY: Final = "default-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class PlotServer:
    """A page with a live picture; use it with ``async with``.

    A browser asks for each picture when it can show one more. So one that is slow gets fewer and newer ones,
    and nothing ever waits for it here.

    Args:
        picture: what it shows.
        host: numeric address to listen on.
        port: 0 = any that is free.
    """

    def __init__(self, picture: Picture, host: str = "127.0.0.1", port: int = 0) -> None:
        """A server that does not listen yet.

        Raises:
            MissingPackage: the library that draws is not installed.
        """
        self._picture, self._host, self._port = picture, host, port
        self._pages = pages()
        self._server: Server | None = None
        self._browsers = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Of the page."""
        host = "127.0.0.1" if self._host in {"0.0.0.0", ""} else self._host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}/"

    @property
    def browsers(self) -> int:
        """How many look at it now."""
        return self._browsers

    async def start(self) -> None:
        """Listen.

        Raises:
            PortInUse: another program has the port.
            CannotListen: the host is no address of this computer.
        """
        try:
            self._server = await serve(
                self._talk,
                self._host,
                self._port,
                process_request=self._page,
                compression=None,
                max_size=_LONGEST_ASK,
                max_queue=_WAITING,
                ping_interval=None,  # a page in the background asks for nothing, and need not answer either
                server_header=None,
            )
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(self._host, self._port, "a picture") from None
            problem = f"cannot listen on {self._host}: {error.strerror or error}"
            raise CannotListen("a picture", problem, "use an address of this computer") from None
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        """Let all browsers go; more than once does no harm."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def _page(self, _connection: ServerConnection, request: Request) -> Response | None:
        host = request.headers.get("Host", "")
        if not self._is_ours(host):
            return _response(HTTPStatus.FORBIDDEN, "text/plain", b"another host's name\n")
        path = urlsplit(request.path).path
        if path == "/data":
            origin = request.headers.get("Origin")
            if origin is not None and origin != f"http://{host}":
                return _response(HTTPStatus.FORBIDDEN, "text/plain", b"another site's page\n")
            if self._browsers >= MOST_BROWSERS:
                return _response(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"too many look at it\n")
            return None
        found = self._pages.get(path)
        if found is None:
            return _response(HTTPStatus.NOT_FOUND, "text/plain", b"no such page\n")
        return _response(HTTPStatus.OK, *found)

    def _is_ours(self, host: str) -> bool:
        """Whether a browser called us as we are: else a name was bent to this computer from outside."""
        if self._host not in {"127.0.0.1", "::1"}:
            return True  # under which names others know this computer, nobody knows
        name, _, port = host.rpartition(":")
        return name in LOOPBACK and port == str(self._port)

    async def _talk(self, connection: ServerConnection) -> None:
        self._browsers += 1
        view = self._picture.view()
        try:
            await connection.send(json.dumps(self._picture.hello()))
            async for message in connection:
                await connection.send(view.answer(read_ask(message)))
        except RemoteFormatError as fault:
            await connection.close(1008, fault.reason)
        except ConnectionClosed:
            return  # it went away
        finally:
            self._browsers -= 1


def _response(status: HTTPStatus, kind: str, body: bytes) -> Response:
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Connection": "close",
        }
    )
    return Response(status, status.phrase, headers, body)
