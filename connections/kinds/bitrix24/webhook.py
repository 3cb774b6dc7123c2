"""«Битрикс24»: a portal, by the address of an incoming webhook as it is pasted."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.bitrix24 import client, pasted
from webjack.config import Config
from webjack.http import Failed, Http, Outgoing

SCOPES = (
    (("crm",), gettext_lazy("CRM (crm)")),
    (("task", "tasks"), gettext_lazy("Tasks (task)")),
    (("im",), gettext_lazy("Chat and notifications (im)")),
    (("user", "user_basic", "user_brief"), gettext_lazy("Users (user)")),
)


class WebhookForm(forms.Form):
    webhook = SecretField(
        label=gettext_lazy("Address of the incoming webhook"),
        help_text=gettext_lazy(
            "In Bitrix24: Developer resources → Other → Inbound webhook. Tick CRM, Tasks, Chat and notifications, "
            "Users, save, and copy the address such as https://example.bitrix24.ru/rest/1/abcd…/"
        ),
    )
    portal = forms.CharField(
        label=gettext_lazy("Portal"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Taken from the address. When the portal was renamed, paste the webhook's new address"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "form-control mono"}),
    )

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        try:
            found = pasted.read(str(told.get("webhook") or ""), str(told.get("portal") or ""))
        except ValidationError as wrong:
            self.add_error("webhook", wrong)
            return told
        return told | {"webhook": found.key, "portal": found.portal}


class Webhook(ConnectionKind):
    key = "bitrix24"
    title = gettext_lazy("Bitrix24: portal")
    about = gettext_lazy("Adds leads, deals, contacts and tasks to your portal")
    words = "битрикс битрикс24 bitrix bitrix24 б24 црм crm портал"
    form = WebhookForm
    bound = ("portal",)
    # A bucket of 50 that loses 2 each second (b24restdocs, limits.md); others use the portal too.
    per_second = 2.0
    burst = 40

    def hidden(self, config: Config) -> list[str]:
        """The secret also without the user's number, as in an answer that echoes it."""
        return [str(config.get("webhook") or "").rpartition("/")[2]]

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        """The secret is part of the address (client.address)."""

    def check(self, config: Config, http: Http) -> str:
        asked = client.call(http, config, "profile")
        who = asked.result
        if not isinstance(who, dict) or not who.get("ID"):
            raise Failed(_("The employee who made the webhook is dismissed: make a new one"), denied=True)
        name = " ".join(str(who.get(part) or "") for part in ("NAME", "LAST_NAME")).strip() or f"№ {who['ID']}"
        told = _("Portal %(portal)s, the webhook of %(name)s") % {"portal": asked.portal, "name": name}
        if asked.portal != config["portal"]:
            told = _("The portal was renamed: enter its new name %(portal)s here. %(told)s") % {
                "portal": asked.portal,
                "told": told,
            }
        missing = self._missing(config, http)
        if not missing:
            return told
        if len(missing) == len(SCOPES):
            raise Failed(_("%(told)s. It has no rights: tick CRM in its settings") % {"told": told}, denied=True)
        return _("%(told)s. Not ticked in its settings: %(missing)s") % {"told": told, "missing": ", ".join(missing)}

    def _missing(self, config: Config, http: Http) -> list[str]:
        """Rights that some actions need and the webhook does not have, by their names."""
        scopes = client.call(http, config, "scope").result
        ticked = {str(one) for one in scopes} if isinstance(scopes, list) else set()
        return [str(name) for any_of, name in SCOPES if not ticked & set(any_of)]
