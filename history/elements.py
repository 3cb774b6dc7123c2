"""What was done for the elements of lists, as far as a page can show it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from actions.values import text
from history.models import Operation, Step

MOST_SHOWN = 50
"""Elements of one operation on its page, besides those that failed."""

MOST_STEPS = 500
LONGEST_TITLE = 60
HEAVY = ("config", "exchanges", "output")


@dataclass
class Element:
    """place: as in Step, the number of the element from 0. number: for people, from 1; "2.1" in a list inside a list.

    title: what the element is, shortened. steps: of its actions in their order, without what they carried.
    """

    place: str
    title: str = ""
    steps: list[Step] = field(default_factory=list)

    @property
    def number(self) -> str:
        return numbered(self.place)

    @property
    def status(self) -> str:
        """How it went: as its last step, or given up."""
        if any(step.status == Step.Status.GIVEN_UP for step in self.steps):
            return str(Step.Status.FAILED)
        return str(self.steps[-1].status)

    @property
    def error(self) -> str:
        return "" if self.status == Step.Status.SUCCEEDED else self.steps[-1].error

    @property
    def told(self) -> list[Step]:
        """Its steps without the note that it was given up, which says nothing more."""
        return [step for step in self.steps if step.status != Step.Status.GIVEN_UP] or self.steps


def numbered(place: str) -> str:
    """A place for people, who count from 1."""
    return ".".join(str(int(part) + 1) for part in place.split("."))


def elements(operation: Operation, run: int) -> tuple[list[Element], int]:
    """Those to show of a run, in their order, and how many there are in all."""
    inner = operation.steps.filter(run=run).exclude(place="").defer(*HEAVY)
    first = list(inner.order_by("started_at", "id")[:MOST_STEPS])
    if not first:
        return [], 0
    count = len({step.place for step in first})
    steps = {step.pk: step for step in first}
    if len(first) == MOST_STEPS:
        count = inner.values("place").distinct().count()
        trouble = inner.exclude(status=Step.Status.SUCCEEDED).order_by("started_at", "id")[:MOST_STEPS]
        steps |= {step.pk: step for step in trouble}
    found: dict[str, Element] = {}
    for step in sorted(steps.values(), key=lambda step: (step.started_at, step.position, step.attempt)):
        found.setdefault(step.place, Element(step.place)).steps.append(step)
    ordered = sorted(found.values(), key=lambda one: [int(part) for part in one.place.split(".")])
    shown = ordered[:MOST_SHOWN] + [one for one in ordered[MOST_SHOWN:] if one.status != Step.Status.SUCCEEDED]
    return shown, count


def entitle(found: Iterable[Element], items: Any) -> None:
    """Says of each what it is; items: the list of the outer block."""
    for one in found:
        index = int(one.place.split(".")[0])
        if "." in one.place or not isinstance(items, list) or index >= len(items):
            continue
        item = items[index]
        if isinstance(item, dict):
            item = next((value for value in item.values() if isinstance(value, str) and value), item)
        words = " ".join(text(item).split())
        one.title = words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1] + "…"
