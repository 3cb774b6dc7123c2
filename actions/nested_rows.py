"""Rows inside rows: a row of type "object" or "list" holds others in its `fields`; those of a list have no names.

A page shows and posts them one under another, each with its depth from 0.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = dict[str, Any]

OBJECT, LIST = "object", "list"
HOLDERS = (OBJECT, LIST)
DEEPEST = 12


def holds(row: Mapping[str, Any]) -> bool:
    return row.get("type") in HOLDERS


def from_depths(rows: Iterable[Row]) -> list[Row]:
    """Nested rows out of posted ones. What is deeper than the row above it allows goes as deep as it can."""
    top: list[Row] = []
    around: list[list[Row]] = [top]
    for posted in rows:
        row = {name: value for name, value in posted.items() if name != "depth"}
        del around[_depth(posted) + 1 :]
        around[-1].append(row)
        if holds(row) and len(around) <= DEEPEST:
            row.pop("value", None)
            row["fields"] = []
            around.append(row["fields"])
    return top


def with_depths(rows: Any, depth: int = 0, in_list: bool = False) -> Iterator[Row]:
    """All rows in reading order, each with its depth and whether it is an element of a list."""
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        yield {name: value for name, value in row.items() if name != "fields"} | {"depth": depth, "in_list": in_list}
        if holds(row) and depth < DEEPEST:
            yield from with_depths(row.get("fields") or [], depth + 1, row["type"] == LIST)


def bracketed(rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Rows without any inside, named as PHP reads forms: client[phone], tags[], items[0][name]."""
    for row in rows:
        yield from _bracketed(row, str(row.get("name") or ""))


def _bracketed(row: Mapping[str, Any], name: str) -> Iterator[Row]:
    if not holds(row):
        yield {**row, "name": name}
        return
    inner = row.get("fields") or []
    numbered = any(holds(one) for one in inner)
    for number, one in enumerate(inner):
        key = str(one.get("name") or "") if row["type"] == OBJECT else str(number) if numbered else ""
        yield from _bracketed(one, f"{name}[{key}]")


def _depth(row: Row) -> int:
    text = str(row.get("depth") or "")
    return min(int(text), DEEPEST) if text.isascii() and text.isdigit() and len(text) < 4 else 0
