"""A target that costs little: `python -m bench._target` prints its port.

POST /<milliseconds> is answered after that time. GET /seen gives `[[body, Unix time of arrival], …]` of what came.
It listens on 127.0.0.1, 127.0.0.2, …: many hosts, as the product sees it.
"""

import asyncio
import json
import time

HOSTS = [f"127.0.0.{number}" for number in range(1, 31)]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
seen: list[tuple[str, float]] = []


class Target(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            lower = head.lower()
            length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in lower else 0
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.take(head.split(b" ", 2)[1].decode(), rest[:length].decode())

    def take(self, path: str, body: str) -> None:
        if path == "/seen":
            self.say(json.dumps(seen).encode())
            return
        seen.append((body, time.time()))
        milliseconds = int(path[1:])
        if milliseconds:
            asyncio.get_running_loop().call_later(milliseconds / 1000, self.say, b'{"id": 7}')
        else:
            self.say(b'{"id": 7}')

    def say(self, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(ANSWER % (len(body), body))


async def main() -> None:
    loop = asyncio.get_running_loop()
    first = await loop.create_server(Target, HOSTS[0], 0, backlog=4096)
    port = first.sockets[0].getsockname()[1]
    others = await loop.create_server(Target, HOSTS[1:], port, backlog=4096)
    print(port, flush=True)
    await asyncio.gather(first.serve_forever(), others.serve_forever())


if __name__ == "__main__":
    asyncio.run(main())
