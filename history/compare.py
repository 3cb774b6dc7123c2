"""Old against new: two requests line by line, what differs side by side. Knows no database."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from history.bodies import in_words

Request = dict[str, Any]

MOST_LINES = 400
"""Of one request; what lies behind is compared as a whole and not shown."""
LONGEST_LINE = 2_000
LONGEST_PIECE = 500
"""Of a longer line: characters before what differs, of what differs, and behind it."""
AROUND = 2
"""Equal lines that are shown around what differs."""
# They differ by themselves, or are ours.
IGNORED = {"idempotency-key", "user-agent", "accept", "accept-encoding", "content-length", "date"}


@dataclass(frozen=True)
class Cell:
    """A line in three pieces, the middle one differs."""

    before: str = ""
    differs: str = ""
    after: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the table. None: there is no such line on that side. equal: so many equal lines are left out here."""

    old: Cell | None = None
    new: Cell | None = None
    equal: int = 0

    @property
    def changed(self) -> bool:
        return not self.equal and (self.old != self.new or bool(self.old and self.old.differs))


@dataclass(frozen=True)
class Difference:
    """One request that is not what it was. What is None went out on one side only."""

    number: int
    title: str
    place: str
    old: Request | None
    new: Request | None
    lines: list[Line] = field(default_factory=list)


def difference(number: int, title: str, place: str, old: Request | None, new: Request | None) -> Difference | None:
    """None where both are the same."""
    left, right = _lines(old), _lines(new)
    if left == right:
        return None
    return Difference(number, title, place, old, new, list(_folded(_paired(left[:MOST_LINES], right[:MOST_LINES]))))


def texts(old: list[str], new: list[str]) -> list[Line]:
    """The lines of two texts beside each other, with what is around what differs; empty when nothing does."""
    found = list(_paired(old, new))
    return list(_folded(iter(found))) if any(line.changed for line in found) else []


def same_target(request: Request) -> tuple[str, str]:
    """Method and address without the query string."""
    return str(request.get("method")), str(request.get("url", "")).partition("?")[0]


def _lines(request: Request | None) -> list[str]:
    """A request as a person would read it: the address, its parameters, the headers, the body, one thing in a line."""
    if request is None:
        return []
    address, _mark, query = str(request["url"]).partition("?")
    lines = [f"{request['method']} {unquote(address)}"]
    lines += [f"?{name}={value}" for name, value in _pairs(query)]
    headers = [(header["name"], header["value"]) for header in request.get("headers") or []]
    lines += sorted(f"{name}: {value}" for name, value in headers if name.lower() not in IGNORED)
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    binary = request.get("binary")
    body = _body_lines(request.get("body") or "", content_type)
    if binary:
        body = ["", in_words(request["size"], binary), f"SHA-256 {request.get('sha256', '')}"]
    return [*lines, *body]


def _body_lines(body: str, content_type: str) -> list[str]:
    if not body:
        return []
    if body.lstrip()[:1] in ("{", "["):
        try:
            return ["", *json.dumps(json.loads(body), ensure_ascii=False, indent=2).splitlines()]
        except (ValueError, RecursionError):
            pass
    if "x-www-form-urlencoded" in content_type.lower():
        return ["", *(f"{name}={value}" for name, value in _pairs(body))]
    return ["", *body.splitlines()]


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_LINES)
    except ValueError:
        return [(query, "")]


def _paired(old: list[str], new: list[str]) -> Iterator[Line]:
    for kind, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield from (Line(_whole(text), _whole(text)) for text in old[i:j])
        else:
            yield from (_line(left, right) for left, right in zip_longest(old[i:j], new[k:m]))


def _line(left: str | None, right: str | None) -> Line:
    if left is None or right is None:
        return Line(None if left is None else _whole(left), None if right is None else _whole(right))
    start = _alike(left, right)
    end = _alike(left[start:][::-1], right[start:][::-1])
    one, other = (_cell(text, start, len(text) - end) for text in (left, right))
    return Line(one, other)


def _whole(line: str) -> Cell:
    return Cell(line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…")


def _cell(line: str, start: int, end: int) -> Cell:
    """A line that differs from `start` to `end`; of a long one what is around that."""
    before, differs, after = line[:start], line[start:end], line[end:]
    if len(line) <= LONGEST_LINE:
        return Cell(before, differs, after)
    return Cell(
        before if len(before) <= LONGEST_PIECE else "…" + before[-LONGEST_PIECE:],
        differs if len(differs) <= LONGEST_PIECE else differs[:LONGEST_PIECE] + "…",
        after if len(after) <= LONGEST_PIECE else after[:LONGEST_PIECE] + "…",
    )


def _alike(left: str, right: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(left), len(right)))


def _folded(lines: Iterator[Line]) -> Iterator[Line]:
    """Long runs of equal lines become one row that counts them."""
    run: list[Line] = []
    first = True
    for line in lines:
        if not line.changed:
            run.append(line)
            continue
        yield from _shortened(run, 0 if first else AROUND, AROUND)
        yield line
        run, first = [], False
    yield from _shortened(run, AROUND, 0)


def _shortened(run: Sequence[Line], head: int, tail: int) -> Iterator[Line]:
    left_out = len(run) - head - tail
    if left_out <= 1:
        yield from run
        return
    yield from run[:head]
    yield Line(equal=left_out)
    yield from run[len(run) - tail :]


def host(request: Request) -> str:
    """Where it goes, for a heading."""
    return urlsplit(str(request.get("url", ""))).netloc
