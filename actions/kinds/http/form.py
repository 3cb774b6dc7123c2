"""The settings of «HTTP-запрос»."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.fields import ConnectionField, PlaceholderField, RowsField, SuccessCodesField
from actions.kinds.http import body_texts
from actions.nested_rows import with_depths
from actions.tree_field import BASE64, FILE, TreeField
from webjack.config import Config
from webjack.http import Failed
from webjack.http.address import parse

METHODS = [(method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")]
TEXT, JSON, FORM, MULTIPART, XML = "text", "json", "form", "multipart", "xml"
AS_FIELDS, AS_TEXT = "fields", "text"
ORDER = (
    "method", "url", "body_kind", "body", "json_as", "body_json", "body_fields", "body_xml", "success_codes", "query",
    "headers", "connection", "follow_redirects",
)  # fmt: skip
WITH_ROWS = (
    f"{JSON}+{AS_FIELDS}", f"{FORM}+{AS_FIELDS}", f"{FORM}+{AS_TEXT}", f"{MULTIPART}+{AS_FIELDS}",
    f"{MULTIPART}+{AS_TEXT}",
)  # fmt: skip


def check_address(text: str) -> None:
    """A complete address is read as it will be when sent; of one with placeholders only the beginning is known."""
    if "{{" not in text and "{%" not in text:
        try:
            parse(text)
        except Failed as failed:
            raise ValidationError(str(failed.message)) from failed
    elif not text.strip().lower().startswith(("http://", "https://", "{{", "{%")):
        raise ValidationError(_("The address must begin with https:// or http://"))


class RequestForm(forms.Form):
    method = forms.ChoiceField(label=_("Method"), choices=METHODS, initial="POST")
    url = PlaceholderField(
        label=_("Address"),
        validators=[check_address],
        widget=forms.TextInput(attrs={"placeholder": "https://", "inputmode": "url", "autocomplete": "off"}),
    )
    body_kind = forms.ChoiceField(
        label=_("Format of the body"),
        choices=[
            (TEXT, _("Text")),
            (JSON, _("JSON")),
            (FORM, _("Form Urlencoded")),
            (MULTIPART, _("Multipart, with files")),
            (XML, "XML"),
        ],
        initial=TEXT,
        required=False,
        widget=forms.RadioSelect,
    )
    body = PlaceholderField(
        label=_("Body"),
        required=False,
        lines=5,
        help_text=_(
            "Any text, or the result of an earlier action. JSON and forms get their Content-Type by themselves"
        ),
    )
    json_as = forms.ChoiceField(
        label=_("How to fill it in"),
        choices=[(AS_FIELDS, _("By rows")), (AS_TEXT, _("As it will be sent"))],
        initial=AS_FIELDS,
        required=False,
        widget=forms.RadioSelect,
    )
    body_json = PlaceholderField(
        label=_("What is sent"),
        required=False,
        lines=8,
        grammar="json",
        help_text=_(
            "In quotes a placeholder becomes a text, without quotes a number, an object or whatever the value is. "
            "Quotes and line breaks in values do no harm"
        ),
    )
    body_fields = TreeField(
        label=_("Fields of the body"),
        files=True,
        only={FILE: ("body_kind", (MULTIPART,)), BASE64: ("body_kind", (MULTIPART,))},
        help_text=_(
            "An object or a list holds rows inside. In JSON a dot in a name makes an object as well: client.phone"
        ),
    )
    body_xml = PlaceholderField(
        label=_("XML document"),
        required=False,
        lines=8,
        grammar="xml",
        help_text=_("Signs like & and < in values are written so that the document stays whole"),
    )
    success_codes = SuccessCodesField(
        label=_("Success status codes"),
        initial="2**",
        required=False,
        help_text=_("Separated by commas, * is any digit: 2**, 404"),
    )
    query = RowsField(label=_("Query string parameters"))
    headers = RowsField(label=_("Headers"))
    connection = ConnectionField(
        "http",
        required=False,
        help_text=_("User and password, token, key or signature, entered once; also a proxy and a certificate"),
    )
    follow_redirects = forms.BooleanField(label=_("Follow redirects"), required=False)

    groups: ClassVar[Any] = ((_("Request parameters"), ORDER),)
    shown_for: ClassVar[dict[str, Any]] = {
        "body": ("body_kind", (TEXT,)),
        "json_as": ("body_kind", (JSON,)),
        "body_json": ("body_kind+json_as", (f"{JSON}+{AS_TEXT}",)),
        "body_fields": ("body_kind+json_as", WITH_ROWS),
        "body_xml": ("body_kind", (XML,)),
    }

    def clean(self) -> Config:
        """Only what is sent is checked; texts of JSON and XML that are not sent are not kept."""
        told: Config = super().clean() or {}
        told["body_kind"], told["json_as"] = told.get("body_kind") or TEXT, told.get("json_as") or AS_FIELDS
        self._check("body_json", body_texts.check_json, told["body_kind"] == JSON and told["json_as"] == AS_TEXT)
        self._check("body_xml", body_texts.check_xml, told["body_kind"] == XML)
        if told["body_kind"] != MULTIPART and any(
            row.get("type") in (FILE, BASE64) for row in with_depths(told.get("body_fields") or [])
        ):
            self.add_error("body_fields", _("Files can be sent in a multipart body only"))
        return told

    def _check(self, name: str, check: Any, sent: bool) -> None:
        text = self.cleaned_data.get(name)
        if not sent:
            self.cleaned_data[name] = ""
            self.errors.pop(name, None)
        elif text:
            try:
                check(text)
            except ValueError as bad:
                self.add_error(name, str(bad))
