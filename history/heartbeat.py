"""That the clusters of this machine work, as the database knows it: their workers write the time every few seconds."""

import socket

from django.db import connection

SECONDS = 5.0  # between two beats
BEAT = """
INSERT INTO history_heartbeat (host, cluster, seen_at) VALUES (%s, %s, now())
ON CONFLICT (host, cluster) DO UPDATE SET seen_at = excluded.seen_at
"""
GONE = "DELETE FROM history_heartbeat WHERE seen_at < now() - interval '1 day'"


def beat(cluster: str = "operations") -> None:
    """Writes the time; cluster: "operations" or "app"."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [socket.gethostname(), cluster])


def forget() -> None:
    """Of hosts that are gone for good: each new container is one."""
    with connection.cursor() as cursor:
        cursor.execute(GONE)
