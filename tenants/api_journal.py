"""`/api/v1/audit/`: the journal of changes, read-only."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.pagination import CursorPagination

from tenants.api_rows import TenantViewSet
from tenants.changes import By, Change, Verb


class DetailSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text=_("Name of what changed; settings of a kind begin with config."))
    old = serializers.JSONField(required=False, help_text=_("What it was; long values are cut"))
    new = serializers.JSONField(required=False, help_text=_("What it is from then on"))
    secret = serializers.BooleanField(
        required=False, help_text=_("Set where the values are secret: only that they changed is kept")
    )


class ChangeSerializer(serializers.ModelSerializer[Change]):
    object = serializers.CharField(source="row", help_text=_("Its id"))
    processing = serializers.UUIDField(
        source="processing_id", allow_null=True, help_text=_("The processing that it is or belongs to")
    )
    details = DetailSerializer(many=True)

    class Meta:
        model = Change
        fields = ["id", "at", "by", "who", "verb", "what", "kind", "object", "name", "processing", "details"]
        read_only_fields = fields
        extra_kwargs = {
            "who": {"help_text": _("E-mail of a person, or name and beginning of a key")},
            "what": {"help_text": _("Sort of the thing, such as processings.processing")},
        }


class ChangeFilter(filters.FilterSet):  # type: ignore[misc]
    processing = filters.UUIDFilter("processing_id", label=_("Processing"))
    object = filters.CharFilter("row", label=_("Id of what was changed"))
    what = filters.CharFilter(label=_("Sort of the thing, such as actions.action"))
    who = filters.CharFilter(label=_("E-mail of a person, or name and beginning of a key"))
    by = filters.ChoiceFilter(choices=By.choices, label=_("Who did it"))
    verb = filters.ChoiceFilter(choices=Verb.choices, label=_("What was done"))
    since = filters.IsoDateTimeFilter("at", "gte", label=_("At this time or later"))


class ByTime(CursorPagination):
    ordering = "-id"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000


@extend_schema_view(
    list=extend_schema(summary=_("Who changed what, the newest first")),
    retrieve=extend_schema(summary=_("One change")),
)
class ChangeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet[Change]):
    queryset = Change.objects.order_by("-id")
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter
    pagination_class = ByTime
