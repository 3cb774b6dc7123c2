"""Operations and steps as the API shows them, and the orders it takes."""

import base64
import uuid
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from history import recipe
from history.filters import LONGEST_SEARCH
from history.holds import hold
from history.models import Operation, Status, Step
from webjack.http.secret_fields import without_secrets

MOST_IDS = 1000


class OperationSerializer(serializers.ModelSerializer[Operation]):
    processing = serializers.UUIDField(source="processing_id")
    source = serializers.UUIDField(source="source_id", allow_null=True)  # type: ignore[assignment]  # DRF's own attribute
    due_at = serializers.SerializerMethodField(
        help_text=gettext_lazy("When the next attempt begins, of what is queued or waits")
    )

    waits_for = serializers.SerializerMethodField(
        help_text=gettext_lazy("What must free a place first: those before it in its order, or the account it goes to")
    )
    account = serializers.UUIDField(
        source="lane_id", allow_null=True, help_text=gettext_lazy("The outside account that its next action goes to")
    )

    class Meta:
        model = Operation
        fields = [
            "id", "processing", "source", "kind", "status", "method", "received_at", "started_at", "finished_at",
            "due_at", "waits_for", "account", "duration_ms", "run", "test", "error",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "run": {"help_text": gettext_lazy("Repeating from the start begins the next run")},
            "test": {"help_text": gettext_lazy("A person tried the settings with it; nobody is told of its errors")},
            "error": {"help_text": gettext_lazy("A sentence, empty when all went well")},
        }

    @extend_schema_field(serializers.ChoiceField(choices=["order", "account"], allow_null=True))
    def get_waits_for(self, operation: Operation) -> str | None:
        return operation.parked_for or None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_due_at(self, operation: Operation) -> Any:
        if operation.status not in (Status.QUEUED, Status.WAITING) or operation.due_at is None:
            return None  # of a running one it is the end of a worker's lease, which is nobody's business
        return serializers.DateTimeField().to_representation(operation.due_at)


class ReceivedRequestSerializer(serializers.Serializer[Operation]):
    """The request as it came. Secrets among the headers are not kept."""

    method = serializers.CharField()
    query = serializers.CharField(help_text=gettext_lazy("The query string as it was sent"))
    headers = serializers.DictField(child=serializers.CharField())
    content_type = serializers.CharField()
    body = serializers.SerializerMethodField(
        help_text=gettext_lazy("The body as text, or in Base64 where it is not UTF-8")
    )
    body_encoding = serializers.SerializerMethodField()
    size = serializers.SerializerMethodField(help_text=gettext_lazy("Bytes of the body"))
    address = serializers.IPAddressField(allow_null=True, help_text=gettext_lazy("The sender's address"))

    def get_body(self, operation: Operation) -> str:
        body = bytes(operation.body)
        return body.decode() if self._is_text(body) else base64.b64encode(body).decode()

    @extend_schema_field(serializers.ChoiceField(choices=[("text", "text"), ("base64", "base64")]))
    def get_body_encoding(self, operation: Operation) -> str:
        return "text" if self._is_text(bytes(operation.body)) else "base64"

    def get_size(self, operation: Operation) -> int:
        return len(operation.body)

    @staticmethod
    def _is_text(body: bytes) -> bool:
        try:
            body.decode()
        except UnicodeDecodeError:
            return False
        return True


class OutputField(serializers.DictField):
    """What an action brought, without the secrets that its names tell of."""

    def to_representation(self, value: Any) -> Any:
        return without_secrets(super().to_representation(value))


class StepSerializer(serializers.ModelSerializer[Step]):
    """One attempt of one action, as the action was then."""

    action = serializers.UUIDField(
        source="action_id", help_text=gettext_lazy("The action's id; it may be deleted since")
    )
    config = serializers.DictField(help_text=gettext_lazy("The settings with their placeholders filled"))
    exchanges = serializers.ListField(
        child=serializers.DictField(), help_text=gettext_lazy("Each HTTP request with its answer, secrets masked")
    )
    output = OutputField(allow_null=True, help_text=gettext_lazy("What later actions could use"))

    class Meta:
        model = Step
        fields = [
            "id", "action", "title", "kind", "alias", "position", "place", "run", "attempt", "status", "started_at",
            "duration_ms", "config", "exchanges", "output", "error",
        ]  # fmt: skip
        read_only_fields = fields


class OperationDetailSerializer(OperationSerializer):
    request = ReceivedRequestSerializer(source="*")
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # DRF's own attribute
        help_text=gettext_lazy("The fields that were read from the request")
    )
    steps = serializers.SerializerMethodField()
    behind = serializers.SerializerMethodField(
        help_text=gettext_lazy("The operation whose turn it is, while this one waits for its order")
    )

    class Meta(OperationSerializer.Meta):
        fields = [*OperationSerializer.Meta.fields, "behind", "request", "data", "steps"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_data(self, operation: Operation) -> Any:
        """What no worker has read yet (a held request, say) is read here."""
        if operation.data is not None:
            return operation.data
        return recipe.read(operation, recipe.of(operation.processing)).data

    def get_behind(self, operation: Operation) -> uuid.UUID | None:
        first = hold(operation).first
        return first.pk if first else None

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, operation: Operation) -> Any:
        return StepSerializer(operation.steps.order_by("run", "started_at", "id"), many=True).data


class RepeatSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": self.begin()}

    @staticmethod
    def begin() -> serializers.ChoiceField:
        """`from` is a word of Python's own, so that it cannot stand as an attribute."""
        choices = [
            ("start", gettext_lazy("from the start")),
            ("failed", gettext_lazy("from the first action that is not done")),
        ]
        return serializers.ChoiceField(choices=choices, default="failed")


class WhichSerializer(serializers.Serializer[Any]):
    """The same filters as those of the list."""

    processing = serializers.UUIDField(required=False)
    source = serializers.UUIDField(required=False)  # type: ignore[assignment]  # DRF's own attribute
    status = serializers.ListField(
        child=serializers.ChoiceField(choices=Status.choices), required=False, allow_empty=False
    )
    received_after = serializers.DateTimeField(required=False)
    received_before = serializers.DateTimeField(required=False)
    search = serializers.CharField(required=False, max_length=LONGEST_SEARCH)


class RepeatManySerializer(RepeatSerializer):
    ids = serializers.ListField(child=serializers.UUIDField(), required=False, allow_empty=False, max_length=MOST_IDS)
    filter = WhichSerializer(required=False)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attributes) == ("filter" in attributes):
            raise serializers.ValidationError(_("Give either ids or a filter"))
        if "filter" in attributes and not attributes["filter"]:
            raise serializers.ValidationError({"filter": _("Name at least one condition")})
        return attributes


class RepeatedSerializer(serializers.Serializer[Any]):
    repeated = serializers.IntegerField(help_text=gettext_lazy("How many were queued"))
