"""Which record of the CRM a task or a comment belongs to."""

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import PlaceholderField
from actions.filled import number
from webjack.config import Config
from webjack.http import Failed

KINDS = (
    ("lead", gettext_lazy("Lead")),
    ("deal", gettext_lazy("Deal")),
    ("contact", gettext_lazy("Contact")),
    ("company", gettext_lazy("Company")),
    ("item", gettext_lazy("Smart process item")),
)
LETTERS = {"lead": "L", "deal": "D", "contact": "C", "company": "CO"}


class Record(NamedTuple):
    """kind: of KINDS. type: of the smart process where it is an item."""

    kind: str
    id: int
    type: int | None = None

    @property
    def binding(self) -> str:
        """As a task names it: `L_3465`; a smart process has its number in hexadecimal digits."""
        return f"{LETTERS.get(self.kind) or f'T{self.type:x}'}_{self.id}"

    @property
    def entity(self) -> str:
        """As the timeline names its kind: `lead`, `dynamic_1268`."""
        return self.kind if self.kind in LETTERS else f"dynamic_{self.type}"

    @property
    def path(self) -> str:
        """Where a person opens it."""
        return (
            f"/crm/{self.kind}/details/{self.id}/"
            if self.kind in LETTERS
            else f"/crm/type/{self.type}/details/{self.id}/"
        )


def chooser(none: Any = None) -> forms.ChoiceField:
    """none: the words for no record, where there may be none."""
    choices = (("", none), *KINDS) if none else KINDS
    return forms.ChoiceField(
        label=gettext_lazy("Record in the CRM"), choices=choices, initial="" if none else "lead", required=False
    )


def id_field() -> PlaceholderField:
    return PlaceholderField(
        label=gettext_lazy("Number of the record"),
        required=False,
        help_text=gettext_lazy("Such as {{ steps.lead.id }} of an action above"),
    )


def record(config: Config) -> Record | None:
    """The record that the settings `record`, `record_id` and `type` name. Raises Failed."""
    kind = str(config.get("record") or "")
    if not kind:
        return None
    id = number(config, "record_id", _("Number of the record"))
    type_id = number(config, "type", _("Smart process"))
    if id is None:
        raise Failed(_("The number of the record is empty: nothing says which one it is"))
    if kind == "item" and type_id is None:
        raise Failed(_("Choose the smart process of the record"))
    return Record(kind, id, type_id if kind == "item" else None)
