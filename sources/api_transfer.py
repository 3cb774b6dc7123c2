"""`export/` and `import/`: a processing as a file, to be kept or taken to another company."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from actions import calls, connected
from actions.api_shapes import ActionSerializer
from actions.arrange import MOST_ACTIONS
from actions.models import OnUnknown
from processings.api import ProcessingSerializer, RetriesSerializer
from processings.models import LONGEST_DEADLINE, SHORTEST_DEADLINE, Ordering, Processing
from sources.api import FieldSerializer, SourceSerializer
from tenants import journal
from tenants.api_rows import TenantViewSet
from tenants.models import Verb
from webjack import kinds
from webjack.api_fields import ConfigField, KindField

MOST_SOURCES = 50
OWN = ("name", "ordering", "ordering_field", "retries", "deadline_seconds")  # of the processing itself


class ExportedFieldSerializer(FieldSerializer):
    """Without the sample, which is somebody's data."""

    sample = None  # type: ignore[assignment]


class ExportedSourceSerializer(serializers.Serializer[Any]):
    kind = KindField("source")
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    config = ConfigField(required=False)
    fields = ExportedFieldSerializer(many=True, required=False)  # type: ignore[assignment]  # as in SourceSerializer


class ExportedActionSerializer(serializers.Serializer[Any]):
    kind = KindField("action")
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    alias = serializers.CharField(max_length=64, allow_blank=True, default="")
    config = ConfigField(required=False)
    on_unknown = serializers.ChoiceField(choices=OnUnknown.choices, default=OnUnknown.REPEAT)
    retries = RetriesSerializer(allow_null=True, default=None)
    enabled = serializers.BooleanField(default=True)
    parent = serializers.CharField(  # type: ignore[assignment]  # DRF's own attribute
        source="parent.alias",
        max_length=64,
        allow_null=True,
        default=None,
        help_text=_("The short name of the block it stands in, one of the actions before it"),
    )
    slot = serializers.CharField(max_length=64, allow_blank=True, default="")


class ExportSerializer(serializers.Serializer[Processing]):
    name = serializers.CharField(max_length=200)
    ordering = serializers.ChoiceField(choices=Ordering.choices, default=Ordering.PARALLEL)
    ordering_field = serializers.CharField(max_length=200, allow_blank=True, default="")
    retries = RetriesSerializer(allow_null=True, required=False)
    deadline_seconds = serializers.IntegerField(min_value=SHORTEST_DEADLINE, max_value=LONGEST_DEADLINE, required=False)
    sources = ExportedSourceSerializer(many=True, required=False, max_length=MOST_SOURCES)  # type: ignore[call-arg]  # of the list
    actions = ExportedActionSerializer(many=True, required=False, max_length=MOST_ACTIONS)  # type: ignore[call-arg]


class ImportedSerializer(ProcessingSerializer):
    """With what the company does not have and so was left out."""

    left_out = serializers.SerializerMethodField(help_text=_("What has to be chosen anew, a sentence each"))

    class Meta(ProcessingSerializer.Meta):
        fields = [*ProcessingSerializer.Meta.fields, "left_out"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_left_out(self, processing: Processing) -> list[str]:
        return list(self.context.get("lost", ()))


class TransferViewSet(TenantViewSet[Processing]):
    queryset = Processing.objects.all()

    @extend_schema(
        summary=_("Export a processing"),
        description=_("Name, order, sources and actions, without the sources' addresses and without anybody's data."),
        responses=ExportSerializer,
    )
    @action(detail=True, methods=["get"])
    def export(self, request: Request, pk: str) -> Response:
        processing = self.get_object()
        told = {
            **{name: getattr(processing, name) for name in OWN},
            "sources": ExportedSourceSerializer(processing.sources.all(), many=True).data,
            "actions": ExportedActionSerializer(processing.actions.select_related("parent"), many=True).data,
        }
        return Response(told)

    @extend_schema(
        operation_id="processings_import",
        summary=_("Import a processing"),
        description=_("Makes a stopped processing from what export/ gave; all of it or nothing."),
        request=ExportSerializer,
        responses={201: ImportedSerializer},
    )
    @action(detail=False, methods=["post"], url_path="import")
    @transaction.atomic
    def import_(self, request: Request) -> Response:
        asked = ExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = {name: asked.validated_data[name] for name in OWN if name in asked.validated_data}
        own = ProcessingSerializer(data=given)
        own.is_valid(raise_exception=True)
        with journal.as_one():
            processing, lost = self._made(own, asked)
        journal.note(processing, Verb.IMPORTED)
        answer = ImportedSerializer(processing, context={"lost": lost}).data
        return Response(answer, status.HTTP_201_CREATED)

    def _made(self, own: ProcessingSerializer, asked: ExportSerializer) -> tuple[Processing, list[str]]:
        """The processing, and what was left out of it."""
        processing = own.save(tenant=self.tenant)
        for number, told in enumerate(asked.validated_data.get("sources", [])):
            self._add(SourceSerializer, told | {"processing": processing.pk}, f"sources.{number}")
        by_alias: dict[str | None, Any] = {None: None}
        lost: list[str] = []
        for number, told in enumerate(asked.validated_data.get("actions", [])):
            block = (told.pop("parent", None) or {}).get("alias")
            if block not in by_alias:
                raise serializers.ValidationError(
                    {f"actions.{number}": {"parent": [_("There is no such block before it")]}}
                )
            given = told.get("config") or {}
            told["config"] = calls.own(told["kind"], connected.own(told["kind"], given, self.tenant), self.tenant)
            lost += [_left_out(told, name) for name, value in given.items() if told["config"].get(name) != value]
            fresh = self._add(
                ActionSerializer, told | {"processing": processing.pk, "parent": by_alias[block]}, f"actions.{number}"
            )
            by_alias[told["alias"] or fresh.alias] = fresh.pk
        return processing, lost

    def _add(self, serializer: Any, told: dict[str, Any], path: str) -> Any:
        """By the serializer of the row itself, so that nothing comes in that could not be made one by one."""
        row = serializer(data=told, context=self.get_serializer_context())
        if not row.is_valid():
            raise serializers.ValidationError({path: row.errors})
        return row.save()


def _left_out(told: Any, name: str) -> str:
    kind = kinds.get("action", told["kind"])
    label = kind.form.base_fields[name].label
    return gettext(
        "%(action)s: “%(setting)s” was left out, since this company does not have it: choose another one"
    ) % {
        "action": told["name"] or kind.title,
        "setting": label,
    }
