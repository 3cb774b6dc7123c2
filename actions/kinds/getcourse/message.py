"""«GetCourse: письмо из рассылки»: sends a prepared mailing to one person (messages, action=send)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.fields import RowsField
from actions.kind import ActionKind, Data
from actions.kinds.getcourse import pupil
from connections.kinds.getcourse import client
from webjack.config import Config
from webjack.http import Http


class MessageForm(forms.Form):
    connection = pupil.connection_field()
    email = pupil.text_field(_("E-mail"), "{{ client_email }}", required=True)
    mailing = pupil.text_field(
        _("Mailing"), required=True, help_text=_("Its number: it stands in the address of the mailing's page")
    )
    parameters = RowsField(label=_("Variables of the letter"))


class SendMessage(ActionKind):
    key = "getcourse.message"
    alias = "letter"
    title = _("GetCourse: letter of a mailing")
    about = _("Sends a mailing that was prepared in GetCourse to one person")
    words = "getcourse геткурс письмо рассылка"
    form = MessageForm
    sample: ClassVar[dict[str, Any]] = {"sent": True}

    def execute(self, config: Config, http: Http) -> Data:
        told = {
            "email": pupil.user({"email": config["email"]})["email"],
            "transport": "email",
            "mailing_id": values.text(config["mailing"]).strip(),
            "params": pupil.rows(config, "parameters"),
        }
        opened = config["connection"]
        client.sent(http.through(opened), opened.config, "messages", "send", {"message": told})
        return {"sent": True}

    def summary(self, config: Config) -> str:
        return f"{config.get('email', '')} → {config.get('mailing', '')}"
