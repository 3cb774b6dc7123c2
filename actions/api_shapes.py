"""Actions as the API shows them and takes them, and the orders about them."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.forms import Form
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    extend_schema_field,
)
from rest_framework import serializers

from actions import arrange, branches, connected
from actions.editing import Editing
from actions.forms import OwnForm
from actions.lanes import leave
from actions.models import Action
from actions.perform import Outcome
from actions.remarks import remarks
from actions.tree import Place
from processings.api import ProcessingField, RetriesSerializer
from processings.models import Processing
from webjack.api_fields import ConfigField, KindField, cleaned, fixed
from webjack.config import GLUE
from webjack.kinds import UnknownKind
from webjack.problems import Conflict

FIXED = ("processing", "kind", "parent_id", "slot")
_SIBLINGS = Action.objects.filter(
    processing_id=OuterRef("processing_id"), slot=OuterRef("slot"), position__lte=OuterRef("position")
).filter(Q(parent_id=OuterRef("parent_id")) | Q(parent_id=None, slot=""))
IN_SLOT = Subquery(_SIBLINGS.order_by().values("processing_id").values(count=Count("*")))
"""The place of an action among those of its slot, from 1."""
GIVEN = ("name", "alias", "on_unknown", "retries")


class WarningSerializer(serializers.Serializer[Any]):
    """A placeholder that names nothing known; it is saved all the same and becomes empty."""

    path = serializers.CharField(help_text=_("Where it stands, such as config.body"))
    row = serializers.IntegerField(allow_null=True, help_text=_("The row of a list, from 1"))
    name = serializers.CharField()
    suggestion = serializers.CharField(allow_null=True)
    detail = serializers.CharField()


class ActionSerializer(serializers.ModelSerializer[Action]):
    processing = ProcessingField()
    kind = KindField("action")
    alias = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text=_("The name of its output in placeholders: {{ steps.<alias>.… }}. Empty: chosen by the kind"),
    )
    config = ConfigField(required=False)
    retries = RetriesSerializer(
        allow_null=True,
        required=False,
        help_text=_("When it is made again; null: as in the processing"),
    )

    parent = serializers.UUIDField(  # type: ignore[assignment]  # DRF's own attribute
        source="parent_id",
        allow_null=True,
        required=False,
        help_text=_("The block it stands in; null at the top. Changed by processings/{id}/reorder/"),
    )
    slot = serializers.CharField(
        required=False, allow_blank=True, max_length=64, help_text=_("Where in the block, such as then, else or each")
    )
    position = serializers.SerializerMethodField(
        help_text=_("From 1, among the actions of its slot; changed by processings/{id}/reorder/")
    )

    class Meta:
        model = Action
        fields = [
            "id", "processing", "kind", "name", "alias", "parent", "slot", "position", "config", "on_unknown",
            "retries", "enabled", "created_at", "updated_at",
        ]  # fmt: skip
        validators: list[Any] = []  # the alias is checked by the same form as on the pages
        extra_kwargs = {
            "on_unknown": {
                "help_text": _(
                    "What to do when the request may have arrived and no answer came: repeat with the same "
                    "Idempotency-Key, or stop and ask"
                )
            },
        }

    @extend_schema_field(serializers.IntegerField(min_value=1))
    def get_position(self, action: Action) -> int:
        found = getattr(action, "in_slot", None)  # not of one that was just made
        return int(
            found or Action.objects.annotate(in_slot=IN_SLOT).values_list("in_slot", flat=True).get(pk=action.pk)
        )

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if self.instance:
            fixed(self.instance, attributes, FIXED)
        elif attributes.get("parent_id"):
            self._check_place(attributes["processing"], attributes["parent_id"], attributes.get("slot", ""))
        if self.instance is None or "config" in attributes:
            kind = attributes.get("kind") or self.instance.kind  # type: ignore[union-attr]
            processing = attributes.get("processing") or self.instance.processing  # type: ignore[union-attr]
            attributes["config"] = cleaned(
                "action", kind, attributes.get("config"), lambda form: self._prepare(form, processing)
            )
        return attributes | self._own(attributes)

    def _prepare(self, form: Form, processing: Processing) -> None:
        connected.offer(form, processing.tenant)
        branches.hold(form, self.instance if isinstance(self.instance, Action) else None)

    def _check_place(self, processing: Processing, parent: uuid.UUID, slot: str) -> None:
        block = processing.actions.filter(pk=parent).first()
        if block is None:
            raise serializers.ValidationError({"parent": _("This processing has no such block")})
        slots = [one.key for one in block.slots]
        if slot not in slots:
            told = _("The block has these places: %(slots)s") % {"slots": ", ".join(slots) or "—"}
            raise serializers.ValidationError({"slot": told})

    def _own(self, attributes: dict[str, Any]) -> dict[str, str]:
        """Name and alias by the rules of the page, those that were given."""
        row = self.instance or Action(processing=attributes["processing"], kind=attributes["kind"])
        before = {"name": row.name, "alias": row.alias}
        given = {name: attributes[name] for name in before if name in attributes}
        form = OwnForm(row.processing, {f"own-{name}": text for name, text in (before | given).items()}, instance=row)
        if not form.is_valid():
            raise serializers.ValidationError(
                {name: [str(text) for text in texts] for name, texts in form.errors.items()}
            )
        return {name: form.cleaned_data[name] for name in given}

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Action:
        told = {name: validated_data[name] for name in GIVEN if name in validated_data}
        if validated_data.get("parent_id"):
            told["inside"] = validated_data["parent_id"], validated_data.get("slot", "")
        try:
            fresh = arrange.add(validated_data["processing"], validated_data["kind"], validated_data["config"], **told)
        except ValueError as full:
            raise Conflict(str(full)) from full
        return fresh if validated_data.get("enabled", True) else self.update(fresh, {"enabled": False})

    @transaction.atomic
    def update(self, instance: Action, validated_data: dict[str, Any]) -> Action:
        changed = validated_data.keys() - set(FIXED)
        for name in changed:
            setattr(instance, name, validated_data[name])
        with arrange.changing(instance.processing):
            if "config" in changed:
                try:
                    arrange.change(instance)
                except ValueError as lost:
                    raise Conflict(str(lost)) from lost
            instance.save(update_fields=[*changed, "updated_at"])
            if not instance.enabled:
                leave(instance.processing, instance.lane_id)
        return instance


class ActionDetailSerializer(ActionSerializer):
    """With what its placeholders lack; a list does without, since it takes the whole processing to say."""

    warnings = serializers.SerializerMethodField()
    sample = serializers.DictField(
        read_only=True,
        allow_null=True,
        help_text=_("What capture/ brought; later actions see it as the output"),
    )

    class Meta(ActionSerializer.Meta):
        fields = [*ActionSerializer.Meta.fields, "warnings", "sample", "sampled_at"]
        read_only_fields = ["sampled_at"]

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, action: Action) -> list[dict[str, Any]]:
        try:
            found = Editing.of(action, None).marks()
        except UnknownKind:
            return []
        lacking = [
            {"path": "config", "row": None, "name": "", "suggestion": None, "detail": remark.text}
            for remark in remarks(action)
        ]
        return lacking + [
            {
                "path": "config." + mark.field.replace(GLUE, "."),
                "row": mark.row,
                "name": mark.name,
                "suggestion": mark.suggestion,
                "detail": str(mark),
            }
            for mark in found
        ]


class ActionTestSerializer(serializers.Serializer[Any]):
    dry = serializers.BooleanField(
        default=False, help_text=_("Send nothing: only show the request as it would go out, in exchanges")
    )
    operation = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text=_("A stored request of its processing to try it on; the sample unless given"),
    )


class OutcomeSerializer(serializers.Serializer[Outcome]):
    ok = serializers.BooleanField()
    config = serializers.DictField(help_text=_("The settings with their placeholders filled"))
    exchanges = serializers.ListField(child=serializers.DictField(), help_text=_("Each HTTP request with its answer"))
    output = serializers.DictField(allow_null=True, help_text=_("What later actions can use"))
    error = serializers.CharField(help_text=_("A sentence, empty when all went well"))
    duration_ms = serializers.IntegerField()


class ParseSerializer(serializers.Serializer[Any]):
    kind = KindField("action", default="http.request", help_text=_("The kind of the action to be"))
    text = serializers.CharField(max_length=200_000, help_text=_("What documentations give, such as a curl command"))


class ParsedSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    config = serializers.DictField(help_text=_("Settings for a new action; what is missing gets its default"))
    notes = serializers.ListField(
        child=serializers.CharField(), help_text=_("Sentences on what could not be taken over or wants attention")
    )


class OptionSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(help_text=_("What goes into the settings"))
    label = serializers.CharField(help_text=_("What people call it"))  # type: ignore[assignment]  # DRF's own attribute
    group = serializers.CharField(help_text=_("The heading it stands under, may be empty"))
    about = serializers.CharField(help_text=_("Small print, such as the type of a field, may be empty"))


class OfferedSerializer(serializers.Serializer[Any]):
    options = OptionSerializer(many=True)
    asked_at = serializers.DateTimeField(allow_null=True, help_text=_("When the service was asked"))
    error = serializers.CharField(
        help_text=_("Why the service could not be asked now, else empty; the options are then of the last time")
    )


class OfferAskSerializer(serializers.Serializer[Any]):
    config = serializers.DictField(required=False, help_text=_("Settings, whole or not; the saved ones unless given"))
    refresh = serializers.BooleanField(
        default=False, help_text=_("Ask the service again although the last answer is less than a day old")
    )


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "format": "uuid"},
            {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "parent": {"type": "string", "format": "uuid", "nullable": True},
                    "slot": {"type": "string"},
                },
            },
        ]
    }
)
class PlacedField(serializers.Field[Any, Any, Any, Any]):
    """An action's id, or an object that also says where it stands from now on; inside: (id, place or None)."""

    def to_internal_value(self, data: Any) -> tuple[uuid.UUID, Place | None]:
        key = serializers.UUIDField()
        if not isinstance(data, dict):
            return key.run_validation(data), None
        parent = serializers.UUIDField(allow_null=True).run_validation(data.get("parent"))
        slot = serializers.CharField(allow_blank=True, max_length=64).run_validation(data.get("slot", ""))
        return key.run_validation(data.get("id")), (parent, slot if parent else "")


class ReorderSerializer(serializers.Serializer[Any]):
    actions = serializers.ListField(
        child=PlacedField(),
        max_length=arrange.MOST_ACTIONS,
        help_text=_(
            "All actions of the processing, each once, in their new order: ids, or objects with id, parent and slot "
            "for those that move to another block"
        ),
    )
