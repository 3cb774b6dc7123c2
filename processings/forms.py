"""Forms of a processing: its name, and whom its errors are mailed to."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from processings.models import Processing

MOST_EMAILS = 20


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Processing
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}


class EmailsField(forms.CharField):
    """E-mail addresses, one a line or divided by commas; a list, each once."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        emails = list(dict.fromkeys(email for line in text.split() for email in line.split(",") if email))
        for email in emails:
            try:
                validate_email(email)
            except ValidationError as bad:
                raise ValidationError(_("“%(email)s” is not an e-mail address") % {"email": email}) from bad
        if len(emails) > MOST_EMAILS:
            raise ValidationError(_("There may be at most %(count)s addresses") % {"count": MOST_EMAILS})
        return emails


class NoticesForm(forms.ModelForm):  # type: ignore[type-arg]
    notice_emails = EmailsField(
        label=_("Also mail to"),
        required=False,
        help_text=_("One address a line. The owners of the company get the mails anyway"),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = Processing
        fields = ["notify", "notice_emails"]
        labels = {"notify": _("Mail when an operation fails")}
