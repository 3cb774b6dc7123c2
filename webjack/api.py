"""The REST API: `/api/v1/`, its OpenAPI at `/api/schema/` and the pages to try it at `/api/docs/`."""

from functools import lru_cache
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import include, path, re_path, resolve
from django.utils.translation import get_language, override
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from actions.api import ActionViewSet, ProcessingActionsViewSet
from actions.tables.api import TableViewSet
from connections.api import ConnectionViewSet
from history.accounts_api import AccountViewSet
from history.api import OperationViewSet
from history.rehearse_api import TrialViewSet
from processings.api import ProcessingViewSet
from sources.api import SourceViewSet
from sources.api_transfer import TransferViewSet
from sources.uploads.api import UploadViewSet
from tenants.api_journal import ChangeViewSet
from tenants.people_api import InvitationViewSet, MemberViewSet
from webjack.kinds_api import KindViewSet

router = SimpleRouter()
router.register("processings", TransferViewSet, "api-processing-transfer")
router.register("processings", ProcessingViewSet, "api-processing")
router.register("processings", ProcessingActionsViewSet, "api-processing-actions")
router.register("processings", TrialViewSet, "api-processing-trial")
router.register("sources", SourceViewSet, "api-source")
router.register("uploads", UploadViewSet, "api-upload")
router.register("actions", ActionViewSet, "api-action")
router.register("connections", ConnectionViewSet, "api-connection")
router.register("tables", TableViewSet, "api-table")
router.register("operations", OperationViewSet, "api-operation")
router.register("accounts", AccountViewSet, "api-account")
router.register("audit", ChangeViewSet, "api-audit")
router.register("kinds", KindViewSet, "api-kind")
router.register("members", MemberViewSet, "api-member")
router.register("invitations", InvitationViewSet, "api-invitation")


@lru_cache(len(settings.LANGUAGES))
def openapi(language: str) -> Any:
    """Takes a good part of a second, so that it is made once in each language."""
    with override(language):
        return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]


class Kept(SchemaGenerator):
    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        language = get_language()
        return openapi(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)


class SchemaView(SpectacularAPIView):
    """Open to all, JSON unless YAML is asked for."""

    generator_class = Kept
    api_version = "1"  # and no other, whatever is asked for
    authentication_classes = ()
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2]


class DocsView(SpectacularSwaggerSplitView):
    authentication_classes = ()


class NowhereView(APIView):
    """An address that the API does not have; the same for everybody."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound


nowhere = NowhereView.as_view()


@csrf_exempt
def other(request: HttpRequest) -> HttpResponseBase:
    """An address whose last slash is missing is taken as if it were there: a redirect would lose what was posted."""
    if not request.path_info.endswith("/"):
        found = resolve(request.path_info + "/")
        if found.func is not other:
            request.resolver_match = found
            return found.func(request, *found.args, **found.kwargs)  # type: ignore[no-any-return]
    return nowhere(request)


urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SchemaView.as_view(), name="schema"),
    # Swagger UI sets styles inside its page; its scripts come from our own files.
    path("docs/", csp_update({"style-src": [SELF, UNSAFE_INLINE]})(DocsView.as_view()), name="api-docs"),
    re_path("", other),
]
