"""`/api/v1/uploads/`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED

from sources.models import Source, Upload
from sources.uploads import KIND, sheet, taking
from tenants import access
from tenants.api_rows import TenantViewSet

MOST_LISTED = 100


class UploadSerializer(serializers.ModelSerializer[Upload]):
    source = serializers.UUIDField(  # type: ignore[assignment]  # as below
        source="source_id", read_only=True
    )

    class Meta:
        model = Upload
        fields = ["id", "source", "name", "columns", "total", "done", "state", "created_at"]
        read_only_fields = fields
        extra_kwargs = {
            "name": {"help_text": _("Of the file")},
            "columns": {"help_text": _("Names of the fields, from its first line")},
            "total": {"help_text": _("How many rows it has")},
            "done": {"help_text": _("How many of them are operations already")},
        }


class FileSerializer(serializers.Serializer[Any]):
    source = serializers.UUIDField(  # type: ignore[assignment]  # DRF takes declared fields away before its own is used
        help_text=_("A data source of the kind “upload”")
    )
    file = serializers.FileField(help_text=_("CSV, XLSX, XLS or ODS; the first line gives the names of the fields"))


class UploadFilter(filters.FilterSet):  # type: ignore[misc]
    source = filters.UUIDFilter("source_id", label=_("Data source"))


@extend_schema_view(
    list=extend_schema(summary=_("The last hundred files, the newest first")),
    retrieve=extend_schema(summary=_("One file, and how far it is")),
)
class UploadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet[Upload]):
    queryset = Upload.objects.filter(source__processing__deleted_at=None).defer("content").order_by("-id")
    serializer_class = UploadSerializer
    filterset_class = UploadFilter
    http_method_names = ["get", "post", "head", "options"]

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset)[:MOST_LISTED]

    @extend_schema(
        summary=_("Upload a file"),
        description=_("Each row becomes an operation, in their order. One file of a company is taken in at a time."),
        request={"multipart/form-data": FileSerializer},
        responses={HTTP_201_CREATED: UploadSerializer},
    )
    def create(self, request: Request) -> Response:
        asked = FileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        live = access.rows(self.tenant, Source).filter(processing__deleted_at=None, kind=KIND)
        source = access.row(self.tenant, live, asked.validated_data["source"])
        file = asked.validated_data["file"]
        try:
            begun = taking.begin(source, file.name, file.read(sheet.MOST_BYTES + 1))
        except ValueError as wrong:
            raise serializers.ValidationError({"file": [str(wrong)]}) from None
        return Response(self.get_serializer(begun).data, status=HTTP_201_CREATED)

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()] if self.action_map.get("post") == "create" else super().get_parsers()

    @extend_schema(
        summary=_("Take no more rows of a file"),
        description=_("Those that were taken go on."),
        request=None,
        responses=UploadSerializer,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def stop(self, request: Request, pk: str) -> Response:
        upload = self.get_object()
        taking.stop(upload)
        upload.refresh_from_db(fields=["state", "done"])
        return Response(self.get_serializer(upload).data)
