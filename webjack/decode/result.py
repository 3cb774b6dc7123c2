"""What goes into decoding and what comes out of it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """Why something could not be decoded: a stable code and its numbers.

    `sources.problems.sentence` makes a sentence for people of it.
    """

    code: str
    detail: dict[str, Any] = field(default_factory=dict)


class UndecodableError(Exception):
    """Raised inside this package only, by a reader that cannot read a body."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, detail)


@dataclass(frozen=True)
class Raw:
    """A request as it came.

    A `query` given as str is taken as WSGI hands it over (PEP 3333): one character for each byte.
    """

    method: str
    query: str | bytes  # without its "?"
    content_type: str  # the header's value or ""
    body: bytes


@dataclass(frozen=True)
class Wish:
    """How a person wants a request read, whatever its header says; "" leaves that to the header and the looks.

    form: one of Decoded's but "none". charset: a name from charsets.known. names: "flat" keeps the bracketed names of
    forms as they came.
    """

    form: str = ""
    charset: str = ""
    names: str = ""

    @property
    def flat(self) -> bool:
        return self.names == "flat"


@dataclass(frozen=True)
class Part:
    """A decoded query string or body. wrapped: `fields` is a list or a single value under a name of ours."""

    fields: dict[str, Any]
    form: str
    charset: str
    problem: Problem | None = None
    wrapped: bool = False

    @property
    def value(self) -> Any:
        """The body as it was written: a list stays a list."""
        return next(iter(self.fields.values())) if self.wrapped else self.fields


@dataclass(frozen=True)
class Decoded:
    """A decoded request. All values are what JSON can hold: dict, list, str, int, finite float, bool, None."""

    data: dict[str, Any]  # query and body merged, the body wins
    query: dict[str, Any]
    body: dict[str, Any]
    form: str  # "none", "form", "multipart", "json", "xml", "text", "binary"
    charset: str  # of the body, "" if it has none
    problem: Problem | None
