"""`/api/v1/sources/`."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from actions import connected
from actions.placeholders import MOST_FIELDS
from connections.places import Busy
from processings.api import ProcessingField, live
from sources.capture import NothingYet, capture, chosen, found
from sources.models import Source
from tenants import journal
from tenants.api_rows import TenantViewSet
from webjack.api_fields import ConfigField, KindField, cleaned, fixed
from webjack.http import Failed
from webjack.problems import Conflict

FIXED = ("processing", "kind")


class FieldSerializer(serializers.Serializer[dict[str, Any]]):
    """A field of the data, as placeholders name it and as the page shows it."""

    name = serializers.CharField(max_length=500, trim_whitespace=False)
    sample = serializers.JSONField(required=False, allow_null=True)
    label = serializers.CharField(  # type: ignore[assignment]  # DRF's own attribute
        max_length=200, required=False, allow_blank=True, default=""
    )
    hidden = serializers.BooleanField(required=False, default=False)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Rows are whole even in a PATCH, which would else ask for nothing and fill in nothing."""
        if "name" not in attributes:
            raise serializers.ValidationError({"name": self.fields["name"].error_messages["required"]})
        return {"sample": "", "label": "", "hidden": False} | attributes


class LinkSerializer(serializers.Serializer[dict[str, Any]]):
    """How it stands with a sender that the source itself tells where to call; empty where people do."""

    wanted = serializers.BooleanField(default=False, help_text=gettext_lazy("Whether the sender shall call"))
    who = serializers.CharField(default="", help_text=gettext_lazy("The account that calls"))
    since = serializers.CharField(default="", help_text=gettext_lazy("Since when it calls"))
    error = serializers.CharField(default="", help_text=gettext_lazy("Why it could not be told, a sentence"))


class SourceSerializer(serializers.ModelSerializer[Source]):
    processing = ProcessingField()
    kind = KindField("source")
    config = ConfigField(required=False)
    url = serializers.URLField(read_only=True, help_text=gettext_lazy("The address to give to the sender"))
    link = LinkSerializer(source="hook", read_only=True)
    fields = FieldSerializer(  # type: ignore[assignment]  # DRF takes declared fields away before its own `fields` is used
        many=True,
        required=False,
        help_text=gettext_lazy("Set by capture/; labels, hidden fields and fields of your own can be written"),
    )

    class Meta:
        model = Source
        fields = [
            "id",
            "processing",
            "kind",
            "name",
            "config",
            "url",
            "link",
            "fields",
            "captured_id",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["captured_id"]
        extra_kwargs = {"captured_id": {"help_text": gettext_lazy("The operation that the fields were taken from")}}

    def validate_fields(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = {row["name"] for row in rows}
        if len(names) < len(rows):
            raise serializers.ValidationError(_("Each name may stand once"))
        if len(rows) > MOST_FIELDS:
            raise serializers.ValidationError(_("There may be at most %(count)s fields") % {"count": MOST_FIELDS})
        came = {row["name"] for row in found(self.instance.sample)} if self.instance else set()
        # What did not come with the captured request is the customer's own and outlives the next capture.
        return [row if row["name"] in came else row | {"added": True} for row in rows]

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if self.instance:
            fixed(self.instance, attributes, FIXED)
        if self.instance is None or "config" in attributes:
            kind = attributes.get("kind") or self.instance.kind  # type: ignore[union-attr]
            processing = attributes.get("processing") or self.instance.processing  # type: ignore[union-attr]
            attributes["config"] = cleaned(
                "source", kind, attributes.get("config"), lambda form: connected.offer(form, processing.tenant)
            )
        return attributes

    def create(self, validated_data: dict[str, Any]) -> Source:
        source = Source(**validated_data, tenant=validated_data["processing"].tenant)
        with journal.noted(source):
            source.save(force_insert=True)
        return source

    def update(self, instance: Source, validated_data: dict[str, Any]) -> Source:
        for name in validated_data.keys() - set(FIXED):
            setattr(instance, name, validated_data[name])
        with journal.noted(instance):
            instance.save(update_fields=[*validated_data.keys() - set(FIXED), "updated_at"])
        return instance


class CaptureSerializer(serializers.Serializer[Any]):
    operation = serializers.UUIDField(
        required=False, help_text=gettext_lazy("The request to take; the newest one unless given")
    )


class SourceFilter(filters.FilterSet):  # type: ignore[misc]
    processing = filters.UUIDFilter("processing_id", label=gettext_lazy("Processing"))
    kind = filters.CharFilter(label=gettext_lazy("Kind"))


EXAMPLE = OpenApiExample(
    "http",
    {
        "processing": "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5",
        "kind": "http",
        "config": {"methods": ["GET", "POST"], "response": {"status": 200, "headers": [], "body": ""}},
    },
    request_only=True,
)


@extend_schema_view(
    list=extend_schema(summary=gettext_lazy("All data sources")),
    retrieve=extend_schema(summary=gettext_lazy("One data source")),
    create=extend_schema(summary=gettext_lazy("Add a data source"), examples=[EXAMPLE]),
    partial_update=extend_schema(summary=gettext_lazy("Change a data source or its fields")),
    destroy=extend_schema(
        summary=gettext_lazy("Delete a data source"), description=gettext_lazy("Its address stops working at once.")
    ),
)
class SourceViewSet(TenantViewSet[Source], ModelViewSet[Source]):
    queryset = live(Source.objects.order_by("created_at", "id"))
    serializer_class = SourceSerializer
    filterset_class = SourceFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def perform_create(self, serializer: Any) -> None:
        super().perform_create(serializer)
        serializer.instance.follow(on=True)

    def perform_update(self, serializer: Any) -> None:
        super().perform_update(serializer)
        if "config" in serializer.validated_data:
            serializer.instance.follow(on=True)

    def perform_destroy(self, instance: Source) -> None:
        try:
            instance.leave()
        except Busy as busy:
            raise Conflict(str(busy)) from busy
        with journal.noted(instance):
            super().perform_destroy(instance)

    @extend_schema(
        summary=gettext_lazy("Get the fields from a request"),
        description=gettext_lazy("Takes the newest request that came, of any status. 409 while none has come."),
        request=CaptureSerializer,
        responses=SourceSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def capture(self, request: Request, pk: str) -> Response:
        source = self.get_object()
        asked = CaptureSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data.get("operation")
        operation = chosen(source, wanted)
        if wanted and operation is None:
            raise Http404
        try:
            capture(source, operation)
        except Failed as failed:
            raise Conflict(str(failed.message)) from None
        except NothingYet:
            raise Conflict(_("No request has come yet: send one to %(url)s") % {"url": source.url}) from None
        return Response(self.get_serializer(source).data)
