"""«HTTP-запрос»: any request to any address."""

import json
import re
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.fields import TYPES, ConnectionField, PlaceholderField, RowsField, SuccessCodesField
from actions.kind import ActionKind, Data
from webjack import status_codes
from webjack.config import Config
from webjack.http import Answer, Failed, Http
from webjack.http.address import DEFAULT_PORTS, parse
from webjack.http.answer import loads

METHODS = [(method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")]
TEXT, JSON, FORM = "text", "json", "form"
ORDER = (
    "method", "url", "body_kind", "body", "body_fields", "success_codes", "query", "headers", "connection",
    "follow_redirects",
)  # fmt: skip
FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"


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
        choices=[(TEXT, _("Text")), (JSON, _("JSON")), (FORM, _("Form Urlencoded"))],
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
    body_fields = RowsField(
        label=_("Fields of the body"),
        types=TYPES,
        help_text=_("In JSON a dot in a name makes an object inside: client.phone"),
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

    groups = ((_("Request parameters"), ORDER),)
    shown_for: ClassVar[dict[str, Any]] = {"body": ("body_kind", (TEXT,)), "body_fields": ("body_kind", (JSON, FORM))}

    def clean_body_kind(self) -> str:
        return self.cleaned_data["body_kind"] or TEXT


class SendRequest(ActionKind):
    key = "http.request"
    alias = "http"
    title = _("HTTP request")
    about = _("Sends data to any address: choose the method, the address, the body and the headers")
    common = True
    words = "http запрос webhook вебхук api get post rest"
    form = RequestForm
    sample: ClassVar[dict[str, Any]] = {
        "status": 200,
        "headers": {"content-type": "application/json"},
        "body": {"id": 1},
        "text": '{"id":1}',
    }

    def execute(self, config: Config, http: Http) -> Data:
        patterns = status_codes.parse(config.get("success_codes") or "") or status_codes.SUCCESS
        body, content_type = body_of(config)
        headers = pairs(config.get("headers"))
        if body is not None and not any(name.lower() == "content-type" for name, value in headers):
            headers.append(("Content-Type", content_type))
        answer = http.through(config.get("connection") or None).request(
            config["method"],
            values.text(config["url"]),
            query=pairs(config.get("query")),
            headers=headers,
            body=body,
            follow_redirects=bool(config.get("follow_redirects")),
        )
        if not status_codes.matches(patterns, answer.status):
            raise answer.failure()
        return output(answer)

    def account(self, config: Config) -> str:
        return account_of(str(config.get("url") or ""))

    def harmless(self, config: Config) -> bool:
        return config.get("method") in ("GET", "HEAD", "PUT", "DELETE")

    def summary(self, config: Config) -> str:
        return f"{config.get('method', '')} {str(config.get('url', '')).split('://')[-1]}"


def account_of(url: str) -> str:
    """The host, with its port where that is not the usual one; "" unless it is certain before any placeholder."""
    certain = re.split(r"\{\{|\{%", url, maxsplit=1)[0]
    if certain != url and not re.match(r"[^/?#]*//[^/?#]+[/?#]", certain):
        return ""
    try:
        address = parse(certain)
    except Failed:
        return ""
    host = f"[{address.host}]" if ":" in address.host else address.host
    return host if address.port == DEFAULT_PORTS[address.scheme] else f"{host}:{address.port}"


def pairs(rows: list[dict[str, Any]] | None) -> list[tuple[str, str]]:
    return [(row["name"], values.text(row["value"])) for row in rows or []]


def body_of(config: Config) -> tuple[bytes | None, str]:
    """The bytes to send and their content type; None when there is no body."""
    kind, rows = config.get("body_kind") or TEXT, config.get("body_fields") or []
    try:
        if kind == JSON:
            return values.json_text(values.build_object(rows)).encode(), JSON_TYPE
        if kind == FORM:
            return values.form_text(rows).encode(), FORM_TYPE
    except ValueError as bad:
        raise Failed(str(bad)) from bad
    text = values.text(config.get("body"))
    return (text.encode("utf-8", "replace"), type_of(text)) if text else (None, "")


def type_of(text: str) -> str:
    """What a body looks like: the customer need not add the header that the receiver insists on."""
    try:
        if isinstance(json.loads(text), dict | list):
            return JSON_TYPE
    except (ValueError, RecursionError):
        pass
    try:
        if "=" in text and not any(sign.isspace() for sign in text) and parse_qsl(text, strict_parsing=True):
            return FORM_TYPE
    except ValueError:
        pass
    return "text/plain; charset=utf-8"


def output(answer: Answer) -> Data:
    """What later actions can use: `body` is the decoded JSON where the answer is JSON, else its text."""
    try:
        body = loads(answer.text)
    except (ValueError, RecursionError):
        body = answer.text
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return {"status": answer.status, "headers": headers, "body": body, "text": answer.text}
