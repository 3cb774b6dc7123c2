"""Threads: few begin at once, who waits makes room, and a company never has them all."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from history import crew as crews
from history.crew import Crew


@contextmanager
def gate() -> Iterator[threading.Event]:
    """Lets go of every thread in the end."""
    opened = threading.Event()
    try:
        yield opened
    finally:
        opened.set()


def noting(begun: list[Any], mark: Any, opened: threading.Event | None = None) -> Callable[[], None]:
    """Work that says it began, and ends when `opened` lets it."""

    def work() -> None:
        begun.append(mark)
        if opened:
            opened.wait()

    return work


def until(done: Callable[[], bool], crew: Crew) -> None:
    for _ in range(1000):
        if done():
            return
        threading.Event().wait(0.01)
        crew.stir()
    raise AssertionError("it never happened")


def test_a_company_leaves_a_thread_to_the_next() -> None:
    crew, done = Crew(10), threading.Event()
    begun: list[int] = []
    with gate() as opened:
        for number in range(30):
            crew.submit("hangs", noting(begun, number, opened))
        until(lambda: len(begun) == 9, crew)
        crew.submit("other", done.set)
        assert done.wait(10)
        assert len(begun) == 9
    until(lambda: len(begun) == 30, crew)


def test_a_freed_thread_goes_to_who_has_least() -> None:
    crew, done = Crew(4), threading.Event()
    begun: list[str] = []
    with gate() as rest, gate() as first:
        for company, opened in (("a", first), ("a", rest), ("a", rest), ("b", rest), ("a", rest)):
            crew.submit(company, noting(begun, company, opened))
        until(lambda: sorted(begun) == ["a", "a", "a", "b"], crew)
        crew.submit("c", done.set)
        first.set()
        assert done.wait(10)


def test_companies_that_hang_leave_threads_to_those_that_have_none() -> None:
    crew, done = Crew(64), threading.Event()
    begun: list[int] = []
    with gate() as opened:
        for company in range(5):
            for _ in range(70):
                crew.submit(company, noting(begun, company, opened))
        until(lambda: len(begun) >= 56, crew)
        crew.submit("other", done.set)
        assert done.wait(10)


def test_who_waits_for_the_interpreter_makes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "BRISK", 3)
    monkeypatch.setattr(crews, "SLOW_SECONDS", 0)
    monkeypatch.setattr(crews, "SLOW_WHEN_BUSY", 3600)
    monkeypatch.setattr(crews, "GAUGED_SECONDS", 3600)
    crew = Crew(100)
    begun: list[int] = []
    with gate() as opened:
        crew.busy = True
        for number in range(10):
            crew.submit("one", noting(begun, number, opened))
        until(lambda: len(begun) == 3, crew)
        crew.stir()
        assert len(begun) == 3
        crew.busy = False
        until(lambda: len(begun) == 10, crew)


def test_few_begin_at_once_and_who_waits_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "BRISK", 3)
    monkeypatch.setattr(crews, "SLOW_SECONDS", 3600)
    crew = Crew(100)
    begun: list[int] = []
    with gate() as opened:
        for number in range(10):
            crew.submit("one", noting(begun, number, opened))
        until(lambda: len(begun) == 3, crew)
        crew.stir()
        assert sorted(begun) == [0, 1, 2]
        monkeypatch.setattr(crews, "SLOW_SECONDS", 0)
        until(lambda: len(begun) == 10, crew)


def test_what_is_withdrawn_never_begins() -> None:
    crew = Crew(2)
    begun: list[int] = []
    with gate() as opened:
        tasks = [crew.submit("one", noting(begun, number, opened)) for number in range(4)]
        until(lambda: begun == [0], crew)
        assert crew.withdraw(tasks) == tasks[1:]
    done = threading.Event()
    crew.submit("one", done.set)
    assert done.wait(10)
    assert begun == [0]


def test_companies_take_turns() -> None:
    crew = Crew(2)
    begun: list[str] = []
    with gate() as opened:
        crew.submit("a", noting([], "a", opened))
        for company in ("a", "a", "b", "c", "b"):
            crew.submit(company, noting(begun, company))
        until(lambda: len(begun) >= 3, crew)
        assert begun[:3] == ["b", "c", "b"]
    until(lambda: len(begun) == 5, crew)
