"""All addresses. Each app brings its own; the outside relies on what contract names."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("webhooks/", include("sources.webhooks")),
    path("", include("processings.urls")),
    path("", include("sources.urls")),
    path("", include("actions.urls")),
    path("tables/", include("actions.tables.urls")),
    path("", include("history.rehearse_urls")),
    path("history/", include("history.urls")),
    path("connections/", include("history.accounts")),
    path("", include("history.health")),
    path("", include("tenants.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("webjack.api")),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url=settings.STATIC_URL + "img/favicon.svg")),
]
