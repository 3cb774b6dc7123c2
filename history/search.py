"""Looks for a text in what came in: the decoded data, the raw query and body, the error."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus

from django.db.models import BinaryField, F, Func, IntegerField, Lookup, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from history.models import Operation
from history.newest import Operations, place
from webjack.fields import dump

# Whole rows are read, wherever on the disk they lie, so one search looks only at so many and the page offers to go on.
WINDOW = 5000
SCRIPTED = 2000  # the same for programs, whose answers must not depend on how fast the machine is at the moment
FIRST = 500  # the first part of them; each further part is as large as all before it
SECONDS = 0.03  # after which no further part is begun: so a page takes no longer than twice that


@TextField.register_lookup
class Holds(Lookup):
    """`ILIKE`, which costs half of what `icontains` does: that turns each text and the pattern into capitals."""

    lookup_name = "holds"

    def get_prep_lookup(self) -> str:
        return "%" + str(self.rhs).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, values = self.process_lhs(compiler, connection)
        right, more = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", (*values, *more)


def window_end(operations: Operations) -> uuid.UUID | None:
    """The oldest operation that one search looks at; None when it sees them all."""
    return place([operations], WINDOW)


def newest(operations: Operations) -> Operations:
    """As many as can be looked through again and again."""
    end = place([operations], FIRST)
    return operations.filter(id__gte=end) if end else operations


def parts(operations: Operations) -> Iterator[tuple[Operations, uuid.UUID | None]]:
    """What one search looks at, the newest first, part by part while there is time; each with its oldest operation.

    None instead of the oldest: there is nothing further.
    """
    began, looked, size = time.monotonic(), 0, FIRST
    while looked < WINDOW and (not looked or time.monotonic() - began < SECONDS):
        size = min(size, WINDOW - looked)
        end = place([operations], size)
        yield (operations.filter(id__gte=end) if end else operations), end
        if end is None:
            return
        operations, looked = operations.filter(id__lt=end), looked + size
        size = looked


def matching(operations: QuerySet[Operation], text: str) -> QuerySet[Operation]:
    """Those that hold the text: in the data whatever its case, in the raw body as bytes, or whose id it is."""
    found = Q(data_text__holds=dump(text)[1:-1]) | Q(error__holds=text)
    for form in _raw_forms(text):
        found |= Q(query__holds=form)
    bodies = {form.encode("utf-8", "replace") for form in _raw_forms(text)}
    if not text.isascii():
        bodies.add(text.encode("cp1251", "ignore") or text.encode())
    for number, body in enumerate(sorted(bodies)):
        operations = operations.alias(**{f"place_{number}": _place(body)})
        found |= Q(**{f"place_{number}__gt": 0})
    with suppress(ValueError):
        found |= Q(pk=uuid.UUID(text.strip()))
    return operations.alias(data_text=Cast("data", TextField())).filter(found)


def _raw_forms(text: str) -> set[str]:
    """The text as it may stand in a query string, a form or a JSON body."""
    encodable = text.encode("utf-8", "replace").decode()
    return {encodable, quote(encodable, safe=""), quote_plus(encodable), json.dumps(encodable)[1:-1]}


def _place(part: bytes) -> Func:
    return Func(
        Value(part, BinaryField()),
        F("body"),
        template="position(%(expressions)s)",
        arg_joiner=" IN ",
        output_field=IntegerField(),
    )
