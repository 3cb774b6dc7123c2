"""«Справочник: взять»: a row of a table of the company, by its key."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.effects import Found, Look
from actions.fields import PlaceholderField, RowsField, TableField
from actions.kind import ActionKind, Data, Example, Then
from actions.tables.bounds import LONGEST_KEY, LONGEST_NAME
from actions.values import text
from webjack.config import Config
from webjack.http import Failed, Http

GO_ON, STOP, FAIL = "go_on", "stop", "fail"


class LookupForm(forms.Form):
    table = TableField(max_length=LONGEST_NAME)
    lookup = PlaceholderField(label=_("Key"), help_text=_("What the row is found by"))
    defaults = RowsField(label=_("If there is no such row"), help_text=_("Values to go on with; none: empty ones"))
    missing = forms.ChoiceField(
        label=_("When nothing is found"),
        choices=[
            (GO_ON, _("Go on")),
            (STOP, _("Stop as “Filtered out”")),
            (FAIL, _("End with an error")),
        ],
        initial=GO_ON,
        widget=forms.RadioSelect,
    )


class Lookup(ActionKind):
    """Its output: `found`, `key`, and `values` by column."""

    key = "data.lookup"
    alias = "lookup"
    title = _("Table: take")
    about = _("Takes a row of a table of the company by its key: the manager of a branch, what was remembered before")
    words = "lookup table справочник таблица взять найти"
    form = LookupForm
    sample: ClassVar[Data] = {"found": True, "key": "1024", "values": {"manager": "Анна"}}
    network = False

    example = Example(
        _("The manager of a branch out of the table «Филиалы»"),
        {"branch": "Центр"},
        {"table": "Филиалы", "lookup": "{{ branch }}", "defaults": [], "missing": GO_ON},
        {"found": True, "key": "Центр", "values": {"Менеджер": "Анна"}},
        Found(table=True, values={"Менеджер": "Анна"}),
    )

    def asks(self, config: Config) -> Look | None:
        return Look(str(config["table"]).strip(), _key(config))

    def execute(self, config: Config, http: Http) -> Data:
        found: Found = config["found"]
        key = _key(config)
        missing = config.get("missing") or GO_ON
        if found.values is None and missing == FAIL:
            told = (
                _("The table “%(table)s” has no row “%(key)s”") if found.table else _("There is no table “%(table)s”")
            )
            raise Failed(str(told) % {"table": config["table"], "key": key[:100]})
        values = found.values
        if values is None:
            values = {row["name"]: row["value"] for row in config.get("defaults") or []}
        reason = gettext("The table “%(table)s” has no row “%(key)s”") % {"table": config["table"], "key": key[:100]}
        stops = found.values is None and missing == STOP
        return {"found": found.values is not None, "key": key, "values": values} | ({"reason": reason} if stops else {})

    def then(self, output: Data) -> Then:
        return Then.STOP if output.get("reason") else Then.ON

    def summary(self, config: Config) -> str:
        return f"{config.get('table', '')}: {config.get('lookup', '')}"


def _key(config: Config) -> str:
    """A longer one than rows may have is cut and marked, so that it finds no other row."""
    key = text(config["lookup"]).strip()
    return key if len(key) <= LONGEST_KEY else key[: LONGEST_KEY - 1] + "…"
