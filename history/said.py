"""What finished steps say of themselves, such as «Не выполнено»: a word that counts more than that they succeeded."""

from collections.abc import Iterable
from functools import cache

from actions.kind import ActionKind, Said
from history.models import Operation, Step
from webjack import kinds


@cache
def saying() -> frozenset[str]:
    """The kinds whose steps say something."""
    found = kinds.catalogue("action").items()
    return frozenset(key for key, kind in found if type(kind).said is not ActionKind.said)


def said(step: Step) -> Said | None:
    """None where there is nothing to say, or the step came without its output."""
    if step.kind not in saying() or step.status != Step.Status.SUCCEEDED or "output" in step.get_deferred_fields():
        return None
    spec: ActionKind = kinds.get("action", step.kind)
    return spec.said(step.output or {})


def listen(operation: Operation, steps: Iterable[Step]) -> None:
    """Fetches the outputs of those that say something, in one query."""
    silent = {step.pk: step for step in steps if step.kind in saying() and "output" in step.get_deferred_fields()}
    if silent:
        for key, output in operation.steps.filter(pk__in=list(silent)).values_list("pk", "output"):
            silent[key].output = output
