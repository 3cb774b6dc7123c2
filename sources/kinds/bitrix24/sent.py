"""What Bitrix24 sends to the address of an outgoing webhook (b24restdocs, local-integrations/local-webhooks.md, 2026).

Only the number of the record; the rest is read through a connection, by the action «прочитать запись».
"""

import re
from typing import Any

from sources.fields import secret

SECRETS = ("application_token", "access_token", "refresh_token")
AUTH = {
    "domain": "example.bitrix24.ru",
    "client_endpoint": "https://example.bitrix24.ru/rest/",
    "server_endpoint": "https://oauth.bitrix.info/rest/",
    "member_id": "a223c6b3710f85df22e9377d6c4f7553",
}
_EVENT = re.compile(r"ON(?:CRM)?(?P<entity>[A-Z]+?)(?P<action>ADD|UPDATE|DELETE)(?:_(?P<type>\d+))?")
_DOCUMENT = re.compile(r"(?:DYNAMIC_(?P<type>\d+)|(?P<entity>[A-Z]+))_(?P<id>\d+)")

Fields = dict[str, Any]


def call(event: str, id: int, *, task: bool = False) -> Fields:
    """A request as it comes, without a token. An event of a task tells what was before and after."""
    half: Fields = {"data[FIELDS][ID]": id}
    if task:
        half = {"data[FIELDS_BEFORE]": "undefined", "data[FIELDS_AFTER][ID]": id}
    auth = {f"auth[{name}]": value for name, value in AUTH.items()}
    return {"event": event, "event_handler_id": "975"} | half | {"ts": "1793577600"} | auth


def token(data: Fields) -> str:
    """What shows who sends it; a robot's request has none of its own, so it may stand in the address."""
    auth = data.get("auth")
    given = auth.get("application_token") if isinstance(auth, dict) else None
    return str(given or data.get("token") or "")


def secrets(data: Fields) -> tuple[str, ...]:
    """What of a request must not be kept: the keys of an application's events let everybody in."""
    auth = data.get("auth")
    told = [str(auth.get(name) or "") for name in SECRETS] if isinstance(auth, dict) else []
    return secret(*told, str(data.get("token") or ""))


def read(data: Fields) -> Fields:
    """The fields of a request: `entity`, `action` and `id` in front of what came, without its secrets."""
    rest = {name: value for name, value in data.items() if name != "token"}
    auth = rest.get("auth")
    if isinstance(auth, dict):
        rest["auth"] = {name: value for name, value in auth.items() if name not in SECRETS}
    return (_of_robot(rest) or _of_event(rest)) | rest


def _of_event(data: Fields) -> Fields:
    found = _EVENT.fullmatch(str(data.get("event") or "").upper())
    if not found:
        return {}
    told = data.get("data")
    fields = [told.get(half) for half in ("FIELDS", "FIELDS_AFTER", "FIELDS_BEFORE")] if isinstance(told, dict) else []
    given = next((one for one in fields if isinstance(one, dict) and one.get("ID")), {})
    entity, kind = found["entity"].lower(), given.get("ENTITY_TYPE_ID") or found["type"]
    if entity == "dynamicitem":
        entity = f"dynamic_{kind}" if kind else "item"
    return {"entity": entity, "action": found["action"].lower(), "id": str(given.get("ID") or "")}


def _of_robot(data: Fields) -> Fields:
    """The robot «Исходящий вебхук» of a stage: `document_id[]` is crm, CCrmDocumentDeal, DEAL_662."""
    parts = data.get("document_id")
    last = str(parts[-1]) if isinstance(parts, list) and parts else ""
    found = _DOCUMENT.fullmatch(last)
    if not found:
        return {}
    entity = f"dynamic_{found['type']}" if found["type"] else found["entity"].lower()
    return {"entity": entity, "action": "robot", "id": found["id"]}
