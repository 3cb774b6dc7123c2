"""What befalls an installation in a storm: each kind of strike kills, or stops for a while, something that runs."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from tests.chaos.installation import Installation
from tests.fakes.parts import Missing, children, eventually, parts
from tests.fakes.sender import Sender

PAUSE = 7.0  # seconds that PostgreSQL stands still: longer than a lease
LULL = 15.0  # seconds at most until nothing is left to do once no more is sent
BACK = 150.0  # seconds until what was killed is there again: a frozen cluster must be noticed first

# How often each kind falls in the long form. A pause kills nobody.
LONG = {
    "web worker": 5,
    "web, whole": 3,
    "operations, busy worker": 6,
    "operations, idle worker": 2,
    "operations, pusher": 3,
    "operations, monitor": 1,
    "operations, sentinel": 3,
    "operations, main process": 2,
    "operations, keeper": 2,
    "operations, whole": 4,
    "app, worker": 2,
    "app, whole": 1,
    "PostgreSQL, connection": 3,
    "PostgreSQL, first process": 3,
    "PostgreSQL, all": 2,
    "all of it": 1,
    "PostgreSQL paused": 3,
}
SHORT = {
    "web worker": 1,
    "web, whole": 1,
    "operations, busy worker": 1,
    "operations, sentinel": 1,
    "operations, whole": 1,
    "PostgreSQL, first process": 1,
}


class Strikes:
    """Strikes in an order and at instants that the seed decides; `done` counts them by kind."""

    def __init__(self, on: Installation, sender: Sender, seed: int) -> None:
        self.on = on
        self.sender = sender
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.log: list[str] = []
        self.began, self.at = time.monotonic(), time.time()
        self.ways: dict[str, Callable[[], None]] = {
            "web worker": lambda: kill(self._one(lambda: children(self._leader("web")))),
            "web, whole": lambda: kill_group(self._leader("web")),
            "operations, busy worker": lambda: kill(self._one(lambda: parts(self._main("operations")).busy)),
            "operations, idle worker": self._idle_worker,
            "operations, pusher": lambda: kill(self._find(lambda: parts(self._main("operations")).pusher)),
            "operations, monitor": lambda: kill(self._find(lambda: parts(self._main("operations")).monitor)),
            "operations, sentinel": lambda: kill(self._find(lambda: parts(self._main("operations")).sentinel)),
            "operations, main process": lambda: kill(self._main("operations")),
            "operations, keeper": lambda: kill(self._leader("operations")),
            "operations, whole": lambda: kill_group(self._leader("operations")),
            "app, worker": lambda: kill(self._one(lambda: parts(self._main("app")).workers)),
            "app, whole": lambda: kill_group(self._leader("app")),
            "PostgreSQL, connection": lambda: kill(self._one(on.backends)),
            "PostgreSQL, first process": lambda: kill(self._postgres()[0]),
            "PostgreSQL, all": lambda: kill(*self._postgres()),
            "all of it": self._all,
            "PostgreSQL paused": self._pause,
        }

    def fall(self, how_often: dict[str, int], most_apart: float) -> None:
        """All of them, at most so many seconds apart."""
        kinds = [kind for kind, count in how_often.items() for _ in range(count)]
        self.random.shuffle(kinds)
        for kind in kinds:
            time.sleep(self.random.uniform(0.2, most_apart))
            self.ways[kind]()
            self.done[kind] += 1
            self.log.append(f"{time.monotonic() - self.began:6.1f} s {kind}")

    def _find(self, find: Callable[[], int | None]) -> int:
        return eventually(find, BACK)

    def _one(self, find: Callable[[], list[int]]) -> int:
        return self._find(lambda: self.random.choice(found) if (found := find()) else None)

    def _leader(self, name: str) -> int:
        return eventually(lambda: self.on.leader(name), BACK)

    def _main(self, name: str) -> int:
        return eventually(lambda: self.on.main(name), BACK)

    def _postgres(self) -> list[int]:
        eventually(lambda: len(self.on.postgres()) > 3, BACK)
        return self.on.postgres()

    def _idle_worker(self) -> None:
        """Nothing is sent until one waits for work with the queue's lock in its hand; that one's death is the worst."""
        for tries_left in range(int(BACK / LULL), 0, -1):
            self.sender.flows.clear()
            try:
                kill(eventually(lambda: parts(self._main("operations")).reading, LULL))
                return
            except Missing:  # frozen already, perhaps; it is noticed by work that waits
                if tries_left == 1:
                    raise
            finally:
                self.sender.flows.set()
            time.sleep(1)

    def _all(self) -> None:
        kill_group(self._leader("web"))
        kill_group(self._leader("operations"))
        kill_group(self._leader("app"))
        kill(*self._postgres())

    def _pause(self) -> None:
        stopped = self._postgres()
        for process in stopped:
            send(process, signal.SIGSTOP)
        time.sleep(PAUSE)
        for process in stopped:
            send(process, signal.SIGCONT)


def kill(*processes: int) -> None:
    for process in processes:
        send(process, signal.SIGKILL)


def kill_group(leader: int) -> None:
    """All its processes at once, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def send(process: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)
