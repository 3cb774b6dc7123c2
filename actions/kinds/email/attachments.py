"""Files of a letter: from a source, from an address, from Base64, or made of a text."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from mimetypes import guess_extension, guess_type
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from actions.kinds.http.multipart import Part, check_size, parts
from connections.kinds.email.addresses import one_line
from webjack.http import Failed, Http

MOST = 20


def files_of(rows: Iterable[Mapping[str, Any]], http: Http) -> list[Part]:
    """Raises Failed."""
    found = []
    for row in rows:
        try:
            found += [_named(part, str(row["name"])) for part in parts(row, http)]
        except ValueError as problem:
            raise Failed(str(problem)) from None
    if len(found) > MOST:
        raise Failed(
            _("A letter takes at most %(most)s files, and these are %(count)s") % {"most": MOST, "count": len(found)}
        )
    check_size(found)
    return found


def _named(part: Part, wanted: str) -> Part:
    """A name with an extension is the file's; else the file keeps its own, or gets an extension by its type."""
    own = PurePosixPath(one_line(part.filename or "").replace("\\", "/")).name
    wanted = PurePosixPath(one_line(wanted).replace("\\", "/")).name or "file"
    if not PurePosixPath(wanted).suffix:
        if PurePosixPath(own).suffix and own != f"{wanted}.txt":
            wanted = own
        else:
            wanted += guess_extension(part.type.split(";")[0].strip()) or ""
    media_type = guess_type(wanted)[0] if part.type.startswith(("text/plain", "application/octet-stream")) else None
    return replace(part, filename=wanted, type=media_type or part.type)
