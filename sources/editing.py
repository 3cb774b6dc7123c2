"""One source being edited, new or saved: its forms, what its answer's placeholders see, and the saving."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from actions import connected, layout, picker
from actions.placeholders import Context
from actions.preview import context_behind
from processings.models import Processing
from sources.forms import OwnForm, posted_fields
from sources.kind import SourceKind
from sources.models import Source
from tenants import journal
from webjack import config as configs


@dataclass
class Editing:
    """source is unsaved when new. data: what was posted, or None."""

    source: Source
    data: QueryDict | None = None

    @classmethod
    def new(cls, processing: Processing, kind: str, data: QueryDict | None) -> "Editing":
        return cls(Source(tenant_id=processing.tenant_id, processing=processing, kind=kind), data)

    @property
    def is_new(self) -> bool:
        return self.source._state.adding

    @cached_property
    def spec(self) -> SourceKind:
        return self.source.spec

    @cached_property
    def form(self) -> forms.Form:
        initial = configs.initial(self.spec.form, None if self.is_new else self.source.config)
        form = self.spec.form(self.data, initial=initial)
        connected.offer(form, self.source.processing.tenant)
        return form

    @cached_property
    def own(self) -> OwnForm:
        return OwnForm(self.data, instance=self.source)

    @cached_property
    def context(self) -> Context:
        """What the placeholders of an answer see: this request, and no action has run yet."""
        return context_behind(self.source.processing, [])

    def is_valid(self) -> bool:
        return all([self.own.is_valid(), self.form.is_valid()])

    def save(self) -> Source:
        """Raises Gone when it was deleted meanwhile."""
        source: Source = self.own.save(commit=False)
        source.config = configs.nest(self.form.cleaned_data)
        names = ["name", "config"]
        if self.data is not None and "fields" in self.data:
            source.fields = posted_fields(self.data, source)
            names.append("fields")
        with journal.noted(source):
            if self.is_new:
                source.save()
            else:
                source.write(*names)
        return source

    def page(self) -> dict[str, Any]:
        groups = layout.groups(self.form)
        return {
            "source": self.source,
            "kind": self.spec,
            "form": self.form,
            "own": self.own,
            "basic": groups[:1],
            "more": groups[1:],
            "more_open": any(part.field.errors for group in groups[1:] for part in group.parts),
            "preview_url": self.preview_url,
            "picker": picker.groups(self.source.processing, self.context),
        }

    @property
    def preview_url(self) -> str:
        if self.is_new:
            place = reverse("sources:preview_new", args=[self.source.processing_id])
            return f"{place}?{urlencode({'kind': self.source.kind})}"
        return reverse("sources:preview", args=[self.source.pk])
