"""Contacts and companies of amoCRM: found by phone and e-mail in all their spellings, their numbers added once."""

from collections.abc import Iterable, Iterator
from typing import Any

from actions import values
from actions.filled import several
from actions.filters.phones import e164
from connections.kinds.amocrm import client
from webjack.config import Config
from webjack.http import Http

Row = dict[str, Any]
ENOUGH = 10  # last digits of a phone that tell it from others, whatever stands before them
SHORTEST = 5


def phones(value: Any) -> list[str]:
    """As they are to be kept: `+79161234567`; what is no number as it was written. Failed when there are many."""
    return list(dict.fromkeys(e164(one) or one for one in several(value)))


def emails(value: Any) -> list[str]:
    return list(dict.fromkeys(one.lower() for one in several(value)))


def find(http: Http, account: Config, entity: str, numbers: Iterable[str], mails: Iterable[str]) -> Row | None:
    """The one that has one of the phones, else one of the e-mails; of several the one that was changed last.

    amoCRM's search is fuzzy, so what it finds is looked at again.
    """
    for code, wanted in (("PHONE", numbers), ("EMAIL", mails)):
        for one in wanted:
            text = query(code, one)
            found = [row for row in searched(http, account, entity, text) if has(row, code, one)] if text else []
            if found:
                return max(found, key=lambda row: (row.get("updated_at") or 0, row["id"]))
    return None


def named(http: Http, account: Config, entity: str, name: str, bare: bool = False) -> Row | None:
    """bare: only one that has neither phones nor e-mails, which would tell it from others of its name."""
    text = " ".join(name.split())
    found = [row for row in searched(http, account, entity, text) if same_name(row.get("name"), text)] if text else []
    if bare:
        found = [row for row in found if not [*entries(row, "PHONE"), *entries(row, "EMAIL")]]
    return max(found, key=lambda row: (row.get("updated_at") or 0, row["id"])) if found else None


def same_name(one: Any, other: str) -> bool:
    return " ".join(values.text(one).lower().split()) == " ".join(other.lower().split())


def searched(http: Http, account: Config, entity: str, text: str) -> list[Row]:
    told = client.call(http, account, "GET", entity, query=[("query", text), ("with", "leads"), ("limit", "50")])
    return client.embedded(told, entity)


def query(code: str, text: str) -> str:
    if code == "EMAIL":
        return text
    found = digits(text)
    return found if len(found) >= SHORTEST else ""


def digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())[-ENOUGH:]


def same(code: str, one: str, other: str) -> bool:
    if code == "EMAIL":
        return one.strip().lower() == other.strip().lower()
    return digits(one) == digits(other) != ""


def entries(row: Row, code: str) -> Iterator[Row]:
    """The values of one of its fields."""
    for field in row.get("custom_fields_values") or ():
        if field.get("field_code") == code:
            yield from field.get("values") or ()


def has(row: Row, code: str, text: str) -> bool:
    return any(same(code, values.text(entry.get("value")), text) for entry in entries(row, code))


def reachable(row: Row | None, code: str, texts: Iterable[str]) -> list[Row]:
    """The field with the values that are new to it and those it has, which a change would replace; or nothing."""
    fresh = [text for text in texts if row is None or not has(row, code, text)]
    if not fresh:
        return []
    kept = [
        {"value": values.text(entry.get("value"))} | {name: entry[name] for name in ("enum_id",) if entry.get(name)}
        for entry in (entries(row, code) if row else ())
    ]
    return [{"field_code": code, "values": [*kept, *({"value": text, "enum_code": "WORK"} for text in fresh)]}]
