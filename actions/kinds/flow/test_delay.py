"""«Задержка»: what it waits for, by the clocks of the company."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from actions.kinds.flow.clocks import clock, opening, shifted
from actions.kinds.flow.delay import Delay
from actions.values import text
from webjack import config as configs
from webjack.http import Failed, Http

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
MONDAY = "2026-03-16T09:30:00+00:00"  # 12:30 in Moscow


def config(**given: Any) -> dict[str, Any]:
    form = configs.bind(Delay.form, given)
    assert form.is_valid(), form.errors
    filled = configs.nest(form.cleaned_data)
    return filled | {"zone": given.get("zone", "Europe/Moscow")}


def waits(now: str = MONDAY, **given: Any) -> tuple[str, bool]:
    """Until when, and whether there is nothing to wait for."""
    with time_machine.travel(datetime.fromisoformat(now), tick=False):
        output = Delay().execute(config(**given), Http(dry=True))
        until = Delay().pause(output)
        assert (until is None) == output["passed"]
        assert text(Delay().told(output))
    return output["until"], output["passed"]


def fails(now: str = MONDAY, **given: Any) -> str:
    with time_machine.travel(datetime.fromisoformat(now), tick=False), pytest.raises(Failed) as failed:
        Delay().execute(config(**given), Http(dry=True))
    return str(failed.value.message)


def test_it_waits_for_a_time_as_it_always_did() -> None:
    assert waits(amount=2, unit="hours") == ("2026-03-16T11:30:00+00:00", False)
    with time_machine.travel(datetime.fromisoformat(MONDAY), tick=False):
        old = Delay().execute({"amount": 5, "unit": "minutes"}, Http(dry=True))  # a config from before
    assert old["until"] == "2026-03-16T09:35:00+00:00"


@pytest.mark.parametrize(
    ("moment", "given", "until"),
    [
        ("17.03.2026 10:00", {}, "2026-03-17T07:00:00+00:00"),
        ("2026-03-17T10:00:00+05:00", {}, "2026-03-17T05:00:00+00:00"),
        ("17.03.2026 10:00", {"zone": "Asia/Omsk"}, "2026-03-17T04:00:00+00:00"),
        ("17.03.2026 10:00", {"zone": "+06:00"}, "2026-03-17T04:00:00+00:00"),
        ("17.03.2026 10:00", {"shift": 2, "shift_unit": "hours"}, "2026-03-17T05:00:00+00:00"),
        ("17.03.2026 10:00", {"shift": 1, "shift_unit": "days", "side": "after"}, "2026-03-18T07:00:00+00:00"),
        ("завтра", {}, "2026-03-16T21:00:00+00:00"),
    ],
)
def test_it_waits_until_a_moment_and_before_or_after_it(moment: str, given: dict[str, Any], until: str) -> None:
    assert waits(mode="moment", moment=moment, **given) == (until, False)


def test_a_moment_that_has_passed_is_not_waited_for() -> None:
    assert waits(mode="moment", moment="16.03.2026 12:29") == ("2026-03-16T09:29:00+00:00", True)


@pytest.mark.parametrize("moment", ["", "вчера утром", "32.13.2026", "x" * 5000])
def test_what_is_no_date_fails_with_a_sentence(moment: str) -> None:
    with time_machine.travel(datetime.fromisoformat(MONDAY), tick=False), pytest.raises(Failed) as failed:
        Delay().execute(config(mode="moment", moment="{{ x }}") | {"moment": moment}, Http(dry=True))
    assert len(str(failed.value.message)) > 10


def test_nobody_waits_longer_than_ninety_days() -> None:
    assert "90" in fails(mode="moment", moment="01.07.2026")
    assert "90" in fails(mode="moment", moment="01.07.9999")
    form = configs.bind(Delay.form, {"amount": 91, "unit": "days"})
    assert "amount" in form.errors
    assert not configs.bind(Delay.form, {"amount": 90, "unit": "days"}).errors


@pytest.mark.parametrize(
    ("now", "until", "passed"),
    [
        ("2026-03-16T09:30:00+03:00", "2026-03-16T06:30:00+00:00", True),  # Monday at work
        ("2026-03-16T08:59:00+03:00", "2026-03-16T06:00:00+00:00", False),  # before work
        ("2026-03-16T18:00:00+03:00", "2026-03-17T06:00:00+00:00", False),  # after it
        ("2026-03-20T20:00:00+03:00", "2026-03-23T06:00:00+00:00", False),  # Friday evening
        ("2026-03-22T12:00:00+03:00", "2026-03-23T06:00:00+00:00", False),  # Sunday
    ],
)
def test_it_waits_until_people_work(now: str, until: str, passed: bool) -> None:
    assert waits(now, mode="hours") == (until, passed)


def test_work_may_go_through_the_night_and_on_one_day_only() -> None:
    night = {"mode": "hours", "days": ["4"], "since": "22:00", "till": "06:00"}  # from Friday
    assert waits("2026-03-21T05:59:00+03:00", **night)[1] is True
    assert waits("2026-03-21T06:00:00+03:00", **night)[0] == "2026-03-27T19:00:00+00:00"
    whole = {"mode": "hours", "days": ["5"], "since": "00:00", "till": "00:00"}
    assert waits("2026-03-21T13:00:00+03:00", **whole)[1] is True


def test_clocks_that_jump_lose_nobody() -> None:
    """In Berlin 02:30 is not on 29 March 2026, and is twice on 25 October."""
    saturday = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)
    begins = opening(saturday, [6], clock("02:30"), clock("04:00"), BERLIN)
    assert begins == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    noon = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
    assert shifted(noon, 1, "days", BERLIN) == datetime(2026, 3, 29, 12, 0, tzinfo=BERLIN)
    assert shifted(noon, 24, "hours", BERLIN) == datetime(2026, 3, 29, 13, 0, tzinfo=BERLIN)
    assert opening(datetime(2026, 10, 24, 20, 0, tzinfo=UTC), [6], clock("02:30"), clock("04:00"), BERLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "moment"}, {"mode": "hours", "days": []}, {"mode": "hours", "since": "25:00"},
        {"mode": "hours", "till": "no"}, {"mode": "time", "amount": None}, {"mode": "never"},
    ],
)  # fmt: skip
def test_the_form_says_what_is_missing(given: dict[str, Any]) -> None:
    assert configs.bind(Delay.form, given).errors
