"""An operation at a glance: its three main values, read from the beginning of its data."""

import json
from collections.abc import Iterator
from typing import Any

from actions.lookup import MISSING, find
from webjack.fields import storable

Data = dict[str, Any]
MOST = 3
LONGEST = 80  # characters of a value; the page cuts it further to its own width


def beginning(text: str) -> Data:
    """The fields in the first characters of data as they are stored: JSON without spaces, maybe cut anywhere."""
    try:
        whole = json.loads(text)
    except ValueError:
        return dict(_pairs(text))
    return whole if isinstance(whole, dict) else {}


def _pairs(text: str) -> Iterator[tuple[str, Any]]:
    decoder = json.JSONDecoder()
    at = 1
    while text[at : at + 1] == '"':
        try:
            name, end = decoder.raw_decode(text, at)
            value, end = decoder.raw_decode(text, end + 1)
        except (ValueError, IndexError):
            return
        if end >= len(text):  # a number may have been cut
            return
        yield name, value
        at = end + 1


def main(data: Data, fields: list[Data]) -> list[tuple[str, str]]:
    """Up to three pairs of label and value: what the source shows and the data fill, then the data's own first ones."""
    known = {field["name"] for field in fields}
    hidden = {field["name"] for field in fields if field.get("hidden")}
    named = [
        (field.get("label") or field["name"], find(data, (field["name"],)))
        for field in fields
        if field["name"] not in hidden
    ]
    others = [(name, value) for name, value in data.items() if name not in known]
    pairs = [(label, said(value)) for label, value in [*named, *others] if value is not MISSING]
    return [(storable(label), value) for label, value in pairs if value][:MOST]


def said(value: Any) -> str:
    """A value in one short line; nothing for what is empty."""
    if value is None or value in ("", [], {}):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = storable(" ".join(text[: LONGEST * 2].split()))
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
