"""«Telegram: сообщение»: writes to a person, a group or a channel by sendMessage."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import PlaceholderField
from actions.kind import Data
from actions.kinds.telegram import markup, sending
from webjack.config import Config
from webjack.http import Failed, Http

MOST_MESSAGES = 10
"""One text makes no more of them: nobody reads more, and a group takes 20 a minute."""
LONGEST_WAIT = 10.0
"""Seconds between a message and the next of the same text."""


class MessageForm(forms.Form):
    connection = sending.bot_field()
    chat = sending.chat_field()
    text = PlaceholderField(label=gettext_lazy("Text"), lines=6, initial="")
    format = sending.format_field()
    buttons = sending.buttons_field()
    topic = sending.topic_field()
    silent = sending.silent_field()
    preview = forms.BooleanField(label=gettext_lazy("Show a preview of links"), required=False)

    groups = (("", ("connection", "chat", "text")), (gettext_lazy("How it looks"), ("format", "buttons", "topic")))


class SendMessage(sending.Sending):
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
        chat = sending.chat_of(config["chat"])
        sent: list[int] = []
        for number, text in enumerate(parts, 1):
            asked = sending.common(config) | {"text": text, "parse_mode": "HTML"}
            asked["link_preview_options"] = {"is_disabled": not config.get("preview")}
            if number == len(parts):
                asked |= sending.keyboard(config)
            try:
                chat, result = sending.send(config, http, "sendMessage", chat, asked)
            except Failed as failed:
                if not sent:
                    raise
                chat, result = _continued(config, http, chat, asked, failed, len(sent), len(parts))
            sent.append(result["message_id"])
        return {"message_id": sent[-1], "chat_id": chat, "messages": sent}

    def summary(self, config: Config) -> str:
        return " ".join(str(config.get("text", "")).split())[:80]


def parts_of(config: Config) -> list[str]:
    """The text as HTML that Telegram takes, in as many messages as it needs."""
    return markup.messages(sending.parts(config.get("text"), config.get("format")))


def _continued(
    config: Config, http: Http, chat: int | str, asked: Data, failed: Failed, sent: int, whole: int
) -> tuple[int | str, Data]:
    """Sends a message once more after a short wait. Raises Failed, which asks for no repeat: that would send the
    messages before it again."""
    wait = 1.0 if failed.after is None else failed.after
    if failed.retry and not failed.unknown and wait <= LONGEST_WAIT:
        http.pause(wait)
        try:
            return sending.send(config, http, "sendMessage", chat, asked)
        except Failed as again:
            failed = again
    told = {"sent": sent, "whole": whole, "problem": failed}
    sentence = _("Only %(sent)s of %(whole)s messages were sent. %(problem)s") % told
    raise Failed(sentence, unknown=failed.unknown, denied=failed.denied)
