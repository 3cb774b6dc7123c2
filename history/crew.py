"""The threads of a worker process: as many as its slow targets ask for, and to each company only its share of them.

A thread that computes needs the interpreter, so only a few at a time do any good; one that waits for an answer needs
nothing, so hundreds may. Hence: few begin at once, and whoever has waited a moment no longer counts; a longer moment
while this process computes all the time, since then all wait for the interpreter. What is submitted beyond that waits
here, and companies with the least under way go first.
"""

import ctypes
import queue
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from django.conf import settings

BRISK = 32  # threads that began less than a moment ago
SLOW_SECONDS = 0.04  # the moment: who takes longer waits for somebody else
SLOW_WHEN_BUSY = 0.4
BUSY = 0.8  # of a core
GAUGED_SECONDS = 0.1  # over so long
SHARE = 0.9  # of the threads that other companies leave one may have
SPARE = 8  # one in so many threads is kept for companies that have none
Company = Any


@dataclass
class Task:
    """Something to do in a thread for a company. began: by the monotonic clock, 0 while it waits."""

    company: Company
    work: Callable[[], None]
    began: float = 0.0


class Crew:
    """At most `most` threads. They live as long as the process."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.lock = threading.Lock()
        self.waiting: OrderedDict[Company, deque[Task]] = OrderedDict()
        self.active: Counter[Company] = Counter()
        self.under_way: dict[int, Task] = {}
        self.handed: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self.idle = 0
        self.busy = False
        self.gauged = time.monotonic(), time.process_time()

    def submit(self, company: Company, work: Callable[[], None]) -> Task:
        """Begins it in a thread as soon as one may; `work` must not raise."""
        task = Task(company, work)
        with self.lock:
            self.waiting.setdefault(company, deque()).append(task)
            self._hand_out()
        return task

    def stir(self) -> None:
        """To be called now and then: time alone makes room, since who has waited a moment no longer counts."""
        with self.lock:
            self._gauge()
            self._hand_out()

    def _gauge(self) -> None:
        """Whether this process computes all the time."""
        (then, used), now = self.gauged, time.monotonic()
        if now - then >= GAUGED_SECONDS:
            self.gauged = now, time.process_time()
            self.busy = self.gauged[1] - used > BUSY * (now - then)

    def withdraw(self, tasks: Iterable[Task]) -> list[Task]:
        """Those of the tasks that no thread had begun; they never will be."""
        with self.lock:
            unbegun = [task for task in tasks if not task.began]
            for task in unbegun:
                self._forget(task)
        return unbegun

    def share(self, company: Company) -> int:
        """How many threads the company may have, by what the others leave."""
        with self.lock:
            return self._share(company)

    def _share(self, company: Company) -> int:
        others = len(self.under_way) - self.active[company]
        return max(1, int(SHARE * (self.most - others)))

    def _hand_out(self) -> None:
        while task := self._next():
            if self.idle:
                self.idle -= 1
            else:
                threading.Thread(target=self._live, name="drain", daemon=True).start()
            self.handed.put(task)

    def _next(self) -> Task | None:
        """Takes what may begin now: of the company with the least under way, in the order of arrival."""
        now = time.monotonic()
        if len(self.under_way) >= self.most or self._brisk(now):
            return None
        company = min(self.waiting, key=self.active.__getitem__, default=None)
        if company is None or self.active[company] >= self._share(company):
            return None
        if self.active[company] and len(self.under_way) >= self.most - self.most // SPARE:
            return None
        task = self.waiting[company][0]
        self._forget(task)
        task.began = now
        self.active[company] += 1
        self.under_way[id(task)] = task
        return task

    def _brisk(self, now: float) -> bool:
        """Whether as many as may have begun just now: the newest come last."""
        earliest = next(islice(reversed(self.under_way.values()), BRISK - 1, None), None)
        return earliest is not None and now - earliest.began < (SLOW_WHEN_BUSY if self.busy else SLOW_SECONDS)

    def _forget(self, task: Task) -> None:
        line = self.waiting.get(task.company)
        if line is None:
            return
        with suppress(ValueError):
            line.remove(task)
        if line:
            self.waiting.move_to_end(task.company)  # so that of equals each has its turn
        else:
            del self.waiting[task.company]

    def _live(self) -> None:
        """A thread's life: one task after another; while it waits it holds on to nothing of the last."""
        following: Task | None = None
        while True:
            task = following or self.handed.get()
            task.work()
            with self.lock:
                del self.under_way[id(task)]
                self.active[task.company] -= 1
                if not self.active[task.company]:
                    del self.active[task.company]
                following = self._next()
                if following is None:
                    self.idle += 1
            del task


@cache
def crew() -> Crew:
    """This process's; made after forking."""
    _few_arenas()
    return Crew(settings.DRAIN_THREADS)


def _few_arenas() -> None:
    """Keeps glibc from giving threads up to 8 arenas per core of their own, which holds on to 100 MB for nothing.

    M_ARENA_MAX, https://man7.org/linux/man-pages/man3/mallopt.3.html; elsewhere than glibc there is none of it.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(-8, 2)
