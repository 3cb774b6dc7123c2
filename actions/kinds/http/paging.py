"""Answers that come page by page: follows them and collects their elements."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from requests.utils import parse_header_links

from actions import values
from actions.kind import Data
from actions.kinds.http.answer_path import find_in
from webjack.http import Answer, Failed
from webjack.http.address import parse

LINK, PAGE, CURSOR = "link", "page", "cursor"
QUERY, BODY = "query", "body"
MOST_PAGES, MOST_ITEMS = 100, 10_000
MOST_BYTES = 4 * 1024 * 1024
"""Of all pages together: all of it is kept in the history."""

Pairs = list[tuple[str, str]]
Ask = Callable[[str, Pairs, int, Data], tuple[Answer, Data]]
Where = tuple[str, Pairs, Data]
"""A page: its address, its query, and what its body holds besides, by path."""


@dataclass(frozen=True)
class Paging:
    """kind: what leads on. next: where the link or cursor is. parameter: what carries the page or cursor: of the query
    string, or with place "body" a field of the JSON body, such as `params.cursor`. items: where a page's elements are.
    pages, most: limits. seconds: how long it may take in all.
    """

    kind: str
    next: str = ""
    parameter: str = ""
    place: str = QUERY
    first: int = 1
    items: str = ""
    pages: int = 10
    most: int = 1000
    seconds: float = 30.0

    def collect(self, url: str, query: Pairs, ask: Ask) -> Data:
        """The first page's output with `items` of all pages, the number of `pages`, and whether there are `more`.

        ask: gets a page by its address, its query, its number from 1 and the additions to its body. Raises what it
        raises, and Failed.
        """
        ends, size = time.monotonic() + self.seconds, 0
        first: Data = {}
        items: list[Any] = []
        number, seen = 0, set()
        where: Where | None = self._carrying(url, query, self.first) if self.kind == PAGE else (url, query, {})
        while where:
            seen.add(_known(where))
            number += 1
            answer, output = ask(where[0], where[1], number, where[2])
            first = first or output
            found = self._elements(output)
            items += found
            size += len(answer.body)
            where = self._next(answer, output, where, query, number, bool(found))
            repeats = where is not None and _known(where) in seen
            full = number >= self.pages or len(items) >= self.most or size >= MOST_BYTES
            if where and (repeats or full or time.monotonic() >= ends):
                return self._told(first, items, number, more=not repeats)
        return self._told(first, items, number, more=False)

    def _told(self, first: Data, items: list[Any], pages: int, *, more: bool) -> Data:
        return first | {"items": items[: self.most], "pages": pages, "more": more or len(items) > self.most}

    def _carrying(self, url: str, query: Pairs, value: Any) -> Where:
        if self.place == BODY:
            return url, query, {self.parameter: value}
        return url, _with(query, self.parameter, values.text(value)), {}

    def _elements(self, output: Data) -> list[Any]:
        body = output.get("body")
        if self.items:
            found = find_in(output, self.items)
        elif isinstance(body, dict):
            found = next((value for value in body.values() if isinstance(value, list)), None)
        else:
            found = body
        if isinstance(found, list):
            return found
        return [] if found in (None, "") or not self.items else [found]

    def _next(self, answer: Answer, output: Data, now: Where, query: Pairs, number: int, some: bool) -> Where | None:
        if self.kind == PAGE:
            return self._carrying(now[0], query, self.first + number) if some else None
        found = find_in(output, self.next) if self.next else _linked(answer) if self.kind == LINK else None
        if found in (None, "", False):
            return None
        if self.kind == CURSOR:
            return self._carrying(now[0], query, found)
        return _same_server(now[0], answer.url, values.text(found)), [], {}


def _known(where: Where) -> tuple[str, tuple[tuple[str, str], ...], str]:
    return where[0], tuple(where[1]), values.json_text(where[2])


def _with(query: Pairs, name: str, value: str) -> Pairs:
    return [(key, text) for key, text in query if key != name] + [(name, value)]


def _linked(answer: Answer) -> str | None:
    """The Link header's rel="next" (RFC 8288)."""
    links: Iterator[dict[str, str]] = iter(parse_header_links(answer.headers.get("Link", "")))
    return next((link["url"] for link in links if "next" in link.get("rel", "").lower().split()), None)


def _same_server(asked: str, answered: str, link: str) -> str:
    """The next page's address. Its server must be the one that was asked: its keys must not go elsewhere."""
    here, there = parse(asked), parse(answered).join(link)
    if not (here.same_origin(there) or here.upgraded_to(there)):
        raise Failed(_("The next page is at another server, %(host)s: it was not asked") % {"host": there.host})
    return there.url
