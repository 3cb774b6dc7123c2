"""JSON bodies."""

import json
from decimal import Decimal
from math import isfinite
from typing import Any

from . import charsets
from .limits import DEPTH, INTEGER_DIGITS, VALUES, check_size
from .result import Part, Problem, UndecodableError


def read_body(body: bytes, declared: str = "") -> Part:
    """A JSON body to fields; a list becomes {"items": [...]}, a single value {"value": ...}.

    More is taken than RFC 8259 allows: control characters inside strings, NaN and Infinity (they become texts). Of
    duplicate keys the last one counts, as everywhere. A number that Python would change (1.00000000000000000001,
    12345678901234567890.12, 1e999, an integer of more than 4,000 digits) stays the text it was written as.
    Raises UndecodableError("json", line, column), ("depth", limit), ("values", limit).
    """
    text = charsets.read_text(body, _charset(body, declared))
    value = _parse(text.text)
    if text.text.count("{") + text.text.count("[") > DEPTH or text.text.count(",") > VALUES // 2:
        check_size(value)
    problem = Problem("charset", {"charset": text.charset}) if text.damaged else None
    return Part(_as_fields(value), "json", text.charset, problem, not isinstance(value, dict))


def _charset(body: bytes, declared: str) -> str:
    """JSON shows by its first bytes whether it is UTF-16 or UTF-32, whatever the header says."""
    detected = json.detect_encoding(body)
    if not detected.startswith("utf-8"):
        return charsets.known(detected)
    return declared if not declared or charsets.extends_ascii(declared) else ""


def _parse(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise UndecodableError("json", line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise UndecodableError("depth", limit=DEPTH) from error


def _as_fields(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {"items": value} if isinstance(value, list) else {"value": value}


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= INTEGER_DIGITS else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    if len(digits) <= 16 and "e" not in digits and "E" not in digits:
        return number  # 15 digits always survive
    try:
        return number if isfinite(number) and Decimal(repr(number)) == Decimal(digits) else digits
    except ArithmeticError:  # an exponent that even Decimal does not take
        return digits


_DECODER = json.JSONDecoder(strict=False, parse_int=_integer, parse_float=_fraction, parse_constant=str)
