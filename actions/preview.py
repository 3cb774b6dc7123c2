"""What placeholders would become: the sample an action is previewed, checked and warned by."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from actions.kind import BlockKind
from actions.labels import labels
from actions.lookup import MISSING, find
from actions.models import Action
from actions.perform import perform
from actions.placeholders import Context, company
from actions.stored import Given
from actions.tables.rows import found
from actions.tree import enabled, known_to, ways
from processings.models import Processing
from webjack.http import Http
from webjack.kinds import UnknownKind

Data = dict[str, Any]

RECENT = 10
"""Operations that are looked through for real outputs."""

SOME_ID = "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5"


def sample_context(processing: Processing, before: Action | None, given: Given | None = None) -> Context:
    """Sample data as an action sees them that stands where `before` stands; None: at the end.

    Builders are really executed on the sample; of other actions what was captured counts, then the newest real output,
    then the kind's sample.
    """
    actions = enabled(processing.actions.all())
    if before is None:
        return context_behind(processing, actions, None, given)
    around = {block.pk: slot for block, slot in ways(before, actions)}
    return context_behind(processing, known_to(before, actions), around, given)


def context_behind(
    processing: Processing,
    actions: Iterable[Action],
    around: Mapping[Any, str] | None = None,
    given: Given | None = None,
) -> Context:
    """The same behind these actions, which are in order; around: the slots it stands in, by the id of the block.

    given: a stored request instead of the sample; what it brought then counts before what others brought.
    """
    steps: Data = {}
    context = Context(
        source=given.source if given else source_sample(processing),
        steps=steps,
        operation=given.operation if given else {"id": SOME_ID, "received_at": timezone.now().isoformat()},
        company=company(processing.tenant),
        request=given.request if given else {"method": "POST", "query": {}, "body": {}, "headers": {}},
        labels=labels(processing),
    )
    actions = list(actions)
    real = real_outputs(processing, actions)
    then = given.outputs if given else {}
    for action in actions:
        output = output_of(action, context, real, then)
        block = action.block
        if block:
            inside = (around or {}).get(action.pk)
            output = block.result(output, 0) if inside is None else _inside(block, output, inside)
        steps[action.alias] = output
    return context


def _inside(block: BlockKind, output: Data, slot: str) -> Data:
    """What a block's alias gives inside one of its slots, of a list for its first element."""
    if not block.repeats:
        return output
    shown = (one.shown for one in block.passes(output) if one.slot == slot)
    return next(shown, None) or block.sample or output


def source_sample(processing: Processing) -> Data:
    """The captured request of the first source that has one, with the fields that were added by hand."""
    for source in processing.sources.all():
        if source.sample or source.fields:
            by_hand = (field for field in source.fields if field.get("added"))
            added = {
                field["name"]: field.get("sample")
                for field in by_hand
                if find(source.sample, [field["name"]]) is MISSING
            }
            return dict(source.sample) | added
    return {}


def output_of(action: Action, context: Context, real: Mapping[Any, Data], then: Mapping[Any, Data]) -> Data:
    """then: what came back for the very request that it is tried on."""
    try:
        spec = action.spec
    except UnknownKind:
        return {}
    if not spec.network:
        outcome = perform(action, context, Http(dry=True))
        if outcome.asks:
            outcome = perform(action, context, Http(dry=True), found(action.tenant_id, outcome.asks))
        if outcome.output is not None:
            return outcome.output
    return then.get(action.pk) or action.sample or real.get(action.pk) or spec.sample


def real_outputs(processing: Processing, actions: list[Action]) -> dict[Any, Data]:
    """The newest output that each of these actions really had lately, by the action's id."""
    wanted = {action.pk: action.kind for action in actions if not _builds(action)}
    if not wanted:
        return {}
    # Only a few operations: a search through the whole history of a busy processing would keep the page waiting.
    recent = list(processing.operations.order_by("-id").values_list("pk", flat=True)[:RECENT])
    steps = processing.operations.filter(
        pk__in=recent, steps__status="succeeded", steps__action_id__in=list(wanted)
    ).order_by("id", "steps__started_at")
    rows = steps.values_list("steps__action_id", "steps__kind", "steps__output")
    return {key: output for key, kind, output in rows if kind == wanted[key] and isinstance(output, dict)}


def _builds(action: Action) -> bool:
    try:
        return not action.spec.network
    except UnknownKind:
        return True
