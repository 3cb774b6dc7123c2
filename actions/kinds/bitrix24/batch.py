"""«Битрикс24: пакет методов»: several methods in one request, which counts as one; each sees the answers before it."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import ConnectionField, PlaceholderField
from actions.filled import text
from actions.kind import Data
from actions.kinds.bitrix24.method import METHOD
from actions.kinds.bitrix24.portal import Commands, PortalAction
from connections.kinds.bitrix24 import client
from webjack.config import Config
from webjack.http import Failed, Http

EXAMPLE = """{
  "contact": {"method": "crm.contact.add", "params": {"fields": {"NAME": "Анна"}}},
  "deal": {"method": "crm.deal.add", "params": {"fields": {"TITLE": "Приём", "CONTACT_ID": "$result[contact]"}}}
}"""


class BatchForm(forms.Form):
    connection = ConnectionField("bitrix24", label=gettext_lazy("Portal"))
    commands = PlaceholderField(
        label=gettext_lazy("Commands as JSON"),
        lines=12,
        grammar="json",
        initial=EXAMPLE,
        help_text=gettext_lazy("At most 50, each by a name of its own. $result[name] is what an earlier one gave"),
    )
    halt = forms.BooleanField(label=gettext_lazy("Stop at the first error"), required=False, initial=True)


class CallBatch(PortalAction):
    key = "bitrix24.batch"
    alias = "batch"
    title = gettext_lazy("Bitrix24: batch of methods")
    about = gettext_lazy("Calls up to 50 methods in one request")
    words = "битрикс битрикс24 bitrix24 б24 пакет batch rest api"
    form = BatchForm
    sample: ClassVar[dict[str, Any]] = {"results": {"contact": 46, "deal": 394}}

    def execute(self, config: Config, http: Http) -> Data:
        opened = config["connection"]
        told = client.batch(http.through(opened), opened.config, _commands(config), bool(config.get("halt")))
        if told.errors:
            said = "; ".join(f"{name}: {error.message}" for name, error in told.errors.items())
            # What was done would be done again.
            again = not told.results and any(error.retry for error in told.errors.values())
            after = max((error.after or 0.0 for error in told.errors.values()), default=0.0)
            raise Failed(said[:1000], again, after or None)
        return {"results": told.results}

    def summary(self, config: Config) -> str:
        return " ".join(str(config.get("commands", "")).split())[:80]


def _commands(config: Config) -> Commands:
    try:
        found = values.read_json(text(config, "commands"))
    except ValueError as bad:
        raise Failed(_("The commands cannot be read: %(problem)s") % {"problem": bad}) from None
    if not isinstance(found, dict) or not found:
        raise Failed(_("The commands must be an object: {“name”: {“method”: …, “params”: {…}}}"))
    if len(found) > client.MOST_COMMANDS:
        raise Failed(_("There are too many commands in the batch: at most 50"))
    return {str(name): _command(str(name), one) for name, one in found.items()}


def _command(name: str, told: Any) -> tuple[str, dict[str, Any]]:
    method = str(told.get("method") or "") if isinstance(told, dict) else ""
    parameters = (told.get("params") or {}) if isinstance(told, dict) else {}
    if not METHOD.fullmatch(method) or not isinstance(parameters, dict):
        raise Failed(_("Command “%(name)s”: it needs “method” and “params” with an object") % {"name": name})
    return method, parameters
