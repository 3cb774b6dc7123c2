"""Filters of dates and times."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import number, text, whole
from actions.filters.declared import Argument, Around, Example, Theme
from actions.filters.moments import SHORT_WEEKDAYS, WEEKDAYS, Moment, moment, shifted, written, zone_of
from actions.values import short

dates = Theme("dates", _("Date and time"))

FORMS: list[tuple[str, Any]] = [
    ("%d.%m.%Y", "16.03.2026"), ("%d.%m.%Y %H:%M", "16.03.2026 12:30"), ("%-d %B %Y", "16 марта 2026"),
    ("%-d %B, %A", "16 марта, понедельник"), ("%H:%M", "12:30"), ("%Y-%m-%d", "2026-03-16"),
    ("%Y-%m-%d %H:%M:%S", "2026-03-16 12:30:00"), ("iso", "2026-03-16T12:30:00+03:00"),
    ("rfc", "Mon, 16 Mar 2026 12:30:00 +0300"),
]  # fmt: skip
READ: list[tuple[str, Any]] = [
    ("", _("recognised by itself")), ("dmy", _("day, month, year")), ("mdy", _("month, day, year")),
    ("ymd", _("year, month, day")), ("unix", _("Unix time")),
]  # fmt: skip
ZONES = [(name, name) for name in (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
    "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka", "UTC")]  # fmt: skip
UNITS = [("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days")), ("weeks", _("weeks")),
         ("months", _("months")), ("years", _("years"))]  # fmt: skip
WRITTEN = Argument(_("How it is written"), READ)
ZONE = Argument(_("Time zone"), [("", _("the company's")), *ZONES])
UNIT = Argument(_("Unit"), UNITS)


def _unit(value: Any) -> str:
    said = text(value).strip().lower()
    known = [key for key, _title in UNITS]
    for unit in known:
        if said in (unit, unit.removesuffix("s")):
            return unit
    raise ValueError(
        gettext("“%(unit)s” is no unit of time: %(known)s") % {"unit": short(said), "known": ", ".join(known)}
    )


@dates.filter(
    "date",
    _("Date in this form"),
    _("Writes a date or time as you want it, in any time zone"),
    Example("2026-03-16T09:30:00Z", "16.03.2026 12:30", ["%d.%m.%Y %H:%M"]),
    fits="moment",
    weight=20,
    form=Argument(_("Form"), FORMS),
    zone=ZONE,
    read=WRITTEN,
)
def date(value: Any, form: Any = "%d.%m.%Y", zone: Any = "", read: Any = "", *, around: Around) -> str:
    """Nothing stays nothing. A date without a time is the same day in every zone."""
    said = moment(value, around.zone, around.now, text(read))
    if said is None:
        return ""
    if not said.whole_day:
        said = Moment(said.when.astimezone(zone_of(zone, around.zone)))
    pattern = text(form)[:200]
    if pattern == "iso":
        return said.iso()
    if pattern == "rfc":
        return said.when.strftime(f"{_DAYS[said.when.weekday()]}, %d {_MONTHS[said.when.month - 1]} %Y %H:%M:%S %z")
    return written(said, pattern)


_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dates.filter(
    "parse_date",
    _("Read a date"),
    _("Makes a date that every service understands (ISO 8601) of one in words or figures"),
    Example("16 марта 2026 г. в 12:30", "2026-03-16T12:30:00+03:00"),
    fits="moment text",
    weight=20,
    read=WRITTEN,
    zone=ZONE,
)
def parse_date(value: Any, read: Any = "", zone: Any = "", *, around: Around) -> str:
    """zone: where the clock stood if the text does not say."""
    said = moment(value, zone_of(zone, around.zone), around.now, text(read))
    return "" if said is None else said.iso()


def _later(value: Any, count: int, unit: Any, around: Around) -> str:
    said = moment(value, around.zone, around.now)
    return "" if said is None else shifted(said, count, _unit(unit)).iso()


@dates.filter(
    "date_plus",
    _("Later"),
    _("Adds minutes, hours, days, weeks, months or years"),
    Example("31.01.2026", "2026-02-28", [1, "months"]),
    fits="moment",
    weight=20,
    count=Argument(_("How many"), number=True),
    unit=UNIT,
)
def date_plus(value: Any, count: Any, unit: Any = "days", *, around: Around) -> str:
    return _later(value, whole(count), unit, around)


@dates.filter(
    "date_minus",
    _("Earlier"),
    _("Subtracts minutes, hours, days, weeks, months or years"),
    Example("2026-03-16 12:30", "2026-03-16T10:30:00+03:00", [2, "hours"]),
    fits="moment",
    weight=20,
    count=Argument(_("How many"), number=True),
    unit=UNIT,
)
def date_minus(value: Any, count: Any, unit: Any = "days", *, around: Around) -> str:
    return _later(value, -whole(count), unit, around)


@dates.filter(
    "date_diff",
    _("Difference of dates"),
    _("How many whole units lie between it and another date, which is now if you leave it empty"),
    Example("2026-03-20", 19, ["2026-03-01", "days"]),
    fits="moment",
    weight=20,
    other=Argument(_("From which date")),
    unit=UNIT,
)
def date_diff(value: Any, other: Any = "", unit: Any = "days", *, around: Around) -> int | None:
    """Positive when the value is later."""
    said = moment(value, around.zone, around.now)
    since = moment(other, around.zone, around.now) or Moment(around.now().astimezone(around.zone))
    if said is None:
        return None
    return _between(since, said, _unit(unit))


def _between(since: Moment, until: Moment, unit: str) -> int:
    begin, end = since.when, until.when
    if unit in ("months", "years"):
        early, late = min(begin, end), max(begin, end).astimezone(begin.tzinfo)
        months = (late.year - early.year) * 12 + late.month - early.month
        months -= (late.day, late.timetz().replace(tzinfo=None)) < (early.day, early.timetz().replace(tzinfo=None))
        units = months // (12 if unit == "years" else 1)
        return units if end >= begin else -units
    if unit == "days" and since.whole_day and until.whole_day:
        return (end.date() - begin.date()).days
    seconds = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}[unit]
    return int((end - begin).total_seconds() / seconds)


@dates.filter("age", _("Age"), _("Whole years since a birthday"), Example("17.03.1990", 35), fits="moment", weight=20)
def age(value: Any, *, around: Around) -> int | None:
    born = moment(value, around.zone, around.now)
    if born is None:
        return None
    today = around.now().astimezone(around.zone)
    return today.year - born.when.year - ((today.month, today.day) < (born.when.month, born.when.day))


@dates.filter(
    "weekday",
    _("Day of the week"),
    _("The name of the day, or its number from Monday"),
    Example("16.03.2026", "понедельник"),
    fits="moment",
    weight=20,
    form=Argument(_("Form"), [("name", "понедельник"), ("short", "пн"), ("number", "1")]),
)
def weekday(value: Any, form: Any = "name", *, around: Around) -> Any:
    said = moment(value, around.zone, around.now)
    if said is None:
        return ""
    day = said.when.weekday() if said.whole_day else said.when.astimezone(around.zone).weekday()
    return day + 1 if form == "number" else SHORT_WEEKDAYS[day] if form == "short" else WEEKDAYS[day]


@dates.filter(
    "unix_time",
    _("Unix time"),
    _("Seconds since 1970, as programs count"),
    Example("2026-03-16 12:30", 1773653400),
    fits="moment",
    weight=20,
    unit=Argument(_("Unit"), [("seconds", _("seconds")), ("milliseconds", _("milliseconds"))]),
)
def unix_time(value: Any, unit: Any = "seconds", *, around: Around) -> int | None:
    said = moment(value, around.zone, around.now)
    if said is None:
        return None
    return int(said.when.timestamp() * 1000) if unit == "milliseconds" else int(said.when.timestamp())


@dates.filter(
    "from_unix",
    _("From Unix time"),
    _("Makes a date of seconds or milliseconds since 1970"),
    Example(1773653400, "2026-03-16T12:30:00+03:00"),
    fits="number",
    weight=20,
    zone=ZONE,
)
def from_unix(value: Any, zone: Any = "", *, around: Around) -> str:
    if value is None or value == "":
        return ""
    said = moment(str(number(value)), zone_of(zone, around.zone), around.now, "unix")
    return "" if said is None else said.iso()


@dates.filter(
    "date_start",
    _("Start of the period"),
    _("Midnight of the day, of the week's, month's or year's first day"),
    Example("16.03.2026 12:30", "2026-03-01", ["months"]),
    fits="moment",
    weight=20,
    unit=Argument(
        _("Period"), [("days", _("day")), ("weeks", _("week")), ("months", _("month")), ("years", _("year"))]
    ),
)
def date_start(value: Any, unit: Any = "months", *, around: Around) -> str:
    said = moment(value, around.zone, around.now)
    if said is None:
        return ""
    day = said.when.date() if said.whole_day else said.when.astimezone(around.zone).date()
    period = _unit(unit)
    if period == "weeks":
        return day.fromordinal(max(1, day.toordinal() - day.weekday())).isoformat()
    first = {"months": day.replace(day=1), "years": day.replace(month=1, day=1)}.get(period, day)
    return first.isoformat()


@dates.filter(
    "is_past",
    _("Has it passed?"),
    _("Yes or no: whether the moment lies before now"),
    Example("15.03.2026", True),
    fits="moment",
    weight=20,
)
def is_past(value: Any, *, around: Around) -> bool:
    said = moment(value, around.zone, around.now)
    return said is not None and said.when < around.now()
