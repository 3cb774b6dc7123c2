"""The settings of «HTTP-запрос»."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.conditions.operators import DAYS, FAMILIES, NOTHING, OPERATORS, TWO
from actions.fields import FOLDED, ConnectionField, PlaceholderField, RowsField, SuccessCodesField
from actions.kinds.http import body_texts
from actions.kinds.http.paging import BODY, CURSOR, LINK, MOST_ITEMS, MOST_PAGES, PAGE, QUERY
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
SUCCESS = tuple(f"success__{name}" for name in ("operator", "field", "value", "message", "repeat"))
OPERATOR_KEYS = [
    key for key, operator in OPERATORS.items() if operator.family != "date" and operator.takes not in (TWO, DAYS)
]
PAGES = tuple(f"paging__{name}" for name in ("kind", "next", "place", "parameter", "first", "items", "pages", "most"))
WITH_ROWS = (
    f"{JSON}+{AS_FIELDS}", f"{FORM}+{AS_FIELDS}", f"{FORM}+{AS_TEXT}", f"{MULTIPART}+{AS_FIELDS}",
    f"{MULTIPART}+{AS_TEXT}",
)  # fmt: skip


def judging() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """The operators by what they compare."""
    families = [(title, [key for key in OPERATOR_KEYS if OPERATORS[key].family == name]) for name, title in FAMILIES]
    return [(title, [(key, OPERATORS[key].title) for key in keys]) for title, keys in families if keys]


def path_field(label: Any, example: str, help_text: Any) -> forms.CharField:
    """Where in an answer something is, or the name of a parameter."""
    widget = forms.TextInput(
        attrs={"autocomplete": "off", "spellcheck": "false", "class": "form-control mono", "placeholder": example}
    )
    return forms.CharField(label=label, required=False, max_length=300, widget=widget, help_text=help_text)


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

    success__operator = forms.ChoiceField(
        label=_("Successful if"), choices=[("", _("The status code alone decides")), *judging()], required=False
    )
    success__field = path_field(_("Field of the answer"), "body.ok", _("Such as body.ok or body.error"))
    success__value = PlaceholderField(label=_("Compared with"), required=False)
    success__message = path_field(
        _("Where the message about an error is"),
        "body.error.message",
        _("It is cited when the service reports an error"),
    )
    success__repeat = forms.BooleanField(
        label=_("Repeat when the answer is no success"),
        required=False,
        help_text=_("By the usual schedule, as if the service had not been ready"),
    )
    paging__kind = forms.ChoiceField(
        label=_("How the next page is found"),
        choices=[
            ("", _("One page is enough")),
            (LINK, _("By a link in the answer")),
            (PAGE, _("By the number of the page")),
            (CURSOR, _("By a cursor from the answer")),
        ],
        required=False,
    )
    paging__next = path_field(
        _("Where the link or the cursor is"),
        "body.next",
        _("A field of the answer; for a link empty means the header Link"),
    )
    paging__parameter = path_field(
        _("Parameter that carries it"),
        "page",
        _("Its name there: page, cursor, start. In a body also a path, such as params.cursor"),
    )
    paging__place = forms.ChoiceField(
        label=_("Where the next page is named"),
        choices=[(QUERY, _("In the query string")), (BODY, _("In the JSON body"))],
        initial=QUERY,
        required=False,
    )
    paging__first = forms.IntegerField(
        label=_("First page"), initial=1, required=False, min_value=0, max_value=1_000_000
    )
    paging__items = path_field(_("Where the list is"), "body.items", _("A field of the answer; empty: its first list"))
    paging__pages = forms.IntegerField(
        label=_("Pages at most"), initial=10, required=False, min_value=1, max_value=MOST_PAGES
    )
    paging__most = forms.IntegerField(
        label=_("Elements at most"),
        initial=1000,
        required=False,
        min_value=1,
        max_value=MOST_ITEMS,
        help_text=_("Later actions get them as items, with pages and more: whether something is left"),
    )

    groups: ClassVar[Any] = (
        (_("Request parameters"), ORDER),
        (_("Success by the content of the answer"), SUCCESS, FOLDED),
        (_("Answers in several pages"), PAGES, FOLDED),
    )
    shown_for: ClassVar[dict[str, Any]] = {
        "body": ("body_kind", (TEXT,)),
        "json_as": ("body_kind", (JSON,)),
        "body_json": ("body_kind+json_as", (f"{JSON}+{AS_TEXT}",)),
        "body_fields": ("body_kind+json_as", WITH_ROWS),
        "body_xml": ("body_kind", (XML,)),
        "success__field": ("success__operator", tuple(OPERATOR_KEYS)),
        "success__value": ("success__operator", tuple(key for key in OPERATOR_KEYS if OPERATORS[key].takes != NOTHING)),
        "success__repeat": ("success__operator", tuple(OPERATOR_KEYS)),
        "paging__next": ("paging__kind", (LINK, CURSOR)),
        "paging__parameter": ("paging__kind", (PAGE, CURSOR)),
        "paging__place": ("paging__kind", (PAGE, CURSOR)),
        "paging__first": ("paging__kind", (PAGE,)),
        **dict.fromkeys(("paging__items", "paging__pages", "paging__most"), ("paging__kind", (LINK, PAGE, CURSOR))),
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
        self._clean_paging(told)
        if told.get("success__operator") and not told.get("success__field") and "success__field" not in self.errors:
            self.add_error("success__field", _("Fill this in"))
        return told

    def _clean_paging(self, told: Config) -> None:
        kind = told.get("paging__kind") or ""
        told["paging__place"] = told.get("paging__place") or QUERY
        if kind in (PAGE, CURSOR) and told["paging__place"] == BODY and told["body_kind"] not in (JSON, TEXT):
            self.add_error("paging__place", _("Only a JSON body can name the next page"))
        needed = {PAGE: ("paging__parameter",), CURSOR: ("paging__parameter", "paging__next")}.get(kind, ())
        for name in needed:
            if not told.get(name) and name not in self.errors:
                self.add_error(name, _("Fill this in"))
        for name in ("paging__first", "paging__pages", "paging__most"):
            if told.get(name) is None and name not in self.errors:
                told[name] = self.fields[name].initial

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
