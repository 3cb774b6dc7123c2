"""«HTTP-Запрос (Webhook)»: takes any request at an address of its own."""

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField, RowsField
from sources.kind import SourceKind
from webjack.config import Config

METHODS = [(method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]


class WebhookForm(forms.Form):
    methods = forms.MultipleChoiceField(
        label=_("Accepted methods"),
        choices=METHODS,
        initial=["GET", "POST"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    response__status = forms.IntegerField(label=_("Response status code"), min_value=200, max_value=599, initial=200, required=False)
    response__reason = forms.CharField(
        label=_("Response status text"),
        max_length=100,
        required=False,
        help_text=_("HTTP/2 has no status text, so most senders never see it"),
    )
    response__headers = RowsField(label=_("Response headers"))
    response__body = PlaceholderField(
        label=_("Response body"),
        required=False,
        lines=4,
        help_text=_("Empty: {\"status\": \"ok\", \"id\": \"…\"}"),
    )

    def clean_methods(self) -> list[str]:
        return self.cleaned_data["methods"] or ["GET", "POST"]

    def clean_response__status(self) -> int:
        return self.cleaned_data["response__status"] or 200


class Webhook(SourceKind):
    key = "http"
    title = _("HTTP request (Webhook)")
    about = _("Takes data from any service that can send a request to an address")
    words = "http webhook вебхук запрос klientiks клиентикс tilda"
    form = WebhookForm
    sample: Config = {"client_id": "1024", "client_phone": "+79161234567", "client_name": "Анна Петрова"}
