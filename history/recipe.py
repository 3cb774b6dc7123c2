"""What a claimed operation is run by: its processing as it stands now, with sources, actions and company."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch

from actions import connected
from actions.connected import Known
from actions.labels import of_fields
from actions.models import Action
from actions.placeholders import Context, company
from actions.tree import enabled
from connections import tokens
from history.models import Operation
from processings.models import Processing
from webjack import kinds

Data = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """actions: those that are on, with all blocks around them, in order. configs: each source's config by its id.

    connections: those of the actions, labels: what people call the fields of the sources. All of it is there before a
    thread gets it, for the threads know no database.
    """

    processing: Processing
    actions: tuple[Action, ...]
    configs: dict[uuid.UUID | None, Data]
    connections: Known = connected.NOTHING
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def company(self) -> Data:
        return company(self.processing.tenant)


@dataclass
class Reading:
    """A decoded request: the merged fields, query and body apart, and a sentence when it cannot be worked with."""

    data: Data = field(default_factory=dict)
    query: Data = field(default_factory=dict)
    body: Data = field(default_factory=dict)
    problem: str = ""


def load(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Recipe]:
    """The recipes of these processings, deleted ones included, in three queries, and one where connections are used.

    All that threads will read is read here. A recipe may be kept long, so the sources come without their samples.
    """
    sources = Processing._meta.get_field("sources").related_model
    lean = Prefetch("sources", sources._default_manager.defer("sample"))
    found = Processing.everything.filter(pk__in=set(ids)).select_related("tenant").prefetch_related("actions", lean)
    actions = [action for processing in found for action in processing.actions.all() if action.enabled]
    known = connected.load(actions, tokens.aside)
    return {processing.pk: of(processing, known) for processing in found}


def of(processing: Processing, known: Known = connected.NOTHING) -> Recipe:
    configs: dict[uuid.UUID | None, Data] = {source.pk: source.config for source in processing.sources.all()}
    named = of_fields(source.fields for source in processing.sources.all())
    return Recipe(processing, tuple(enabled(processing.actions.all())), configs, known, named)


def read(operation: Operation, recipe: Recipe) -> Reading:
    """Decodes the raw request by the kind of its source; never raises."""
    try:
        kind = kinds.get("source", operation.kind)
    except kinds.UnknownKind:
        return Reading(problem=f"no source kind {operation.kind}")
    decoded = kind.read(operation, recipe.configs.get(operation.source_id, {}))
    problem = "" if kind.usable(decoded) else kind.problem(decoded)
    return Reading(decoded.data, decoded.query, decoded.body, problem)


def context(operation: Operation, reading: Reading, recipe: Recipe, outputs: Mapping[str, Any]) -> Context:
    """What placeholders see while this operation runs; `outputs` are those of finished actions by alias."""
    return Context(
        source=reading.data,
        steps=outputs,
        operation={"id": str(operation.pk), "received_at": operation.received_at.isoformat()},
        company=recipe.company,
        request={
            "method": operation.method,
            "query": reading.query,
            "body": reading.body,
            "headers": operation.headers,
        },
        labels=recipe.labels,
    )
