"""What kinds of value a value is, so that the picker offers the filters that fit it."""

import re
from collections.abc import Mapping
from typing import Any

from actions import values
from actions.filters.declared import ANY
from actions.filters.emails import is_email
from actions.filters.moments import is_moment
from actions.filters.people import LONGEST as LONGEST_NAME
from actions.filters.people import person
from actions.filters.phones import is_phone

RANKS = {
    "phone": 5, "email": 5, "moment": 4, "json": 4, "person": 3, "object": 3, "list": 3, "boolean": 2, "number": 2,
    "numeric": 1,
}  # fmt: skip
"""How telling it is that a value is of a kind: a phone is a number as well, but meant as a phone."""

_NAMES: list[tuple[str, str]] = [
    ("phone", r"phone|tel\b|mobile|телефон|моб"),
    ("email", r"mail|почт"),
    ("person", r"fio|full_?name|фио|client_?name|имя"),
    ("moment", r"date|time|birth|дата|время|рожд"),
    ("number", r"sum|price|amount|cost|total|count|сумма|цена|стоим|кол"),
]
_WORDS = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*(?: [^\W\d_]+(?:[-'][^\W\d_]+)*){1,3}")
_YES_NO = frozenset("да нет true false yes no on off 0 1".split())


def kinds(value: Any, name: str = "") -> frozenset[str]:
    """The kinds of a value; of one that is not there yet, those that its field's name suggests."""
    if value is None or value == "":
        named = {kind for kind, pattern in _NAMES if re.search(pattern, name, re.IGNORECASE)}
        return frozenset({ANY, "text", *named})
    if isinstance(value, bool):
        return frozenset({ANY, "boolean"})
    if isinstance(value, list | tuple):
        return frozenset({ANY, "list"})
    if isinstance(value, Mapping):
        return frozenset({ANY, "object"})
    return frozenset({ANY, "text", *_of_text(values.text(value)[:1000])})


def _of_text(written: str) -> set[str]:
    found: set[str] = set()
    tidy = written.strip()
    if any(sign.isdigit() for sign in tidy):
        found.add("numeric")
        if is_phone(tidy) and len(re.sub(r"\D", "", tidy)) >= 10:
            found.add("phone")
    tests = {
        "number": _is_number(tidy),
        "email": is_email(tidy),
        "moment": is_moment(tidy),
        "boolean": tidy.lower() in _YES_NO,
        "json": tidy[:1] in ("{", "["),
        "person": len(tidy) < LONGEST_NAME and _WORDS.fullmatch(tidy) is not None and person(tidy).first != "",
    }
    return found | {kind for kind, holds in tests.items() if holds}


def _is_number(written: str) -> bool:
    try:
        values.number(written)
    except ValueError:
        return False
    return True
