"""`POST /api/v1/processings/{id}/test/`."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from actions import stored
from actions.effects import Call, Effect
from history import trial
from history.api_shapes import OutputField
from history.models import Operation, Status
from history.rehearse import Rehearsal, Scene, recipe, rehearse
from history.stand_ins import Origin, stand_ins
from processings.models import Processing
from tenants.api_rows import TenantViewSet

ORIGINS = {Origin.HERE: "here", Origin.THEN: "then", Origin.LATELY: "lately"}
ORIGINS |= {Origin.CAPTURED: "captured", Origin.SAMPLE: "sample"}


class TestSerializer(serializers.Serializer[Any]):
    operation = serializers.UUIDField(
        required=False, allow_null=True, help_text=gettext_lazy("A stored request of the processing; else the sample")
    )
    sample = serializers.BooleanField(required=False, help_text=gettext_lazy("Say so, if you like, instead of nothing"))
    send = serializers.BooleanField(
        default=False,
        help_text=gettext_lazy(
            "Really send: an operation marked as a test is queued, see operations/{id}/ for what came back. "
            "Else nothing is sent or kept, and the answer tells what would be"
        ),
    )

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if attributes.get("operation") and attributes.get("sample"):
            raise serializers.ValidationError(_("Give either an operation or the sample"))
        return attributes


class EffectSerializer(serializers.Serializer[Effect]):
    """What an action would leave in the company's tables, or hand over to another processing."""

    processing = serializers.UUIDField(required=False)
    table = serializers.CharField(required=False)
    key = serializers.CharField(required=False)
    values = serializers.DictField()

    def to_representation(self, effect: Effect) -> dict[str, Any]:
        if isinstance(effect, Call):
            return {"processing": str(effect.processing), "values": effect.data}
        return {"table": effect.table, "key": effect.key, "values": effect.values}


class SceneSerializer(serializers.Serializer[Scene]):
    """One action as it would be performed."""

    action = serializers.UUIDField(source="stop.action.pk")
    title = serializers.CharField(source="stop.action.title")
    kind = serializers.CharField(source="stop.action.kind")
    alias = serializers.CharField(source="stop.action.alias")
    position = serializers.IntegerField(source="stop.number")
    place = serializers.CharField(source="stop.place", help_text=gettext_lazy("The element of a list, from 0"))
    ok = serializers.BooleanField(source="outcome.ok")
    config = serializers.DictField(
        source="outcome.config", help_text=gettext_lazy("The settings with their placeholders filled")
    )
    exchanges = serializers.ListField(
        source="outcome.exchanges",
        child=serializers.DictField(),
        help_text=gettext_lazy("The request as it would go out, secrets masked"),
    )
    output = OutputField(source="outcome.output", allow_null=True, help_text=gettext_lazy("What later actions saw"))
    output_from = serializers.SerializerMethodField(
        help_text=gettext_lazy(
            "here: made without a request; then: what came back for this request then; lately: the newest real "
            "answer; captured: what capture brought; sample: that of the kind"
        )
    )
    effects = EffectSerializer(many=True)
    error = serializers.CharField(source="outcome.error")

    @extend_schema_field(serializers.ChoiceField(choices=sorted(ORIGINS.values())))
    def get_output_from(self, scene: Scene) -> str:
        return ORIGINS[scene.origin]


class RehearsalSerializer(serializers.Serializer[Any]):
    """sent: whether an operation was queued; then `operation` is its id and there are no steps yet."""

    sent = serializers.BooleanField()
    operation = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    error = serializers.CharField()
    cut = serializers.BooleanField(help_text=gettext_lazy("It was longer than what is told here"))
    steps = SceneSerializer(many=True)


class TrialViewSet(TenantViewSet[Processing]):
    queryset = Processing.objects.select_related("tenant")

    @extend_schema(
        operation_id="processings_test",
        summary=gettext_lazy("Try a processing on the sample or a stored request"),
        description=gettext_lazy(
            "Dry unless send is true. A stopped processing can be tried too. "
            "404 for an operation of another processing."
        ),
        request=TestSerializer,
        responses={200: RehearsalSerializer, 202: RehearsalSerializer},
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        processing = self.get_object()
        asked = TestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        operation = _request(processing, asked.validated_data)
        if asked.validated_data["send"]:
            fresh = trial.send(processing, operation)
            queued = {"sent": True, "operation": fresh.pk, "status": fresh.status, "error": "", "cut": False}
            return Response(RehearsalSerializer(queued | {"steps": []}).data, status.HTTP_202_ACCEPTED)
        by = recipe(processing)
        return Response(_told(rehearse(operation, by, stand_ins(processing, by.actions, operation))))


def _request(processing: Processing, asked: dict[str, Any]) -> Operation:
    if not asked.get("operation"):
        return trial.sample(processing)
    try:
        found: Operation = stored.find(processing, str(asked["operation"]))
    except stored.NoSuchRequest:
        raise Http404 from None
    return found


def _told(rehearsal: Rehearsal) -> Any:
    operation = None if rehearsal.operation._state.adding else rehearsal.operation.pk
    told = {"sent": False, "operation": operation, "status": rehearsal.status, "error": rehearsal.error}
    return RehearsalSerializer(told | {"cut": rehearsal.cut, "steps": rehearsal.scenes}).data
