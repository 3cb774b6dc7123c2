"""Somebody who sends many webhooks at once and remembers what was answered."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

TIMEOUT = 30.0  # seconds for an answer


@dataclass
class Sender:
    """taken: the operation's id by the number that was sent, of each call answered 2xx. others: what else came back.

    paths: number 0 goes to the first, 1 to the second, and around.
    """

    port: int
    paths: Sequence[str]
    host: str = "127.0.0.1"
    taken: dict[int, str] = field(default_factory=dict)
    others: list[int | str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    flows: threading.Event = field(default_factory=threading.Event)

    def send(self, number: int) -> None:
        """One call; it is never made twice."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        try:
            body, path = json.dumps({"number": number}), self.paths[number % len(self.paths)]
            connection.request("POST", path, body, {"Content-Type": "application/json", "Connection": "close"})
            answer = connection.getresponse()
            text = answer.read()
            with self.changed:
                if answer.status < 300:
                    self.taken[number] = json.loads(text)["id"]
                else:
                    self.others.append(_named(answer))
        except (OSError, http.client.HTTPException, ValueError) as broken:
            with self.changed:
                self.others.append(type(broken).__name__)
        finally:
            connection.close()
            with self.changed:
                self.changed.notify_all()

    def wait(self, count: int) -> None:
        """Until so many calls were answered or broke."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) + len(self.others) >= count, 2 * TIMEOUT)


def _named(answer: http.client.HTTPResponse) -> int | str:
    """The status; of a 503 that does not say when to come again, more."""
    if answer.status == 503 and not answer.headers.get("Retry-After"):
        return "503 without Retry-After"
    return answer.status


@contextmanager
def sending(port: int, path: str, count: int, threads: int = 8) -> Iterator[Sender]:
    """Sends the numbers from 0 to count - 1 while the block runs, and ends when all are answered."""
    sender = Sender(port, [path])
    numbers = iter(range(count))
    taking_turns = threading.Lock()

    def work() -> None:
        while True:
            with taking_turns:
                number = next(numbers, None)
            if number is None:
                return
            sender.send(number)

    with _threads(work, threads):
        yield sender


@contextmanager
def flowing(sender: Sender, per_second: float, threads: int = 16) -> Iterator[None]:
    """Sends 0, 1, 2, … at this pace while the block runs; `sender.flows.clear()` makes it pause."""
    turn = threading.Lock()
    begin, ended, number = time.monotonic(), threading.Event(), -1

    def work() -> None:
        nonlocal number, begin
        while not ended.is_set():
            with turn:
                now = time.monotonic()
                begin = max(begin + 1 / per_second, now - 1)  # who was held up does not make up for more than a second
                ended.wait(begin - now)
                sender.flows.wait()
                number += 1
                mine = number
            sender.send(mine)

    sender.flows.set()
    with _threads(work, threads):
        try:
            yield
        finally:
            ended.set()
            sender.flows.set()


@contextmanager
def _threads(work: Callable[[], None], count: int) -> Iterator[None]:
    workers = [threading.Thread(target=work) for _ in range(count)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.join()
