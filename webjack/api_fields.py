"""Serializer fields of everything that has a kind: the kind's key and its config."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webjack import config as configs
from webjack import kinds, schema


class KindField(serializers.CharField):
    """The key of a kind of this family; an unknown one is an error of the field."""

    def __init__(self, family: str, **options: Any) -> None:
        self.family = family
        options.setdefault("help_text", gettext_lazy("A kind's key from /kinds/; it cannot be changed later"))
        super().__init__(max_length=64, **options)

    def to_internal_value(self, data: Any) -> str:
        key = super().to_internal_value(data)
        try:
            kinds.get(self.family, key)
        except kinds.UnknownKind:
            raise serializers.ValidationError(_("There is no kind “%(kind)s”") % {"kind": key}) from None
        return key


@extend_schema_field(OpenApiTypes.OBJECT)
class ConfigField(serializers.JSONField):
    """A config as it came; `cleaned` checks it, for it takes the kind to do so."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "help_text",
            gettext_lazy(
                "Settings by the kind's JSON schema. They replace the old ones whole; what is missing gets its default"
            ),
        )
        super().__init__(**options)


def cleaned(family: str, key: str, config: Any, prepare: Callable[[Form], None] = lambda form: None) -> configs.Config:
    """The whole config as it is stored, by the same form as on the pages; raises ValidationError by dotted paths.

    prepare: gives the form what it needs to know of the company.
    """
    try:
        kind = kinds.get(family, key)
    except kinds.UnknownKind:
        raise serializers.ValidationError({"kind": _("There is no kind “%(kind)s”") % {"kind": key}}) from None
    found: dict[str, list[str]] = {}
    for path, sentence in schema.mistyped(schema.of(kind.form), {} if config is None else config):
        found.setdefault(path, []).append(sentence)
    if not found:
        form = configs.bind(kind.form, config or {})
        prepare(form)
        if form.is_valid():
            return configs.nest(form.cleaned_data)
        found = configs.errors(form)
    own = found.pop("", [])
    raise serializers.ValidationError({"config": {"non_field_errors": own} | found if own else found})


def fixed(row: Any, attributes: dict[str, Any], names: tuple[str, ...]) -> None:
    """Raises ValidationError where a PATCH would change what is fixed once the row is made."""
    changed = [name for name in names if name in attributes and attributes[name] != getattr(row, name)]
    if changed:
        raise serializers.ValidationError({name: _("This cannot be changed later") for name in changed})
