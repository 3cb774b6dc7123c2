"""The chats that a bot meets in its updates."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from connections.seen import Sight

CHAT = "chat"
TYPES = {
    "private": _("a person"),
    "group": _("a group"),
    "supergroup": _("a group"),
    "channel": _("a channel"),
}
CODE = re.compile(r"(?:/\w+(?:@\w+)?\s+)?(\d{6})")


def sight(update: dict[str, Any]) -> Sight | None:
    """The chat that an update came from; None where it came from none."""
    for told in update.values():
        if not isinstance(told, dict):
            continue
        message = told["message"] if isinstance(told.get("message"), dict) else told
        chat = message.get("chat")
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            text = str(message.get("text") or message.get("caption") or "").strip()
            found = CODE.fullmatch(text)
            about = str(TYPES.get(str(chat.get("type")), ""))
            return Sight(CHAT, str(chat["id"]), title(chat), about, found[1] if found else "")
    return None


def sights(updates: Iterable[dict[str, Any]]) -> list[Sight]:
    """Each chat once, as it was seen last; one that has sent a code keeps it."""
    found: dict[str, Sight] = {}
    for one in filter(None, map(sight, updates)):
        before = found.pop(one.value, None)
        found[one.value] = one if one.said or before is None else one.saying(before.said)
    return list(found.values())


def title(chat: dict[str, Any]) -> str:
    """What people call it."""
    name = " ".join(str(chat[part]) for part in ("first_name", "last_name") if chat.get(part))
    return str(chat.get("title") or name or chat.get("username") or chat.get("id") or "")
