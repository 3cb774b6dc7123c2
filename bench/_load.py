"""Senders: `python -m bench._load PORT CONNECTIONS SECONDS PATH…` prints how it went.

Each connection calls one of the paths, one call after the other. Prints
`{"taken": …, "refused": …, "first": …, "p50": ms, "p99": ms, "seconds": …}`.
"""

import asyncio
import json
import sys
import time

BODY = json.dumps(
    {
        "client_name": "Анна Петрова",
        "client_phone": "+79161234567",
        "appointment": {"time": "14:00", "comment": "Повторный визит, просила перезвонить накануне вечером"},
        "service": "Консультация терапевта",
        "price": 12500,
        "source": "Форма на сайте",
        "page": "https://klinika.example/uslugi/terapevt?utm_source=yandex&utm_campaign=osen-2026",
    },
    ensure_ascii=False,
).encode()


async def send(port: int, path: str, end: float, took: list[float], refused: list[str]) -> None:
    """One connection, kept open, calls one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}"
    request = head.encode() + b"\r\n\r\n" + BODY
    while time.perf_counter() < end:
        began = time.perf_counter()
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        if answer.startswith(b"HTTP/1.1 200"):
            took.append(time.perf_counter() - began)
        else:
            refused.append(answer[:40].decode())
    writer.close()


async def main(port: int, connections: int, seconds: float, paths: list[str]) -> None:
    took: list[float] = []
    refused: list[str] = []
    began = time.perf_counter()
    end = began + seconds
    await asyncio.gather(*(send(port, paths[n % len(paths)], end, took, refused) for n in range(connections)))
    took.sort()
    told = {"taken": len(took), "refused": len(refused), "first": refused[:1], "seconds": time.perf_counter() - began}
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        told[name] = 1000 * took[int(len(took) * part)] if took else 0
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]))
