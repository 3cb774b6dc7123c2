"""«HTTP-Запрос (Webhook)»: takes any request at an address of its own."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField, RowsField
from sources import klientiks
from sources.answer import is_ours
from sources.kind import Example, Guides, SourceKind
from webjack.config import Config

METHODS = [(method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")]
RESPONSE = "response__status", "response__reason", "response__headers", "response__body"


def check_header(name: str) -> None:
    if not all(sign.isascii() and (sign.isalnum() or sign in "!#$%&'*+-.^_`|~") for sign in name):
        text = _("The header name “%(name)s” is not valid: use Latin letters, digits and dashes")
        raise ValidationError(text, params={"name": name})
    if is_ours(name):
        raise ValidationError(_("The header %(name)s cannot be set here"), params={"name": name})


class WebhookForm(forms.Form):
    groups = ((_("Basic settings"), ("methods",)), (_("Response parameters"), RESPONSE))

    methods = forms.MultipleChoiceField(
        label=_("Accepted methods"),
        choices=METHODS,
        initial=["GET", "POST"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Requests with other methods are refused and kept in the history"),
    )
    response__status = forms.IntegerField(
        label=_("Response status code"), min_value=200, max_value=599, initial=200, required=False
    )
    response__reason = forms.CharField(
        label=_("Response status text"),
        max_length=100,
        required=False,
        help_text=_("Rarely needed: over HTTP/2 it is not sent at all, over HTTP/1.1 only in Latin letters"),
    )
    response__headers = RowsField(label=_("Response headers"))
    response__body = PlaceholderField(
        label=_("Response body"),
        required=False,
        lines=4,
        help_text=_("Empty: {“status”: “ok”, “id”: “…”} with the number of the operation"),
    )

    def clean_methods(self) -> list[str]:
        return self.cleaned_data["methods"] or ["GET", "POST"]

    def clean_response__status(self) -> int:
        return self.cleaned_data["response__status"] or 200

    def clean_response__reason(self) -> str:
        reason: str = self.cleaned_data["response__reason"]
        if not reason.isprintable():
            raise ValidationError(_("The status text must be one line"))
        return reason

    def clean_response__headers(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.cleaned_data["response__headers"]
        for row in rows:
            check_header(row["name"])
        return rows


class Webhook(SourceKind):
    key = "http"
    title = _("HTTP request (Webhook)")
    about = _("Takes data from any service that can send a request to an address")
    words = "http webhook вебхук запрос klientiks клиентикс tilda тильда getcourse форма сайт"
    form = WebhookForm
    sample: ClassVar[Config] = {"client_id": "1024", "client_phone": "+79161234567", "client_name": "Анна Петрова"}
    guides: ClassVar[Guides] = (("klientiks", "Klientiks"), ("other", _("Another system")), ("curl", "curl"))
    examples: ClassVar[tuple[Example, ...]] = tuple(
        Example(event.key, event.title, event.example) for event in klientiks.EVENTS
    )
