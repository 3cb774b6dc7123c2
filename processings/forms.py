"""Forms of a processing: its name, whom its errors are mailed to, and in which order its operations go."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from processings.models import Ordering, Processing

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


# What each choice of the order means, for the page.
ORDERINGS = {
    Ordering.PARALLEL: _(
        "Operations do not wait for each other. The fastest way, for when their order does not matter"
    ),
    Ordering.STRICT: _(
        "The next one begins when the one before it has ended, in the order in which the requests came. "
        "While one waits to be repeated, those behind it wait too"
    ),
    Ordering.KEY: _(
        "Only operations with the same value of a field go one after another: of one client, of one order. "
        "The others do not wait for them"
    ),
}
NO_FIELD = _("Name the field: operations with the same value of it go one after another")


def lacks_field(ordering: str, field: str) -> bool:
    """Whether an order by a field does not say by which."""
    return ordering == Ordering.KEY and not field.strip()


class OrderingForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Processing
        fields = ["ordering", "ordering_field"]
        widgets = {
            "ordering": forms.RadioSelect,
            "ordering_field": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "list": "fields"}),
        }
        help_texts = {
            "ordering_field": _(
                "As it is called in the data source, such as client_phone; inside another one with a dot: order.id. "
                "Operations without this field share one queue"
            )
        }

    @property
    def choices(self) -> list[tuple[Any, Any]]:
        """Each choice as it is drawn, with what it means."""
        return list(zip(self["ordering"], ORDERINGS.values(), strict=True))

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = self.cleaned_data
        if lacks_field(told.get("ordering", ""), told.get("ordering_field", "")) and "ordering_field" in told:
            self.add_error("ordering_field", NO_FIELD)
        return told
