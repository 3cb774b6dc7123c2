"""«HTTP-Запрос (Webhook)»: takes any request at an address of its own."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField, RowsField
from sources import decoding, klientiks
from sources.answer import is_ours
from sources.kind import Example, Guides, SourceKind
from sources.parameters import Sender
from sources.replies import LONGEST_WAIT
from webjack.config import Config

METHODS = [(method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")]
DUPLICATES = "duplicates__by", "duplicates__name", "duplicates__minutes"
KNOWN_BY = (
    ("off", _("Take every request")),
    ("field", _("By a field")),
    ("header", _("By a header")),
    ("body", _("By all data: the body and the address parameters")),
)
MOST_MINUTES = 30 * 24 * 60
RESPONSE = "response__status", "response__reason", "response__headers", "response__body", "response__wait"


def check_header(name: str) -> None:
    if not all(sign.isascii() and (sign.isalnum() or sign in "!#$%&'*+-.^_`|~") for sign in name):
        text = _("The header name “%(name)s” is not valid: use Latin letters, digits and dashes")
        raise ValidationError(text, params={"name": name})
    if is_ours(name):
        raise ValidationError(_("The header %(name)s cannot be set here"), params={"name": name})


class WebhookForm(forms.Form):
    groups = (
        (_("Basic settings"), ("methods",)),
        (_("Response parameters"), RESPONSE),
        (_("Repeated requests"), DUPLICATES),
        decoding.GROUP,
    )
    shown_for: ClassVar[dict[str, Any]] = {
        "duplicates__name": ("duplicates__by", ("field", "header")),
        "duplicates__minutes": ("duplicates__by", ("field", "header", "body")),
    }

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

    response__wait = forms.IntegerField(
        label=_("How many seconds to wait for “Answer the sender”"),
        min_value=0,
        max_value=LONGEST_WAIT,
        initial=0,
        required=False,
        help_text=_(
            "The sender gets the answer that this action makes. When it does not come in time, the one set here. "
            "0: nobody waits, which is quickest"
        ),
    )

    duplicates__by = forms.ChoiceField(
        label=_("How a repeated request is known"),
        choices=KNOWN_BY,
        initial="off",
        required=False,
        help_text=_(
            "Some services send the same event several times. The first request runs, the repeated ones "
            "get the same answer and do not get into the history"
        ),
    )
    duplicates__name = forms.CharField(
        label=_("Name of the field or header"),
        max_length=500,
        required=False,
        help_text=_("For example order_id or Idempotency-Key. A request without it is always taken"),
    )
    duplicates__minutes = forms.IntegerField(
        label=_("How many minutes to remember"),
        min_value=1,
        max_value=MOST_MINUTES,
        initial=24 * 60,
        required=False,
        help_text=_("1440 minutes are a day, 43200 are 30 days"),
    )

    decoding__form = decoding.form_field()
    decoding__charset = decoding.charset_field()
    decoding__names = decoding.names_field()

    def clean_duplicates__by(self) -> str:
        return self.cleaned_data["duplicates__by"] or "off"

    def clean_duplicates__minutes(self) -> int:
        return self.cleaned_data["duplicates__minutes"] or 24 * 60

    def clean(self) -> None:
        super().clean()
        by, name = self.cleaned_data.get("duplicates__by"), self.cleaned_data.get("duplicates__name")
        if by in ("field", "header") and not name and "duplicates__name" not in self.errors:
            self.add_error("duplicates__name", _("Say which field or header repeated requests are known by"))

    def clean_methods(self) -> list[str]:
        return self.cleaned_data["methods"] or ["GET", "POST"]

    def clean_response__status(self) -> int:
        return self.cleaned_data["response__status"] or 200

    def clean_response__wait(self) -> int:
        return self.cleaned_data["response__wait"] or 0

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
    title: ClassVar[Any] = _("HTTP request (Webhook)")
    about = _("Takes data from any service that can send a request to an address")
    words = "http webhook вебхук запрос klientiks клиентикс tilda тильда getcourse форма сайт"
    form = WebhookForm
    sample: ClassVar[Config] = {"client_id": "1024", "client_phone": "+79161234567", "client_name": "Анна Петрова"}
    guides: ClassVar[Guides] = (("klientiks", "Klientiks"), ("other", _("Another system")), ("curl", "curl"))
    senders: ClassVar[Mapping[str, Sender]] = {"klientiks": klientiks.SENDER}
    examples: ClassVar[tuple[Example, ...]] = tuple(
        Example(event.key, event.title, event.example) for event in klientiks.EVENTS
    )
