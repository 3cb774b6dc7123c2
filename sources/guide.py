"""«Как подключить»: the tabs beside an address."""

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict

from history.curl import command
from sources.models import Source
from sources.parameters import Sender

SHOWN = {"name": "Анна Петрова", "phone": "+79161234567"}
ROW = "parameter-name", "parameter-value"


def guide(source: Source, asked: QueryDict) -> dict[str, Any]:
    """For `sources/_guide.html`. asked: `how`, the tab; `event`, of a sender's."""
    tabs = source.spec.guides
    if not tabs:
        return {"source": source, "tabs": tabs}
    how = next((key for key, _title in tabs if key == asked.get("how")), tabs[0][0])
    told = {"source": source, "tabs": tabs, "how": how, "guide": f"sources/guides/{how}.html"}
    sender = source.spec.senders.get(how)
    return told | _accepted(source) | (_parameters(source, sender, asked) if sender else {})


def address(source: Source, asked: QueryDict) -> str:
    """The whole address with the parameters as they stand in the editor."""
    senders = source.spec.senders
    sender = senders.get(asked.get("how", "")) or next(iter(senders.values()), None)
    names, values = (asked.getlist(name) for name in ROW)
    return sender.address(source.url, zip(names, values, strict=False)) if sender else source.url


def _accepted(source: Source) -> dict[str, Any]:
    """methods: in words. commands: for a terminal, with and without a body as far as the methods allow."""
    methods = source.spec.methods(source.config)
    post = next((method for method in methods if method not in ("GET", "DELETE", "OPTIONS")), "")
    commands = [command("GET", f"{source.url}?{urlencode(SHOWN)}", [], None)] if "GET" in methods else []
    if post:
        body = json.dumps(SHOWN, ensure_ascii=False)
        commands.append(command(post, source.url, [("Content-Type", "application/json")], body))
    return {"methods": ", ".join(methods), "commands": commands, "limit": settings.MAX_BODY_BYTES}


def _parameters(source: Source, sender: Sender, asked: QueryDict) -> dict[str, Any]:
    event = sender.event(asked.get("event", ""))
    rows = [(parameter.name, parameter.value) for parameter in event.parameters]
    return {
        "sender": sender,
        "event": event,
        "rows_of_address": rows,
        "whole": sender.address(source.url, rows),
        **sender.links,
    }
