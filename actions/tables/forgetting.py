"""Forgets rows of tables that are kept no longer, and the oldest of tables that have grown too large."""

from django.db import connection
from django.utils import timezone

from actions.tables.models import MOST_ROWS, TableRow

STEP = 5000
LARGE = """
SELECT table_id, count(*) - %(most)s FROM actions_tablerow GROUP BY table_id HAVING count(*) > %(most)s
"""
OLDEST = """
DELETE FROM actions_tablerow WHERE id IN (
    SELECT id FROM actions_tablerow WHERE table_id = %(table)s ORDER BY changed_at, id LIMIT %(step)s
)
"""


def forget() -> int:
    """Returns how many rows are gone."""
    count = 0
    while ids := list(TableRow.objects.filter(expires_at__lte=timezone.now()).values_list("pk", flat=True)[:STEP]):
        TableRow.objects.filter(pk__in=ids, expires_at__lte=timezone.now()).delete()
        count += len(ids)
    with connection.cursor() as cursor:
        cursor.execute(LARGE, {"most": MOST_ROWS})
        for table, over in cursor.fetchall():
            for start in range(0, over, STEP):
                cursor.execute(OLDEST, {"table": table, "step": min(STEP, over - start)})
            count += over
    return count
