"""Marks placeholders that name nothing: saved all the same, but said with the field, the name and a suggestion."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from actions.fields import RowsField
from actions.models import Action
from actions.placeholders import BadTemplate, Context, Unknown, unknown
from actions.rules_field import RulesField
from webjack.config import GLUE
from webjack.kinds import UnknownKind

_ROOT = re.compile(r"\w+")


@dataclass(frozen=True)
class Mark:
    """field: the form's name for it; label: what people read; row, line: from 1, row None for a single text."""

    field: str
    label: str
    row: int | None
    name: str
    suggestion: str | None
    line: int = 1

    def __str__(self) -> str:
        place = _("%(label)s, row %(row)s") % {"label": self.label, "row": self.row} if self.row else self.label
        if self.line > 1:
            place = _("%(label)s, line %(line)s") % {"label": place, "line": self.line}
        return f"{place}: {phrase(self.name, self.suggestion)}"


def marks(form: type[forms.Form], values: dict[str, Any], context: Context) -> list[Mark]:
    """The unknown names in a form's values (by field name), in the order of the form; `context` from `lenient`."""
    found = []
    for field, place in form.base_fields.items():
        label = str(place.label or field)
        for row, text in _texts(place, values.get(field)):
            found += [Mark(field, label, row, one.name, one.suggestion, one.line) for one in names(text, context)]
    return found


def told(form: type[forms.Form], problem: BadTemplate) -> str:
    """A text's problem with the label of its field, its row and its line."""
    key = GLUE.join(str(step) for step in problem.place if isinstance(step, str))
    names = [name for name in form.base_fields if key == name or key.startswith(name + GLUE)]
    if not names:
        return problem.sentence
    label = str(form.base_fields[names[0]].label or names[0])
    row = next((step for step in problem.place if isinstance(step, int)), None)
    if row is not None:
        label = _("%(label)s, row %(row)s") % {"label": label, "row": row + 1}
    if problem.line > 1:
        label = _("%(label)s, line %(line)s") % {"label": label, "line": problem.line}
    return f"{label}: {problem.message}"


def names(text: str, context: Context) -> list[Unknown]:
    """The unknown names of one text; none where the text itself is wrong, which is said elsewhere."""
    try:
        found = unknown(text, context)
    except BadTemplate:
        return []
    return [one for one in found if context.source or _root(one.name) in ("steps", "operation", "company")]


def hint(name: str, suggestion: str | None) -> str:
    """The name, with what may be meant."""
    return _("%(name)s (perhaps %(suggestion)s)") % {"name": name, "suggestion": suggestion} if suggestion else name


def phrase(name: str, suggestion: str | None) -> str:
    if suggestion:
        return _("there is no “%(name)s” (perhaps %(suggestion)s)") % {"name": name, "suggestion": suggestion}
    return _("there is no “%(name)s”") % {"name": name}


def lenient(context: Context, actions: list[Action]) -> Context:
    """The context where answers of which only a sample is known may hold more than the sample.

    Real answers differ from the sample deeper down, so there only the action and the output's own keys are checked.
    """
    builders = {action.alias for action in actions if not _network(action)}
    steps = {
        alias: output if alias in builders else {key: Open.of(value) for key, value in output.items()}
        for alias, output in context.steps.items()
    }
    return replace(context, steps=steps, request=Open())


class Open(dict[str, Any]):
    """An object that may hold any key."""

    @classmethod
    def of(cls, value: Any) -> "Open":
        return cls(value if isinstance(value, dict) else {})

    def get(self, key: Any, default: Any = None) -> Any:
        return Open.of(super().get(key))


def _texts(field: forms.Field, value: Any) -> Iterator[tuple[int | None, str]]:
    if isinstance(field, RowsField | RulesField):
        yield from field.texts(value)
    elif isinstance(value, str):
        yield None, value


def _root(name: str) -> str:
    found = _ROOT.match(name)
    return found[0] if found else ""


def _network(action: Action) -> bool:
    try:
        return action.spec.network
    except UnknownKind:
        return True
