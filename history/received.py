"""The request that came in, as the operation's page shows it: fields by their labels, and as it was on the wire."""

from dataclasses import dataclass, field
from typing import Any

from actions.lookup import MISSING, find
from history.bodies import SHOWN, Body, body
from history.curl import command
from history.effects import caller
from history.field import Field
from history.models import Answer, Operation
from webjack import kinds
from webjack.http.charset import shown

Data = dict[str, Any]


@dataclass
class Received:
    """fields: in the source's order; hidden: those the customer hid. problem: what could not be decoded.

    answer: what the sender was told, if he waited for it. caller: the operation that handed the data over.
    """

    source: Any
    fields: list[Field] = field(default_factory=list)
    hidden: list[Field] = field(default_factory=list)
    problem: str = ""
    body: Body | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    curl: str = ""
    answer: Answer | None = None
    caller: Operation | None = None


def received(operation: Operation, sources: list[Any]) -> Received:
    """sources: of the operation's processing; its own may be gone."""
    source = next((one for one in sources if one.pk == operation.source_id), None)
    told = Received(source, headers=[(name, str(value)) for name, value in operation.headers.items()])
    raw = bytes(operation.body)
    charset = operation.content_type
    data: Data = operation.data or {}
    try:
        kind = kinds.get("source", operation.kind)
    except kinds.UnknownKind:
        kind = None
    if kind:
        decoded = kind.read(operation, source.config if source else {})
        told.problem = kind.problem(decoded)
        charset = f"text/plain; charset={decoded.charset}" if decoded.charset else charset
        data = decoded.data if operation.data is None else data
    told.fields, told.hidden = _fields(data, source.fields if source else [])
    # At most four bytes make a character; a body of a megabyte need not be decoded to show its beginning.
    text = shown(raw[: SHOWN * 4 + 1], charset)
    told.body = body(text, len(raw), operation.content_type, cut=False)
    told.curl = _curl(operation, source, raw)
    told.answer = Answer.objects.filter(pk=operation.pk, tenant_id=operation.tenant_id).first()
    came_from = caller(operation)
    if came_from:
        others = Operation.objects.filter(tenant_id=operation.tenant_id).select_related("processing")
        told.caller = others.filter(pk=came_from).first()
    return told


def _fields(data: Data, known: list[Data]) -> tuple[list[Field], list[Field]]:
    fields: list[Field] = []
    hidden: list[Field] = []
    for one in known:
        value = find(data, (one["name"],))
        if value is not MISSING:
            (hidden if one.get("hidden") else fields).append(Field(one["name"], one.get("label") or "", value))
    names = {one["name"] for one in known}
    # A field of the source may be a part of a nested value: the container itself is then no news.
    inner = {name.split(".")[0] for name in names}
    fields += [Field(name, "", value) for name, value in data.items() if name not in names and name not in inner]
    return fields, hidden


def _curl(operation: Operation, source: Any, raw: bytes) -> str:
    """Nothing for a body that a command line cannot carry."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return ""
    if source is None or "\0" in text or len(text) > SHOWN:
        return ""
    url = f"{source.url}?{operation.query}" if operation.query else source.url
    headers = [("Content-Type", operation.content_type)] if operation.content_type else []
    return command(operation.method, url, headers, text)
