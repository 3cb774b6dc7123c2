"""What an account was seen to have, where its service gives no list of it: the chats of a bot."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from django.db import connection

from webjack.fields import storable, uuid7


@dataclass(frozen=True)
class Sight:
    """what: which sort of thing. value: its id. label, about: for people. said: a code it has sent, or ""."""

    what: str
    value: str
    label: str
    about: str = ""
    said: str = ""

    def saying(self, said: str) -> Sight:
        return replace(self, said=said)


NOTE = """
INSERT INTO connections_seen AS known (id, connection_id, what, value, label, about, said, seen_at)
SELECT %(id)s, connection.id, %(what)s, %(value)s, %(label)s, %(about)s, %(said)s, now()
FROM connections_connection connection WHERE connection.id = %(connection)s AND connection.tenant_id = %(tenant)s
ON CONFLICT (connection_id, what, value) DO UPDATE SET label = excluded.label, about = excluded.about,
    said = CASE excluded.said WHEN '' THEN known.said ELSE excluded.said END, seen_at = now()
WHERE known.label <> excluded.label OR excluded.said <> '' OR known.seen_at < now() - interval '1 hour'
"""


LATEST = """
SELECT what, value, label, about, said FROM connections_seen WHERE connection_id = %s AND what = %s
ORDER BY seen_at DESC LIMIT 500
"""
SAID = """
SELECT seen.what, seen.value, seen.label, seen.about, seen.said FROM connections_seen seen
JOIN connections_connection connection ON connection.id = seen.connection_id
WHERE connection.tenant_id = %s AND connection.id = %s AND seen.said = %s ORDER BY seen.seen_at DESC LIMIT 1
"""


def latest(connection_id: uuid.UUID, what: str) -> list[Sight]:
    return _found(LATEST, connection_id, what)


def who_said(tenant: uuid.UUID, connection_id: uuid.UUID | str, code: str) -> Sight | None:
    """What of the account has sent this code last."""
    return next(iter(_found(SAID, tenant, connection_id, code)), None) if code else None


def _found(statement: str, *values: uuid.UUID | str) -> list[Sight]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Sight(*row) for row in cursor.fetchall()]


def note(tenant: uuid.UUID, connection_id: uuid.UUID | str, sight: Sight) -> None:
    """Remembers it; one statement, which writes nothing when it was seen within the hour."""
    values = {name: storable(text)[:200] for name, text in vars(sight).items()}
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values | {"id": uuid7(), "tenant": tenant, "connection": connection_id})
