"""What every action has beside its kind's settings: a name and an alias."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.models import Action
from processings.models import Processing


class OwnForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, alias, and what to do when the connection breaks, where there is one.

    Prefixed, so that a kind's form may have fields of the same names. An empty alias is chosen.
    """

    prefix = "own"

    class Meta:
        model = Action
        fields = ["name", "alias", "on_unknown"]
        widgets = {"on_unknown": forms.RadioSelect}
        help_texts = {
            "name": _("What you call this action; empty: its kind"),
            "alias": _("Later actions take the result by it: Latin letters, digits and _"),
            "on_unknown": _(
                "If the request has gone and no answer came, it may have arrived or not. The key lets the service know "
                "a repeat. What does no harm, such as GET, PUT and DELETE, is always repeated"
            ),
        }

    def __init__(self, processing: Processing, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.processing = processing
        self.fields["alias"].required = False
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["on_unknown"].required = False
        if not self.instance.leaves_machine:
            del self.fields["on_unknown"]
        self.fields["alias"].widget.attrs |= {"class": "form-control mono", "spellcheck": "false"}

    def clean_on_unknown(self) -> str:
        return str(self.cleaned_data["on_unknown"] or self.instance.on_unknown)

    def clean_alias(self) -> str:
        alias: str = self.cleaned_data["alias"] or self.instance.alias
        taken = self.processing.actions.exclude(pk=self.instance.pk).filter(alias=alias)
        if alias and taken.exists():
            raise ValidationError(_("Another action of this processing has this short name"))
        return alias
