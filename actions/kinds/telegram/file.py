"""What photo and document share: a file by its address, by its id in Telegram, or as it came to a source.

https://core.telegram.org/bots/api#sending-files, read in May 2026: Telegram fetches an address itself.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import PlaceholderField
from actions.kind import Data
from actions.kinds.http import multipart
from actions.kinds.telegram import markup, sending
from actions.tree_field import FILE
from connections.kinds.telegram import client
from webjack.config import Config
from webjack.http import Failed, Http

LONGEST_CAPTION = 1024
"""UTF-16 units, counted without its tags."""


class FileForm(forms.Form):
    connection = sending.bot_field()
    chat = sending.chat_field()
    file = PlaceholderField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Its address, its file_id in Telegram, or a field that a file came in"),
    )
    caption = PlaceholderField(label=gettext_lazy("Caption"), lines=3, required=False)
    format = sending.format_field()
    buttons = sending.buttons_field()
    topic = sending.topic_field()
    silent = sending.silent_field()

    groups = (
        ("", ("connection", "chat", "file", "caption")),
        (gettext_lazy("How it looks"), ("format", "buttons", "topic", "silent")),
    )


class SendFile(sending.Sending):
    """method, field: of the API."""

    form = FileForm
    method: str
    field: str

    def execute(self, config: Config, http: Http) -> Data:
        asked = sending.common(config) | _caption(config) | sending.keyboard(config)
        chat = sending.chat_of(config["chat"])
        file = config.get("file")
        if isinstance(file, list) and len(file) == 1:
            file = file[0]
        if isinstance(file, Mapping) and "content" in file:
            chat, result = self._uploaded(config, http, chat, asked, file)
        else:
            text = values.text(file).strip()
            if not text:
                raise Failed(_("There is no file: the field is empty"))
            chat, result = sending.send(config, http, self.method, chat, asked | {self.field: text})
        return {"message_id": result["message_id"], "chat_id": chat, "file_id": _id(result.get(self.field))}

    def _uploaded(self, config: Config, http: Http, chat: int | str, asked: Data, file: Any) -> tuple[int | str, Data]:
        opened = config["connection"]
        signed, token = http.through(opened), str(opened.config["token"])
        try:
            body = self._body(asked | {"chat_id": chat}, file, http)
            return chat, sending.sent(client.upload(signed, token, self.method, *body))
        except client.Migrated as moved:
            body = self._body(asked | {"chat_id": moved.chat}, file, http)
            return moved.chat, sending.sent(client.upload(signed, token, self.method, *body))

    def _body(self, asked: Data, file: Any, http: Http) -> tuple[bytes, str]:
        """Of the form; what is nested goes as JSON."""
        rows = [
            {"name": name, "value": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}
            for name, value in asked.items()
        ]
        return multipart.body_of([*rows, {"name": self.field, "value": file, "type": FILE}], http)

    def summary(self, config: Config) -> str:
        return values.text(config.get("caption") or config.get("file"))[:80]


def _caption(config: Config) -> Data:
    """Raises Failed: a caption cannot be cut, for there is one file."""
    told = markup.messages(sending.parts(config.get("caption"), config.get("format")), LONGEST_CAPTION)
    if len(told) > 1:
        raise Failed(
            _("The caption is longer than %(most)s characters: send the rest as a message") % {"most": LONGEST_CAPTION}
        )
    return {"caption": told[0], "parse_mode": "HTML"} if told else {}


def _id(sent: Any) -> str:
    """By which the file can be sent again; of a photo the largest size."""
    file = sent[-1] if isinstance(sent, list) and sent else sent
    return str(file.get("file_id") or "") if isinstance(file, dict) else ""
