"""«JSON»: builds a JSON object from rows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.fields import TYPES, RowsField
from actions.kind import ActionKind, Data
from webjack.config import Config
from webjack.http import Failed, Http


class JsonForm(forms.Form):
    # The contract's name; Django's metaclass takes it away from the class.
    fields = RowsField(  # type: ignore[assignment]
        label=_("Fields"),
        types=TYPES,
        required=True,
        help_text=_("A dot in a name makes an object inside: client.phone"),
    )


class BuildJson(ActionKind):
    key = "data.json"
    alias = "json"
    title = _("JSON")
    about = _("Builds a JSON text from fields")
    words = "json object объект тело"
    form = JsonForm
    sample = {"text": '{"name":"Анна"}'}
    network = False

    def execute(self, config: Config, http: Http) -> Data:
        try:
            return {"text": values.json_text(values.build_object(config["fields"]))}
        except ValueError as bad:
            raise Failed(str(bad)) from bad

    def summary(self, config: Config) -> str:
        return ", ".join(row["name"] for row in config.get("fields", []))
