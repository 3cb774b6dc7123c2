"""How a kind's form stands on the page: groups with headings, and editors that a choice shows or hides.

A form says it by two optional attributes: `groups = ((heading, (field, …)), …)` and
`shown_for = {field: (choosing field, (value, …))}`; a group that ends with FOLDED is open only while its first field
is set or something in it is wrong. What it does not name follows at the end, without a heading.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from actions.fields import FOLDED
from actions.marks import Mark


@dataclass(frozen=True)
class Part:
    """A field; chooser and values say by which input's values it is shown; marks: its unknown placeholders."""

    field: BoundField
    chooser: str = ""
    values: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Group:
    title: Any
    parts: list[Part]
    folded: bool = False

    @property
    def opened(self) -> bool:
        return bool(self.parts[0].field.value()) or any(part.field.errors or part.marks for part in self.parts)


def groups(form: forms.Form, marks: Iterable[Mark] = ()) -> list[Group]:
    named = getattr(form, "groups", ())
    placed = {name for _title, names, *_folded in named for name in names}
    rest = [name for name in form.fields if name not in placed]
    marks = list(marks)
    wanted = [*named, *([("", rest)] if rest else [])]
    return [
        Group(title, [_part(form, name, marks) for name in names], FOLDED in folded) for title, names, *folded in wanted
    ]


def _part(form: forms.Form, name: str, marks: list[Mark]) -> Part:
    chooser, values = getattr(form, "shown_for", {}).get(name, ("", ()))
    mine = tuple(mark for mark in marks if mark.field == name)
    choosers = "+".join(form[one].html_name for one in chooser.split("+")) if chooser else ""
    return Part(form[name], choosers, " ".join(values), mine)
