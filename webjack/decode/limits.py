"""How much one request may hold."""

from typing import Any

from .result import UndecodableError

DEPTH = 64  # containers inside each other
FIELDS = 10_000  # pairs of a form, a query string or a multipart body
VALUES = 100_000  # values of a JSON or XML body: a price list is long, a bomb is longer
FILE_SIZE = 1024 * 1024  # of one file's content; the default limit of a whole request, so normally nothing is cut
INTEGER_DIGITS = 4000  # Python writes no longer integers than 4,300 digits


def check_size(value: Any) -> None:
    """Raises UndecodableError("depth") or UndecodableError("values"). Walks without recursion."""
    seen = 0
    level = [value]
    for _ in range(DEPTH + 1):
        seen += len(level)
        if seen > VALUES:
            raise UndecodableError("values", limit=VALUES)
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise UndecodableError("depth", limit=DEPTH)


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
