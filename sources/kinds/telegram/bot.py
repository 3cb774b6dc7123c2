"""«Telegram»: what people write to a bot and press in it. The webhook is set at Telegram by the source itself."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField
from connections.kinds.telegram import client
from connections.kinds.telegram.chats import sight
from connections.seen import Sight
from sources.fields import matches
from sources.kind import Example, Guides, Met, Request, Watched
from sources.kinds.telegram import updates
from webjack.config import Config
from webjack.decode import Decoded
from webjack.http import Failed, Http

HEADER = "X-Telegram-Bot-Api-Secret-Token"
USUAL = ["message", "callback_query", "my_chat_member"]
TITLES = (
    ("message", gettext_lazy("Messages")),
    ("edited_message", gettext_lazy("Messages that were changed")),
    ("channel_post", gettext_lazy("Posts in channels")),
    ("callback_query", gettext_lazy("Buttons that were pressed")),
    ("my_chat_member", gettext_lazy("The bot was added to a chat, blocked or removed")),
    ("chat_join_request", gettext_lazy("Requests to join a chat")),
)
EXAMPLE = {
    "update_id": 10000,
    "message": {
        "message_id": 1,
        "date": 1767000000,
        "chat": {"id": 987654321, "type": "private", "first_name": "Анна", "last_name": "Петрова"},
        "from": {
            "id": 987654321,
            "is_bot": False,
            "first_name": "Анна",
            "last_name": "Петрова",
            "username": "anna_petrova",
            "language_code": "ru",
        },
        "text": "Здравствуйте, хочу записаться",
    },
}
CONTACT = {
    "update_id": 10001,
    "message": {
        **{name: value for name, value in EXAMPLE["message"].items() if name != "text"},  # type: ignore[attr-defined]
        "message_id": 2,
        "contact": {"phone_number": "+79161234567", "first_name": "Анна", "user_id": 987654321},
    },
}
PRESSED = {
    "update_id": 10002,
    "callback_query": {
        "id": "4382bfdwdsb323b2d9",
        "from": EXAMPLE["message"]["from"],  # type: ignore[index]
        "message": EXAMPLE["message"],
        "chat_instance": "-3823123213123",
        "data": "confirm:99123",
    },
}


def _example(key: str, title: Any, update: Config) -> Example:
    body = json.dumps(update, ensure_ascii=False).encode()
    return Example(key, title, content_type="application/json", body=body)


class BotForm(forms.Form):
    groups = (("", ("connection", "updates")), (gettext_lazy("Additional settings"), ("replace",)))

    connection = ConnectionField("telegram", label=gettext_lazy("Bot"))
    updates = forms.MultipleChoiceField(
        label=gettext_lazy("What to receive"),
        choices=TITLES,
        initial=USUAL,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    replace = forms.BooleanField(
        label=gettext_lazy("Take the bot over from another system"),
        required=False,
        help_text=gettext_lazy("A bot sends its updates to one address only: the other system gets them no more"),
    )

    def clean_updates(self) -> list[str]:
        return self.cleaned_data["updates"] or list(USUAL)


class Bot(Watched):
    key = "telegram"
    title = gettext_lazy("Telegram: messages to a bot")
    about = gettext_lazy("What people write to your bot, their contacts and the buttons they press")
    words = "telegram телеграм бот сообщение чат контакт кнопка"
    form = BotForm
    hooks = "connection"
    intro = "sources/intros/hook.html"
    guides: ClassVar[Guides] = ()
    sample: ClassVar[Config] = {"chat_id": "987654321", "name": "Анна Петрова", "text": "Здравствуйте"}
    examples: ClassVar[tuple[Example, ...]] = (
        _example("message", gettext_lazy("A message"), EXAMPLE),
        _example("contact", gettext_lazy("A phone number"), CONTACT),
        _example("pressed", gettext_lazy("A button was pressed"), PRESSED),
    )
    labels: ClassVar[Mapping[str, Any]] = {
        "update_id": gettext_lazy("Number of the update"),
        "event": gettext_lazy("Event"),
        "chat_id": gettext_lazy("Chat"),
        "chat_type": gettext_lazy("Kind of chat"),
        "chat_title": gettext_lazy("Title of the chat"),
        "user_id": gettext_lazy("Id of the person"),
        "name": gettext_lazy("Full name"),
        "first_name": gettext_lazy("First name"),
        "last_name": gettext_lazy("Last name"),
        "username": gettext_lazy("Name in Telegram"),
        "language_code": gettext_lazy("Language"),
        "message_id": gettext_lazy("Number of the message"),
        "date": gettext_lazy("Time"),
        "topic": gettext_lazy("Topic"),
        "text": gettext_lazy("Text"),
        "command": gettext_lazy("Command"),
        "command_text": gettext_lazy("What follows the command"),
        "phone": gettext_lazy("Phone"),
        "contact_name": gettext_lazy("Name of the contact"),
        "callback_id": gettext_lazy("Id of the press"),
        "callback_data": gettext_lazy("What the button says"),
        "member_status": gettext_lazy("What the bot is in the chat"),
        "photo_id": gettext_lazy("Photo"),
        "file_id": gettext_lazy("File"),
        "file_name": gettext_lazy("Name of the file"),
    }

    def meet(self, request: Request, headers: Mapping[str, str], config: Config) -> Met:
        given = headers.get(HEADER, "")
        if not any(matches(secret, given) for secret in config.get("hook", {}).get("secrets", ())):
            return Met(refused=_("This did not come from Telegram: the secret token is missing or wrong"))
        return Met(seen=self._seen(request, config))

    def _seen(self, request: Request, config: Config) -> Sight | None:
        return sight(super().read(request, config).data)

    def repeats(self, config: Config) -> Config:
        """Telegram sends an update again until it is answered; its number stays."""
        return {"by": "field", "name": "update_id"}

    def read(self, request: Request, config: Config) -> Decoded:
        decoded = super().read(request, config)
        return replace(decoded, data=updates.flat(decoded.data)) if "update_id" in decoded.data else decoded

    def attach(self, url: str, secret: str, config: Config, http: Http) -> str:
        """Raises Failed. Telegram keeps one address for each bot."""
        opened = config["connection"]
        told = client.call(http, str(opened.config["token"]), "getWebhookInfo", {})
        theirs = str(told.get("url") or "")
        if theirs and not _is_ours(theirs, url) and not config.get("replace"):
            raise Failed(
                _(
                    "The bot already sends its updates to another address: %(host)s. Switch it off there, "
                    "or allow below to take the bot over"
                )
                % {"host": urlsplit(theirs).hostname or theirs}
            )
        asked = {"url": url, "secret_token": secret, "allowed_updates": list(config.get("updates") or USUAL)}
        client.call(http, str(opened.config["token"]), "setWebhook", asked)
        bot = client.call(http, str(opened.config["token"]), "getMe", {})
        return "@" + str(bot.get("username") or bot.get("first_name"))

    def detach(self, url: str, config: Config, http: Http) -> None:
        """Leaves alone what another system has set meanwhile. Raises Failed."""
        token = str(config["connection"].config["token"])
        if _is_ours(str(client.call(http, token, "getWebhookInfo", {}).get("url") or ""), url):
            client.call(http, token, "deleteWebhook", {})


def _is_ours(theirs: str, url: str) -> bool:
    """Whether an address is this source's, perhaps by a name that this service had before."""
    return bool(theirs) and urlsplit(theirs).path == urlsplit(url).path
