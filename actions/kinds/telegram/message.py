"""«Telegram: сообщение»: writes to a person, a group or a channel by sendMessage."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import ConnectionField, PlaceholderField, RowsField
from actions.kind import ActionKind, Data
from actions.kinds.http.request import account_of
from actions.kinds.telegram import markup
from connections.kinds.telegram import client
from webjack.config import Config
from webjack.http import Failed, Http

TEXT, HTML, MARKDOWN = "text", "html", "markdown"
MOST_MESSAGES = 10
"""One text makes no more of them: nobody reads more, and a group takes 20 a minute."""


class MessageForm(forms.Form):
    connection = ConnectionField("telegram", label=gettext_lazy("Bot"))
    chat = PlaceholderField(
        label=gettext_lazy("Chat"),
        help_text=gettext_lazy("The chat's number, or @name of a channel. The bot must be in it"),
    )
    text = PlaceholderField(label=gettext_lazy("Text"), lines=6, initial="")
    format = forms.ChoiceField(
        label=gettext_lazy("Formatting"),
        choices=[
            (TEXT, gettext_lazy("None")),
            (HTML, gettext_lazy("HTML: <b>, <i>, <a>")),
            (MARKDOWN, gettext_lazy("Markdown: *bold*, _italic_, [link](https://…)")),
        ],
        initial=TEXT,
        required=False,
    )
    buttons = RowsField(
        label=gettext_lazy("Buttons"), help_text=gettext_lazy("Text and address; each stands on a line of its own")
    )
    topic = PlaceholderField(
        label=gettext_lazy("Topic"), required=False, help_text=gettext_lazy("Its number, in a group with topics")
    )
    silent = forms.BooleanField(label=gettext_lazy("Without a sound"), required=False)
    preview = forms.BooleanField(label=gettext_lazy("Show a preview of links"), required=False)

    groups = (("", ("connection", "chat", "text")), (gettext_lazy("How it looks"), ("format", "buttons", "topic")))


class SendMessage(ActionKind):
    key = "telegram.message"
    alias = "telegram"
    title = gettext_lazy("Telegram: message")
    about = gettext_lazy("Writes to a person, a group or a channel through your bot")
    common = True
    words = "телеграм сообщение бот чат уведомление telegram"
    form = MessageForm
    sample: ClassVar[dict[str, Any]] = {"message_id": 42, "chat_id": 987654321, "messages": [42]}

    def execute(self, config: Config, http: Http) -> Data:
        parts = parts_of(config)
        if not parts:
            raise Failed(_("The text is empty: there is nothing to send"))
        if len(parts) > MOST_MESSAGES:
            raise Failed(
                _("The text is too long: it would make %(count)s messages, at most %(most)s are sent")
                % {"count": len(parts), "most": MOST_MESSAGES}
            )
        chat: int | str = chat_of(config["chat"])
        sent: list[int] = []
        for number, text in enumerate(parts, 1):
            asked = common(config) | {"text": text, "parse_mode": "HTML"}
            if number == len(parts):
                asked |= keyboard(config)
            chat, result = send(config, http, "sendMessage", chat, asked)
            sent.append(result["message_id"])
        return {"message_id": sent[-1], "chat_id": chat, "messages": sent}

    def account(self, config: Config) -> str:
        return account_of(client.address("", ""))

    def summary(self, config: Config) -> str:
        return " ".join(str(config.get("text", "")).split())[:80]


def parts_of(config: Config) -> list[str]:
    """The text as HTML that Telegram takes, in as many messages as it needs."""
    text = values.text(config.get("text"))
    match config.get("format"):
        case "html":
            parts = markup.from_html(text)
        case "markdown":
            parts = markup.from_markdown(text)
        case _:
            parts = [markup.Part(text)]
    return markup.messages(parts)


def chat_of(value: Any) -> int | str:
    text = values.text(value).strip()
    return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else text


def common(config: Config) -> Data:
    asked: Data = {"link_preview_options": {"is_disabled": not config.get("preview")}}
    if config.get("silent"):
        asked["disable_notification"] = True
    topic = values.text(config.get("topic")).strip()
    if topic:
        if not topic.isascii() or not topic.isdigit():
            raise Failed(_("The topic must be a number"))
        asked["message_thread_id"] = int(topic)
    return asked


def keyboard(config: Config) -> Data:
    rows = [
        [{"text": row["name"], "url": values.text(row["value"])}]
        for row in config.get("buttons") or []
        if values.text(row["value"]).strip()
    ]
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def send(config: Config, http: Http, method: str, chat: int | str, asked: Data) -> tuple[int | str, Data]:
    """The chat's id, which may have become another one, and what Telegram says of the message."""
    opened = config["connection"]
    signed, token = http.through(opened), str(opened.config["token"])
    try:
        return chat, client.call(signed, token, method, {"chat_id": chat} | asked)
    except client.Migrated as moved:
        return moved.chat, client.call(signed, token, method, {"chat_id": moved.chat} | asked)
