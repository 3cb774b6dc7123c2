"""One action being edited, new or saved: its forms, what its placeholders see, and the saving."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from actions import arrange, branches, connected, layout, marks, offers, picker, stored, suggested
from actions.check import check
from actions.forms import OwnForm
from actions.kind import ActionKind
from actions.models import Action
from actions.placeholders import Context
from actions.preview import context_behind
from actions.stored import Given
from actions.tree import TOP, Outline, Place, enabled, known_to, place, ways
from processings import policy
from processings.models import Processing
from processings.policy_form import PolicyForm
from webjack import config as configs
from webjack import kinds


@dataclass
class Editing:
    """action is unsaved when new; behind and first say where a new one goes in its place. data: what was posted.

    offered: the alias that a new one was offered and that need not stay free until it is saved.
    shown: what the form shows instead of what is saved, by field.
    """

    action: Action
    data: QueryDict | None = None
    behind: Action | None = None
    first: bool = False
    offered: str = ""
    shown: dict[str, Any] | None = None

    @classmethod
    def new(
        cls,
        processing: Processing,
        kind: str,
        behind: Action | None = None,
        *,
        first: bool = False,
        inside: Place = TOP,
        data: Any = None,
    ) -> "Editing":
        spec = kinds.get("action", kind)
        alias = arrange.free_alias(spec.alias, list(processing.actions.all()))
        parent_id, slot = place(behind) if behind else inside
        action = Action(
            tenant_id=processing.tenant_id,
            processing=processing,
            kind=kind,
            alias=alias,
            parent_id=parent_id,
            slot=slot,
        )
        return cls(action, data, behind, first, alias)

    @classmethod
    def of(cls, action: Action, data: Any) -> "Editing":
        return cls(action, data)

    @property
    def processing(self) -> Processing:
        return self.action.processing

    @cached_property
    def spec(self) -> ActionKind:
        return self.action.spec

    @property
    def is_new(self) -> bool:
        return self.action._state.adding

    @cached_property
    def form(self) -> forms.Form:
        first = self.shown or self._first()
        form = self.spec.form(self.data, initial=first)
        connected.offer(form, self.processing.tenant)
        branches.hold(form, None if self.is_new else self.action)
        offers.show_labels(form, self.action.tenant_id, self.action.kind, self._stands(first))
        return form

    def _first(self) -> dict[str, Any]:
        """What is saved; of a new one what is suggested."""
        if not self.is_new:
            return configs.initial(self.spec.form, self.action.config)
        found: dict[str, Any] = suggested.fitted(
            configs.initial(self.spec.form), picker.source_items(self.processing, self.context)
        )
        return found

    def _stands(self, first: dict[str, Any]) -> dict[str, Any]:
        return first if self.data is None else self.typed()

    @cached_property
    def own(self) -> OwnForm:
        return OwnForm(self.processing, self.data, instance=self.action)

    @cached_property
    def retries(self) -> PolicyForm | None:
        """None where nothing leaves this machine, and so nothing is worth repeating."""
        if not self.action.leaves_machine:
            return None
        usual = policy.chosen(self.processing.retries)
        return PolicyForm(self.data, self.action.retries, usual, _("As in the processing"))

    def typed(self) -> dict[str, Any]:
        """What stands in the inputs, right or wrong, by field."""
        fields = self.spec.form.base_fields
        return {name: field.widget.value_from_datadict(self.data, {}, name) for name, field in fields.items()}

    @property
    def bound(self) -> list[forms.BaseForm]:
        return [form for form in (self.form, self.own, self.retries) if form is not None]

    @cached_property
    def earlier(self) -> list[Action]:
        """The enabled actions whose results this one can use."""
        actions = list(self.processing.actions.all())
        if self.is_new:
            self.action.position = self._position(actions)
        on = {action.pk for action in enabled(actions)}
        return [action for action in known_to(self.action, actions) if action.pk in on]

    def _position(self, actions: list[Action]) -> int:
        """Where a new one will stand: behind what is inside the action before it, or in its slot."""
        outline = Outline(actions)
        before = self.behind or (None if self.first else next(reversed(outline.at(place(self.action))), None))
        if before:
            return max(action.position for action in outline.whole(before)) + 1
        return next((block.position for block in actions if block.pk == self.action.parent_id), 0) + 1

    @cached_property
    def context(self) -> Context:
        """What its placeholders see, on the sample or on the stored request that was chosen beside the form."""
        return context_behind(self.processing, self.earlier, dict(self._ways()), self.given)

    @cached_property
    def given(self) -> Given | None:
        """None for the sample, and for a request that is not there: `lost` says so."""
        try:
            operation = stored.chosen(self.processing, self.data or {})
        except stored.NoSuchRequest:
            return None
        return stored.given(self.processing, operation) if operation else None

    @property
    def lost(self) -> bool:
        """Whether a request was chosen that is no longer kept."""
        try:
            return self.given is None and stored.chosen(self.processing, self.data or {}) is not None
        except stored.NoSuchRequest:
            return True

    def _ways(self) -> Iterator[tuple[Any, str]]:
        for block, slot in ways(self.action, self.processing.actions.all()):
            yield block.pk, slot

    @cached_property
    def known(self) -> Context:
        return marks.lenient(self.context, self.earlier)

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in self.bound]  # each, so that all errors show at once
        return all(valid)

    def errors(self) -> list[str]:
        """Each error with the label of its field, for where the fields are out of sight."""
        return [
            f"{form[name].label}: {text}" if name != NON_FIELD_ERRORS else str(text)
            for form in self.bound
            for name, texts in form.errors.items()
            for text in texts
        ]

    def marks(self) -> list[marks.Mark]:
        """Unknown placeholders of what was typed if it is valid, else of what is saved."""
        values = self.form.cleaned_data if self.data is not None and self.form.is_valid() else None
        if values is None:
            values = configs.flatten(self.action.config, list(self.spec.form.base_fields))
        return marks.marks(self.spec.form, values, self.known)

    def filled(self) -> Action:
        """The action with what was typed, as it would be saved. The forms must be valid."""
        action: Action = self.own.save(commit=False)
        action.config = configs.nest(self.form.cleaned_data)
        if self.retries is not None:
            action.retries = self.retries.policy
        return action

    def told(self) -> str:
        """What it brings on the sample, in half a sentence; "" where its kind does not say or something is missing."""
        if self.spec.network or not self.is_valid():
            return ""
        outcome = check(self.filled(), send=False, context=self.context)
        return outcome.error or (self.spec.told(outcome.output) if outcome.output is not None else "")

    def save(self) -> Action:
        """Raises ValueError with a sentence when there is no room for one more, or what it needs is gone or taken."""
        action = self.filled()
        if not self.is_new:
            arrange.change(action)
            return action
        self.action = arrange.add(
            self.processing,
            action.kind,
            action.config,
            action.name,
            self.behind,
            alias="" if action.alias == self.offered else action.alias,
            first=self.first,
            inside=place(self.action),
            on_unknown=action.on_unknown,
            retries=action.retries,
        )
        return self.action

    @property
    def urls(self) -> dict[str, str]:
        if not self.is_new:
            names = {
                "save": "actions:detail",
                "preview": "actions:preview",
                "filters": "actions:filters",
                "check": "actions:check",
                "options": "actions:options",
                "compare": "rehearse:compare_action",
            }
            return {name: reverse(url, args=[self.action.pk]) for name, url in names.items()}
        names = {
            "save": "actions:add",
            "preview": "actions:preview_new",
            "filters": "actions:filters_new",
            "check": "actions:check_new",
            "options": "actions:options_new",
            "compare": "rehearse:compare_new",
        }
        where = {
            "after": str(self.behind.pk) if self.behind else "start" if self.first else "",
            "in": str(self.action.parent_id or "") if not self.behind else "",
            "slot": self.action.slot if not self.behind else "",
        }
        query = urlencode({"kind": self.action.kind} | {name: text for name, text in where.items() if text})
        return {name: f"{reverse(url, args=[self.processing.pk])}?{query}" for name, url in names.items()}

    def page(self) -> dict[str, Any]:
        """What the form's page shows."""
        titles = {action.alias: action.title for action in self.earlier}
        return {
            "editing": self,
            "processing": self.processing,
            "action": self.action,
            "kind": self.spec,
            "form": self.form,
            "own": self.own,
            "retries": self.retries,
            "groups": layout.groups(self.form, self.marks()),
            "picker": picker.groups(self.processing, self.context, titles),
            "urls": self.urls,
            "check_url": self.urls["check"],
            "answer": picker.outputs(self.action) if self.action.sample else [],
        }
