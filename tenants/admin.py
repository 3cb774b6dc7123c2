from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tenants import journal_shown
from tenants.journal_admin import Noted
from tenants.models import ApiKey, Change, Membership, Tenant, User
from webjack import plain
from webjack.admin import Page, ReadOnly, Uncounted, is_operator

admin.site.unregister([Group, EmailAddress])


class MembershipInline(TabularInline):  # type: ignore[misc]
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "tenant"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)


class PlaceInline(MembershipInline):
    """The same, from the person's side."""

    verbose_name, verbose_name_plural = _("company"), _("companies")


class Unseen(forms.Widget):
    """Django's own shows the beginning of the password's hash."""

    read_only = True

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return mark_safe("••••••••")


class UserForm(UserChangeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget = Unseen()


@admin.register(Tenant)
class TenantAdmin(Noted, Page):
    """A company is never deleted here: its history would stay behind and name nobody."""

    list_display = ["name", "time_zone", "created_at"]
    ordering = ["-created_at"]
    search_fields = ["name", "=id", "users__email"]
    search_help_text = _("Name, id or the e-mail of a member")
    fields = ["id", "name", "time_zone", "most_in_flight", "retention_days", "created_at"]
    readonly_fields = ["id", "created_at"]
    inlines = [MembershipInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(Noted, DjangoUserAdmin, Page):  # type: ignore[type-arg]
    """A person is made inactive instead of deleted: the only owner's company would belong to nobody."""

    form, add_form, change_password_form = UserForm, UserCreationForm, AdminPasswordChangeForm
    ordering = ["-date_joined"]
    list_display = ["email", "name", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name", "tenants__name"]
    search_help_text = _("E-mail, name or company")
    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]
    inlines = [PlaceInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A person changes the own e-mail on the account's page, which confirms it."""
        return ["email", "date_joined", "last_login"] if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may not change a password does not see its hash either."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["email", "name"]}), *self.fieldsets[1:]]


@admin.register(ApiKey)
class ApiKeyAdmin(Noted, ReadOnly):
    """Keys are made on the company's page; an operator can only take one away."""

    list_display = ["name", "prefix", "tenant", "created_at", "last_used_at"]
    list_select_related = ["tenant"]
    search_fields = ["name", "prefix", "tenant__name"]
    fields = ["tenant", "name", "prefix", "created_at", "last_used_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super(ReadOnly, self).has_delete_permission(request, obj))


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    """The journals of all companies."""

    list_display = ["at", "tenant", "who", "by", "verb", "shown_what", "name"]
    list_select_related = ["tenant"]
    list_filter = ["by", "verb", ("tenant", AutocompleteSelectFilter)]
    search_fields = ["=row", "=who", "=processing_id"]
    search_help_text = _("E-mail of the person, or id of what was changed")
    ordering = ["-id"]
    paginator = Uncounted
    show_full_result_count = False
    fields = readonly_fields = [
        *("id", "at", "tenant", "by", "who", "verb", "shown_what", "name", "row", "processing_id", "shown_details"),
    ]

    @admin.display(description=_("to what"), ordering="what")
    def shown_what(self, change: Change) -> str:
        return journal_shown.title(change.what)

    @admin.display(description=_("details"))
    def shown_details(self, change: Change) -> str:
        return plain.block(journal_shown.written(change))


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnly):
    """Whether a person has confirmed the address; changed by that person alone."""

    list_display = ["email", "user", "verified", "primary"]
    list_select_related = ["user"]
    list_filter = ["verified", "primary"]
    search_fields = ["email", "user__email", "user__name"]
