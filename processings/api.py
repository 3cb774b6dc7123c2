"""`/api/v1/processings/`."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from processings import copy as copying
from processings import policy, switch
from processings.forms import MOST_EMAILS, NO_FIELD, lacks_field
from processings.models import LONGEST_DEADLINE, SHORTEST_DEADLINE, Processing, State
from processings.policy import LONGEST_DELAY, MOST_ATTEMPTS
from tenants import access, journal
from tenants.api_rows import TenantViewSet
from webjack import status_codes
from webjack.problems import Conflict


class RetriesSerializer(serializers.Serializer[Any]):
    """How often and when a failed action is made again."""

    attempts = serializers.IntegerField(
        min_value=1,
        max_value=MOST_ATTEMPTS,
        required=False,
        help_text=_("The first one included; one more than the delays unless given"),
    )
    delays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LONGEST_DELAY),
        min_length=1,
        max_length=MOST_ATTEMPTS - 1,
        required=False,
        help_text=_("Seconds before the second attempt, the third and so on; the last one goes for all that follow"),
    )
    codes = serializers.CharField(
        max_length=200,
        allow_blank=True,
        required=False,
        help_text=_("Status codes of answers that are worth another attempt, such as 408, 429, 5**"),
    )

    def validate_codes(self, text: str) -> str:
        try:
            return ", ".join(status_codes.parse(text))
        except ValueError as bad:
            raise serializers.ValidationError(str(bad)) from bad

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        return policy.read(attributes).stored


class ProcessingSerializer(serializers.ModelSerializer[Processing]):
    notice_emails = serializers.ListField(
        child=serializers.EmailField(),
        max_length=MOST_EMAILS,
        required=False,
        help_text=_("Who gets a mail on errors besides the owners"),
    )

    retries = RetriesSerializer(
        allow_null=True, required=False, help_text=_("When failed actions are made again; null: as usual")
    )
    deadline_seconds = serializers.IntegerField(
        min_value=SHORTEST_DEADLINE,
        max_value=LONGEST_DEADLINE,
        required=False,
        help_text=_("After so many seconds from its first attempt no new attempt of an operation begins"),
    )

    class Meta:
        model = Processing
        fields = [
            *("id", "name", "state", "notify", "notice_emails", "ordering", "ordering_field", "retries"),
            *("deadline_seconds", "created_at", "updated_at"),
        ]
        read_only_fields = ["state"]
        extra_kwargs = {
            "state": {"help_text": _("Changed by start/ and stop/")},
            "notify": {"help_text": _("Whether errors are mailed at all")},
            "ordering": {
                "help_text": _(
                    "parallel: side by side; strict: one after another; "
                    "key: one after another where ordering_field has the same value"
                )
            },
            "ordering_field": {"help_text": _("Name of a field, inside another one with a dot: order.id")},
        }

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        told = {name: attributes.get(name, getattr(self.instance, name, "")) for name in ("ordering", "ordering_field")}
        if lacks_field(told["ordering"], told["ordering_field"]):
            raise serializers.ValidationError({"ordering_field": NO_FIELD})
        return attributes

    def create(self, validated_data: dict[str, Any]) -> Processing:
        processing = Processing(**validated_data)
        with journal.noted(processing):
            processing.save(force_insert=True)
        return processing

    def update(self, instance: Processing, validated_data: dict[str, Any]) -> Processing:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        # Only these: somebody may start, stop or delete it just now.
        with journal.noted(instance):
            instance.save(update_fields=[*validated_data, "updated_at"])
        return instance

    def validate_notice_emails(self, emails: list[str]) -> list[str]:
        return list(dict.fromkeys(emails))


@extend_schema_field(OpenApiTypes.UUID)
class ProcessingField(serializers.UUIDField):
    """A processing of the key's company by its id; one of somebody else does not exist (404)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(help_text=_("The processing's id; it cannot be changed later"), **options)

    def get_attribute(self, instance: Any) -> uuid.UUID:
        found: uuid.UUID = instance.processing_id  # not the processing, which would cost a query for each row
        return found

    def to_internal_value(self, data: Any) -> Processing:  # type: ignore[override]  # the row it names
        return access.row(self.context["view"].tenant, Processing, super().to_internal_value(data))


class ProcessingFilter(filters.FilterSet):  # type: ignore[misc]
    state = filters.ChoiceFilter(choices=State.choices, label=_("State"))
    search = filters.CharFilter("name", "icontains", label=_("A part of the name"), max_length=200)


EXAMPLE = OpenApiExample("processing", {"name": "Klientiks → CRM"}, request_only=True)


@extend_schema_view(
    list=extend_schema(summary=_("All processings, the newest first")),
    retrieve=extend_schema(summary=_("One processing")),
    create=extend_schema(
        summary=_("Create a processing"), description=_("It is stopped at first."), examples=[EXAMPLE]
    ),
    partial_update=extend_schema(summary=_("Change name, notices, order and repeats")),
    destroy=extend_schema(summary=_("Delete a processing"), description=_("Its history is kept.")),
)
class ProcessingViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    TenantViewSet[Processing],
):
    queryset = Processing.objects.all()
    serializer_class = ProcessingSerializer
    filterset_class = ProcessingFilter
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def perform_create(self, serializer: Any) -> None:
        serializer.save(tenant=self.tenant)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        switch.delete(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary=_("Start"),
        description=_("From now on incoming requests are processed. 409 while a data source or an action is missing."),
        request=None,
        responses=ProcessingSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def start(self, request: Request, pk: str) -> Response:
        processing = self.get_object()
        try:
            switch.start(processing)
        except ValueError as missing:
            raise Conflict(str(missing)) from missing
        return self._answer(processing)

    @extend_schema(
        summary=_("Stop"),
        description=_("From now on incoming requests are only kept."),
        request=None,
        responses=ProcessingSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def stop(self, request: Request, pk: str) -> Response:
        processing = self.get_object()
        switch.stop(processing)
        return self._answer(processing)

    @extend_schema(
        summary=_("Copy"),
        description=_("A stopped copy with its sources and actions; the sources have addresses of their own."),
        request=None,
        responses={201: ProcessingSerializer},
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def copy(self, request: Request, pk: str) -> Response:
        return self._answer(copying.copy(self.get_object()), status.HTTP_201_CREATED)

    def _answer(self, processing: Processing, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(processing).data, code)


def live(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Only what belongs to processings that were not deleted."""
    return rows.filter(processing__deleted_at=None)
