"""The operators' site: the policy its scripts can live with, its log-in and its menu."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.apps import apps
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

# The customers' blue.
BLUE = {
    "50": "#eff4ff",
    "100": "#dbe6fe",
    "200": "#bfd3fe",
    "300": "#93b4fd",
    "400": "#6090fa",
    "500": "#3b6ef6",
    "600": "#2a58d6",
    "700": "#2349b4",
    "800": "#213e92",
    "900": "#1f3776",
    "950": "#172348",
}
View = Callable[..., HttpResponseBase]

# unfold's Alpine evaluates its attributes, and its colours stand in a <style>; customers' pages keep the strict policy.
relaxed = csp_update({"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]})

# The menu: model and Material Symbol, which unfold ships.
CUSTOMERS = {
    "tenants.Tenant": "business",
    "tenants.User": "group",
    "account.EmailAddress": "alternate_email",
    "tenants.ApiKey": "key",
    "tenants.Change": "manage_history",
}
PIPELINES = {
    "processings.Processing": "account_tree",
    "sources.Source": "webhook",
    "actions.Action": "play_circle",
    "connections.Lane": "lan",
}
HISTORY = {"history.Operation": "history", "history.Notice": "mail"}
WORKERS = {
    "history.Heartbeat": "monitor_heart",
    "django_q.Schedule": "schedule",
    "django_q.OrmQ": "queue",
    "django_q.Failure": "error",
    "django_q.Success": "task_alt",
}


class LoginForm(AuthenticationForm):  # type: ignore[misc]
    """Asks allauth, so that this door has the same limit on guesses as the customers' one."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _lazy("Wrong e-mail or password, or no right to open these pages"),
    }

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = self.cleaned_data
        if told.get("username") and told.get("password"):
            user = get_adapter(self.request).authenticate(
                self.request, email=told["username"], password=told["password"]
            )
            if user is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(user)
            self.user_cache = user
        return told


class Site(UnfoldAdminSite):  # type: ignore[misc]
    login_form = LoginForm

    @method_decorator(relaxed)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: HttpResponse = super().login(request, extra_context)
        return answer

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        guarded: View = relaxed(super().admin_view(view, cacheable))

        @wraps(guarded)
        def readable(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # Filters pass a query on to PostgreSQL, whose texts hold no NUL.
            if any("\0" in text for _name, texts in request.GET.lists() for text in texts):
                raise BadRequest
            return guarded(request, *args, **kwargs)

        return readable


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    groups = [
        (_("Customers"), CUSTOMERS),
        (_("Processings"), PIPELINES),
        (_("History"), HISTORY),
        (_("Background tasks"), WORKERS),
    ]
    return [{"title": title, "items": [_item(*row) for row in models.items()]} for title, models in groups]


def _item(label: str, icon: str) -> dict[str, Any]:
    meta = apps.get_model(label)._meta
    link = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return {"title": capfirst(meta.verbose_name_plural), "icon": icon, "link": link}


def stylesheet(request: HttpRequest) -> str:
    return static("css/admin.css")


def blue(request: HttpRequest) -> dict[str, str]:
    return dict(BLUE)
