"""Hiding of secrets in what is recorded and shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from .charset import shown, storable
from .secret_fields import MASK, in_text, secret_field

__all__ = ["MASK", "Mask", "ordinary_header", "secret_header", "secret_parameter"]

_SECRET_HEADER = re.compile(
    r"token|secret|passw|(api|access|auth)[-_]?key|^x-auth|(^|-)authorization$|^(set-)?cookie$", re.I
)
_ADDRESS_HEADERS = frozenset({"location", "referer", "content-location"})
_SECRET_PARAMETERS = frozenset({"auth", "key", "pass", "passwd", "pwd", "sig", "sign", "signature"})
_SECRET_PARAMETER = re.compile(r"token|secret|password|(api|access)[-_]?key", re.I)
_PAIR = re.compile(r"([?&;])([^=&;#?]+)=([^&;#]+)")
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")
_USERINFO = re.compile(r"(://)[^/?#@\s]+@")

# A value that only its header's name makes a secret is looked for elsewhere (an answer that echoes it) when it is long
# enough to be no ordinary word.
_LEARN_FROM = 16

# Where so much of a secret stands near the end of what was cut off, what follows is hidden too: to compare all lengths
# of a long secret would take their square.
_BEGINNING = 200


def secret_header(name: str) -> bool:
    return _SECRET_HEADER.search(name) is not None


def ordinary_header(name: str) -> bool:
    """Whether a header is neither secret nor an address, which may hold secrets."""
    return not secret_header(name) and name.lower() not in _ADDRESS_HEADERS


def secret_parameter(name: str) -> bool:
    name = unquote_plus(name).lower()
    return name in _SECRET_PARAMETERS or _SECRET_PARAMETER.search(name) is not None


class Mask:
    """Replaces secrets, in every form they are written in, by MASK."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms: list[str] = []
        self._known: set[str] = set()
        self._told: set[str] = set()
        self._told_forms: list[str] = []
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """These are secrets wherever they stand, as they are and in Base64."""
        for secret in secrets:
            if secret.strip() and secret not in self._told:
                coded = base64.b64encode(secret.strip().encode("utf-8", "replace")).decode()
                self._add(secret)
                self._add(coded)
                self._told.add(secret)
                told = {*self._told_forms, *_forms(secret), *_forms(secret.strip()), coded}
                self._told_forms = sorted(told, key=len, reverse=True)

    def hidden(self, value: Any) -> Any:
        """A JSON value without what it was told to hide; what only looks like a secret stays."""
        if isinstance(value, str):
            for form in self._told_forms:
                value = value.replace(form, MASK)
            return value
        if isinstance(value, list):
            return [self.hidden(inner) for inner in value] if self._told else value
        if isinstance(value, dict) and self._told:
            return {self.hidden(key): self.hidden(inner) for key, inner in value.items()}
        return value

    def _add(self, secret: str) -> None:
        if secret.strip() and secret not in self._known:
            self._known.add(secret)
            self._known.add(secret.strip())
            # Longest first: the encoded form of a secret may contain another secret.
            self._forms = sorted({*self._forms, *_forms(secret), *_forms(secret.strip())}, key=len, reverse=True)

    def learn(self, headers: Iterable[tuple[str, str]], url: str) -> None:
        """Remember the keys in a request, so that an answer that echoes them does not give them away."""
        for name, value in headers:
            if secret_header(name):
                self._learn(value)
                self._learn(value.rpartition(" ")[2])  # "Bearer …"
        for _sign, name, value in _PAIR.findall(url):
            if secret_parameter(name):
                self._learn(unquote_plus(value))

    def _learn(self, value: str) -> None:
        if len(value) >= _LEARN_FROM:
            self._add(value)

    def text(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return storable(text)

    def raw(self, body: bytes) -> bytes:
        """The same for bytes that are sent on or kept as they are, if they are UTF-8 or plain ASCII."""
        for form in self._forms:
            body = body.replace(form.encode("utf-8", "replace"), MASK.encode())
        return body

    def url(self, url: str) -> str:
        masked = _PAIR.sub(_masked_pair, url) if "=" in url else url
        return self.text(_USERINFO.sub(rf"\1{MASK}@", masked) if "@" in masked else masked)

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
        return [
            {"name": self.text(name), "value": MASK if secret_header(name) else self._header_value(name, value)}
            for name, value in headers
        ]

    def _header_value(self, name: str, value: str) -> str:
        return self.url(value) if name.lower() in _ADDRESS_HEADERS else self.text(value)

    def config(self, value: Any) -> Any:
        """A filled config as it may be shown: without what names tell to be secret, and without known secrets."""
        if isinstance(value, str):
            return in_text(self.url(value) if "://" in value else self.text(value))
        if isinstance(value, list):
            return [self.config(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        name = value.get("name")
        if isinstance(name, str) and "value" in value and (secret_header(name) or secret_parameter(name)):
            return {**value, "value": MASK}
        return {key: MASK if secret_field(str(key), inner) else self.config(inner) for key, inner in value.items()}

    def body(self, body: bytes, content_type: str, limit: int, truncated: bool) -> tuple[str, bool]:
        """The body's first limit characters, masked, and whether that is not all of it."""
        # A secret that the limit cuts in two must still be recognised, so more is masked than is kept.
        longest = len(self._forms[0]) if self._forms else 0
        text = self.text(shown(body[: limit + 4 * longest], content_type))
        if truncated:
            text = self._without_beginning_of_secret(text)
        text = in_text(text)
        return text[:limit], truncated or len(text) > limit or len(body) > limit

    def _without_beginning_of_secret(self, text: str) -> str:
        for form in self._forms:
            if len(form) > _BEGINNING:
                at = text.find(form[:_BEGINNING], max(len(text) - len(form), 0))
                if at >= 0:
                    return text[:at] + MASK
            for length in range(min(len(form), _BEGINNING) - 1, 0, -1):
                if text.endswith(form[:length]):
                    return text[:-length] + MASK
        return text


def _masked_pair(pair: re.Match[str]) -> str:
    sign, name, _value = pair.groups()
    return f"{sign}{name}={MASK}" if secret_parameter(name) else pair.group()


def _forms(secret: str) -> set[str]:
    """A secret as it may stand in an address, a form, a JSON text, or a header read as Latin-1."""
    if _PLAIN.fullmatch(secret):  # most keys; they look the same everywhere
        return {secret}
    encodable = secret.encode("utf-8", "replace").decode()
    quoted = {
        quote(encodable, safe=safe) for safe in ("", "/", "!$'()*,;:@/?", "!$&'()*+,;=:@/%", "!$&'()*+,;=:@/?%")
    } | {quote_plus(encodable)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    lower = {re.sub(r"%[0-9A-F]{2}", lambda found: found.group().lower(), form) for form in quoted}
    return {secret, *quoted, *lower, *escaped}
