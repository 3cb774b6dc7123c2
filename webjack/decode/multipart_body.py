"""multipart/form-data bodies."""

from dataclasses import dataclass
from typing import Any

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from . import brackets, charsets, files
from .content_type import parse
from .limits import FIELDS, FILE_SIZE
from .result import Part, Problem, UndecodableError


def read_body(body: bytes, declared: str = "", boundary: str = "", flat: bool = False) -> Part:
    """A multipart body to fields; files become what files.describe says.

    A missing boundary is taken from the body's first line. Of a body that breaks off, what came is kept and the problem
    said. flat: see Wish. Raises UndecodableError("multipart") if nothing could be read.
    """
    declared = declared if declared and charsets.extends_ascii(declared) else ""
    mark = boundary.encode("latin-1", "replace") or _first_boundary(body)
    segments, problem = _segments(body, mark)
    if problem and not segments and b"\r\n" not in body:  # written by hand, with bare newlines
        segments, problem = _segments(body.replace(b"\n", b"\r\n"), mark)
    if problem and not segments:
        raise UndecodableError(problem.code, **problem.detail)
    pairs: list[tuple[str, Any]] = []
    used = {declared or "utf-8"}
    for segment in segments:
        name, value, trouble = _field(segment, declared, used)
        pairs.append((name, value))
        problem = problem or trouble
    fields, too_deep = brackets.nest(pairs, flat)
    charset = charsets.FALLBACK if charsets.FALLBACK in used else declared or "utf-8"
    return Part(fields, "multipart", charset, problem or too_deep)


def _first_boundary(body: bytes) -> bytes:
    first_line = body.lstrip().split(b"\n", 1)[0].strip()
    return first_line[2:] if first_line.startswith(b"--") else b""


@dataclass
class _Segment:
    head: MultipartSegment
    content: bytearray


def _segments(body: bytes, boundary: bytes) -> tuple[list[_Segment], Problem | None]:
    found: list[_Segment] = []
    try:
        # latin-1 keeps the bytes of names, whose charset is found out later
        parser = PushMultipartParser(boundary, max_segment_count=FIELDS, header_charset="latin-1")
        for event in parser.parse(body.lstrip(b"\r\n")):
            if isinstance(event, MultipartSegment):
                found.append(_Segment(event, bytearray()))
            elif event:
                found[-1].content += event
        parser.close()
    except ParserLimitReached:
        return found, Problem("fields", {"limit": FIELDS}) if len(found) >= FIELDS else Problem("multipart")
    except MultipartError:
        return found, Problem("multipart")
    return found, None


def _field(segment: _Segment, declared: str, used: set[str]) -> tuple[str, Any, Problem | None]:
    def text(raw: bytes, charset: str = "") -> str:
        read = charsets.read_value(raw, charset or declared)
        used.add(read.charset)
        return read.text

    head, content = segment.head, bytes(segment.content)
    name = text(head.name.encode("latin-1", "replace"))
    media = parse(head.header("Content-Type") or "")
    if head.filename is None or (not head.filename and not content):  # an empty file field of a form
        return name, text(content, media.charset), None
    filename = text(head.filename.encode("latin-1", "replace"))
    file = files.describe(content, media.type, media.charset or declared, filename)
    return name, file, Problem("cut", {"name": filename, "limit": FILE_SIZE}) if "cut" in file else None
