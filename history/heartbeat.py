"""That the operations cluster of this machine lives: its broker says so while it waits, its drains while they work.

A broker whose last drain nobody has begun keeps silent, for then the cluster may be frozen (see scripts/health.py).
"""

import socket
from typing import Any

from django.db import connection

SECONDS = 5.0  # between two beats
BEAT = """
INSERT INTO history_heartbeat (host, seen_at) VALUES (%s, now())
ON CONFLICT (host) DO UPDATE SET seen_at = excluded.seen_at
"""


def beat(executor: Any = None) -> None:
    """Writes the time; executor: a psycopg connection of one's own, else Django's is used."""
    if executor is not None:
        executor.execute(BEAT, [socket.gethostname()])
        return
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [socket.gethostname()])
