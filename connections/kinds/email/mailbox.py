"""«Почта»: a company's own mailbox, at the SMTP server that sends for it."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.email.addresses import one_address
from webjack.config import Config
from webjack.http import Failed, Http, MailServer, Outgoing
from webjack.http.letter import NONE, NOW, STARTTLS
from webjack.http.smtp import address_of

USUAL_PORTS = {NOW: 465, STARTTLS: 587, NONE: 25}


def text_input(example: str = "") -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": example})


class MailboxForm(forms.Form):
    host = forms.CharField(
        label=gettext_lazy("Server for outgoing mail (SMTP)"),
        max_length=253,
        widget=text_input("smtp.yandex.ru"),
        help_text=gettext_lazy("Such as smtp.yandex.ru, smtp.mail.ru or smtp.gmail.com"),
    )
    encryption = forms.ChoiceField(
        label=gettext_lazy("Encryption"),
        choices=[
            (NOW, gettext_lazy("SSL/TLS, usually port 465")),
            (STARTTLS, gettext_lazy("STARTTLS, usually port 587")),
            (NONE, gettext_lazy("None, without a password")),
        ],
        initial=NOW,
        required=False,
    )
    port = forms.IntegerField(
        label=gettext_lazy("Port"),
        required=False,
        min_value=1,
        max_value=65535,
        help_text=gettext_lazy("Empty: the usual one"),
    )
    login = forms.CharField(
        label=gettext_lazy("Login"),
        required=False,
        max_length=254,
        widget=text_input(),
        help_text=gettext_lazy("Mostly the whole address of the mailbox"),
    )
    password = SecretField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy(
            "Yandex, Mail.ru and Gmail want a password made for programs: it is made in the mailbox's settings"
        ),
    )
    sender = forms.CharField(
        label=gettext_lazy("Sender's address"),
        max_length=254,
        widget=text_input("info@example.com"),
        help_text=gettext_lazy("Letters come from it; most servers take only the mailbox's own"),
    )
    sender_name = forms.CharField(
        label=gettext_lazy("Sender's name"), required=False, max_length=200, widget=text_input()
    )

    groups = (("", ("host", "encryption", "port", "login", "password", "sender", "sender_name")),)
    shown_for: ClassVar[dict[str, Any]] = dict.fromkeys(("login", "password"), ("encryption", (NOW, STARTTLS)))

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        try:
            address_of(MailServer(host, 465, NOW))
        except Failed:
            raise ValidationError(
                _("This is no host name: write it without https:// and without a port, such as smtp.yandex.ru")
            ) from None
        if any(sign in host for sign in "/:@?# "):
            raise ValidationError(
                _("This is no host name: write it without https:// and without a port, such as smtp.yandex.ru")
            )
        return host

    def clean_sender(self) -> str:
        try:
            return one_address(self.cleaned_data["sender"]).spec
        except Failed as failed:
            raise ValidationError(str(failed.message)) from failed

    def clean(self) -> Config:
        """smtplib sends ASCII alone, and no password goes over the wire in the clear."""
        told: Config = super().clean() or {}
        told["encryption"] = told.get("encryption") or NOW
        told["port"] = told.get("port") or USUAL_PORTS[told["encryption"]]
        if told["encryption"] == NONE:
            told |= {"login": "", "password": ""}
        elif told.get("login") and not told.get("password"):
            self.add_error("password", _("Fill this in"))
        elif told.get("password") and not told.get("login"):
            self.add_error("login", _("Fill this in"))
        for name in ("login", "password"):
            if not str(told.get(name) or "").isascii() and name not in self.errors:
                self.add_error(name, _("Only Latin letters, digits and signs are possible here"))
        return told


class Mailbox(ConnectionKind):
    key = "email"
    title = gettext_lazy("Mailbox (SMTP)")
    about = gettext_lazy("Sends letters from your own address")
    words = "почта письмо email e-mail smtp яндекс mail.ru gmail"
    form = MailboxForm
    bound = ("host",)

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        """Letters are no requests; who sends them logs in (server_of)."""

    def check(self, config: Config, http: Http) -> str:
        said = http.knock(server_of(config))
        names = {"host": config["host"], "sender": config["sender"], "said": said}
        if config.get("login"):
            return _("%(host)s has let us in; letters will come from %(sender)s") % names
        return _("%(host)s answers; letters will come from %(sender)s") % names


def server_of(config: Config) -> MailServer:
    encryption: str = config.get("encryption") or NOW
    port: Any = config.get("port") or USUAL_PORTS[encryption]
    return MailServer(
        str(config["host"]),
        int(port),
        encryption,
        str(config.get("login") or ""),
        str(config.get("password") or ""),
    )
