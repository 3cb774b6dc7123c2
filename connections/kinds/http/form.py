"""The settings of «Авторизация HTTP»."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kinds.http.signing import ALGORITHMS, pem
from webjack.config import Config
from webjack.http import Failed
from webjack.http.address import parse
from webjack.http.proxy import check_certificate, check_proxy

NONE, BASIC, BEARER, KEY, HMAC, OAUTH2 = "none", "basic", "bearer", "key", "hmac", "oauth2"
WAYS = (
    (NONE, gettext_lazy("None")),
    (BASIC, gettext_lazy("User and password (Basic)")),
    (BEARER, gettext_lazy("Token (Bearer)")),
    (KEY, gettext_lazy("API key")),
    (HMAC, gettext_lazy("Signature (HMAC)")),
    (OAUTH2, gettext_lazy("OAuth2, client credentials")),
)
HEADER, QUERY = "header", "query"
IN_HEADER, IN_BODY = "header", "body"
NEEDED = {
    BASIC: ("user",),
    BEARER: ("bearer",),
    KEY: ("key_name", "key"),
    HMAC: ("hmac_secret", "hmac_header"),
    OAUTH2: ("token_url", "client_id", "client_secret"),
}
FIELDS = {
    BASIC: ("user", "password"),
    BEARER: ("bearer",),
    KEY: ("key_place", "key_name", "key"),
    HMAC: (
        "hmac_secret", "hmac_algorithm", "hmac_header", "hmac_prefix", "hmac_coding", "hmac_signed",
        "hmac_timestamp_header",
    ),
    OAUTH2: ("token_url", "client_id", "client_secret", "client_place", "scope"),
}  # fmt: skip


# What "hosts" keeps to its hosts; without it the address of an action decides.
KEYS = ("password", "bearer", "key", "hmac_secret", "client_secret")


def check_url(text: str) -> None:
    try:
        parse(text)
    except Failed as failed:
        raise ValidationError(str(failed.message)) from failed


def check_proxy_url(text: str) -> None:
    try:
        check_proxy(text)
    except Failed as failed:
        raise ValidationError(str(failed.message)) from failed
    if "@" in text:
        raise ValidationError(_("Enter the proxy's user and password in their own fields"))


def url_field(label: Any, validator: Any = check_url, **options: Any) -> forms.CharField:
    widget = forms.TextInput(
        attrs={"inputmode": "url", "autocomplete": "off", "placeholder": options.pop("example", "")}
    )
    return forms.CharField(label=label, required=False, validators=[validator], widget=widget, **options)


def text_field(label: Any, initial: str = "", **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, initial=initial, widget=widget, **options)


def choice_field(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices, initial=next(iter(choices))[0], **options)


class HttpForm(forms.Form):
    auth = choice_field(gettext_lazy("Authorization"), WAYS)
    user = text_field(gettext_lazy("User"))
    password = SecretField(label=gettext_lazy("Password"))
    bearer = SecretField(label=gettext_lazy("Token"))
    key_place = choice_field(
        gettext_lazy("Where the key goes"),
        [(HEADER, gettext_lazy("Into a header")), (QUERY, gettext_lazy("Into the query string"))],
    )
    key_name = text_field(gettext_lazy("Name of the header or parameter"), "X-API-Key")
    key = SecretField(label=gettext_lazy("Key"))
    hmac_secret = SecretField(label=gettext_lazy("Secret for the signature"))
    hmac_algorithm = choice_field(gettext_lazy("Algorithm"), [(name, f"HMAC-{name.upper()}") for name in ALGORITHMS])
    hmac_header = text_field(gettext_lazy("Header with the signature"), "X-Signature")
    hmac_prefix = text_field(gettext_lazy("Before the signature"), help_text=gettext_lazy("Such as sha256="))
    hmac_coding = choice_field(gettext_lazy("Written as"), [("hex", "Hex"), ("base64", "Base64")])
    hmac_signed = text_field(
        gettext_lazy("What is signed"),
        "{body}",
        help_text=gettext_lazy("Parts of the request: {method}, {url}, {path}, {query}, {timestamp}, {body}"),
    )
    hmac_timestamp_header = text_field(
        gettext_lazy("Header with the time"), help_text=gettext_lazy("Unix time in seconds; empty: it is not sent")
    )
    token_url = url_field(gettext_lazy("Address for tokens"), example="https://")
    client_id = text_field(gettext_lazy("Client ID"))
    client_secret = SecretField(label=gettext_lazy("Client secret"))
    client_place = choice_field(
        gettext_lazy("How the secret is sent"),
        [(IN_HEADER, gettext_lazy("In the header Authorization")), (IN_BODY, gettext_lazy("In the body"))],
    )
    scope = text_field(gettext_lazy("Scope"), help_text=gettext_lazy("Rights that are asked for; often empty"))
    hosts = text_field(
        gettext_lazy("Only for these hosts"),
        help_text=gettext_lazy(
            "Separated by commas: api.example.com. The key goes nowhere else, whatever an action's address becomes"
        ),
    )
    check_url = url_field(
        gettext_lazy("Address for the check"),
        example="https://",
        help_text=gettext_lazy("“Check the connection” asks it by GET; any answer below 400 is good"),
    )
    proxy = url_field(gettext_lazy("Proxy"), check_proxy_url, example="http://proxy.example.com:3128")
    proxy_user = text_field(gettext_lazy("User of the proxy"))
    proxy_password = SecretField(label=gettext_lazy("Password of the proxy"))
    certificate = forms.CharField(
        label=gettext_lazy("Certificate of the client"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "placeholder": "-----BEGIN CERTIFICATE-----"}),
        help_text=gettext_lazy("PEM, with the certificates between it and the authority"),
    )
    certificate_key = SecretField(
        lines=4, label=gettext_lazy("Key of the certificate"), help_text=gettext_lazy("PEM, without a password")
    )

    groups = (
        ("", ("auth", *(name for names in FIELDS.values() for name in names), "hosts", "check_url")),
        (
            gettext_lazy("Proxy and certificate"),
            ("proxy", "proxy_user", "proxy_password", "certificate", "certificate_key"),
        ),
    )
    shown_for: ClassVar[dict[str, Any]] = {name: ("auth", (way,)) for way, names in FIELDS.items() for name in names}

    def clean(self) -> Config:
        """Nothing of another way is kept, and what the chosen one needs is there."""
        told: Config = super().clean() or {}
        told["auth"] = told.get("auth") or NONE
        for way, names in FIELDS.items():
            if way != told["auth"]:
                told |= dict.fromkeys(names, "")
        for name in NEEDED.get(told["auth"], ()):
            if not told.get(name) and name not in self.errors:
                self.add_error(name, _("Fill this in"))
        if not told.get("proxy"):
            told |= {"proxy_user": "", "proxy_password": ""}
        self._check_certificate(told)
        return told

    def _check_certificate(self, told: Config) -> None:
        if not told.get("certificate"):
            told["certificate_key"] = ""
            return
        try:
            check_certificate(pem(told))
        except Failed as failed:
            self.add_error("certificate", str(failed.message))

    def clean_hosts(self) -> str:
        hosts = [host.strip().lower() for host in self.cleaned_data["hosts"].split(",")]
        wrong = [host for host in hosts if re.search(r"[\s/@]", host)]
        if wrong:
            raise ValidationError(
                _("“%(host)s” is no host: write it without https:// and without a path") % {"host": wrong[0]}
            )
        return ", ".join(host for host in hosts if host)
