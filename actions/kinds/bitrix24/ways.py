"""Phones and e-mails: as people write them, as Bitrix24 may hold them, and which of them a record does not have yet."""

import re
from collections.abc import Iterable
from typing import Any

from actions.filled import several
from actions.filters.emails import is_email
from actions.filters.phones import e164

MOST_SPELLINGS = 20  # of crm.duplicate.findbycomm, which compares whole strings


def phones(value: Any) -> list[str]:
    """Each number once, `+79161234567` where it is one, else as it was written. Raises Failed when there are many."""
    return _once(e164(one) or one for one in several(value) if re.search(r"\d", one))


def emails(value: Any) -> list[str]:
    """Each address once, in lower case; what is none is left out, since the portal would refuse the whole record."""
    return _once(one.lower() for one in several(value) if is_email(one))


def left_out(value: Any) -> list[str]:
    """What stands among e-mails and is none."""
    return [one for one in several(value) if not is_email(one)]


def spellings(numbers: Iterable[str]) -> list[str]:
    """A number in the ways it may have been typed into the CRM, the likeliest first; those of several take turns."""
    each = [_spelled(number) for number in numbers]
    longest = max((len(one) for one in each), default=0)
    mixed = (one[place] for place in range(longest) for one in each if place < len(one))
    return _once(mixed)[:MOST_SPELLINGS]


def fresh(way: str, given: Iterable[str], there: Any) -> list[dict[str, str]]:
    """What of these a record lacks, as an update adds it: a list without ids would double what is there.

    way: PHONE, EMAIL, WEB or IM. there: the record's, as it was read.
    """
    held = {_bare(way, str(one.get("VALUE") or "")) for one in there or [] if isinstance(one, dict)}
    return [{"VALUE": one, "VALUE_TYPE": "WORK"} for one in given if _bare(way, one) not in held]


def _spelled(number: str) -> list[str]:
    found = re.fullmatch(r"\+7(\d{3})(\d{3})(\d\d)(\d\d)", number)
    if not found:
        return [number, number.removeprefix("+")]
    code, first, second, third = found.groups()
    bare, parts = f"{code}{first}{second}{third}", f"{first}-{second}-{third}"
    spaced = parts.replace("-", " ")
    return [
        number, f"8{bare}", f"7{bare}", bare,
        f"+7 ({code}) {parts}", f"8 ({code}) {parts}", f"+7 {code} {parts}", f"8 {code} {parts}",
        f"+7({code}){parts}", f"8({code}){parts}", f"+7-{code}-{parts}", f"8-{code}-{parts}",
        f"+7 ({code}) {spaced}", f"+7 {code} {spaced}", f"8 {code} {spaced}",
    ]  # fmt: skip


def _bare(way: str, value: str) -> str:
    if way != "PHONE":
        return value.strip().lower()
    return e164(value) or re.sub(r"\D", "", value)


def _once(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
