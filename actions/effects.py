"""What an action asks of the database, or leaves there. Threads that perform know none: history.effects does."""

import uuid
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """An operation for another processing of the company, with these data."""

    processing: uuid.UUID
    data: dict[str, Any]


@dataclass(frozen=True)
class Remember:
    """A row of a table of the company, new or changed; days: for how long, None for ever."""

    table: str
    key: str
    values: dict[str, Any]
    days: int | None = None


@dataclass(frozen=True)
class Look:
    """A row of a table of the company by its key."""

    table: str
    key: str


@dataclass(frozen=True)
class Found:
    """The answer to Look. table: whether there is one; values: of the row, None where there is none."""

    table: bool = False
    values: dict[str, Any] | None = field(default=None)


Effect = Call | Remember
