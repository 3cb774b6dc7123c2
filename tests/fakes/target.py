"""A target on this machine that keeps what it is sent, byte for byte."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: Message
    body: bytes
    sender: str = ""  # its address
    at: float = field(default_factory=time.time)


class NoAnswer(Exception):
    """Raised by an `answer`: the connection is closed without a word."""


Reply = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]
"""Status, body and, where the usual ones would be wrong, headers."""
Answer = Callable[[Received], Reply]


class Target:
    """requests: in order. answer: what to say to each, in a thread of its own; 200 and a JSON object unless set."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answer: Answer = lambda request: (200, b'{"id": 7}')
        self.url = ""
        self.changed = threading.Condition()

    def take(self, request: Received) -> Reply:
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
        return self.answer(request)

    def wait(self, count: int, seconds: float = 60.0) -> None:
        """Waits until so many requests have come."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.requests) >= count, seconds), (
                f"{len(self.requests)} of {count} requests came within {seconds} s"
            )


def _chunks(stream: BufferedIOBase) -> bytes:
    """A body in pieces (RFC 9112, 7.1), without a trailer."""
    body = b""
    while size := int(stream.readline().split(b";")[0] or b"0", 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body


class Ports:
    """wanted: where the next target is served that names no port itself; 0 for a free one (scripts/fakes sets it)."""

    wanted = 0


@contextmanager
def target_server(host: str = "127.0.0.1", port: int = 0) -> Iterator[Target]:
    target = Target()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = _chunks(self.rfile) if "Transfer-Encoding" in self.headers else self.rfile.read(length)
            if len(body) < length:  # a killed sender never said it all
                self.close_connection = True
                return
            try:
                reply = target.take(Received(self.command, self.path, self.headers, body, self.client_address[0]))
            except NoAnswer:
                self.close_connection = True
                return
            status, text, *more = reply
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | (more[0] if more else {})).items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 (names that http.server looks for)

        def log_message(self, *args: object) -> None:
            """Silence: what came is in `requests`."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, request: object, client_address: object) -> None:
            """A killed worker breaks its connections; that is meant."""

    server = Server((host, port or Ports.wanted), Handler)
    target.url = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield target
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
