"""Chooses how a body is read."""

import re

from . import charsets, content_type, files, json_body, multipart_body, urlencoded, xml_body
from .binary import COMPRESSED
from .content_type import Media
from .result import Part, Problem, UndecodableError, Wish

AS_IT_SAYS = Wish()
_SURELY_JSON = re.compile(rb'[\s\xef\xbb\xbf]*\{\s*"')


def read(header: str, body: bytes, wish: Wish = AS_IT_SAYS) -> Part:
    """A body to fields. Where its Content-Type is missing or wrong, what it looks like decides.

    What cannot be read as anything better becomes {"text"} or, if it is no text, {"size", "type", "content"}; the
    problem is that of the declared type. What a person wishes comes before all that.
    """
    media = content_type.parse(header)
    charset = charsets.known(wish.charset)
    if charset:
        media = media._replace(charset=charset)
    if not body or (media.kind != "text" and not body.strip()):
        return Part({}, "none", "")
    if wish.form:
        return _wished(wish, body, media)
    if media.kind == "binary":
        return _binary(body, media, Problem("binary", {"size": len(body), "type": media.type}))
    if body.startswith(COMPRESSED):
        return _binary(body, media, Problem("compressed"))
    problem = None
    for kind in _candidates(media, body):
        try:
            return _read_as(kind, body, media, wish.flat)
        except UndecodableError as error:
            problem = problem or _worth_telling(error.problem, media, body)
    return _as_it_is(body, media, problem)


def _wished(wish: Wish, body: bytes, media: Media) -> Part:
    """As it is wished and no other way; what cannot be read so is kept as it is, with the problem."""
    if wish.form == "binary":
        return Part(files.describe(body, media.type, media.charset), "binary", "")
    if wish.form == "text":
        text = charsets.read_text(body, media.charset)
        damaged = Problem("charset", {"charset": text.charset}) if text.damaged else None
        return Part({"text": text.text}, "text", text.charset, damaged)
    try:
        return _read_as(wish.form, body, media, wish.flat)
    except UndecodableError as error:
        return _as_it_is(body, media, error.problem)


def _candidates(media: Media, body: bytes) -> list[str]:
    """The ways to read a body, the most promising first."""
    looks = content_type.guess(body)
    if media.kind == "text":
        # Browsers' fetch and sendBeacon declare text/plain when given a string
        return [looks] if looks in ("json", "form") and media.type == "text/plain" else []
    if media.kind == "form":
        if files.looks_binary(body) and not content_type.BEGINS_LIKE_PAIRS.match(body):
            return []  # curl --data-binary @photo.jpg
        # curl and PHP declare a form whatever they send
        last = [] if looks == "json" and _SURELY_JSON.match(body) else ["form"]
        return [looks, *last] if looks in ("json", "xml", "multipart") else ["form"]
    return [kind for kind in dict.fromkeys((media.kind, looks)) if kind]


def _read_as(kind: str, body: bytes, media: Media, flat: bool) -> Part:
    if kind == "json":
        return json_body.read_body(body, media.charset)
    if kind == "xml":
        return xml_body.read_body(body, media.charset)
    if kind == "multipart":
        return multipart_body.read_body(body, media.charset, media.boundary, flat)
    return urlencoded.read_body(body, media.charset, flat)


def _worth_telling(problem: Problem, media: Media, body: bytes) -> Problem | None:
    """A text may begin with a bracket without anything being wrong; a broken object is worth a word."""
    if media.kind in ("json", "xml", "multipart") or problem.code not in ("json", "xml"):
        return problem
    return problem if _SURELY_JSON.match(body) and media.kind != "text" else None


def _as_it_is(body: bytes, media: Media, problem: Problem | None) -> Part:
    if media.kind != "text" and files.looks_binary(body):
        return _binary(body, media, problem or Problem("binary", {"size": len(body), "type": media.type}))
    text = charsets.read_text(body, media.charset)
    if text.damaged:
        problem = problem or Problem("charset", {"charset": text.charset})
    return Part({"text": text.text}, "text", text.charset, problem)


def _binary(body: bytes, media: Media, problem: Problem) -> Part:
    return Part(files.describe(body, media.type, media.charset), "binary", "", problem)
