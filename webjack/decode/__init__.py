"""Bytes of a request or an answer to the fields a customer works with. No database, no framework, no exception."""

from .answer import read_answer
from .body import read
from .result import Decoded, Problem, Raw, Wish
from .urlencoded import read_query

__all__ = ["Decoded", "Problem", "Raw", "Wish", "decode", "read_answer"]


def decode(raw: Raw, wish: Wish = Wish()) -> Decoded:  # noqa: B008  (it cannot be changed)
    """Decodes a request; never raises. What could not be decoded is told by `problem`, the first one counts."""
    query = read_query(raw.query, wish)
    body = read(raw.content_type, raw.body, wish)
    return Decoded(
        data={**query.fields, **body.fields},
        query=query.fields,
        body=body.fields,
        form=body.form,
        charset=body.charset,
        problem=body.problem or query.problem,
    )
