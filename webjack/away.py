"""Which errors say that the database was away: whoever can wait tries again on a new connection."""

from django.db import InterfaceError, InternalError, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout

AWAY = (OperationalError, InterfaceError, InternalError)


def was_away(error: BaseException) -> bool:
    """Of one of AWAY. Whoever stood still in a transaction was given up, and learns of it by an internal error."""
    return not isinstance(error, InternalError) or isinstance(error.__cause__, IdleInTransactionSessionTimeout)
