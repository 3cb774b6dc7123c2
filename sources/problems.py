"""Sentences for people about what could not be decoded."""

from typing import Any

from django.utils.translation import gettext as _

from webjack.decode import Problem


def sentence(problem: Problem) -> str:
    """A sentence in the active language; says also what became of the data."""
    return _sentences(problem.detail).get(problem.code) or _("The request could not be decoded; it is kept as it came.")


def _sentences(detail: dict[str, Any]) -> dict[str, str]:
    where = {"line": detail.get("line", 1), "column": detail.get("column", 1)}
    limit = {"limit": detail.get("limit", 0)}
    name = {"name": detail.get("name", ""), **limit}
    return {
        "json": _("The body is not valid JSON: see line %(line)s, column %(column)s. It was kept as text.") % where,
        "xml": _("The body is not valid XML: see line %(line)s, column %(column)s. It was kept as text.") % where,
        "xml_entities": _("The XML declares entities. For safety such XML is not read; it was kept as text."),
        "multipart": _("The form broke off or is written wrongly. What could be read of it was kept."),
        "depth": _("The data are nested more than %(limit)s levels deep and were not taken apart.") % limit,
        "fields": _("The request has too many fields. The first %(limit)s were read.") % limit,
        "values": _("The body holds more than %(limit)s values and was kept as text.") % limit,
        "compressed": _("The body came compressed and was not unpacked. Switch compression off in the sending system."),
        "binary": _("The body is a file, not fields. It was kept whole as “content”."),
        "charset": _("Some characters were damaged on the way and could not be read (charset %(charset)s).")
        % {"charset": detail.get("charset", "")},
        "cut": _("The file “%(name)s” is larger than %(limit)s bytes. Only its beginning was kept.") % name,
    }
