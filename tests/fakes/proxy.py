"""An HTTP proxy on this machine: forwards requests and makes tunnels."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.raw_servers import raw_server, read_request


@dataclass
class Proxy:
    """heads: of the requests that came. leads_to: where they all go in truth. wants: the authorization to insist on.

    peers: the addresses that connections came from.
    """

    url: str = ""
    leads_to: tuple[str, int] = ("127.0.0.1", 0)
    wants: str = ""
    heads: list[str] = field(default_factory=list)
    peers: set[tuple[str, int]] = field(default_factory=set)


@contextmanager
def proxy_server() -> Iterator[Proxy]:
    proxy = Proxy()

    def converse(connection: socket.socket, request: bytes) -> None:
        head = request.partition(b"\r\n\r\n")[0].decode()
        proxy.heads.append(head)
        proxy.peers.add(connection.getpeername())
        if proxy.wants and f"Proxy-Authorization: {proxy.wants}" not in head:
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(proxy.leads_to) as there:
            if head.startswith("CONNECT"):
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _join(connection, there)
            else:
                method, url, _rest = head.split(" ", 2)
                path = urlsplit(url).path or "/"
                there.sendall(request.replace(f"{method} {url}".encode(), f"{method} {path}".encode(), 1))
                connection.sendall(read_request(there))

    with raw_server(converse) as server:
        proxy.url = server.url
        yield proxy


def _join(one: socket.socket, other: socket.socket) -> None:
    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join(5)
