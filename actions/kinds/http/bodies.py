"""The body of a request by its settings."""

import json
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from actions import values
from actions.kinds.http import body_texts, multipart
from actions.kinds.http.form import AS_TEXT, FORM, JSON, MULTIPART, TEXT, XML
from webjack.config import Config
from webjack.http import Failed, Http

FORM_TYPE, JSON_TYPE, XML_TYPE = "application/x-www-form-urlencoded", "application/json", "application/xml"


def body_of(config: Config, http: Http) -> tuple[bytes | None, str]:
    """The bytes to send and their content type; None when there is no body. http: for files that have an address."""
    kind, rows = config.get("body_kind") or TEXT, config.get("body_fields") or []
    try:
        if kind == JSON and config.get("json_as") == AS_TEXT:
            text = values.text(config.get("body_json"))
            return (body_texts.json_bytes(text), JSON_TYPE) if text.strip() else (None, "")
        if kind == JSON:
            return values.json_text(values.build_object(rows)).encode(), JSON_TYPE
        if kind == FORM:
            return values.form_text(rows).encode(), FORM_TYPE
        if kind == MULTIPART:
            return multipart.body_of(rows, http)
    except ValueError as bad:
        raise Failed(str(bad)) from bad
    if kind == XML:
        text = values.text(config.get("body_xml"))
        return (body_texts.xml_bytes(text), f"{XML_TYPE}; charset=utf-8") if text.strip() else (None, "")
    text = values.text(config.get("body"))
    return (text.encode("utf-8", "replace"), type_of(text)) if text else (None, "")


def with_values(body: bytes | None, paths: dict[str, Any]) -> bytes | None:
    """A JSON object with values put in, each at its path of names joined by dots. Raises Failed for any other body."""
    if not paths:
        return body
    try:
        whole = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        whole = None
    for path, value in paths.items():
        *outer, last = path.split(".")
        place = whole
        for name in outer:
            place = place.setdefault(name, {}) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            raise Failed(
                _("The page is to go into the body as %(path)s, but there is no JSON object for it") % {"path": path}
            )
        place[last] = value
    return values.json_text(whole).encode()


def type_of(text: str) -> str:
    """What a body looks like: the customer need not add the header that the receiver insists on."""
    try:
        if isinstance(json.loads(text), dict | list):
            return JSON_TYPE
    except (ValueError, RecursionError):
        pass
    try:
        if "=" in text and not any(sign.isspace() for sign in text) and parse_qsl(text, strict_parsing=True):
            return FORM_TYPE
    except ValueError:
        pass
    return "text/plain; charset=utf-8"
