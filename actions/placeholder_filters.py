"""The filters of placeholders, each bounded in time and memory.

python-liquid's own filters are not used: they write Python's repr of lists, objects and booleans, have no limits
(``times``, ``replace``, ``split``) and read numbers that JSON does not know. Texts of numbers may be written as people
write them (``1 200,50``).
"""

import decimal
import inspect
import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from django.utils.translation import gettext as _

from actions import values

LONGEST_TEXT = 1 << 20
"""Characters a filter takes and gives at most (1 MiB of Latin text)."""

LONGEST_LIST = 10_000
LARGEST_NUMBER = 10**100

_SLOW = {"url_encode": 16, "url_decode": 16, "json": 8}
_WIDEST_ROUNDING = 20  # digits

Number = int | float
Filter = Callable[..., Any]


def run(name: str, charge: Callable[[int], None], value: Any, *args: Any, **options: Any) -> Any:
    """Run a filter. `charge` is told how much work it takes, in characters.

    Raises ValueError with a sentence when a value is unfit or too large; `charge` may raise too.
    """
    for given in (value, *args):
        charge(1 + _size(given) * _SLOW.get(name, 1))
    result = FILTERS[name](value, *args, **options)
    _size(result)
    return result


def problem_with_call(name: str, positional: int, keywords: list[str]) -> str | None:
    """Say in a sentence why a filter cannot be called so, None when it can."""
    if name not in FILTERS:
        return _("There is no filter “%(name)s”") % {"name": name[:40]}
    try:
        inspect.signature(FILTERS[name]).bind(None, *[None] * positional, **dict.fromkeys(keywords))
    except TypeError:
        return _("The filter “%(name)s” takes other parameters") % {"name": name}
    return None


def _size(value: Any) -> int:
    """Return how large a value is; raise ValueError when it is too large for a filter."""
    if isinstance(value, str):
        return _fitting(len(value))
    if isinstance(value, list | tuple | Mapping):
        if len(value) > LONGEST_LIST:
            raise ValueError(_("The list is too long for a filter"))
        return len(value)
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        raise ValueError(_("The number is too large"))
    return 1


def _fitting(size: int) -> int:
    if size > LONGEST_TEXT:
        raise ValueError(_("The text is too long for a filter"))
    return size


def _text(value: Any) -> str:
    written = values.text(value)
    _fitting(len(written))
    return written


def _number(value: Any) -> Number:
    if value is None or (isinstance(value, str) and not value.strip()):
        return 0
    return _finite(values.number(value))


def _finite(number: Number) -> Number:
    _size(number)
    if not math.isfinite(number):
        raise ValueError(_("The number is too large"))
    return number


def _calculate(left: Any, right: Any, exact: Callable[[Any, Any], Any]) -> Number:
    """Whole numbers stay whole; others go through Decimal, so that 0.1 plus 0.2 is 0.3."""
    first, second = _number(left), _number(right)
    if isinstance(first, int) and isinstance(second, int):
        return _finite(int(exact(first, second)))
    with decimal.localcontext(decimal.Context(prec=28)):
        return _finite(float(exact(Decimal(str(first)), Decimal(str(second)))))


def default(value: Any, other: Any = "", *, allow_false: Any = False) -> Any:
    """Another value instead of an empty one; ``allow_false: true`` lets false pass."""
    if value is False:
        return value if allow_false is True else other
    empty = value is None or (isinstance(value, str | list | tuple | Mapping) and not value)
    return other if empty else value


def divided_by(value: Any, by: Any) -> Number:
    """As in Liquid: whole numbers give a whole number, rounded down; ``divided_by: 2.0`` keeps the fraction."""
    if _number(by) == 0:
        raise ValueError(_("A number cannot be divided by zero"))
    return _calculate(value, by, lambda a, b: a // b if isinstance(a, int) else a / b)


def round_(value: Any, digits: Any = 0) -> Number:
    """Round half away from zero, as people do."""
    number, places = _number(value), min(int(_number(digits)), _WIDEST_ROUNDING)
    if isinstance(number, int) or abs(number) > 1e20:
        return number
    rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-max(places, 0)), ROUND_HALF_UP)
    return float(rounded) if places > 0 else int(rounded)


def replace(value: Any, old: Any, new: Any = "") -> str:
    """Replace every occurrence; the size is checked before the work."""
    text, sought, other = _text(value), _text(old), _text(new)
    _fitting(len(text) + text.count(sought) * max(0, len(other) - len(sought)))
    return text.replace(sought, other)


def truncate(value: Any, size: Any = 50, end: Any = "...") -> str:
    """Cut a text to `size` characters, the end mark among them."""
    text, mark, longest = _text(value), _text(end), max(0, int(_number(size)))
    return text if len(text) <= longest else text[: max(0, longest - len(mark))] + mark


def first(value: Any) -> Any:
    """The first element of a list, else nothing."""
    return value[0] if isinstance(value, list | tuple) and value else None


def last(value: Any) -> Any:
    """The last element of a list, else nothing."""
    return value[-1] if isinstance(value, list | tuple) and value else None


def join(value: Any, separator: Any = " ") -> str:
    """Join a list's elements; any other value is a list of one."""
    pieces = [_text(one) for one in value] if isinstance(value, list | tuple) else [_text(value)]
    between = _text(separator)
    _fitting(sum(map(len, pieces)) + len(between) * len(pieces))
    return between.join(pieces)


def split(value: Any, separator: Any = " ") -> list[str]:
    """Split a text; an empty separator gives characters, a space any whitespace, an empty text nothing."""
    text, between = _text(value), _text(separator)
    if (text.count(between) if between else len(text)) >= LONGEST_LIST:
        raise ValueError(_("The list is too long for a filter"))
    if not between:
        return list(text)
    return text.split(None if between == " " else between) if text else []


def size(value: Any) -> int:
    """How many elements or characters."""
    return len(value) if isinstance(value, str | list | tuple | Mapping) else 0


def url_encode(value: Any) -> str:
    """Percent-encode a text for an address; a space becomes ``+``, half a surrogate pair U+FFFD."""
    return quote_plus(_text(value).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


FILTERS: dict[str, Filter] = {
    "default": default,
    "upcase": lambda value: _text(value).upper(),
    "downcase": lambda value: _text(value).lower(),
    "capitalize": lambda value: _text(value).capitalize(),
    "strip": lambda value: _text(value).strip(),
    "lstrip": lambda value: _text(value).lstrip(),
    "rstrip": lambda value: _text(value).rstrip(),
    "append": lambda value, end: _text(value) + _text(end),
    "prepend": lambda value, start: _text(start) + _text(value),
    "replace": replace,
    "remove": lambda value, old: _text(value).replace(_text(old), ""),
    "truncate": truncate,
    "first": first,
    "last": last,
    "join": join,
    "split": split,
    "size": size,
    "plus": lambda value, other: _calculate(value, other, lambda a, b: a + b),
    "minus": lambda value, other: _calculate(value, other, lambda a, b: a - b),
    "times": lambda value, other: _calculate(value, other, lambda a, b: a * b),
    "divided_by": divided_by,
    "round": round_,
    "url_encode": url_encode,
    "url_decode": lambda value: unquote_plus(_text(value)),
    "json": values.json_text,
}
