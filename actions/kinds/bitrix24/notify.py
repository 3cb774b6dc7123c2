"""«Битрикс24: уведомление»: rings an employee's bell by im.notify."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.bitrix24 import offers
from actions.kinds.bitrix24.portal import Portal, PortalAction
from webjack.config import Config
from webjack.http import Failed, Http

CLIENT_ID = "webjack"
"""Whose tags these are: a webhook is no application that Bitrix24 would know."""


class NotifyForm(forms.Form):
    connection = ConnectionField("bitrix24", label=gettext_lazy("Portal"))
    user = LoadedField(options="users", label=gettext_lazy("Employee"), initial="")
    message = PlaceholderField(
        label=gettext_lazy("Text"),
        lines=4,
        initial="",
        help_text=gettext_lazy("[b]bold[/b], [i]italic[/i], [url=https://…]link[/url]"),
    )
    personal = forms.BooleanField(
        label=gettext_lazy("From the webhook's employee, not from the system"), required=False
    )


class Notify(PortalAction):
    key = "bitrix24.notify"
    alias = "notify"
    title = gettext_lazy("Bitrix24: notification")
    about = gettext_lazy("Shows an employee a notification")
    words = "битрикс битрикс24 bitrix24 б24 уведомление колокольчик сообщение notify"
    form = NotifyForm
    sample: ClassVar[dict[str, Any]] = {"id": 12345}
    offered: ClassVar[dict[str, offers.Offer]] = {"users": offers.users}

    def execute(self, config: Config, http: Http) -> Data:
        portal, user, message = Portal.of(config, http), number(config, "user", _("Employee")), text(config, "message")
        if user is None:
            raise Failed(_("The employee is empty: nobody can be notified"))
        if not message:
            raise Failed(_("The text is empty: there is nothing to send"))
        kind = "USER" if config.get("personal") else "SYSTEM"
        asked: Data = {"USER_ID": user, "MESSAGE": message, "TYPE": kind, "CLIENT_ID": CLIENT_ID}
        if portal.key:  # a second attempt takes the first one's place
            asked["TAG"] = f"{CLIENT_ID}|{portal.key}"
        id = portal.write("im.notify", asked)
        if not id:
            raise Failed(_("Bitrix24 did not take the notification: check the employee"))
        return {"id": id}

    def summary(self, config: Config) -> str:
        return " ".join(str(config.get("message", "")).split())[:80]
