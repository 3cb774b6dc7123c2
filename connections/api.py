"""`/api/v1/connections/`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from connections import editing
from connections.checking import Verdict, check
from connections.models import Connection
from connections.places import Busy
from tenants import journal
from tenants.api_rows import TenantViewSet
from webjack.api_fields import ConfigField, KindField, cleaned, fixed
from webjack.http import Failed
from webjack.problems import Conflict


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    kind = KindField("connection")
    config = ConfigField(
        required=False,
        help_text=_(
            "Settings by the kind's JSON schema. They replace the old ones whole; secrets are never given back, and "
            "one that is missing stays as it is, unless it would now go to another host"
        ),
    )
    secrets = serializers.SerializerMethodField(help_text=_("Names of the secrets that are set"))

    class Meta:
        model = Connection
        fields = [
            "id", "kind", "name", "config", "secrets", "state", "since", "reason", "checked_at", "created_at",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = ["state", "since", "reason", "checked_at", "updated_at"]
        extra_kwargs = {
            "since": {"help_text": _("When the state began")},
            "reason": {"help_text": _("Why it needs attention")},
            "checked_at": {"help_text": _("When it was last seen to work or not, by a check or by an action")},
        }

    def get_secrets(self, row: Connection) -> list[str]:
        return sorted(editing.secrets_of(row))

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if self.instance:
            fixed(self.instance, attributes, ("kind",))
        row = self.instance or Connection(kind=attributes["kind"])
        if self.instance is None or "config" in attributes:
            given = attributes.get("config") or {}
            whole = editing.with_kept(row, given) if isinstance(given, dict) else given
            config = cleaned("connection", row.kind, whole)
            if gone := editing.strayed(row, config, given):
                raise serializers.ValidationError({"config": {name: [str(editing.STRAYS)] for name in gone}})
            attributes["config"] = config
        return attributes

    def create(self, validated_data: dict[str, Any]) -> Connection:
        config = validated_data.pop("config")
        return self._put(Connection(**validated_data), config)

    def update(self, instance: Connection, validated_data: dict[str, Any]) -> Connection:
        instance.name = validated_data.get("name", instance.name)
        whole = instance.config | editing.secrets_of(instance)
        return self._put(instance, validated_data.get("config", whole))

    def _put(self, row: Connection, config: dict[str, Any]) -> Connection:
        try:
            editing.put(row, config)
        except Failed as failed:
            raise Conflict(str(failed.message)) from failed
        return row


class VerdictSerializer(serializers.Serializer[Verdict]):
    ok = serializers.BooleanField()
    text = serializers.CharField(help_text=_("Who the service says we are, or what is wrong"))


class ConnectionFilter(filters.FilterSet):  # type: ignore[misc]
    kind = filters.CharFilter(label=_("Kind"))


EXAMPLE = OpenApiExample(
    "http",
    {"kind": "http", "name": "CRM", "config": {"auth": "bearer", "bearer": "…", "hosts": "api.example.com"}},
    request_only=True,
)


@extend_schema_view(
    list=extend_schema(summary=_("All connections")),
    retrieve=extend_schema(summary=_("One connection")),
    create=extend_schema(summary=_("Add a connection"), examples=[EXAMPLE]),
    partial_update=extend_schema(summary=_("Change a connection")),
    destroy=extend_schema(
        summary=_("Delete a connection"), description=_("Actions that use it fail from then on with a sentence.")
    ),
)
class ConnectionViewSet(TenantViewSet[Connection], ModelViewSet[Connection]):
    queryset = Connection.objects.order_by("name", "id")
    serializer_class = ConnectionSerializer
    filterset_class = ConnectionFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def perform_create(self, serializer: Any) -> None:
        serializer.save(tenant=self.tenant)

    def perform_destroy(self, instance: Connection) -> None:
        with journal.noted(instance):
            instance.delete()

    @extend_schema(
        summary=_("Check a connection"),
        description=_("Asks the service whether it lets us in, and keeps what it says as the state."),
        request=None,
        responses=VerdictSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def check(self, request: Request, pk: str) -> Response:
        try:
            verdict = check(self.get_object())
        except Busy as busy:
            raise Conflict(str(busy)) from busy
        return Response(VerdictSerializer(verdict).data)
