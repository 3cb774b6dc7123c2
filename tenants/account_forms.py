"""The forms of log-in and sign-up in our words: no placeholder repeats its label, one line tells a good password."""

from typing import Any

from allauth.account import forms as allauth
from django.utils.translation import gettext_lazy as _

NEW_PASSWORD = "password1"  # noqa: S105 (a field's name)


class Plain:
    """Mixin. first: whether the cursor stands in the first field, on pages that hold nothing else."""

    fields: dict[str, Any]
    first = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if NEW_PASSWORD in self.fields:
            self.fields[NEW_PASSWORD].help_text = _("At least 8 characters that are hard to guess")
        if self.first:
            next(iter(self.fields.values())).widget.attrs["autofocus"] = True


class LoginForm(Plain, allauth.LoginForm):  # type: ignore[misc]
    first = True


class SignupForm(Plain, allauth.SignupForm):  # type: ignore[misc]
    first = True


class ResetPasswordForm(Plain, allauth.ResetPasswordForm):  # type: ignore[misc]
    first = True


class ResetPasswordKeyForm(Plain, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    first = True


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):  # type: ignore[misc]
    pass


class AddEmailForm(Plain, allauth.AddEmailForm):  # type: ignore[misc]
    pass
