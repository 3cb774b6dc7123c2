"""One operation for its page: what came, what was done in which order, what is still to come."""

import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from actions.kind import Said
from actions.models import Action
from actions.tree import enabled, ways
from history.effects import called
from history.elements import Element, elements, entitle
from history.exchanges import Exchange, exchange
from history.field import Field
from history.holds import Hold, hold
from history.models import Operation, Status, Step
from history.received import Received, received
from history.run import DONE
from history.said import listen, said
from history.verdict import Verdict, last_of, verdict
from processings import policy
from webjack import kinds
from webjack.templatetags.webjack import STATUSES

HEAVY = ("config", "exchanges", "output")


@dataclass
class Stage:
    """One action in one run. step: its last attempt, None before the first; earlier: those before it, oldest first.

    elements: of a list, as far as they are shown; count: how many have begun. called: the operation that it called.
    """

    number: int
    title: str
    kind: Any
    action_id: uuid.UUID | None
    step: Step | None = None
    earlier: list[Step] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    settings: list[Field] = field(default_factory=list)
    called: Operation | None = None
    elements: list[Element] = field(default_factory=list)
    count: int = 0

    @property
    def hidden(self) -> int:
        """Elements that went well and are not shown."""
        return self.count - len(self.elements)

    @property
    def failures(self) -> int:
        return sum(one.status != Step.Status.SUCCEEDED for one in self.elements)

    @property
    def said(self) -> Said | None:
        return said(self.step) if self.step else None

    @property
    def status(self) -> str:
        """As of its last attempt; a list in which an element failed has not gone well."""
        if self.failures:
            return str(Step.Status.FAILED)
        told = self.said
        return told.status if told else self.step.status if self.step else "coming"

    @property
    def length(self) -> int:
        """Elements of its list in all, also those that were not begun."""
        items = (self.step.output or {}).get("items") if self.step and self.elements else None
        return max(self.count, len(items)) if isinstance(items, list) else self.count

    @property
    def shape(self) -> str:
        return STATUSES[self.status][1] if self.status in STATUSES else "circle-dashed"


@dataclass
class Page:
    """Everything the page draws. stages: of the current run; runs: earlier ones, newest first, without their bodies."""

    operation: Operation
    verdict: Verdict
    received: Received
    stages: list[Stage]
    runs: list[tuple[int, list[Stage]]]
    version: str
    hold: Hold


def page(operation: Operation) -> Page:
    """operation: with its processing. A few queries whatever its length."""
    actions = list(operation.processing.actions.all())
    sources = list(operation.processing.sources.all())
    steps = list(operation.steps.filter(place="").defer(*HEAVY))
    now = [step for step in steps if step.run == operation.run]
    stages = _stages(now, actions)
    heavy = operation.steps.in_bulk([stage.step.pk for stage in stages if stage.step])
    for stage in stages:
        if stage.step:
            _fill(stage, heavy[stage.step.pk])
    _measure(stages)
    _link(operation, stages)
    found, count = elements(operation, operation.run)
    listen(operation, [*steps, *(step for one in found for step in one.told)])
    _put_inside(stages, found, count)
    stages = _with_coming(stages, actions, operation)
    before = sorted({step.run for step in steps} - {operation.run}, reverse=True)
    runs = [(run, _stages([step for step in steps if step.run == run], actions)) for run in before]
    last, held = last_of([*now, *(step for one in found for step in one.told)]), hold(operation)
    total = max(len(stages), len(enabled(actions))) if count else len(stages)
    told = verdict(operation, last, total, _attempts(last and heavy.get(last.pk), operation, actions))
    word = version(operation, steps, held)
    return Page(operation, told, received(operation, sources), stages, runs, word, held)


def _put_inside(stages: list[Stage], found: list[Element], count: int) -> None:
    """Under the block whose list it is: the last one before it, which stands in no list itself."""
    blocks = [stage for stage in stages if stage.kind is not None and getattr(stage.kind, "repeats", False)]
    for one in found:
        before = [stage for stage in blocks if stage.number <= one.steps[0].position]
        if before:
            before[-1].elements.append(one)
    for stage in blocks:
        output = stage.step.output if stage.step else None
        entitle(stage.elements, (output or {}).get("items"))
        # What is not shown belongs to the longest list, which is the only one in nearly all cases.
        stage.count = len(stage.elements)
    if blocks:
        longest = max(blocks, key=lambda stage: stage.count)
        longest.count += count - sum(stage.count for stage in blocks)


