"""Model fields and keys that several apps use."""

import json
import math
import uuid
from datetime import UTC, datetime
from typing import Any

import uuid_utils
from django.db import models
from psycopg.types.json import Json


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7): the key is the time, so new rows lie together in the index."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def first_uuid7(moment: datetime) -> uuid.UUID:
    """The smallest UUIDv7 of a moment (RFC 9562, section 5.7): milliseconds since 1970 in the first 48 bits."""
    return uuid.UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)


def utc(moment: datetime) -> datetime:
    """The same in UTC, for PostgreSQL refuses offsets that Python takes; cut to what can be written."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if moment.year == 1 else datetime.max.replace(tzinfo=UTC)


def dump(value: Any) -> str:
    """JSON text that PostgreSQL's `json` type takes whatever the strings hold.

    Cyrillic stays readable and searchable; NUL is written as an escape by the JSON grammar itself; lone surrogates,
    which UTF-8 cannot carry, force the escaped form of the whole text. Numbers that JSON has no word for (1e999 is read
    as infinity) become text.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        value = _finite(value)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value


class PlainJSONField(models.JSONField):
    """JSON kept as its text (PostgreSQL `json`, not `jsonb`).

    `jsonb` refuses NUL and lone surrogates and reorders keys; customers' data must come back exactly as they were,
    in the order of the sender.
    """

    def db_type(self, connection: Any) -> str:
        return "json"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value is None else Json(value, dumps=dump)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return json.loads(value) if isinstance(value, str | bytes) else value


def storable(text: str) -> str:
    """Text for a `text` column: NUL, which PostgreSQL cannot hold, and lone surrogates are shown as their escapes."""
    return text.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
