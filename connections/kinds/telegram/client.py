"""Calls the Telegram Bot API (https://core.telegram.org/bots/api, read in May 2026)."""

import json
import re
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webjack.http import Answer, Failed, Http
from webjack.services import base

RETRIES_FETCH = "failed to get http url content"


class Migrated(Failed):
    """The group became a supergroup and has another id now. chat: the new one."""

    def __init__(self, chat: int) -> None:
        super().__init__(_("The group has a new id in Telegram: %(chat)s. Put it into the action") % {"chat": chat})
        self.chat = chat


class Taken(Failed):
    """The bot's updates go to a webhook, so nobody can ask for them."""


def call(http: Http, token: str, method: str, parameters: dict[str, Any]) -> Any:
    """The `result` of a method. Raises Failed; Migrated when the chat has another id now.

    http must hide the token, which is part of the address.
    """
    body = json.dumps(parameters, ensure_ascii=False).encode("utf-8", "replace")
    return result(
        http.request("POST", address(token, method), headers=[("Content-Type", "application/json")], body=body)
    )


def upload(http: Http, token: str, method: str, body: bytes, content_type: str) -> Any:
    """The same with a body that holds a file (multipart/form-data)."""
    return result(http.request("POST", address(token, method), headers=[("Content-Type", content_type)], body=body))


def address(token: str, method: str) -> str:
    return f"{base('TELEGRAM_API_URL', 'https://api.telegram.org')}/bot{token}/{method}"


def result(answer: Answer) -> Any:
    """What a method gave. An error's HTTP status equals its error_code; 502 to 504 may be a page and no JSON."""
    try:
        told = answer.json()
    except Failed:
        if answer.status < 400:
            raise
        raise answer.failure() from None
    if isinstance(told, dict) and told.get("ok") is True:
        return told.get("result")
    raise failure(answer, told if isinstance(told, dict) else {})


def failure(answer: Answer, told: dict[str, Any]) -> Failed:
    """409, 429 and 5xx pass; everything else is wrong until somebody mends it."""
    parameters = told.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    moved, after = parameters.get("migrate_to_chat_id"), parameters.get("retry_after")
    if isinstance(moved, int):
        return Migrated(moved)
    said, code = str(told.get("description") or ""), told.get("error_code")
    status = code if isinstance(code, int) else answer.status
    if status == 409 and "webhook is active" in said:
        return Taken(sentence(status, said))
    retry = status in (409, 429) or status >= 500 or RETRIES_FETCH in said.lower()
    wait = float(after) if isinstance(after, int | float) else answer.failure().after
    return Failed(sentence(status, said), retry=retry, after=wait, denied=status == 401)


def sentence(status: int, said: str) -> str:
    for pattern, words in WORDS:
        if re.search(pattern, said, re.IGNORECASE):
            return str(words) % {"said": said}
    return _("Telegram answered %(status)s: %(said)s") % {"status": status, "said": said or "—"}


# What Telegram says, by its own server's source (github.com/tdlib/telegram-bot-api, May 2026).
WORDS: list[tuple[str, str | Promise]] = [
    (
        r"unauthorized|not found: method",
        gettext_lazy("Telegram does not know this bot's token: take it anew from @BotFather"),
    ),
    (
        r"chat not found|peer_id_invalid|chat_id is empty",
        gettext_lazy(
            "Telegram does not find the chat: write to the bot first, or add it to the group, and check the chat's id"
        ),
    ),
    (r"blocked by the user", gettext_lazy("The person has blocked the bot: it cannot write to them")),
    (r"user is deactivated", gettext_lazy("The person's account in Telegram is deleted")),
    (r"can't initiate conversation", gettext_lazy("A bot cannot write first: the person must press “Start” in it")),
    (r"messages to (the )?bot", gettext_lazy("The recipient is a bot, and bots cannot write to each other")),
    (
        r"kicked|not a member|chat was deleted",
        gettext_lazy("The bot is not in the chat any more: add it to the group or the channel again"),
    ),
    (
        r"not enough rights|have no rights|need administrator",
        gettext_lazy("The bot has too few rights in the chat: let it send messages, in a channel as administrator"),
    ),
    (r"can't parse entities", gettext_lazy("Telegram could not read the text's formatting: %(said)s")),
    (r"thread not found", gettext_lazy("There is no such topic in the group: check its number")),
    (
        r"button_url_invalid|wrong http url in",
        gettext_lazy("A button's address is not valid: it must begin with https://"),
    ),
    (
        r"wrong file identifier|wrong http url|failed to get http url|wrong type of the web page|invalid file",
        gettext_lazy("Telegram could not take the file from its address: check that it opens without a password"),
    ),
    (
        r"bad webhook",
        gettext_lazy(
            "Telegram cannot send to this service's address: it must be open from outside by https (%(said)s)"
        ),
    ),
    (
        r"terminated by other getupdates|while webhook is active",
        gettext_lazy("Another system takes this bot's messages: switch it off there first"),
    ),
    (r"file is too big", gettext_lazy("The file is too big for Telegram")),
    (r"too many requests", gettext_lazy("Telegram asks to wait: too many messages at once")),
]