def attempt(step: Step) -> Stage:
    """One earlier attempt with all it holds."""
    stage = Stage(step.position, step.title, _kind(step.kind), None)
    _fill(stage, step)
    _measure([stage])
    _link(step.operation, [stage])
    return stage


def _link(operation: Operation, stages: list[Stage]) -> None:
    handed = called(operation, [stage.step.pk for stage in stages if stage.step])
    for stage in stages:
        stage.called = handed.get(stage.step.pk) if stage.step else None


def version(operation: Operation, steps: Iterable[Step] | None = None, held: Hold | None = None) -> str:
    """Changes when the page would look different."""
    held = held or hold(operation)
    if steps is None:
        steps = operation.steps.filter(place="").only("id")
    seen = (
        operation.status,
        operation.run,
        operation.attempts,
        operation.due_at,
        operation.data is None,
        operation.error,
        operation.order_key,
        held.seen,
        operation.steps.exclude(place="").count(),
    )
    return f"{zlib.crc32(repr((seen, [step.pk for step in steps])).encode()):08x}"


def _attempts(last: Step | None, operation: Operation, actions: list[Action]) -> int:
    """How many attempts the action of this step has, if the server goes on answering as it did."""
    own = next((action.retries for action in actions if last and action.pk == last.action_id), None)
    answer = last.exchanges[-1].get("response") if last and last.exchanges else None
    return policy.chosen(own, operation.processing.retries).most(answer["status"] if answer else None)


def _stages(steps: Iterable[Step], actions: list[Action]) -> list[Stage]:
    known = {action.pk for action in actions}
    found: dict[uuid.UUID, Stage] = {}
    for step in sorted(steps, key=lambda step: (step.position, step.attempt, step.pk)):
        stage = found.setdefault(
            step.action_id,
            Stage(step.position, step.title, _kind(step.kind), step.action_id if step.action_id in known else None),
        )
        if stage.step:
            stage.earlier.append(stage.step)
        stage.step, stage.number, stage.title = step, step.position, step.title
    return sorted(found.values(), key=lambda stage: stage.number)


def _with_coming(stages: list[Stage], actions: list[Action], operation: Operation) -> list[Stage]:
    """The actions that have not been tried yet, while the operation may still get to them."""
    if operation.status in (Status.SUCCEEDED, Status.FILTERED, Status.REJECTED):
        return stages
    tried = {stage.step.action_id: stage.step for stage in stages if stage.step}
    coming = [
        Stage(number, action.title, _kind(action.kind), action.pk)
        for number, action in enumerate(enabled(actions), 1)
        if action.pk not in tried and _is_on_the_way(action, actions, tried)
    ]
    return sorted([*stages, *coming], key=lambda stage: stage.number)


def _is_on_the_way(action: Action, actions: list[Action], tried: dict[uuid.UUID, Step]) -> bool:
    """Whether it surely comes: at the top, or in a slot that its block has chosen. Elements of lists show their own."""
    for around, slot in ways(action, actions):
        step, block = tried.get(around.pk), around.block
        if step is None or step.status not in DONE or block is None or block.repeats:
            return False
        if slot not in [one.slot for one in block.passes(step.output or {})]:
            return False
    return True


def _fill(stage: Stage, step: Step) -> None:
    stage.step = step
    stage.exchanges = [exchange(record, step, number) for number, record in enumerate(step.exchanges)]
    stage.settings = _settings(stage.kind, step.config)


def _settings(kind: Any, config: dict[str, Any]) -> list[Field]:
    """What the placeholders became, under the labels of the kind's form; what is empty is left out."""
    fields = kind.form.base_fields if kind else {}
    names = [*(name for name in fields if name in config), *(name for name in config if name not in fields)]
    return [
        Field(name, str(fields[name].label or "") if name in fields else "", _said(config[name]))
        for name in names
        if config[name] not in ("", None, [], {}, False)
    ]


def _said(value: Any) -> Any:
    return _("Yes") if value is True else value


def _kind(key: str) -> Any:
    try:
        return kinds.get("action", key)
    except kinds.UnknownKind:
        return None


def _measure(stages: list[Stage]) -> None:
    """Each exchange's length as a share of the longest, in percent, for its bar."""
    exchanges = [one for stage in stages for one in stage.exchanges]
    longest = max((one.duration_ms for one in exchanges), default=0) or 1
    for one in exchanges:
        one.share = max(round(one.duration_ms * 100 / longest), 1)
