"""The body of an answer, decoded like a request's, but kept as it was written: a list is a list, a text a text."""

from typing import Any, NamedTuple

from . import content_type, json_body
from .body import read
from .limits import check_size
from .result import Part, UndecodableError


class Body(NamedTuple):
    """form: as in Decoded. value: what JSON can hold; of a file `{"size" in bytes, "type"}`, without its content."""

    form: str
    value: Any


def read_answer(header: str, body: bytes, text: str) -> Body:
    """An answer's body by its Content-Type; text: the body as text, which it is where it is nothing better.

    Servers that declare nothing, or plain text, often answer JSON; what else a plain text looks like is chance.
    """
    part = read(header, body)
    if part.form == "binary":
        return Body("binary", {name: part.fields[name] for name in ("size", "type")})
    if part.form == "none":
        return Body("none", text)
    if part.form == "text" or (part.form == "form" and content_type.parse(header).kind != "form"):
        return _plain(body, text)
    return _shallow(part, text)


def _plain(body: bytes, text: str) -> Body:
    """JSON may be a single value too."""
    try:
        return _shallow(json_body.read_body(body), text)
    except UndecodableError:
        return Body("text", text)


def _shallow(part: Part, text: str) -> Body:
    """The history and the pages carry no more levels of it than a source's fields have."""
    try:
        check_size(part.fields)
    except UndecodableError:
        return Body("text", text)
    return Body(part.form, part.value)
