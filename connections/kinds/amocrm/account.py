"""«amoCRM»: an account, by a long-lived token or by letting our integration in (OAuth 2.0)."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.amocrm import address, client, oauth
from webjack.config import Config
from webjack.http import Failed, Http, Outgoing

TOKEN, OAUTH = "token", "oauth"
NEEDED = {TOKEN: ("token",), OAUTH: ("client_id", "client_secret")}
DENIED = "D"
RIGHTS = (
    ("leads", gettext_lazy("leads")),
    ("contacts", gettext_lazy("contacts")),
    ("companies", gettext_lazy("companies")),
)


class AccountForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Address of the account"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "clinic.amocrm.ru"}),
        help_text=gettext_lazy("As in the browser when amoCRM is open; any of its pages will do"),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How to connect"),
        choices=[
            (TOKEN, gettext_lazy("By a long-lived token: the simplest way")),
            (OAUTH, gettext_lazy("By an integration (OAuth): with the button “Connect”")),
        ],
        initial=TOKEN,
        required=False,
        widget=forms.RadioSelect,
    )
    token = SecretField(
        lines=3,
        label=gettext_lazy("Long-lived token"),
        help_text=gettext_lazy(
            "In amoCRM: amoMarket, the three dots, “Create integration”, External. Then its tab “Keys and scopes”, "
            "“Generate a long-lived token”. It is shown only once"
        ),
    )
    client_id = forms.CharField(
        label=gettext_lazy("Integration ID"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("On the integration's tab “Keys and scopes”"),
    )
    client_secret = SecretField(label=gettext_lazy("Secret key"), help_text=gettext_lazy("It stands beside the ID"))

    shown_for: ClassVar[dict[str, Any]] = {name: ("way", (way,)) for way, names in NEEDED.items() for name in names}

    def clean_address(self) -> str:
        try:
            return address.host_of(self.cleaned_data["address"])
        except ValueError as bad:
            raise ValidationError(str(bad)) from bad

    def clean_token(self) -> str:
        token = "".join(str(self.cleaned_data["token"]).split()).removeprefix("Bearer")
        if token and not (token.isascii() and token.isprintable()):
            raise ValidationError(_("This is no token: copy it once more, whole"))
        return token

    def clean(self) -> Config:
        """Nothing of the other way is kept, and what the chosen one needs is there."""
        told: Config = super().clean() or {}
        told["way"] = told.get("way") or TOKEN
        for way, names in NEEDED.items():
            if way != told["way"]:
                told |= dict.fromkeys(names, "")
            else:
                for name in names:
                    if not told.get(name) and name not in self.errors:
                        self.add_error(name, _("Fill this in"))
        return told


class Account(ConnectionKind):
    key = "amocrm"
    title = "amoCRM"
    about = gettext_lazy("Leads, contacts, companies and tasks of an account at amoCRM or Kommo")
    words = "амо amo amocrm kommo crm срм"
    form = AccountForm
    consent_when = ("way", (OAUTH,))
    per_second = 6.0  # takes 7 (developers.kommo.com/docs/limitations, June 2025); a busy machine sends less evenly

    def uses_token(self, config: Config) -> bool:
        return self.asks_consent(config)

    def renew(self, config: Config, token: Token | None, http: Http) -> Token:
        if token is None or not token.refresh:
            raise Failed(_("The account is not connected yet: press “Connect amoCRM” in the connection"), denied=True)
        return oauth.renewed(config, token, http)

    def consent_url(self, config: Config, state: str, back: str) -> str:
        asked = {"client_id": config["client_id"], "state": state, "mode": "popup"}
        return f"{address.consent_page(config['address'])}?{urlencode(asked)}"

    def agreed(self, config: Config, told: Mapping[str, str], back: str, http: Http) -> Token:
        return oauth.first(config, told, back, http)

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        key = token.access if token else str(config.get("token") or "")
        request.headers = [pair for pair in request.headers if pair[0].lower() != "authorization"]
        request.headers.append(("Authorization", f"Bearer {key}"))

    def check(self, config: Config, http: Http) -> str:
        told = client.call(http, config, "GET", "account")
        if not isinstance(told, dict) or not told.get("id"):
            raise Failed(_("amoCRM did not say which account this is: check its address"))
        missing = missing_rights(http, config, told)
        if missing:
            raise Failed(
                _("The account “%(name)s” is found, but the user may not add: %(missing)s. Give them these rights")
                % {"name": told.get("name"), "missing": ", ".join(missing)}
            )
        return _("The account “%(name)s”") % {"name": told.get("name") or told.get("subdomain")}


def missing_rights(http: Http, config: Config, told: Mapping[str, Any]) -> list[str]:
    """What the token's user may not add. Only administrators may ask; who may not is asked nothing more."""
    try:
        user = client.call(http, config, "GET", f"users/{told.get('current_user_id')}")
    except Failed as failed:
        if failed.retry:
            raise
        return []
    rights = user.get("rights") if isinstance(user, dict) else None
    if not isinstance(rights, dict) or rights.get("is_admin"):
        return []
    return [
        str(word) for name, word in RIGHTS if isinstance(own := rights.get(name), dict) and own.get("add") == DENIED
    ]
