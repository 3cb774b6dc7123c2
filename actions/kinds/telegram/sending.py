"""What the actions of Telegram share: the fields of their forms, the chat, the keyboard, the call."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import ConnectionField, LoadedField, PlaceholderField, RowsField
from actions.filled import text, whole
from actions.kind import ActionKind, Data, Invitation, Option
from actions.kinds.http.request import account_of
from actions.kinds.telegram import markup
from connections.kinds.telegram import chats, client
from webjack.config import Config
from webjack.http import Failed, Http

TEXT, HTML, MARKDOWN = "text", "html", "markdown"
_NUMBER = re.compile(r"-?[0-9]{1,20}")


def bot_field() -> ConnectionField:
    return ConnectionField("telegram", label=gettext_lazy("Bot"))


def chat_field() -> LoadedField:
    return LoadedField(
        options="chats",
        label=gettext_lazy("Chat"),
        help_text=gettext_lazy("The chat's number, or @name of a channel. The bot must be in it"),
    )


def format_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Formatting"),
        choices=[
            (TEXT, gettext_lazy("None")),
            (HTML, gettext_lazy("HTML: <b>, <i>, <a>")),
            (MARKDOWN, gettext_lazy("Markdown: *bold*, _italic_, [link](https://…)")),
        ],
        initial=TEXT,
        required=False,
    )


def buttons_field() -> RowsField:
    return RowsField(
        label=gettext_lazy("Buttons"), help_text=gettext_lazy("Text and address; each stands on a line of its own")
    )


def topic_field() -> PlaceholderField:
    return PlaceholderField(
        label=gettext_lazy("Topic"), required=False, help_text=gettext_lazy("Its number, in a group with topics")
    )


def silent_field() -> forms.BooleanField:
    return forms.BooleanField(label=gettext_lazy("Without a sound"), required=False)


class Sending(ActionKind):
    """Sends something to a chat."""

    finds = {"chats": gettext_lazy("Find a chat")}

    def account(self, config: Config) -> str:
        return account_of(client.address("", ""))

    def options(self, name: str, config: Config, http: Http) -> list[Option]:
        """The chats that the bot was seen in, the latest first."""
        bot = config["connection"]
        try:
            for sight in chats.pending(http, str(bot.config["token"])):
                bot.note(sight)
        except client.Taken:
            pass  # a source of ours notes them as they come
        return [Option(one.value, one.label, about=one.about) for one in bot.seen(chats.CHAT)]

    def invite(self, name: str, code: str, config: Config, http: Http) -> Invitation:
        token = str(config["connection"].config["token"])
        bot = str(_told(http, token, "getMe").get("username") or "")
        steps = [
            _("A person: open @%(bot)s and send it the code") % {"bot": bot},
            _("A group: add the bot to it and write there: /start@%(bot)s %(code)s") % {"bot": bot, "code": code},
        ]
        if _told(http, token, "getWebhookInfo").get("url"):
            steps.append(
                _("The bot has a webhook: the chat is found if that is a data source “Telegram” of your company")
            )
        place = f"https://t.me/{bot}"
        links = [
            (_("Open the bot"), f"{place}?start={code}"),
            (_("Add it to a group"), f"{place}?startgroup={code}"),
        ]
        return Invitation(steps, links if bot else ())


def _told(http: Http, token: str, method: str) -> Data:
    found = client.call(http, token, method, {})
    return found if isinstance(found, dict) else {}


def parts(text: Any, form: Any) -> list[markup.Part]:
    """Raises Failed when the text is too long to be read."""
    told = values.text(text)
    if len(told) > markup.LONGEST_TEXT:
        names = {"count": len(told), "most": markup.LONGEST_TEXT}
        raise Failed(_("The text is too long for Telegram: %(count)s characters, at most %(most)s are taken") % names)
    match form:
        case "html":
            return markup.from_html(told)
        case "markdown":
            return markup.from_markdown(told)
    return [markup.Part(told)]


def chat_of(value: Any) -> int | str:
    told = values.text(value).strip()
    return int(told) if _NUMBER.fullmatch(told) else told


def common(config: Config) -> Data:
    """What any message may be sent with."""
    asked: Data = {}
    if config.get("silent"):
        asked["disable_notification"] = True
    topic = text(config, "topic")
    if topic:
        asked["message_thread_id"] = whole(topic)
        if asked["message_thread_id"] is None:
            raise Failed(_("The topic must be a number"))
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
        return chat, sent(client.call(signed, token, method, {"chat_id": chat} | asked))
    except client.Migrated as moved:
        return moved.chat, sent(client.call(signed, token, method, {"chat_id": moved.chat} | asked))


def sent(told: Any) -> Data:
    """What Telegram says of the message that it has sent. Raises Failed where that is something else."""
    if not isinstance(told, dict) or not isinstance(told.get("message_id"), int):
        raise Failed(_("Telegram did not say which message it sent: look into the chat"), unknown=True)
    return told
