"""`/api/v1/accounts/`."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from connections.models import Lane
from history import outages
from history.outages import MOST, Account, State
from tenants.api_rows import TenantViewSet
from webjack.problems import Conflict


class AccountSerializer(serializers.ModelSerializer[Lane]):
    """A connection, or a host, that the company's actions send to."""

    key = serializers.CharField(
        source="host", read_only=True, help_text=_("The host, with its port where that is not the usual one")
    )
    per_second = serializers.FloatField(
        source="rate", read_only=True, allow_null=True, help_text=_("Most requests per second; null for no limit")
    )

    state = serializers.SerializerMethodField(
        help_text=_(
            "open: it answers; silent: it broke many attempts in a row; paused: it asked for fewer requests; "
            "limited: operations wait for a place within its limits"
        )
    )
    waiting = serializers.SerializerMethodField(
        help_text=_("How many operations wait for it; of more than %(most)s no more are counted") % {"most": MOST}
    )
    next_probe_at = serializers.SerializerMethodField(help_text=_("When the next operation may try it, if not now"))

    class Meta:
        model = Lane
        fields = ["id", "key", "connection", "state", "waiting", "next_probe_at", "most_in_flight", "per_second"]
        read_only_fields = fields
        extra_kwargs = {
            "connection": {"help_text": _("The connection it goes through; null where it goes without one")},
            "most_in_flight": {"help_text": _("Most operations at once; null for the usual limit")},
        }

    @extend_schema_field(serializers.ChoiceField(choices=State.choices))
    def get_state(self, lane: Any) -> str:
        return _account(lane).state.value

    def get_waiting(self, lane: Any) -> int:
        return _account(lane).counted

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_probe_at(self, lane: Any) -> Any:
        until = _account(lane).until
        return serializers.DateTimeField().to_representation(until) if until else None


def _account(lane: Any) -> Account:
    return Account(lane, lane.parked)


@extend_schema_view(
    list=extend_schema(summary=_("Outside accounts that actions go to")),
    retrieve=extend_schema(summary=_("One outside account")),
)
class AccountViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet[Lane]):
    queryset = Lane.objects.order_by("key")
    serializer_class = AccountSerializer

    def get_queryset(self) -> QuerySet[Lane]:
        return outages.counted(super().get_queryset())

    @extend_schema(
        summary=_("Try a silent account now"),
        description=_("Lets one operation try it at once; more follow when it answers. 409 when it is not silent."),
        request=None,
        responses=AccountSerializer,
    )
    @action(detail=True, methods=["post"])
    def probe(self, request: Request, pk: str) -> Response:
        lane = self.get_object()
        if not outages.hurry(lane):
            raise Conflict(_("The account is not silent"))
        return Response(self.get_serializer(self.get_queryset().get(pk=lane.pk)).data)
