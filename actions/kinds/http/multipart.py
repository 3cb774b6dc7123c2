"""Multipart bodies, with files: from an address, from a request that brought them, or from a text in Base64."""

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from actions import values
from actions.nested_rows import bracketed
from actions.tree_field import BASE64, FILE
from webjack.http import Failed, Http

MOST_BYTES = 8 * 1024 * 1024
"""Of all parts together. One file from an address is at most as long as any answer, 1 MiB."""

_NAMED = re.compile(r";\s*(filename|type)\s*=\s*(?:\"([^\"]*)\"|([^;]*))")
_DATA = re.compile(r"data:([\w.+/-]*)((?:;[\w=.+-]+)*),", re.ASCII)
_ANY = "application/octet-stream"


@dataclass(frozen=True)
class Part:
    """filename None: an ordinary field."""

    name: str
    content: bytes
    filename: str | None = None
    type: str = ""


def body_of(rows: Iterable[Mapping[str, Any]], http: Http) -> tuple[bytes, str]:
    """The body and its content type. Raises ValueError and Failed with a sentence."""
    found = [part for row in bracketed(rows) for part in parts(row, http)]
    check_size(found)
    # Made of the content, so that a repeat is byte for byte the same and an Idempotency-Key holds.
    digest = hashlib.sha256(b"\0".join(part.name.encode("utf-8", "replace") + part.content for part in found))
    boundary = f"webjack-{digest.hexdigest()[:32]}"
    written = b"".join(_written(part, boundary) for part in found)
    return written + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def check_size(found: Iterable[Part]) -> None:
    if sum(len(part.content) for part in found) > MOST_BYTES:
        raise Failed(_("The files are larger than 8 MiB together: send fewer of them"))


def parts(row: Mapping[str, Any], http: Http) -> Iterator[Part]:
    """What a row becomes; a row with a list of files becomes several. Raises ValueError and Failed with a sentence."""
    name, told = _name(str(row.get("name") or ""))
    if row.get("type") not in (FILE, BASE64):
        yield from (Part(name, text.encode("utf-8", "replace")) for _name_, text in values.form_pairs([row]))
        return
    value = row.get("value")
    for one in value if isinstance(value, list) else [value]:
        if one in (None, ""):
            continue
        content, filename, media_type = _base64(name, one) if row["type"] == BASE64 else _file(name, one, http)
        filename = told.get("filename") or filename or name
        media_type = told.get("type") or media_type or guess_type(filename)[0] or _ANY
        yield Part(name, content, filename, media_type)


def _name(text: str) -> tuple[str, dict[str, str]]:
    """A field's name with what follows it as in curl: `photo;filename=photo.jpg;type=image/jpeg`."""
    told = {found[1]: (found[2] or found[3] or "").strip() for found in _NAMED.finditer(text)}
    return (_NAMED.sub("", text).strip() or text, told) if told else (text, {})


def _file(name: str, value: Any, http: Http) -> tuple[bytes, str, str]:
    if isinstance(value, Mapping) and "content" in value:
        return _received(name, value)
    text = values.text(value)
    if text.strip().lower().startswith(("http://", "https://")):
        return _fetched(text.strip(), http)
    if text.startswith("data:"):
        return _inline(name, text)
    return text.encode("utf-8", "replace"), f"{name}.txt", "text/plain; charset=utf-8"


def _received(name: str, file: Mapping[str, Any]) -> tuple[bytes, str, str]:
    """A file as a source decodes it (webjack.decode.files)."""
    if file.get("cut"):
        raise Failed(_("The file “%(name)s” came only in part, since it is too large") % {"name": name})
    told = str(file.get("name") or ""), str(file.get("type") or "")
    if file.get("encoding") == "base64":
        return _decoded(name, str(file["content"])), *told
    return values.text(file["content"]).encode("utf-8", "replace"), *told


def _fetched(address: str, http: Http) -> tuple[bytes, str, str]:
    filename = unquote(PurePosixPath(urlsplit(address).path).name)
    if http.dry:
        return f"({address})".encode(), filename, guess_type(filename)[0] or ""
    answer = http.bare().request("GET", address, follow_redirects=True)
    if not 200 <= answer.status < 300:
        failure = answer.failure()
        sentence = _("The file was not given by its server. %(reason)s") % {"reason": failure}
        raise Failed(sentence, failure.retry, failure.after)
    if answer.truncated:
        raise Failed(_("The file is larger than 1 MiB"))
    return answer.body, filename, answer.headers.get("Content-Type", "")


def _inline(name: str, text: str) -> tuple[bytes, str, str]:
    found = _DATA.match(text)
    if found is None:
        raise Failed(_("The file “%(name)s” cannot be read") % {"name": name})
    rest = text[found.end() :]
    content = _decoded(name, rest) if found[2].endswith(";base64") else unquote(rest).encode("utf-8", "replace")
    return content, "", found[1]


def _base64(name: str, value: Any) -> tuple[bytes, str, str]:
    if isinstance(value, Mapping) and "content" in value:
        return _received(name, value)
    text = values.text(value)
    return _inline(name, text) if text.startswith("data:") else (_decoded(name, text), "", "")


def _decoded(name: str, text: str) -> bytes:
    """Base64 with line breaks, in the alphabet of addresses too, padded or not (RFC 4648)."""
    bare = re.sub(r"\s", "", text).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Failed(_("The file “%(name)s” is not written in Base64") % {"name": name}) from None


def _written(part: Part, boundary: str) -> bytes:
    """RFC 7578, with names escaped as browsers do (html.spec.whatwg.org, multipart/form-data encoding algorithm)."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_escaped(part.name)}"'
    if part.filename is not None:
        kind = re.sub(r"[\r\n]", "", part.type)
        head += f'; filename="{_escaped(part.filename)}"\r\nContent-Type: {kind}'
    return head.encode("utf-8", "replace") + b"\r\n\r\n" + part.content + b"\r\n"


def _escaped(text: str) -> str:
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
