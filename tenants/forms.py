"""Forms of the company's page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tenants.models import ApiKey, Role, Tenant, User

# The zones of Russia from west to east, by the name that people there use.
RUSSIA = {
    "Europe/Kaliningrad": _("Kaliningrad"),
    "Europe/Moscow": _("Moscow"),
    "Europe/Samara": _("Samara"),
    "Asia/Yekaterinburg": _("Yekaterinburg"),
    "Asia/Omsk": _("Omsk"),
    "Asia/Novosibirsk": _("Novosibirsk"),
    "Asia/Krasnoyarsk": _("Krasnoyarsk"),
    "Asia/Irkutsk": _("Irkutsk"),
    "Asia/Yakutsk": _("Yakutsk"),
    "Asia/Vladivostok": _("Vladivostok"),
    "Asia/Magadan": _("Magadan"),
    "Asia/Kamchatka": _("Kamchatka"),
}
# Old aliases and military zones, which only make the list longer.
PLACES = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def _offset(name: str) -> str:
    """UTC+3 or UTC+5:30, as of today."""
    digits = datetime.now(UTC).astimezone(ZoneInfo(name)).strftime("%z")
    minutes = "" if digits[3:] == "00" else f":{digits[3:]}"
    return f"UTC{digits[0]}{int(digits[1:3])}{minutes}"


def _label(name: str, word: Any) -> str:
    return f"{word} ({_offset(name)})"


def zones() -> Iterator[tuple[Any, list[tuple[str, str]]]]:
    """Choices of a time zone: Russia's first, then the world's by name."""
    yield _("Russia"), [(name, _label(name, word)) for name, word in RUSSIA.items()]
    others = sorted(name for name in available_timezones() if name.startswith(PLACES) and name not in RUSSIA)
    yield _("Other countries"), [(name, _label(name, name.replace("_", " "))) for name in others] + [("UTC", "UTC")]


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: list(zones()),
        help_text=_("The history and mails show times in this zone"),
    )

    class Meta:
        model = Tenant
        fields = ["name", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A zone that was set elsewhere under an old name stays what it is.
        known = {name for _title, group in self.fields["time_zone"].choices for name, _word in group}  # type: ignore[attr-defined]
        if self.instance.time_zone not in known:
            self.fields["time_zone"].choices = [(self.instance.time_zone, self.instance.time_zone), *zones()]  # type: ignore[attr-defined]


# What each role may do, beside its name wherever one is chosen.
RIGHTS = {
    Role.OWNER: _("Everything, people, API keys and the company itself included"),
    Role.EDITOR: _("Makes and changes processings, connections and tables, repeats operations"),
    Role.VIEWER: _("Sees everything and changes nothing"),
    Role.HISTORY: _("Sees the operation history and nothing else"),
}


def roles() -> list[tuple[str, Any]]:
    """Choices of a role, each with what it may do."""
    text = '<span class="role"><strong>{}</strong> <span class="muted small">{}</span></span>'
    return [(role.value, format_html(text, role.label, RIGHTS[role])) for role in Role]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=roles, widget=forms.RadioSelect)


class InviteForm(RoleForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    field_order = ["email", "role"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class PasswordForm(forms.Form):
    """Signing up by an invitation: its address is known and confirmed, only a password is missing."""

    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 8 characters that are hard to guess"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )

    def __init__(self, email: str, *args: Any) -> None:
        self.email = email
        super().__init__(*args)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email))
        return password


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ApiKey
        fields = ["name"]
        help_texts = {"name": _("Where the key will be used, for example “Accounting”")}
