"""Somebody who sends many webhooks at once and remembers what was answered."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

TIMEOUT = 30.0  # seconds for an answer


@dataclass
class Sender:
    """taken: the operation's id by the number that was sent, of each call answered 2xx. others: what else came back."""

    port: int
    path: str
    taken: dict[int, str] = field(default_factory=dict)
    others: list[int | str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def send(self, number: int) -> None:
        """One call; it is never made twice."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            body = json.dumps({"number": number})
            connection.request("POST", self.path, body, {"Content-Type": "application/json", "Connection": "close"})
            answer = connection.getresponse()
            text = answer.read()
            with self.changed:
                if answer.status < 300:
                    self.taken[number] = json.loads(text)["id"]
                else:
                    self.others.append(answer.status)
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


@contextmanager
def sending(port: int, path: str, count: int, threads: int = 8) -> Iterator[Sender]:
    """Sends the numbers from 0 to count - 1 while the block runs, and ends when all are answered."""
    sender = Sender(port, path)
    numbers = iter(range(count))
    taking_turns = threading.Lock()

    def work() -> None:
        while True:
            with taking_turns:
                number = next(numbers, None)
            if number is None:
                return
            sender.send(number)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield sender
    finally:
        for worker in workers:
            worker.join()
