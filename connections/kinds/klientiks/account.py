"""«Klientiks»: an account, by the three keys of its API."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.klientiks import client
from webjack.config import Config
from webjack.http import Http, Outgoing

KEYS = re.compile(r"/a/(?P<account>[^/\s]+)/u/(?P<user>[^/\s]+)/t/(?P<token>[^/\s]+)", re.IGNORECASE)
KEY = re.compile(r"[0-9a-zA-Z_-]{4,64}")


def key_field(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=64, widget=widget)


class AccountForm(forms.Form):
    token = SecretField(
        label=gettext_lazy("Access token"),
        help_text=gettext_lazy(
            "Klientiks → Settings → API. You may also paste a whole address of the API: all keys are in it"
        ),
    )
    account = key_field(gettext_lazy("Account key"))
    user = key_field(gettext_lazy("User key"))

    def clean_token(self) -> str:
        return str(self.cleaned_data["token"]).strip()

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        if pasted := KEYS.search(told.get("token") or ""):
            told |= pasted.groupdict()
        for name in ("token", "account", "user"):
            text = str(told.get(name) or "").strip()
            told[name] = text
            if name in self.errors:
                continue
            if not text:
                self.add_error(name, _("Fill this in"))
            elif not KEY.fullmatch(text):
                self.add_error(name, ValidationError(_("A key is Latin letters and digits, without spaces")))
        return told


class Account(ConnectionKind):
    key = "klientiks"
    title = "Klientiks"
    about = gettext_lazy("Clients and visits of a company in Klientiks")
    words = "klientiks клиентикс clientix запись клиенты"
    form = AccountForm

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        """The keys are part of the address (client.address)."""

    def check(self, config: Config, http: Http) -> str:
        people = client.found(http, config, "Users/")
        names = ", ".join(str(each["name"]) for each in people[:3] if isinstance(each, dict) and each.get("name"))
        return _("Employees: %(count)s (%(names)s)") % {"count": len(people), "names": names or "—"}
