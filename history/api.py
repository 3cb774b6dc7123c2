"""`/api/v1/operations/`."""

import uuid
from typing import cast

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from history import order
from history import repeat as orders
from history.api_filters import Backend, OperationFilter, narrow
from history.api_shapes import (
    OperationDetailSerializer,
    OperationSerializer,
    RepeatedSerializer,
    RepeatManySerializer,
    RepeatSerializer,
)
from history.models import Operation
from tenants.api_rows import TenantViewSet
from tenants.models import ApiKey
from webjack.problems import Conflict

HEAVY = ("body", "data", "headers", "query")  # what a list does not show


class Newest(CursorPagination):
    """By the key, which is the time: as fast on the last page as on the first."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200


@extend_schema_view(
    list=extend_schema(summary=_("Operations, the newest first")),
    retrieve=extend_schema(
        summary=_("One operation with its request, data and steps"),
        description=_("Steps stand in the order in which they were made; each attempt is one."),
    ),
)
class OperationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet[Operation]):
    queryset = Operation.objects.all()
    filter_backends = [Backend]
    filterset_class = OperationFilter
    pagination_class = Newest

    def get_queryset(self) -> QuerySet[Operation]:
        found = super().get_queryset()
        return found if self.action == "retrieve" else found.defer(*HEAVY)

    def get_serializer_class(self) -> type[OperationSerializer]:
        return OperationDetailSerializer if self.action == "retrieve" else OperationSerializer

    @extend_schema(
        summary=_("Repeat an operation"),
        description=_(
            "From the start as a new run, or from the first action that is not done; works for held ones too. "
            "409 while it is under way, or when it was rejected."
        ),
        request=RepeatSerializer,
        responses={202: OperationSerializer},
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def repeat(self, request: Request, pk: str) -> Response:
        operation = self.get_object()
        asked = RepeatSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        if not orders.repeat(operation, start=asked.validated_data["from"] == "start", by=self._who()):
            raise Conflict(_("The operation is under way or was refused, so it cannot be repeated"))
        return self._answer(operation, status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary=_("Consider an action of unknown outcome done"),
        description=_(
            "For an operation whose status is unknown, once somebody has seen that the request did arrive: it goes on "
            "with the next action. The output of this one stays empty. 409 when its outcome is not unknown."
        ),
        request=None,
        responses={202: OperationSerializer},
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def accept(self, request: Request, pk: str) -> Response:
        operation = self.get_object()
        if not orders.accept(operation, by=self._who()):
            raise Conflict(_("The outcome of the operation is not unknown"))
        return self._answer(operation, status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary=_("Cancel an operation"),
        description=_("Ends an operation that is not final; 409 when it already is."),
        request=None,
        responses=OperationSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def cancel(self, request: Request, pk: str) -> Response:
        operation = self.get_object()
        if not orders.cancel(operation, by=self._who()):
            raise Conflict(_("The operation has already ended"))
        return self._answer(operation, status.HTTP_200_OK)

    @extend_schema(
        summary=_("Take an operation out of its order"),
        description=_("Those behind it go on without it, and it waits for none of them. 409 when it is in no order."),
        request=None,
        responses=OperationSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def skip(self, request: Request, pk: str) -> Response:
        operation = self.get_object()
        if not order.skip(operation):
            raise Conflict(_("The operation is in no queue any more"))
        return self._answer(operation, status.HTTP_200_OK)

    @extend_schema(
        operation_id="operations_repeat_many",
        summary=_("Repeat many operations"),
        description=_(
            "Those named by ids (404 if one is unknown), or all that fit a filter. "
            "What cannot be repeated is passed over."
        ),
        request=RepeatManySerializer,
        responses={202: RepeatedSerializer},
    )
    @action(detail=False, methods=["post"], url_path="repeat", filterset_class=None, pagination_class=None)
    def repeat_many(self, request: Request) -> Response:
        asked = RepeatManySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        operations = self.get_queryset()
        chosen = self._named(operations, told["ids"]) if "ids" in told else narrow(operations, told["filter"])
        count = orders.repeat_many(chosen, start=told["from"] == "start", by=self._who())
        return Response({"repeated": count}, status.HTTP_202_ACCEPTED)

    def _who(self) -> str:
        return str(cast(ApiKey, self.request.auth).name)

    @staticmethod
    def _named(operations: QuerySet[Operation], ids: list[uuid.UUID]) -> QuerySet[Operation]:
        found = operations.filter(pk__in=ids)
        if found.count() < len(set(ids)):
            raise Http404
        return found

    def _answer(self, operation: Operation, code: int) -> Response:
        return Response(OperationSerializer(self.get_queryset().get(pk=operation.pk)).data, code)
