"""«Bizon365: любой метод»: any method of the API, by its path."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.api_path import is_api_path
from actions.fields import TYPES, ConnectionField, PlaceholderField, RowsField
from actions.kind import Data
from actions.kinds.bizon365.action import BizonAction
from connections.kinds.bizon365 import client
from webjack.config import Config
from webjack.http import Failed, Http


class MethodForm(forms.Form):
    connection = ConnectionField("bizon365", label=gettext_lazy("Bizon365 account"))
    way = forms.ChoiceField(
        label=gettext_lazy("Method"), choices=[("POST", "POST"), ("GET", "GET")], initial="POST", required=False
    )
    path = PlaceholderField(
        label=gettext_lazy("Path"),
        help_text=gettext_lazy("What comes after the version and the project, for example kassa/orders/getorders"),
    )
    parameters = RowsField(label=gettext_lazy("Parameters"), types=TYPES)


class CallMethod(BizonAction):
    key = "bizon365.method"
    alias = "method"
    title = gettext_lazy("Bizon365: any method")
    about = gettext_lazy("Calls any method of the API by its path")
    words = "бизон365 бизон произвольный метод api bizon"
    form = MethodForm
    sample: ClassVar[dict[str, Any]] = {"result": {"ok": True}}

    def execute(self, config: Config, http: Http) -> Data:
        opened = config["connection"]
        path = values.text(config["path"]).strip().strip("/")
        if not is_api_path(path):
            raise Failed(
                _("“%(path)s” is no path of a method: it is like kassa/orders/getorders") % {"path": path[:60]}
            )
        try:
            asked = values.build_object(config.get("parameters") or [])
        except ValueError as bad:
            raise Failed(str(bad)) from bad
        signed = http.through(opened)
        if config.get("way") == "GET":
            told = client.get(signed, opened.config, path, {name: values.text(each) for name, each in asked.items()})
        else:
            told = client.post(signed, opened.config, path, asked)
        return {"result": told}

    def harmless(self, config: Config) -> bool:
        return config.get("way") == "GET"

    def summary(self, config: Config) -> str:
        return f"{config.get('way') or 'POST'} {config.get('path', '')}"
