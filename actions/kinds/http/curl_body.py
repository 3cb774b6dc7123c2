"""The body of a curl command to the settings of a body. `own_type`: its kind brings the Content-Type itself."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from actions.kinds.http.bodies import FORM_TYPE, type_of
from actions.kinds.http.form import AS_FIELDS, AS_TEXT, FORM, JSON, MULTIPART, TEXT, XML
from actions.nested_rows import DEEPEST, LIST, OBJECT
from actions.tree_field import MOST_ROWS

Body = dict[str, Any]


class _Number(str):
    """A number as it was written."""


def of(sent: str, content_type: str) -> Body:
    kind = content_type.split(";")[0].strip().lower()
    if not sent:
        return {"body_kind": TEXT, "body": "", "own_type": False}
    if kind.endswith(("/json", "+json")) or (kind in ("", FORM_TYPE) and sent.lstrip().startswith(("{", "["))):
        return _json(sent) | {"own_type": kind in ("", "application/json", FORM_TYPE)}
    if kind in ("", FORM_TYPE):
        rows = _pairs(sent)
        if rows:
            return {"body_kind": FORM, "body_fields": rows, "own_type": True}
    if kind.endswith(("/xml", "+xml")):
        return {"body_kind": XML, "body_xml": sent, "own_type": False}
    return {"body_kind": TEXT, "body": sent, "own_type": bool(kind) and type_of(sent).split(";")[0] == kind}


def multipart(parts: list[dict[str, Any]]) -> Body:
    return {"body_kind": MULTIPART, "body_fields": parts[:MOST_ROWS], "own_type": True}


def _pairs(sent: str) -> list[dict[str, str]]:
    pairs = parse_qsl(sent, keep_blank_values=True) if "=" in sent.partition("&")[0] else []
    fits = len(pairs) <= MOST_ROWS and all(name.strip() for name, _value in pairs)
    return [{"name": name, "value": value, "type": "auto"} for name, value in pairs] if fits else []


def _json(sent: str) -> Body:
    """An object as a tree, as long as the tree can hold it; all else as text."""
    try:
        read = json.loads(sent, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        return {"body_kind": JSON, "json_as": AS_TEXT, "body_json": sent}
    if isinstance(read, dict):
        try:
            rows = _rows(read, [0], 0)
        except ValueError:
            rows = []
        if rows:
            return {"body_kind": JSON, "json_as": AS_FIELDS, "body_fields": rows}
    return {"body_kind": JSON, "json_as": AS_TEXT, "body_json": sent}


def _rows(inside: dict[str, Any], seen: list[int], depth: int) -> list[dict[str, Any]]:
    if depth >= DEEPEST or not all(inside):
        raise ValueError
    return [_row(re.sub(r"([.\[\]\\])", r"\\\1", name), value, seen, depth) for name, value in inside.items()]


def _row(name: str, value: Any, seen: list[int], depth: int) -> dict[str, Any]:
    seen[0] += 1
    if seen[0] > MOST_ROWS or depth >= DEEPEST or name != name.strip():
        raise ValueError
    if isinstance(value, dict):
        return {"name": name, "type": OBJECT, "fields": _rows(value, seen, depth + 1)}
    if isinstance(value, list):
        return {"name": name, "type": LIST, "fields": [_row("", one, seen, depth + 1) for one in value]}
    if isinstance(value, bool):
        return {"name": name, "type": "boolean", "value": "true" if value else "false"}
    if value is None:
        return {"name": name, "type": "empty", "value": ""}
    if isinstance(value, _Number):
        return {"name": name, "type": "number", "value": str(value)}
    return {"name": name, "type": "auto" if value else "text", "value": value}
