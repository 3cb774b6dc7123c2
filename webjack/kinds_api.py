"""`/api/v1/kinds/`: what sources and actions there are, and what their configs look like."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from webjack import kinds, schema

FAMILIES = sorted(settings.KINDS, reverse=True)  # sources first, as people begin with them


class KindSerializer(serializers.Serializer[Any]):
    family = serializers.ChoiceField(choices=[(family, family) for family in FAMILIES])
    kind = serializers.CharField(help_text=_("What sources and actions name as their kind"))
    title = serializers.CharField()
    about = serializers.CharField()
    schema = serializers.DictField(help_text=_("JSON schema of the config"))
    sample = serializers.DictField(help_text=_("Example data of a source, example output of an action"))


class KindViewSet(ViewSet):
    @extend_schema(
        summary=_("All kinds of data sources and actions"),
        parameters=[OpenApiParameter("family", str, enum=FAMILIES, description=_("Only this family"))],
        responses=KindSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        asked = request.query_params.get("family")
        if asked is not None and asked not in FAMILIES:
            raise ValidationError({"family": _("There is no such family: %(family)s") % {"family": asked}})
        families = [asked] if asked else FAMILIES
        return Response([_shown(family, kind) for family in families for kind in kinds.catalogue(family).values()])


def _shown(family: str, kind: kinds.Kind) -> dict[str, Any]:
    return {
        "family": family,
        "kind": kind.key,
        "title": str(kind.title),
        "about": str(kind.about),
        "schema": schema.of(kind.form),
        "sample": kind.sample,
    }
