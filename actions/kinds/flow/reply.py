"""«Ответить отправителю»: makes the answer to the webhook from what the actions before it brought."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField, RowsField
from actions.kind import ActionKind, Data, Example
from actions.values import text
from webjack.config import Config
from webjack.http import Http


class ReplyForm(forms.Form):
    status = forms.IntegerField(label=_("Response status code"), min_value=200, max_value=599, initial=200)
    headers = RowsField(label=_("Response headers"))
    body = PlaceholderField(label=_("Response body"), required=False, lines=6)


class Reply(ActionKind):
    key = "flow.reply"
    alias = "reply"
    title = _("Answer the sender")
    about = _("The sender gets this answer, if the data source waits for it: set the seconds in its settings")
    words = "reply answer ответ отправителю синхронно"
    form = ReplyForm
    sample: ClassVar[Data] = {"status": 200, "headers": [], "body": '{"id": 3461}'}
    network = False

    example = Example(
        _("The sender gets the number of the client in JSON"),
        {"client_id": 1024},
        {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "body": '{"id": {{ client_id }}}',
        },
        {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "body": '{"id": 1024}',
        },
    )

    def execute(self, config: Config, http: Http) -> Data:
        headers = [{"name": row["name"], "value": text(row["value"])} for row in config.get("headers") or []]
        return {"status": int(config["status"]), "headers": headers, "body": text(config.get("body"))}

    def summary(self, config: Config) -> str:
        return f"{config.get('status', 200)} {config.get('body', '')}"
