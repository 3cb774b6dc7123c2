"""«Значение»: computes values and gives them names."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.fields import TYPES, RowsField
from actions.kind import ActionKind, Data, Example
from webjack.config import Config
from webjack.http import Failed, Http


class ValueForm(forms.Form):
    values = RowsField(
        label=_("Values"),
        types=TYPES,
        required=True,
        help_text=_("A name and what it is: later actions take it by that name"),
    )


class Value(ActionKind):
    key = "data.value"
    alias = "value"
    title = _("Value")
    about = _("Computes values once and gives them names for later actions")
    words = "value variable переменная вычислить значение"
    form = ValueForm
    sample: ClassVar[Data] = {"phone": "+79161234567"}
    network = False

    example = Example(
        _("Later actions take the phone as {{ steps.value.phone }}"),
        {"client_phone": "8 (916) 123-45-67"},
        {"values": [{"name": "phone", "value": "{{ client_phone | phone }}", "type": "text"}]},
        {"phone": "+79161234567"},
    )

    def execute(self, config: Config, http: Http) -> Data:
        try:
            return values.build_object(config["values"])
        except ValueError as bad:
            raise Failed(str(bad)) from bad

    def summary(self, config: Config) -> str:
        rows: list[dict[str, Any]] = config.get("values", [])
        return ", ".join(row["name"] for row in rows)
