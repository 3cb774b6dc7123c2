"""Addresses of e-mail as people write them: with names, in lists, with Cyrillic domains."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import idna
from django.utils.translation import gettext as _

from webjack.http import Failed

LONGEST_LIST = 30_000
LONGEST = 254  # RFC 3696, erratum 1690
_PIECE = re.compile(r'(?:"[^"]*"|[^",;\n])+')
_BETWEEN = re.compile(r"[,;\n]")
_NAMED = re.compile(r"(?P<name>[^<>]*)<\s*(?:mailto:)?(?P<spec>[^<>\s]+)\s*>")
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,:;\"\x00-\x1f\x7f]{1,64}")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass(frozen=True)
class Mailbox:
    """spec: the bare address, its domain in ASCII and lower case. name: one line, or ""."""

    spec: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.spec}>" if self.name else self.spec


def mailboxes(value: Any) -> list[Mailbox]:
    """Of a text with one or several, or a list of such texts; each address once. Raises Failed."""
    found: dict[str, Mailbox] = {}
    texts = list(_texts(value))
    if sum(map(len, texts)) > LONGEST_LIST:
        raise Failed(_("There are too many addresses, or the text is none"))
    for piece in (piece for text in texts for piece in _pieces(text) if piece.strip()):
        one = one_address(piece)
        found.setdefault(one.spec.lower(), one)
    return list(found.values())


def one_address(text: str) -> Mailbox:
    """`a@b.c`, `Анна <a@b.c>` or `"Анна, клиника" <a@b.c>`. Raises Failed."""
    text = text.strip()
    named = _NAMED.fullmatch(text)
    name, spec = (named["name"], named["spec"]) if named else ("", text.removeprefix("mailto:"))
    local, at, domain = spec.rpartition("@")
    if not at or len(domain) > LONGEST or not _LOCAL.fullmatch(local) or ".." in f".{local}.":
        raise _no_address(text)
    try:
        host = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode().lower()
    except ValueError:
        raise _no_address(text) from None
    spec = f"{local}@{host}"
    if len(spec) > LONGEST or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise _no_address(text)
    return Mailbox(spec, one_line(name).strip('" '))


def one_line(text: str) -> str:
    """A text without what would begin another header."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _pieces(text: str) -> list[str]:
    """A comma in quotes belongs to a name; where a quote has no pair, quotes mean nothing."""
    return _BETWEEN.split(text) if text.count('"') % 2 else _PIECE.findall(text)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif value not in (None, ""):
        yield str(value)


def _no_address(text: str) -> Failed:
    return Failed(_("“%(text)s” is no e-mail address") % {"text": one_line(text)[:100]})
