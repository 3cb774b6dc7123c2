"""From what a customer typed to an address that can be sent: punycode host, percent-encoded path and query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit

import idna
from django.utils.translation import gettext as _

from .failed import Failed

DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 64 * 1024
_LONGEST_HOST = 253  # RFC 1035, section 2.3.4

_SCHEME = re.compile(r"https?://", re.I)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"  # what copying from a messenger or a document leaves around an address

# What urllib3 leaves as it is, so that the recorded address is the one that goes over the wire.
_PATH_SAFE = "!$&'()*+,;=:@/%"
_QUERY_SAFE = _PATH_SAFE + "?"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes.

    host: ASCII, lower case, without brackets. url: complete, ASCII, without userinfo and fragment.
    credentials: (user, password) that stood before the host, or None.
    """

    scheme: str
    host: str
    port: int
    url: str
    credentials: tuple[str, str] | None

    @property
    def target(self) -> str:
        """What a request to the server itself begins with: path and query."""
        return self.url[self.url.index("/", len(self.scheme) + len("://")) :]

    def same_origin(self, other: Address) -> bool:
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)

    def upgraded_to(self, other: Address) -> bool:
        """Whether other is the same host by https: a redirect nearly every site makes."""
        return self.host == other.host and (self.scheme, self.port, other.scheme, other.port) == (
            "http",
            80,
            "https",
            443,
        )

    def join(self, location: str) -> Address:
        """The address a Location header leads to. Raises Failed."""
        try:
            return parse(urljoin(self.url, location.strip()))
        except ValueError:
            raise _bad(location) from None


def parse(text: str, query: Sequence[tuple[str, str]] = ()) -> Address:
    """Read an address and append query pairs to it in their order. Raises Failed with what to correct."""
    text = text.strip().strip(_INVISIBLE).strip()
    if not _SCHEME.match(text):
        raise Failed(_("The address must begin with https:// or http://"))
    if _CONTROL.search(text):
        raise Failed(_("There is a line break or another control character in the address: remove it"))
    try:
        address = _parse(text, query)
    except ValueError:  # includes UnicodeError: a lone surrogate, a host that is no name
        raise _bad(text) from None
    if len(address.url) > LONGEST_URL:
        raise Failed(_("The address is too long: send the data in the body of the request"))
    return address


def _parse(text: str, query: Sequence[tuple[str, str]]) -> Address:
    parts = urlsplit(text)
    if "\\" in parts.netloc:  # browsers read it as "/", so that people and programs would see different hosts
        raise ValueError(text)
    host = _ascii_host(parts.hostname or "")
    scheme = parts.scheme
    port = parts.port or DEFAULT_PORTS[scheme]
    netloc = f"[{host}]" if ":" in host else host
    if port != DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    full_query = _with_pairs(_escaped(parts.query, _QUERY_SAFE), query)
    url = f"{scheme}://{netloc}{_escaped(parts.path, _PATH_SAFE) or '/'}"
    return Address(scheme, host, port, f"{url}?{full_query}" if full_query else url, _credentials(parts))


def _ascii_host(host: str) -> str:
    if not host or len(host) > _LONGEST_HOST:
        raise ValueError(host)
    if host.isascii():
        return host.lower()
    return idna.encode(host, uts46=True).decode().lower()


def _escaped(text: str, safe: str) -> str:
    """Percent-encode as UTF-8 and keep the escapes that are there (in capitals, as urllib3 sends them)."""
    if not text:
        return text
    text = quote(_STRAY_PERCENT.sub("%25", text), safe=safe)
    return _ESCAPE.sub(lambda escape: escape.group().upper(), text)


def _with_pairs(query: str, pairs: Sequence[tuple[str, str]]) -> str:
    # quote and not quote_plus: "+" means a space to some servers and itself to others, %20 and %2B are clear to all.
    added = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    if not query or not added:
        return query or added
    return query + added if query.endswith("&") else f"{query}&{added}"


def _credentials(parts: object) -> tuple[str, str] | None:
    user, password = getattr(parts, "username", None), getattr(parts, "password", None)
    if user is None and password is None:
        return None
    return unquote(user or ""), unquote(password or "")


def _bad(text: str) -> Failed:
    """The sentence names the host at most: the rest of an address may hold a key."""
    host = re.split(r"[/?#\\]", text.split("//", 1)[-1], maxsplit=1)[0].rpartition("@")[2][:100]
    if not host:
        return Failed(_("There is no host name in the address: check how it is written"))
    return Failed(_("The address with the host “%(host)s” is not valid: check how it is written") % {"host": host})
