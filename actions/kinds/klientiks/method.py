"""«Klientiks: любой метод»: any model of the REST API."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.api_path import is_api_path
from actions.fields import ConnectionField, PlaceholderField, RowsField
from actions.kind import Data
from actions.kinds.klientiks.action import KlientiksAction
from connections.kinds.klientiks import client
from webjack.config import Config
from webjack.http import Failed, Http

ACTIONS = (
    ("list", gettext_lazy("Read a list")),
    ("add", gettext_lazy("Add")),
    ("edit", gettext_lazy("Change")),
)


class MethodForm(forms.Form):
    connection = ConnectionField("klientiks", label=gettext_lazy("Klientiks account"))
    what = forms.ChoiceField(label=gettext_lazy("What to do"), choices=ACTIONS, initial="list", required=False)
    model = PlaceholderField(
        label=gettext_lazy("Model"),
        help_text=gettext_lazy("What stands behind /m/ in the address, for example Services/"),
    )
    parameters = RowsField(label=gettext_lazy("Parameters"))


class CallMethod(KlientiksAction):
    key = "klientiks.method"
    alias = "method"
    title = gettext_lazy("Klientiks: any method")
    about = gettext_lazy("Reads, adds or changes anything that the API of Klientiks has")
    words = "klientiks клиентикс произвольный метод api"
    form = MethodForm
    sample: ClassVar[dict[str, Any]] = {"items": [{"id": 1, "name": "Консультация"}]}

    def execute(self, config: Config, http: Http) -> Data:
        opened, model = config["connection"], values.text(config["model"]).strip().lstrip("/")
        if not is_api_path(model):
            raise Failed(_("“%(model)s” is no model of Klientiks: it is like Services/") % {"model": model[:60]})
        pairs = [(row["name"], values.text(row["value"])) for row in config.get("parameters") or []]
        signed, what = http.through(opened), config.get("what") or "list"
        if what == "list":
            return {"items": client.found(signed, opened.config, model, pairs)}
        return {"object": client.saved(signed, opened.config, what, model, pairs)}

    def harmless(self, config: Config) -> bool:
        return (config.get("what") or "list") == "list"

    def summary(self, config: Config) -> str:
        return f"{config.get('what') or 'list'} {config.get('model', '')}"
