"""Ends the sessions of processes that stand still in the midst of a statement, and with them what they hold.

A client that falls silent between two statements of a transaction PostgreSQL gives up by itself, and so one that does
not take what it is sent over a network (webjack.local.SESSION). But a COPY whose rows stop coming is a statement that
runs. No timeout ends it, for while PostgreSQL reads rows it heeds nothing but the order to end the session
(ProcessClientReadInterrupt in src/backend/tcop/postgres.c, version 15, read on 2026-11-24); the kernel of a host whose
processes are stopped answers for them; and the operations whose results were being written stay locked, so that others
pass them over. Hence brokers look for such sessions of Webjack's.
"""

import logging
import time
from typing import Any

logger = logging.getLogger(__name__)

EVERY = 2.0  # seconds between two looks

# What holds no transaction number holds nothing that others wait for. Over a network a large result may take its time:
# there PostgreSQL's tcp_user_timeout knows who takes nothing. Who stands still gets as long as between two statements.
LOOK = """
SELECT pid, state_change, coalesce(bytes_processed, 0),
    extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval)::float
FROM pg_stat_activity LEFT JOIN pg_stat_progress_copy USING (pid)
WHERE pg_stat_activity.datname = current_database() AND usename = current_user
AND application_name = current_setting('application_name') AND backend_xid IS NOT NULL
AND state = 'active' AND wait_event_type = 'Client' AND (wait_event = 'ClientRead' OR client_addr IS NULL)
"""
END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = %s AND state_change = %s AND state = 'active' AND wait_event_type = 'Client'
"""


class Standstill:
    """since: by the monotonic clock, when each session was first seen as it is: its process, statement and bytes."""

    def __init__(self) -> None:
        self.since: dict[Any, float] = {}
        self.next_look = 0.0

    def look(self, line: Any) -> None:
        """Ends what has stood still for too long; to be called often. line: an autocommitting session of psycopg's."""
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + EVERY
        found = line.execute(LOOK).fetchall()
        self.since = {tuple(seen): self.since.get(tuple(seen), now) for *seen, _patience in found}
        for *seen, patience in found:
            if patience and now - self.since[tuple(seen)] >= patience:
                line.execute(END, seen[:2])
                logger.warning("ended session %s, which stood still in the midst of a statement", seen[0])
