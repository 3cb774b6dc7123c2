"""Values as a request carries them: plain text, JSON text, form text, and objects built from rows of a form."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote_plus

from django.utils.translation import gettext as _

from actions.nested_rows import LIST, OBJECT, bracketed
from actions.row_names import put, segments

Row = Mapping[str, Any]

_LONE_SURROGATE = re.compile("(?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])")
_NUMBER = re.compile(r"[+-]?\d+(?P<fraction>\.\d+)?(?P<exponent>[eE][+-]?\d+)?", re.ASCII)
_GROUPING = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))")
_LONGEST_NUMBER = 1000  # characters; longer ones are no numbers but attacks
_LONGEST_INTEGER = 14_000  # bits; Python writes no integer of more than 4,300 digits
_CONTAINERS = (dict, list, tuple)
_DEEPEST = 1000  # levels that are counted; what is deeper cannot be written
_PLAIN = 10**18  # whole numbers below it are written without a thought for their length
_YES = frozenset("да true 1 yes on истина верно есть y д +".split())
_NO = frozenset("нет false 0 no off ложь неверно n н - 0.0".split())
_LONGEST_WORD = 20


def json_text(value: Any) -> str:
    """Write a value as compact JSON that every reader accepts.

    NaN and infinities become null, lone surrogates become ``\\ud800`` escapes, Cyrillic stays readable, dates are
    ISO 8601. Raises ValueError with a sentence when the value is nested too deeply or holds an endless number.
    """
    try:
        try:
            written = _encoder.encode(value)
        except ValueError:
            written = _encoder.encode(_finite(value))
    except RecursionError:
        raise ValueError(_("The data are nested too deeply")) from None
    try:
        written.encode()  # ten times as fast as a search for surrogates
    except UnicodeEncodeError:
        return written.encode("utf-8", "backslashreplace").decode()
    return written


def text(value: Any) -> str:
    """Write a value inside a longer text: None is empty, true is ``true``, objects and lists are JSON."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if type(value) is int and -_PLAIN < value < _PLAIN:
        return str(value)
    if not isinstance(value, bool | int | float | Mapping | list | tuple):
        value = _foreign(value)
    return value if isinstance(value, str) else json_text(value)


def within(value: Any, most: int) -> bool:
    """Whether a value holds at most so many others, on all levels together."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _depth in range(_DEEPEST):
        most -= sum(map(len, level))
        if most < 0 or not level:
            break
        each = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for inner in each for one in inner if isinstance(one, _CONTAINERS)]
    return most >= 0


def encoded(written: str) -> bytes:
    """A text in UTF-8, whatever it holds: surrogates that form a pair are joined, lone ones become U+FFFD."""
    try:
        return written.encode()
    except UnicodeEncodeError:
        # By UTF-16, as browsers do. Its own way to replace takes microseconds for each.
        return _LONE_SURROGATE.sub("\ufffd", written).encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()


def number(value: Any) -> int | float:
    """Read a number as people write it: ``12,5``, ``1 200``, ``-3``. Whole numbers stay int and exact.

    Raises ValueError with a sentence.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    written = value.strip() if isinstance(value, str) else ""
    found = None
    if len(written) <= _LONGEST_NUMBER:
        found = _NUMBER.fullmatch(_GROUPING.sub("", written).replace(",", ".", 1))
    if found is None:
        raise ValueError(_("“%(value)s” is not a number") % {"value": short(value)})
    if not found["fraction"] and not found["exponent"]:
        return int(found[0])
    read = float(found[0])
    if not math.isfinite(read):
        raise ValueError(_("“%(value)s” is too large a number") % {"value": short(value)})
    return read


def build_object(rows: Iterable[Row]) -> dict[str, Any]:
    """Build an object from rows ``{"name", "value", "type"?}`` whose values are already filled.

    Dots in a name nest, ``\\.`` is a dot of the name itself, ``items[]`` appends to a list and ``items[0]`` names its
    element. Rows may hold others (actions.nested_rows). `type` is text, number, boolean, json, empty, or absent or
    "auto" for the value's own type; an empty value of a number, a boolean or JSON is null. Raises ValueError with a
    sentence that names the row.
    """
    built: dict[str, Any] = {}
    for place, row in enumerate(rows, start=1):
        name = str(row.get("name") or "")
        try:
            put(built, segments(name), _typed(row))
        except ValueError as problem:
            raise ValueError(_row_problem(place, name, problem)) from None
    return built


def form_text(rows: Iterable[Row]) -> str:
    """Write rows as ``application/x-www-form-urlencoded`` (https://url.spec.whatwg.org/#urlencoded-serializing).

    Raises ValueError like `build_object`.
    """
    return "&".join(f"{_percent(name)}={_percent(value)}" for name, value in form_pairs(rows))


def form_pairs(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Rows as the names and texts of a form.

    Names are kept as given, a list repeats its name, objects are JSON, None is empty; rows with others inside are
    written with brackets. Raises ValueError like `build_object`.
    """
    pairs: list[tuple[str, str]] = []
    for place, row in enumerate(bracketed(rows), start=1):
        name = str(row.get("name") or "")
        try:
            value = _typed(row)
            each = value if isinstance(value, list) else [value]
            pairs += [(name, text(one)) for one in each]
        except ValueError as problem:
            raise ValueError(_row_problem(place, name, problem)) from None
    return pairs


def _typed(row: Row) -> Any:
    value, kind = row.get("value"), row.get("type") or "auto"
    if kind == OBJECT:
        return build_object(row.get("fields") or [])
    if kind == LIST:
        return [_typed(inner) for inner in row.get("fields") or []]
    if kind == "auto":
        return value
    if kind == "text":
        return text(value)
    if kind == "empty" or value is None or (isinstance(value, str) and not value.strip()):
        return None
    if kind == "number":
        return number(value)
    if kind == "boolean":
        return boolean(value)
    if kind == "json":
        return read_json(value)
    raise ValueError(_("there is no type “%(type)s”") % {"type": short(kind)})


def boolean(value: Any) -> bool:
    """Read a yes or no as people write it: ``да``, ``false``, ``1``. Raises ValueError with a sentence."""
    if isinstance(value, bool):
        return value
    said = text(value).strip() if isinstance(value, str | int | float) else ""
    word = said.lower() if len(said) <= _LONGEST_WORD else ""
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError(_("“%(value)s” is neither yes nor no") % {"value": short(value)})


def read_json(value: Any) -> Any:
    """A text read as JSON; any other value as it is. Raises ValueError with a sentence."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError(_("“%(value)s” is not JSON") % {"value": short(value)}) from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _foreign(value: Any) -> Any:
    """Write what JSON has no form for."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return list(value)
    return str(value)


# Made once: json.dumps makes one for every value.
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_foreign)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        raise ValueError(_("The data hold too large a number"))
    if isinstance(value, Mapping):
        return {str(name): _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value


def _percent(value: str) -> str:
    return quote_plus(encoded(value), safe="*").replace("~", "%7E")


def _row_problem(place: int, name: str, problem: ValueError) -> str:
    return _("Row %(row)s “%(name)s”: %(problem)s") % {"row": place, "name": short(name), "problem": problem}


def short(value: Any, longest: int = 60) -> str:
    """A value in a sentence: a text cut to its beginning; of a list or an object only that it is one."""
    if isinstance(value, dict | Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, list | tuple):
        return "[…]" if value else "[]"
    try:
        shown = " ".join(text(value)[: longest * 4].split())
    except ValueError:  # a number without end
        return "…"
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
