"""«Битрикс24: произвольный метод»: calls any method of the REST with any parameters."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import text
from actions.kind import Data
from actions.kinds.bitrix24 import offers
from actions.kinds.bitrix24.portal import PortalAction
from actions.tree_field import TreeField
from connections.kinds.bitrix24 import client
from webjack.config import Config
from webjack.http import Failed, Http

ROWS, JSON = "rows", "json"
METHOD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*", re.IGNORECASE)
READS = re.compile(
    r"(^|\.)(get|list|fields|types|getlist|getfields|current|profile|scope|find\w*|search)$", re.IGNORECASE
)


class MethodForm(forms.Form):
    connection = ConnectionField("bitrix24", label=gettext_lazy("Portal"))
    method = LoadedField(
        options="methods",
        label=gettext_lazy("Method of the REST"),
        initial="",
        help_text=gettext_lazy("Such as crm.deal.update. What it takes is said at apidocs.bitrix24.ru"),
    )
    written = forms.ChoiceField(
        label=gettext_lazy("Parameters"),
        choices=((ROWS, gettext_lazy("As fields")), (JSON, gettext_lazy("As JSON"))),
        initial=ROWS,
        required=False,
    )
    parameters = TreeField(label=gettext_lazy("Parameters"))
    json = PlaceholderField(label=gettext_lazy("Parameters as JSON"), required=False, lines=8, grammar="json")

    shown_for: ClassVar[dict[str, Any]] = {"parameters": ("written", (ROWS,)), "json": ("written", (JSON,))}

    def clean_method(self) -> str:
        method: str = self.cleaned_data["method"].strip().removesuffix(".json")
        if "{{" not in method and not METHOD.fullmatch(method):
            raise ValidationError(_("This is no method's name: it looks like crm.deal.update"))
        return method


class CallMethod(PortalAction):
    key = "bitrix24.method"
    alias = "bitrix24"
    title = gettext_lazy("Bitrix24: any method")
    about = gettext_lazy("Calls any method of the REST with the parameters that you give")
    words = "битрикс битрикс24 bitrix24 б24 произвольный метод rest api method"
    form = MethodForm
    sample: ClassVar[dict[str, Any]] = {"result": True, "total": None, "next": None}
    offered: ClassVar[dict[str, offers.Offer]] = {"methods": offers.methods}

    def execute(self, config: Config, http: Http) -> Data:
        opened, method = config["connection"], text(config, "method")
        if not METHOD.fullmatch(method):
            raise Failed(_("This is no method's name: it looks like crm.deal.update"))
        told = client.call(http.through(opened), opened.config, method, _parameters(config))
        return {"result": told.result, "total": told.total, "next": told.next}

    def harmless(self, config: Config) -> bool:
        return bool(READS.search(str(config.get("method") or "")))

    def summary(self, config: Config) -> str:
        return str(config.get("method") or "")


def _parameters(config: Config) -> dict[str, Any]:
    try:
        if config.get("written") == JSON:
            found = values.read_json(text(config, "json") or "{}")
        else:
            found = values.build_object(config.get("parameters") or [])
    except ValueError as bad:
        raise Failed(_("The parameters cannot be read: %(problem)s") % {"problem": bad}) from None
    if not isinstance(found, dict):
        raise Failed(_("The parameters must be an object: {…}"))
    return found
