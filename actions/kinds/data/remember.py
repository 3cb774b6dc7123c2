"""«Справочник: запомнить»: writes a row of a table of the company."""

from collections.abc import Sequence
from typing import ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.effects import Effect, Remember
from actions.fields import PlaceholderField, RowsField, TableField
from actions.kind import ActionKind, Data, Example
from actions.tables.bounds import LONGEST_KEY, LONGEST_NAME, LONGEST_VALUE, MOST_COLUMNS
from actions.values import text
from webjack.config import Config
from webjack.fields import dump, storable
from webjack.http import Failed, Http


class RememberForm(forms.Form):
    table = TableField(max_length=LONGEST_NAME)
    row = PlaceholderField(label=_("Key"), help_text=_("What the row is found by; one that is there is replaced"))
    values = RowsField(label=_("Values"), required=True)
    days = forms.IntegerField(
        label=_("For how many days"), required=False, min_value=1, max_value=3650, help_text=_("Empty: for ever")
    )


class RememberRow(ActionKind):
    key = "data.remember"
    alias = "remember"
    title = _("Table: remember")
    about = _("Writes a row into a table of the company, for later operations: the number of a deal by its client")
    words = "remember table справочник таблица запомнить сохранить"
    form = RememberForm
    sample: ClassVar[Data] = {"table": "Сделки", "key": "1024", "values": {"deal": 3461}, "days": None}
    network = False

    example = Example(
        _("The number of a deal is kept by its client for 30 days"),
        {"client_id": 1024, "deal": 3461},
        {
            "table": "Сделки",
            "row": "{{ client_id }}",
            "values": [{"name": "deal", "value": "{{ deal }}"}],
            "days": 30,
        },
        {"table": "Сделки", "key": "1024", "values": {"deal": 3461}, "days": 30},
    )

    def execute(self, config: Config, http: Http) -> Data:
        key = text(config["row"]).strip()
        # PostgreSQL names no column by NUL or half a character.
        values = {storable(row["name"]): row["value"] for row in config["values"]}
        if not key:
            raise Failed(gettext("The key is empty, so nothing was remembered"))
        if len(key) > LONGEST_KEY:
            raise Failed(gettext("The key is longer than %(count)s characters") % {"count": LONGEST_KEY})
        if len(values) > MOST_COLUMNS:
            raise Failed(gettext("A row has at most %(count)s values") % {"count": MOST_COLUMNS})
        for name, value in values.items():
            if len(dump(value).encode()) > LONGEST_VALUE:
                told = gettext("“%(name)s”: the value is longer than %(count)s KB")
                raise Failed(told % {"name": name, "count": LONGEST_VALUE // 1024})
        return {"table": str(config["table"]).strip(), "key": key, "values": values, "days": config.get("days")}

    def effects(self, output: Data) -> Sequence[Effect]:
        return [Remember(output["table"], output["key"], output["values"], output["days"])]

    def summary(self, config: Config) -> str:
        return f"{config.get('table', '')}: {config.get('row', '')}"
