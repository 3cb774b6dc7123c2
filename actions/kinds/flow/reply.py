"""«Ответить отправителю»: makes the answer to the webhook from what the actions before it brought."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField, RowsField
from actions.kind import ActionKind, Data, Example
from actions.values import text
from webjack.config import Config
from webjack.http import Failed, Http

LEAST, MOST = 200, 599
TYPE = "content-type"


class StatusField(PlaceholderField):
    """A status code, or a placeholder that becomes one."""

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["integer", "string"]}

    def clean(self, value: Any) -> Any:
        written = super().clean("" if value is None else str(value))
        if not written:
            return LEAST
        if "{" in written:
            return written
        code = _code(written)
        if code is None:
            raise ValidationError(_("A status code is a number from %(least)s to %(most)s") % _BOUNDS)
        return code


class ReplyForm(forms.Form):
    groups = (("", ("body", "content_type")), (_("Status and headers"), ("status", "headers")))

    body = PlaceholderField(
        label=_("Response body"),
        required=False,
        lines=6,
        help_text=_("What the sender gets, for example {{ steps.json.text }} or the number of a lead"),
    )
    content_type = PlaceholderField(
        label=_("Content type"),
        required=False,
        help_text=_("Empty: application/json where the body is JSON, else text/plain"),
    )
    status = StatusField(label=_("Response status code"), initial=LEAST, required=False)
    headers = RowsField(label=_("Response headers"))


class Reply(ActionKind):
    key = "flow.reply"
    alias = "reply"
    title = _("Answer the sender")
    about = _("The sender of the request gets this answer, made of what the actions before it brought")
    words = "reply answer response ответ ответить отправителю синхронно"
    form = ReplyForm
    sample: ClassVar[Data] = {"status": 200, "headers": [], "body": '{"id": 3461}'}
    network = False
    answers = True

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
        code = _code(config.get("status") or LEAST)
        if code is None:
            told = gettext("“%(value)s” is no status code: a number from %(least)s to %(most)s is")
            raise Failed(told % ({"value": text(config["status"])[:60]} | _BOUNDS))
        headers = [{"name": row["name"], "value": text(row["value"])} for row in config.get("headers") or []]
        kind = text(config.get("content_type")).strip()
        if kind:
            headers = [row for row in headers if row["name"].strip().lower() != TYPE]
            headers.append({"name": "Content-Type", "value": kind})
        return {"status": code, "headers": headers, "body": text(config.get("body"))}

    def told(self, output: Data) -> str:
        return f"{output['status']} {output['body']}"[:300]

    def summary(self, config: Config) -> str:
        return f"{config.get('status', LEAST)} {config.get('body', '')}"


_BOUNDS = {"least": LEAST, "most": MOST}


def _code(value: Any) -> int | None:
    written = text(value).strip()
    code = int(written) if written.isascii() and written.isdigit() and len(written) == 3 else 0
    return code if LEAST <= code <= MOST else None
