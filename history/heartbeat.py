"""That the clusters of this machine work, as the database knows it: their workers write the time every few seconds."""

import socket

from django.db import connection

SECONDS = 5.0  # between two beats
BEAT = """
INSERT INTO history_heartbeat (host, cluster, seen_at) VALUES (%s, %s, now())
ON CONFLICT (host, cluster) DO UPDATE SET seen_at = excluded.seen_at
"""


def beat(cluster: str = "operations") -> None:
    """Writes the time; cluster: "operations" or "app"."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [socket.gethostname(), cluster])
