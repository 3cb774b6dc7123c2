"""«Расписание»: each choice means the times that people expect, by the clocks of a place."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sources.kinds.schedule.clock import Clock, ScheduleForm
from webjack.config import bind, errors
from webjack.http import Http

MOSCOW = ZoneInfo("Europe/Moscow")
TUESDAY = datetime(2026, 12, 1, 9, 0, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"way": "week", "days": ["1", "5"], "time": "08:30"}, "2026-12-04T08:30:00+03:00"),
        ({"way": "week", "days": ["2", "7"], "time": "09:00"}, "2026-12-06T09:00:00+03:00"),
        ({"way": "month", "day": 5, "time": "00:00"}, "2026-12-05T00:00:00+03:00"),
        ({"way": "month", "day": 31, "time": "23:59"}, "2026-12-31T23:59:00+03:00"),
        ({"way": "hours", "minute": 20}, "2026-12-01T09:20:00+03:00"),
        ({"way": "minutes", "step": "15"}, "2026-12-01T09:15:00+03:00"),
        ({"way": "cron", "cron": "0 9 * * 1-5"}, "2026-12-02T09:00:00+03:00"),
        ({"way": "week", "days": ["2"], "time": "09:00", "zone": "Asia/Vladivostok"}, "2026-12-08T09:00:00+10:00"),
    ],
)
def test_the_next_time_is_the_one_people_expect(config: dict[str, Any], expected: str) -> None:
    assert Clock().following(config, TUESDAY, MOSCOW).isoformat() == expected


def test_the_last_day_of_a_month_is_the_last_of_a_short_one_too() -> None:
    config = {"way": "month", "day": 31, "time": "12:00"}
    assert Clock().following(config, datetime(2027, 2, 1, tzinfo=UTC), MOSCOW).day == 28


def test_an_hour_that_the_clocks_skip_or_repeat_comes_once() -> None:
    berlin, config = ZoneInfo("Europe/Berlin"), {"way": "week", "days": list("1234567"), "time": "02:30"}
    moment, found = datetime(2026, 10, 24, tzinfo=berlin), []
    for _day in range(3):
        moment = Clock().following(config, moment, berlin)
        found.append(moment.date().day)
    assert found == [24, 25, 26]


def test_a_time_that_never_comes_is_told() -> None:
    with pytest.raises(ValueError, match="никогда"):
        Clock().following({"way": "cron", "cron": "0 0 31 2 *"}, TUESDAY, MOSCOW)


def test_an_operation_knows_its_moment() -> None:
    (element,) = Clock().gather({}, TUESDAY.astimezone(UTC), MOSCOW, Http())
    assert element.data == {
        "moment": "2026-12-01T09:00:00+03:00", "date": "2026-12-01", "time": "09:00", "weekday": 2, "day": 1,
        "month": 12, "year": 2026,
    }  # fmt: skip


def test_the_form_says_what_is_wrong() -> None:
    assert set(errors(bind(ScheduleForm, {"way": "cron", "cron": "каждый день", "zone": "Москва"}))) == {"cron", "zone"}
    assert set(errors(bind(ScheduleForm, {"way": "week", "days": []}))) == {"days"}
    assert bind(ScheduleForm, {}).is_valid()
