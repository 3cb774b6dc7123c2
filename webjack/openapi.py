"""OpenAPI for every endpoint alike: each says which problems it may answer."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from webjack.problems import MEDIA_TYPE

CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
WORDS = {
    HTTPStatus.BAD_REQUEST: _("The request has errors; `errors` names them by path"),
    HTTPStatus.UNAUTHORIZED: _("No key, or an unknown one"),
    HTTPStatus.NOT_FOUND: _("There is no such thing in this company"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("This method does not exist here"),
    HTTPStatus.NOT_ACCEPTABLE: _("Only JSON is answered"),
    HTTPStatus.CONFLICT: _("The thing is in no state for this; `detail` says why"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("The request is too large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _("Only JSON is read"),
}


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField(help_text=_("The status in words"))
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text=_("A sentence for people"))
    errors = serializers.DictField(  # type: ignore[assignment]  # DRF's own attribute
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text=_("Sentences by the path of what is wrong, such as config.response.status"),
    )


class Schema(AutoSchema):
    def _get_response_bodies(self, direction: Any = "response") -> Any:
        self.resolve_serializer(ProblemSerializer, "response")
        return super()._get_response_bodies(direction) | {
            str(code.value): {"description": WORDS[code], "content": CONTENT} for code in self._problems()
        }

    def _problems(self) -> list[HTTPStatus]:
        codes = [HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.NOT_ACCEPTABLE]
        if self.method in ("POST", "PATCH"):
            codes += [HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE]
        return codes
