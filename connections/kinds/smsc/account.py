"""«SMSC.ru»: an account, by its key or by login and password."""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.smsc import client
from webjack.config import Config
from webjack.http import Http, Outgoing


class AccountForm(forms.Form):
    apikey = SecretField(
        label=gettext_lazy("API key"),
        help_text=gettext_lazy("It is made in the settings of SMSC.ru; with it neither login nor password is needed"),
    )
    login = forms.CharField(
        label=gettext_lazy("Login"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    password = SecretField(
        label=gettext_lazy("Password"), help_text=gettext_lazy("Of the account, or one made for the API")
    )

    def clean(self) -> Config:
        """A key alone is enough; a login beside it does no harm, and some accounts want it."""
        told: Config = super().clean() or {}
        if told.get("apikey"):
            return told
        if not told.get("login") and not told.get("password"):
            self.add_error("apikey", _("Enter the key, or the login and the password"))
        else:
            for name in ("login", "password"):
                if not told.get(name):
                    self.add_error(name, _("Fill this in"))
        return told


class Account(ConnectionKind):
    key = "smsc"
    title = "SMSC.ru"
    about = gettext_lazy("Sends SMS to phones")
    words = "смс sms смсц smsc рассылка"
    form = AccountForm
    # It takes no more than 15 requests at the same time.
    per_second = 10
    burst = 5

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        """In the form itself, so that nothing secret stands in an address."""
        if config.get("apikey"):
            told = {"login": config.get("login") or "", "apikey": config["apikey"]}
        else:
            told = {"login": config.get("login") or "", "psw": config.get("password") or ""}
        added = urlencode({name: text for name, text in told.items() if text})
        request.body = b"&".join(part for part in (request.body or b"", added.encode()) if part)

    def check(self, config: Config, http: Http) -> str:
        told = client.call(http, "balance")
        return _("The account is open, the balance is %(balance)s") % {"balance": told.get("balance", "?")}
