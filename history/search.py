"""Looks for a text in what came in: the decoded data, the raw query and body, the error."""

import json
import uuid
from contextlib import suppress
from urllib.parse import quote, quote_plus

from django.db.models import BinaryField, F, Func, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from history.models import Operation
from webjack.fields import dump

# One search reads at most so many operations; the page offers to go on from there. Whole rows are read, so this is
# what keeps one search under a second whatever the history's size.
WINDOW = 5000


def window_end(operations: QuerySet[Operation]) -> uuid.UUID | None:
    """The oldest operation that one search looks at; None when it sees them all."""
    ids = list(operations.order_by("-id").values_list("id", flat=True)[:WINDOW])
    return ids[-1] if len(ids) == WINDOW else None


def matching(operations: QuerySet[Operation], text: str) -> QuerySet[Operation]:
    """Those that hold the text: in the data whatever its case, in the raw body as bytes, or whose id it is."""
    found = Q(data_text__icontains=dump(text)[1:-1]) | Q(error__icontains=text)
    for form in _raw_forms(text):
        found |= Q(query__icontains=form)
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
