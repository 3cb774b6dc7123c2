"""Dates and times as people and systems write them. The company's zone counts where a text names none."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from actions import values
from actions.conditions.shortened import short

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec".split()
LONGEST = 64  # characters of a text that may be a date

_TIME = r"(?:[T ,]{1,3}(?:в )?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?)?"
_ZONE = r"\s?(?P<zone>Z|UTC|GMT|МСК|MSK|[+-]\d{2}:?\d{2}|[+-]\d{2})?(?: ?\([^)]{1,30}\))?"
_END = r"(?: ?(?:г|года|г\.))?"
_DAY = r"(?P<day>\d{1,2})"
_WORD = r"(?P<word>[а-яёa-z]{3,10})\.?"
_YEAR = r"(?P<year>\d{4})"
_FORMS = {
    "ymd": [rf"{_YEAR}[-./](?P<month>\d{{1,2}})[-./]{_DAY}", rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})"],
    "dmy": [rf"{_DAY}[-./](?P<month>\d{{1,2}})[-./](?P<year>\d{{4}}|\d{{2}})"],
    "mdy": [rf"(?P<month>\d{{1,2}})[-./]{_DAY}[-./](?P<year>\d{{4}}|\d{{2}})"],
    "words": [
        rf"(?:[а-яa-z]{{2,11}},? )?{_DAY}[ -]{_WORD}(?:,?[ -]{_YEAR})?",
        rf"{_WORD} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}",
    ],
    "time": [r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"],
}
_COMPILED = {
    name: [re.compile(form + ("" if name == "time" else _END + _TIME) + _ZONE, re.IGNORECASE) for form in forms]
    for name, forms in _FORMS.items()
}
_ORDER = ("ymd", "dmy", "words", "time")
_UNIX = re.compile(r"-?\d{9,11}(?:\.\d{1,6})?|\d{13}")
_RELATIVE = {"сегодня": 0, "today": 0, "завтра": 1, "tomorrow": 1, "вчера": -1, "yesterday": -1, "послезавтра": 2}


@dataclass(frozen=True)
class Moment:
    """A time with its zone; whole_day: only a date was said, `when` is its midnight."""

    when: datetime
    whole_day: bool = False


def moment(value: Any, zone: tzinfo = UTC, now: Callable[[], datetime] | None = None, form: str = "") -> Moment | None:
    """Read a date or time. None when there is nothing to read.

    form: "" for any of the usual ones, "dmy", "mdy", "ymd", "unix".
    Raises ValueError with a sentence.
    """
    if isinstance(value, datetime):
        return Moment(value if value.tzinfo else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return Moment(datetime.combine(value, time(), zone), whole_day=True)
    written_text = (
        " ".join(values.text(value)[: LONGEST + 1].split()) if value is not None and value is not True else ""
    )
    if not written_text:
        return None
    read = _read(written_text, zone, now or (lambda: datetime.now(UTC)), form) if len(written_text) <= LONGEST else None
    if read is None:
        raise ValueError(_("“%(value)s” is not a date") % {"value": short(value)})
    return read


def is_moment(value: Any) -> bool:
    """Whether a text is surely meant as a date or time: not a mere number."""
    if not isinstance(value, str) or not 8 <= len(value) <= LONGEST or value.strip().isdigit():
        return False
    try:
        return moment(value) is not None
    except ValueError:
        return False


def _read(said: str, zone: tzinfo, now: Callable[[], datetime], form: str) -> Moment | None:
    try:
        if form == "unix" or (not form and _UNIX.fullmatch(said)):
            return Moment(_from_unix(float(said.replace(",", ".")), zone))
        if said.lower() in ("now", "сейчас"):
            return Moment(now().astimezone(zone).replace(microsecond=0))
        if said.lower() in _RELATIVE:
            day = now().astimezone(zone).date() + timedelta(days=_RELATIVE[said.lower()])
            return Moment(datetime.combine(day, time(), zone), whole_day=True)
        for name in (form,) if form in _COMPILED else _ORDER:
            for pattern in _COMPILED[name]:
                if found := pattern.fullmatch(said):
                    return _of_parts(found.groupdict(), zone, now)
    except (ValueError, OverflowError):
        return None
    return None


def _from_unix(seconds: float, zone: tzinfo) -> datetime:
    if abs(seconds) >= 1e11:  # milliseconds, as JavaScript counts
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)


def _of_parts(parts: dict[str, str | None], zone: tzinfo, now: Callable[[], datetime]) -> Moment | None:
    today = now().astimezone(zone)
    month = _month(parts["word"] or "") if parts.get("word") else int(parts.get("month") or today.month)
    if month is None:
        return None
    year = int(parts.get("year") or today.year)
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    day = int(parts.get("day") or today.day)
    there = zone_of(parts["zone"], zone) if parts.get("zone") else zone
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    part = int((parts.get("part") or "").ljust(6, "0")[:6] or 0)
    said = datetime(year, month, day, hour, minute, min(second, 59), part, tzinfo=there)
    return Moment(said, whole_day=not parts.get("hour"))


def _month(word: str) -> int | None:
    low = word.lower().replace("ё", "е")
    for number, (name, short_name) in enumerate(zip(MONTHS, _ENGLISH, strict=True), start=1):
        if low[:3] == name[:3] or low[:3] == short_name or (number == 5 and low == "май"):
            return number
    return None


def zone_of(name: Any, usual: tzinfo = UTC) -> tzinfo:
    """A zone by its name (``Europe/Moscow``), or by how far it is from UTC: ``+03:00``. Raises ValueError."""
    said = values.text(name).strip()[:60]
    if not said:
        return usual
    if found := re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", said):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes))
    known = {"Z": "UTC", "UTC": "UTC", "GMT": "UTC", "МСК": "Europe/Moscow", "MSK": "Europe/Moscow"}
    try:
        return ZoneInfo(known.get(said.upper(), said))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(_("there is no time zone “%(zone)s”") % {"zone": short(said)}) from None
