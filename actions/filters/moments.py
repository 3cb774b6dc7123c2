"""Dates and times as people and systems write them, read and written.

`moment` reads, `written` writes. The company's zone counts where a text names none.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from actions.filters.bounds import text
from actions.values import short

MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
MONTH_NAMES = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
WEEKDAYS = "понедельник вторник среда четверг пятница суббота воскресенье".split()
SHORT_WEEKDAYS = "пн вт ср чт пт сб вс".split()
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

    def iso(self) -> str:
        return self.when.date().isoformat() if self.whole_day else self.when.isoformat()


def moment(value: Any, zone: tzinfo = UTC, now: Callable[[], datetime] | None = None, form: str = "") -> Moment | None:
    """Read a date or time. None when there is nothing to read.

    form: "" for any of the usual ones, "dmy", "mdy", "ymd", "unix", or a pattern such as ``%d.%m.%Y %H:%M``.
    Raises ValueError with a sentence.
    """
    if isinstance(value, datetime):
        return Moment(value if value.tzinfo else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return Moment(datetime.combine(value, time(), zone), whole_day=True)
    written_text = " ".join(text(value)[: LONGEST + 1].split()) if value is not None and value is not True else ""
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
        if "%" in form:
            return _by_pattern(said, zone, form)
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
    word, year, month, day = (parts.get(name) for name in ("word", "year", "month", "day"))
    if not year or not day:
        today = now().astimezone(zone)
        year, month, day = year or f"{today.year}", month or f"{today.month}", day or f"{today.day}"
    in_year = _month(word) if word else int(month or 0)
    if in_year is None:
        return None
    century = 0 if int(year) > 99 else 2000 if int(year) < 70 else 1900
    there = zone_of(parts["zone"], zone) if parts.get("zone") else zone
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    part = int((parts.get("part") or "").ljust(6, "0")[:6] or 0)
    said = datetime(century + int(year), in_year, int(day), hour, minute, min(second, 59), part, tzinfo=there)
    return Moment(said, whole_day=not parts.get("hour"))


def _month(word: str) -> int | None:
    low = word.lower().replace("ё", "е")
    for number, (name, short_name) in enumerate(zip(MONTHS, _ENGLISH, strict=True), start=1):
        if low[:3] == name[:3] or low[:3] == short_name or (number == 5 and low == "май"):
            return number
    return None


def _by_pattern(said: str, zone: tzinfo, form: str) -> Moment:
    for names in (MONTHS, MONTH_NAMES):
        for name, short_name in zip(names, _ENGLISH, strict=True):
            if "%B" in form or "%b" in form:
                said = re.sub(rf"\b{name}\b", short_name, said, flags=re.IGNORECASE)
    read = datetime.strptime(said, form[:LONGEST].replace("%B", "%b"))  # noqa: DTZ007
    read = read if read.tzinfo else read.replace(tzinfo=zone)
    return Moment(read, whole_day=not re.search("%[HIMSsTXcp]", form))


def zone_of(name: Any, usual: tzinfo = UTC) -> tzinfo:
    """A zone by its name (``Europe/Moscow``), or by how far it is from UTC: ``+03:00``. Raises ValueError."""
    said = text(name).strip()[:60]
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


def written(said: Moment, form: str) -> str:
    """Write a moment by a pattern: ``%d.%m.%Y``, ``%-d %B %Y``, ``%H:%M``; names of months and days are Russian."""
    pieces = _SIGN.split(form)
    pieces[1::2] = [_sign(said.when, sign[-1], sign[1] == "-") for sign in pieces[1::2]]
    return "".join(pieces)


_SIGN = re.compile(r"(%-?[a-zA-Z%])")
_SIGNS: dict[str, Callable[[datetime], str]] = {
    "d": lambda when: f"{when.day:02}",
    "m": lambda when: f"{when.month:02}",
    "Y": lambda when: f"{when.year:04}",
    "y": lambda when: f"{when.year % 100:02}",
    "H": lambda when: f"{when.hour:02}",
    "I": lambda when: f"{(when.hour + 11) % 12 + 1:02}",
    "M": lambda when: f"{when.minute:02}",
    "S": lambda when: f"{when.second:02}",
    "L": lambda when: f"{when.microsecond // 1000:03}",
    "f": lambda when: f"{when.microsecond:06}",
    "e": lambda when: str(when.day),
    "B": lambda when: MONTHS[when.month - 1],
    "b": lambda when: MONTHS[when.month - 1][:3],
    "h": lambda when: MONTH_NAMES[when.month - 1],
    "A": lambda when: WEEKDAYS[when.weekday()],
    "a": lambda when: SHORT_WEEKDAYS[when.weekday()],
    "u": lambda when: str(when.isoweekday()),
    "j": lambda when: f"{when.timetuple().tm_yday:03}",
    "V": lambda when: f"{when.isocalendar().week:02}",
    "s": lambda when: str(int(when.timestamp())),
    "z": lambda when: when.strftime("%z"),
    "Z": lambda when: when.tzname() or "",
    "F": lambda when: when.date().isoformat(),
    "T": lambda when: f"{when:%H:%M:%S}",
    "%": lambda when: "%",
}


def _sign(when: datetime, sign: str, bare: bool) -> str:
    write = _SIGNS.get(sign)
    if write is None:
        raise ValueError(_("there is no sign “%(sign)s” in forms of dates") % {"sign": "%" + sign})
    return (write(when).lstrip("0") or "0") if bare else write(when)


def shifted(said: Moment, count: int, unit: str) -> Moment:
    """A moment so many units later, in a shorter month on its last day. Raises ValueError."""
    months = {"months": count, "years": count * 12}.get(unit)
    try:
        if months is not None:
            return replace(said, when=_months_later(said.when, months))
        step = timedelta(**{unit: count})
        if unit in ("days", "weeks"):  # the same time of the clock, also across a change of it
            return replace(said, when=said.when + step)
        # The zone's clock may jump in between: hours are counted by a clock that never does.
        return Moment((said.when.astimezone(UTC) + step).astimezone(said.when.tzinfo))
    except (OverflowError, ValueError):
        raise ValueError(_("the date is too far away")) from None


def _months_later(when: datetime, months: int) -> datetime:
    total = when.year * 12 + when.month - 1 + months
    year, month = divmod(total, 12)
    first = when.replace(year=year, month=month + 1, day=1)
    return first.replace(day=min(when.day, _days_in(first)))


def _days_in(first: datetime) -> int:
    return ((first + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day if first < _LAST else 31


_LAST = datetime(9999, 12, 1, tzinfo=UTC) - timedelta(days=1)


def any_moment(values: Iterable[Any]) -> bool:
    """Whether one of these values is a date."""
    return any(is_moment(value) for value in values)
