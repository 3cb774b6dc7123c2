"""«amoCRM: произвольный метод»: any method of the API v4, let in by the connection."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.api_path import is_api_path
from actions.fields import PlaceholderField, RowsField
from actions.filled import text
from actions.kind import Data
from actions.kinds.amocrm import asked
from actions.kinds.amocrm.records import Amocrm
from connections.kinds.amocrm import client
from webjack.config import Config
from webjack.http import Failed, Http

METHODS = [(name, name) for name in ("GET", "POST", "PATCH", "DELETE")]
BEFORE = re.compile(r"^(https?://[^/]+)?/*(api/v4/)?")


class MethodForm(forms.Form):
    connection = asked.connection()
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=METHODS, initial="GET", required=False)
    path = PlaceholderField(
        label=gettext_lazy("Path"),
        initial="leads",
        help_text=gettext_lazy(
            "What stands behind /api/v4/ in amoCRM's documentation, such as leads/{{ steps.lead.id }}"
        ),
    )
    query = RowsField(label=gettext_lazy("Query parameters"))
    body = PlaceholderField(
        label=gettext_lazy("Body"),
        lines=8,
        required=False,
        grammar="json",
        help_text=gettext_lazy("JSON; many methods want a list: [{…}]"),
    )

    def clean_path(self) -> str:
        path = BEFORE.sub("", str(self.cleaned_data["path"]).strip(), count=1)
        if not path:
            raise ValidationError(_("Fill this in"))
        return path


class CallMethod(asked.AmocrmAction):
    key = "amocrm.method"
    alias = "amocrm"
    title = gettext_lazy("amoCRM: any method")
    about = gettext_lazy("Calls any method of amoCRM's API v4 by your connection")
    words = "амо amo amocrm произвольный метод api запрос method crm"
    form = MethodForm
    sample: ClassVar[dict[str, Any]] = {"found": True, "body": {"id": 10185151, "name": "Заявка"}}

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        path = BEFORE.sub("", text(config, "path"), count=1)
        if not is_api_path(path.partition("?")[0]) or re.search(r"\s|#", path):
            raise Failed(_("This is no path of a method: write it as leads/123"))
        query = [(row["name"], values.text(row["value"])) for row in config.get("query") or []]
        told = client.call(amo.http, amo.account, config.get("method") or "GET", path, _body(config), query)
        return {"found": told is not None, "body": told}

    def harmless(self, config: Config) -> bool:
        return config.get("method") in ("", "GET", "DELETE", None)

    def summary(self, config: Config) -> str:
        return f"{config.get('method') or 'GET'} {config.get('path', '')}"


def _body(config: Config) -> Any:
    body = config.get("body")
    if isinstance(body, str) and not body.strip():
        return None
    try:
        return values.read_json(body)
    except ValueError as bad:
        raise Failed(_("Body: %(wrong)s") % {"wrong": bad}) from None
