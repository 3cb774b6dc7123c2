"""`/api/v1/tables/` and their rows."""

from typing import Any

from django.db.models import Count
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from actions.tables import rows as writing
from actions.tables import shape, usage
from actions.tables.forms import columns, free_name
from actions.tables.models import LONGEST_KEY, LONGEST_NAME, MOST_COLUMNS, Table, TableRow
from tenants import journal
from tenants.api_rows import TenantViewSet
from webjack.fields import storable
from webjack.problems import Conflict

MOST_AT_ONCE = 10_000


class TableSerializer(serializers.ModelSerializer[Table]):
    columns = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_NAME),
        required=False,
        max_length=MOST_COLUMNS,
        help_text=_("Names of the values, without the key. Values of a column that is left out are deleted"),
    )
    rows = serializers.SerializerMethodField(help_text=_("How many there are"))

    class Meta:
        model = Table
        fields = ["id", "name", "columns", "rows", "created_at"]
        validators: list[Any] = []  # said by the same words as on the pages

    def get_rows(self, table: Table) -> int:
        count = getattr(table, "count", None)
        return int(table.rows.count() if count is None else count)

    def validate_columns(self, given: list[str]) -> list[str]:
        return columns(given)

    def validate_name(self, name: str) -> str:
        return free_name(self.context["tenant"], name, self.instance)

    def create(self, validated_data: dict[str, Any]) -> Table:
        try:
            return shape.create(self.context["tenant"], validated_data["name"], validated_data.get("columns", []))
        except ValueError as full:
            raise Conflict(str(full)) from full

    def update(self, instance: Table, validated_data: dict[str, Any]) -> Table:
        try:
            if "name" in validated_data:
                usage.rename(instance, validated_data["name"])
        except ValueError as taken:
            raise Conflict(str(taken)) from taken
        if "columns" in validated_data:
            shape.reshape(instance, validated_data["columns"], {name: name for name in validated_data["columns"]})
        return instance


class ValuesField(serializers.DictField):
    """Values by column, of any JSON type."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            return writing.checked_values(super().to_internal_value(data))
        except ValueError as wrong:
            raise serializers.ValidationError(str(wrong)) from wrong


class RowSerializer(serializers.ModelSerializer[TableRow]):
    values = ValuesField(required=False)
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text=_("From when on it is not found any more; null: never")
    )

    class Meta:
        model = TableRow
        fields = ["key", "values", "expires_at", "changed_at"]
        read_only_fields = ["key", "changed_at"]


class GivenSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=LONGEST_KEY, trim_whitespace=False)
    values = ValuesField(required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)

    def validate_key(self, key: str) -> str:
        try:
            return writing.checked_key(key)
        except ValueError as wrong:
            raise serializers.ValidationError(str(wrong)) from wrong


class RowsSerializer(serializers.Serializer[Any]):
    rows = GivenSerializer(many=True, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]  # of the list
    replace = serializers.BooleanField(default=False, help_text=_("Delete all other rows"))


class WrittenSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    changed = serializers.IntegerField()


class ByKey(CursorPagination):
    ordering = "key"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000


KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description=_("The key of a row"))


@extend_schema_view(
    list=extend_schema(summary=_("All tables")),
    retrieve=extend_schema(summary=_("One table")),
    create=extend_schema(summary=_("Add a table")),
    partial_update=extend_schema(summary=_("Change a table")),
    destroy=extend_schema(
        summary=_("Delete a table with its rows"),
        description=_("Actions that take from it find nothing from then on; those that remember make it anew."),
    ),
)
class TableViewSet(TenantViewSet[Table], ModelViewSet[Table]):
    queryset = Table.objects.order_by("name")
    serializer_class = TableSerializer
    http_method_names = ["get", "post", "patch", "put", "delete", "head", "options"]

    def get_queryset(self) -> Any:
        return super().get_queryset().annotate(count=Count("rows"))

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        return context if getattr(self, "swagger_fake_view", False) else context | {"tenant": self.tenant}

    def perform_destroy(self, instance: Table) -> None:
        with journal.noted(instance):
            instance.delete()

    @extend_schema(exclude=True)
    def update(self, request: Request, *args: Any, **options: Any) -> Response:
        if not options.get("partial"):
            self.http_method_not_allowed(request)
        return super().update(request, *args, **options)

    @extend_schema(
        summary=_("The rows of a table by their keys"),
        parameters=[OpenApiParameter("search", str, description=_("A part of the key"))],
        responses=RowSerializer(many=True),
    )
    @action(detail=True, methods=["get"], pagination_class=ByKey, url_path="rows")
    def rows(self, request: Request, pk: str) -> Response:
        found: Any = self.get_object().rows.order_by("key")
        if request.query_params.get("search"):
            found = found.filter(key__icontains=storable(request.query_params["search"]))
        page: Any = self.paginate_queryset(found)
        return self.get_paginated_response(RowSerializer(page, many=True).data)

    @extend_schema(
        operation_id="tables_rows_write",
        summary=_("Write many rows"),
        description=_("Rows with the same key are replaced; all of them are written or none."),
        request=RowsSerializer,
        responses=WrittenSerializer,
    )
    @rows.mapping.put
    def put_rows(self, request: Request, pk: str) -> Response:
        table = self.get_object()
        asked = RowsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = [_given(told["key"], told) for told in asked.validated_data["rows"]]
        created, changed = _put(table, given, replace=asked.validated_data["replace"])
        return Response({"created": created, "changed": changed})

    @extend_schema(summary=_("One row"), parameters=[KEY], responses=RowSerializer)
    @action(detail=True, methods=["get"], url_path=r"rows/(?P<key>.+)")
    def row(self, request: Request, pk: str, key: str) -> Response:
        return Response(RowSerializer(self._row(key)).data)

    @extend_schema(
        operation_id="tables_rows_write_one",
        summary=_("Write one row"),
        parameters=[KEY],
        request=RowSerializer,
        responses=RowSerializer,
    )
    @row.mapping.put
    def put_row(self, request: Request, pk: str, key: str) -> Response:
        table = self.get_object()
        named, told = GivenSerializer(data={"key": key}), RowSerializer(data=request.data)
        named.is_valid(raise_exception=True)
        told.is_valid(raise_exception=True)
        _put(table, [_given(named.validated_data["key"], told.validated_data)])
        return Response(RowSerializer(self._row(named.validated_data["key"])).data)

    @extend_schema(summary=_("Delete one row"), parameters=[KEY], responses={204: None})
    @row.mapping.delete
    def delete_row(self, request: Request, pk: str, key: str) -> Response:
        self._row(key).delete()
        return Response(status=204)

    def _row(self, key: str) -> TableRow:
        found = self.get_object().rows.filter(key=storable(key)).first()
        if found is None:
            raise Http404
        return found


def _given(key: str, told: dict[str, Any]) -> writing.Given:
    return writing.Given(key, told.get("values", {}), told.get("expires_at"))


def _put(table: Table, rows: list[writing.Given], *, replace: bool = False) -> tuple[int, int]:
    try:
        return writing.put(table, rows, replace=replace)
    except ValueError as full:
        raise Conflict(str(full)) from full
