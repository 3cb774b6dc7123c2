"""The policy of repeated attempts: pure, without database and clock."""

from typing import Any

import pytest

from processings import delays, policy
from processings.policy import USUAL, Policy

HOURLY = Policy(attempts=4, delays=(3600,), codes=("404", "5**"))


def waits(one: Policy, **failure: Any) -> list[float]:
    """What is waited after attempt 1, 2, … until there is no other."""
    found: list[float] = []
    while (wait := one.wait(len(found) + 1, **{"retry": True} | failure)) is not None:
        found.append(wait)
    return found


def test_the_usual_table_is_the_one_that_is_promised() -> None:
    promised = [10, 60, 300, 900, 3600, 10800, 21600]
    found = waits(USUAL)
    assert list(USUAL.table) == promised
    assert len(found) == 7
    assert all(delay <= wait <= delay * 1.1 for delay, wait in zip(promised, found, strict=True))


def test_what_cannot_pass_is_not_made_again() -> None:
    assert waits(USUAL, retry=False) == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_server_that_is_not_ready_is_asked_to_the_last(status: int) -> None:
    assert len(waits(USUAL, status=status)) == 7


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 410, 413, 415, 422])
def test_a_judgement_of_the_request_is_believed_at_once(status: int) -> None:
    assert waits(USUAL, retry=True, status=status) == []


def test_a_judgement_that_may_pass_is_not_doubted_for_ever() -> None:
    assert len(waits(USUAL, status=409)) == 2
    assert len(waits(HOURLY, status=404)) == 2
    assert len(waits(Policy(20, (1,), ("***",)), status=400)) == 2


def test_gone_is_gone_whatever_the_codes_say() -> None:
    assert waits(Policy(20, (1,), ("***", "410")), status=410) == []


def test_own_codes_decide_about_answers_and_not_about_failures_without_one() -> None:
    assert len(waits(HOURLY, retry=False, status=503)) == 3
    assert waits(HOURLY, retry=True, status=429) == []
    assert len(waits(HOURLY, retry=True)) == 3


def test_the_last_delay_goes_for_all_that_follow() -> None:
    assert HOURLY.table == (3600, 3600, 3600)
    assert Policy(2, (5, 10, 15), ()).table == (5,)
    assert [round(wait / 3600) for wait in waits(HOURLY)] == [1, 1, 1]


def test_one_attempt_is_no_repeat() -> None:
    once = Policy(1, (10,), ("5**",))
    assert (once.table, waits(once)) == ((), [])


@pytest.mark.parametrize("after", [0.0, 7.0, 5000.0])
def test_what_the_server_asks_for_wins_over_the_table_but_not_over_the_number(after: float) -> None:
    assert waits(USUAL, status=429, after=after) == [after] * 7


def test_a_policy_comes_back_from_the_database_as_it_went_in() -> None:
    for one in (USUAL, HOURLY, Policy(1, (10,), ())):
        assert policy.read(one.stored) == one


def test_the_action_is_asked_first_and_the_processing_then() -> None:
    own, shared = HOURLY.stored, Policy(2, (5,), ("5**",)).stored
    assert policy.chosen(own, shared) == HOURLY
    assert policy.chosen(None, shared).attempts == 2
    assert policy.chosen(None, None) is USUAL


# How people write lengths of time.


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 с", [10]),
        ("10с, 1мин, 5 мин", [10, 60, 300]),
        ("10 сек., 2 минуты; 1 час\n3 ч 30 мин", [10, 120, 3600, 12600]),
        ("1 д, 2 дня, 1 сутки", [86400, 172800, 86400]),
        ("30 s, 5 min, 2 hours, 1 day", [30, 300, 7200, 86400]),
        (" 10 С ,, ", [10]),
        ("", []),
    ],
)
def test_delays_are_read_as_people_write_them(text: str, seconds: list[int]) -> None:
    assert delays.parse_list(text) == seconds


@pytest.mark.parametrize(
    "text", ["10", "скоро", "5 попугаев", "-5 с", "1.5 ч", "мин", "10 с 5", "٣ с x", "9999999999 с"]
)
def test_what_is_no_length_of_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"мин|min") as caught:
        delays.parse_list(f"10 с, {text}")
    assert text[:40] in str(caught.value)


@pytest.mark.parametrize("seconds", [1, 10, 59, 60, 65, 300, 3600, 5400, 86400, 604800])
def test_what_is_written_is_read_again(seconds: int) -> None:
    assert delays.parse(delays.written(seconds)) == seconds
