"""`/api/v1/actions/`, and the order of a processing's actions; their shapes are in api_shapes."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from actions import arrange, offers, stored
from actions.api_shapes import (
    IN_SLOT,
    ActionDetailSerializer,
    ActionSerializer,
    ActionTestSerializer,
    OfferAskSerializer,
    OfferedSerializer,
    OutcomeSerializer,
    ParsedSerializer,
    ParseSerializer,
    ReorderSerializer,
)
from actions.captured import capture
from actions.check import check
from actions.models import Action
from actions.placeholders import Context
from actions.preview import sample_context
from processings.api import live
from processings.models import Processing
from tenants import access
from tenants.api_rows import TenantViewSet
from webjack import kinds
from webjack.config import GLUE
from webjack.kinds import UnknownKind
from webjack.problems import Conflict


class ActionFilter(filters.FilterSet):  # type: ignore[misc]
    processing = filters.UUIDFilter("processing_id", label=_("Processing"))
    kind = filters.CharFilter(label=_("Kind"))


ANY = "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5"
EXAMPLES = [
    OpenApiExample(
        "http.request",
        {
            "processing": ANY,
            "kind": "http.request",
            "config": {"method": "POST", "url": "https://example.com/in", "body": "{{ steps.json.text }}"},
        },
        request_only=True,
    ),
    OpenApiExample(
        "data.json",
        {
            "processing": ANY,
            "kind": "data.json",
            "config": {"fields": [{"name": "client.phone", "value": "{{ client_phone }}", "type": "text"}]},
        },
        request_only=True,
    ),
]


@extend_schema_view(
    list=extend_schema(summary=_("All actions in their order")),
    retrieve=extend_schema(summary=_("One action")),
    create=extend_schema(summary=_("Add an action at the end"), examples=EXAMPLES),
    partial_update=extend_schema(summary=_("Change an action")),
    destroy=extend_schema(summary=_("Delete an action")),
)
class ActionViewSet(TenantViewSet[Action], ModelViewSet[Action]):
    queryset = live(Action.objects.annotate(in_slot=IN_SLOT).order_by("processing_id", "position"))
    filterset_class = ActionFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_serializer_class(self) -> type[ActionSerializer]:
        return ActionSerializer if self.action == "list" else ActionDetailSerializer

    def perform_destroy(self, instance: Action) -> None:
        try:
            arrange.remove(instance)
        except ValueError as gone:
            raise Http404 from gone

    @extend_schema(
        summary=_("Get the fields of an action's answer"),
        description=_(
            "Really sends it once, on the sample. What came back is kept as the action's sample, shortened and without "
            "secrets; later actions see its fields. 409 with the reason when it failed, and for an action that sends "
            "nothing."
        ),
        request=None,
        responses=ActionDetailSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def capture(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        if not row.leaves_machine:
            raise Conflict(_("This action sends nothing, so its result is always known"))
        outcome = capture(row)
        if not outcome.ok:
            raise Conflict(outcome.error)
        return Response(ActionDetailSerializer(row).data)

    @extend_schema(
        summary=_("Settings out of a curl command"),
        description=_("Saves and sends nothing. 400 with a sentence when the text cannot be understood."),
        request=ParseSerializer,
        responses=ParsedSerializer,
    )
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def parse(self, request: Request) -> Response:
        asked = ParseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, text = asked.validated_data["kind"], asked.validated_data["text"]
        kind = kinds.get("action", key)
        if not kind.pastes:
            raise serializers.ValidationError({"kind": _("The settings of this kind are not read from a text")})
        try:
            found = kind.pasted(text)
        except ValueError as bad:
            raise serializers.ValidationError({"text": str(bad)}) from bad
        return Response({"kind": key, "config": found.config, "notes": found.notes})

    @extend_schema(
        summary=_("What the account has for a field"),
        description=_(
            "The choices that the form offers for a field with x-options in its kind's schema. The service is asked "
            "once a day, and again with refresh."
        ),
        parameters=[OpenApiParameter("field", str, "path", description=_("The field of the settings, such as stage"))],
        request=OfferAskSerializer,
        responses=OfferedSerializer,
    )
    @action(
        detail=True,
        methods=["get", "post"],
        url_path=r"options/(?P<field>[\w.]{1,200})",
        filterset_class=None,
        pagination_class=None,
    )
    def options_of(self, request: Request, pk: str, field: str) -> Response:
        row = self.get_object()
        asked = OfferAskSerializer(data=request.data if request.method == "POST" else {})
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        try:
            spec, name = row.spec, field.replace(".", GLUE)
        except UnknownKind:
            raise Http404 from None
        if name not in offers.loaded(spec):
            raise Http404
        found = offers.ask(self.tenant, spec, name, told.get("config", row.config), told["refresh"])
        return Response(OfferedSerializer(found).data)

    @extend_schema(
        summary=_("Try an action on the sample or a stored request"),
        description=_("Runs it once, for real unless dry, on the data of the captured request or of an operation."),
        request=ActionTestSerializer,
        responses=OutcomeSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def test(self, request: Request, pk: str) -> Response:
        asked = ActionTestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        tried = self.get_object()
        outcome = check(tried, send=not asked.validated_data["dry"], context=_context(tried, asked.validated_data))
        told = ("ok", "config", "exchanges", "output", "error", "duration_ms")
        return Response({name: getattr(outcome, name) for name in told})


def _context(tried: Action, asked: dict[str, Any]) -> Context | None:
    """None: the sample."""
    if not asked.get("operation"):
        return None
    try:
        operation = stored.find(tried.processing, str(asked["operation"]))
    except stored.NoSuchRequest as none:
        raise Http404 from none
    return sample_context(tried.processing, tried, stored.given(tried.processing, operation))


class ProcessingActionsViewSet(TenantViewSet[Processing]):
    """What is asked of a processing but done to its actions."""

    queryset = Processing.objects.all()

    @extend_schema(
        summary=_("Put the actions in another order"),
        description=_("409 unless these are exactly the processing's actions."),
        request=ReorderSerializer,
        responses=ActionSerializer(many=True),
    )
    @action(detail=True, methods=["post"])
    def reorder(self, request: Request, pk: str) -> Response:
        processing = self.get_object()
        asked = ReorderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        placed = asked.validated_data["actions"]
        ids = {key for key, _where in placed}
        if access.rows(self.tenant, Action).filter(pk__in=ids).count() < len(ids):
            raise Http404
        try:
            arrange.reorder(
                processing, [key for key, _where in placed], {str(key): where for key, where in placed if where}
            )
        except ValueError as changed:
            raise Conflict(str(changed)) from changed
        return Response(ActionSerializer(processing.actions.all(), many=True).data)
