"""«Google Таблицы»: a service account, by the key file that Google gives."""

from contextlib import suppress
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.googlesheets import client, service_key
from webjack.config import Config
from webjack.http import Answer, Failed, Http, Outgoing

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class KeyForm(forms.Form):
    key = SecretField(
        lines=6,
        file=".json,application/json",
        label=gettext_lazy("Key of the service account (JSON)"),
        help_text=gettext_lazy(
            "In the Google Cloud console: turn on the Google Sheets API, create a service account (IAM → Service "
            "accounts), then Keys → Add key → JSON. Choose that file or paste all of its text"
        ),
    )
    email = forms.CharField(
        label=gettext_lazy("Address of the service account"),
        required=False,
        disabled=True,
        help_text=gettext_lazy(
            "Filled in by the key. Share every table with it as an editor, by the button “Share” in the table"
        ),
    )

    def clean_key(self) -> str:
        text = str(self.cleaned_data["key"]).strip()
        if not text:
            raise ValidationError(_("Fill this in"))
        try:
            self.read = service_key.read(text)
            self.read.loaded()
        except Failed as failed:
            raise ValidationError(str(failed.message)) from failed
        return text

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        if "key" in told:
            told["email"] = self.read.email
        return told


class ServiceAccount(ConnectionKind):
    """per_second: of the 60 reads and 60 writes a minute that Google allows one account, an action takes one or two of
    each; what is over gets a 429 and waits."""

    key = "googlesheets"
    title = gettext_lazy("Google Sheets")
    about = gettext_lazy("Adds, finds and changes rows in tables that are shared with a service account")
    words = "гугл таблицы google sheets spreadsheet эксель excel"
    form = KeyForm
    per_second = 2
    burst = 10

    def hidden(self, config: Config) -> list[str]:
        try:
            key = service_key.read(str(config.get("key") or ""))
        except Failed:
            return []
        return [key.private]

    def uses_token(self, config: Config) -> bool:
        return True

    def renew(self, config: Config, token: Token | None, http: Http) -> Token:
        key = service_key.read(str(config["key"]))
        asked = Outgoing("POST", key.token_url, [], [("Content-Type", "application/x-www-form-urlencoded")], None)
        assertion = key.assertion(asked.at)
        http.hide([assertion])
        body = urlencode({"grant_type": GRANT, "assertion": assertion}).encode()
        return token_of(http.request("POST", asked.url, headers=asked.headers, body=body))

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        assert token is not None
        request.headers.append(("Authorization", f"Bearer {token.access}"))

    def check(self, config: Config, http: Http) -> str:
        # There is no such table; who hears that is let in, and the API is on.
        with suppress(client.NotFound, client.NotShared):
            client.call(http, "GET", "/check", [("fields", "spreadsheetId")])
        return _("Google lets us in as %(email)s. Share each table with this address as an editor") % {
            "email": config.get("email") or service_key.read(str(config["key"])).email
        }


def token_of(answer: Answer) -> Token:
    """Raises Failed. 400 and 401 are final (invalid_grant, invalid_scope); others may pass."""
    if answer.status in (400, 401, 403):
        raise Failed(_("Google does not accept the key: %(said)s") % {"said": _reason(answer)}, denied=True)
    if answer.status >= 400:
        raise answer.failure()
    told = answer.json()
    access = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(access, str) or not access:
        raise Failed(_("Google gave no token"))
    lasts = told.get("expires_in")
    return Token(access, float(lasts) if isinstance(lasts, int | float) else None)


def _reason(answer: Answer) -> str:
    try:
        told = answer.json()
        return str(told.get("error_description") or told["error"])[:300]
    except (Failed, AttributeError, KeyError):
        return str(answer.status)
