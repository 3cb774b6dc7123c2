"""The examples of kinds at work: executed for the help, and by the test that holds them to what they say."""

from dataclasses import dataclass
from typing import Any

from django import forms

from actions import conditions
from actions.branches_field import BranchesField
from actions.fields import RowsField
from actions.kind import ActionKind, Data, Example
from actions.placeholders import Context, fill
from actions.rules_field import RulesField
from actions.values import text
from webjack import kinds
from webjack.http import Http


@dataclass(frozen=True)
class Shown:
    """An example for the page. settings: labels and what stands there; output: what it really gave just now."""

    kind: ActionKind
    example: Example
    settings: list[tuple[str, str]]
    output: Data


def executed(kind: ActionKind, example: Example) -> Data:
    """What the kind makes of its example. Sends nothing."""
    context = Context(
        source=example.data,
        steps={},
        operation={"id": "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5", "received_at": "2026-03-16T09:30:00+00:00"},
        company={"name": "Ромашка", "time_zone": "Europe/Moscow"},
    )
    given = kind.knows(example.config, context) | ({"found": example.found} if example.found else {})
    return kind.execute(fill(example.config, context) | given, Http(dry=True))


def shown() -> list[Shown]:
    """Of all kinds that have one, those that lead the way first."""
    found = [kind for kind in kinds.catalogue("action").values() if kind.example and not kind.network]
    found.sort(key=lambda kind: (kind.service != "flow", kind.key != "flow.condition", kind.key != "flow.branch"))
    return [Shown(kind, kind.example, list(_settings(kind)), executed(kind, kind.example)) for kind in found]


def _settings(kind: ActionKind) -> Any:
    assert kind.example is not None
    for name, field in kind.form.base_fields.items():
        value = kind.example.config.get(name)
        if value not in (None, "", []):
            yield str(field.label or name), _setting(field, value)


def _setting(field: forms.Field, value: Any) -> str:
    if isinstance(field, BranchesField):
        return "\n".join(f"{one['title']}: {conditions.sentence(one['rules'], {})}" for one in value)
    if isinstance(field, RulesField):
        return conditions.sentence(value, {})
    if isinstance(field, RowsField):
        return "\n".join(f"{row['name']}: {text(row.get('value'))}" for row in value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return text(value)
