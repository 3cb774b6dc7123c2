"""«Получить» of an action: one real run on the sample, whose answer later actions then see as its fields."""

from typing import Any

from django.utils import timezone

from actions.check import check
from actions.models import Action
from actions.perform import Outcome
from actions.placeholders import Context
from webjack.fields import dump
from webjack.http.secret_fields import MASK, in_text, secret_field

MOST_CHARACTERS = 32 * 1024
"""Of a sample as JSON. It is read with every page of the processing."""

_SIZES = ((2000, 50), (500, 20), (200, 5), (80, 2))  # characters of a text, elements of a list
_MOST_KEYS = 300
_DEEPEST = 16


def capture(action: Action, context: Context | None = None) -> Outcome:
    """Performs it for real, on the sample or in a given context; after a success its output is the action's sample."""
    outcome = check(action, send=True, context=context)
    if outcome.ok and outcome.output is not None:
        action.sample, action.sampled_at = kept(outcome.output), timezone.now()
        # An update: a save would bring back an action that somebody removes just now.
        Action.objects.filter(pk=action.pk).update(sample=action.sample, sampled_at=action.sampled_at)
    return outcome


def kept(output: dict[str, Any]) -> dict[str, Any]:
    """An output as it is kept: what its names tell to be secret is masked, long texts and lists are cut."""
    sample: dict[str, Any] = {}
    for longest, most in _SIZES:
        sample = _cut(output, longest, most, 0)
        if len(dump(sample)) <= MOST_CHARACTERS:
            return sample
    return {name: value for name, value in sample.items() if len(dump(value)) <= MOST_CHARACTERS // 8}


def _cut(value: Any, longest: int, most: int, depth: int) -> Any:
    if isinstance(value, str):
        value = in_text(value)
        return value if len(value) <= longest else value[: longest - 1] + "…"
    if not isinstance(value, dict | list):
        return value
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_cut(inner, longest, most, depth + 1) for inner in value[:most]]
    return {
        name[:longest]: MASK if secret_field(name, inner) else _cut(inner, longest, most, depth + 1)
        for name, inner in list(value.items())[:_MOST_KEYS]
    }
