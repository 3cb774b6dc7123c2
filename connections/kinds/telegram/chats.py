"""The chats that a bot meets in its updates."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from connections.kinds.telegram import client
from connections.seen import Sight
from webjack.http import Http

CHAT = "chat"
TYPES = {
    "private": _("a person"),
    "group": _("a group"),
    "supergroup": _("a group"),
    "channel": _("a channel"),
}
MOST = 100
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


def pending(http: Http, token: str) -> list[Sight]:
    """The chats of the updates that nobody has taken yet, of the last day. Raises Failed; Taken where a webhook is set.

    Asked without an offset, so nothing is lost for whoever takes them: any offset makes Telegram forget what was before
    it, a negative one too (core.telegram.org/bots/api#getupdates). Of more than a hundred come the oldest.
    """
    return sights(client.call(http, token, "getUpdates", {"limit": MOST, "timeout": 0}))


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
