"""«Form Urlencoded»: builds a form body from rows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.fields import RowsField
from actions.kind import ActionKind, Data
from webjack.config import Config
from webjack.http import Failed, Http


class FormForm(forms.Form):
    # The contract's name; Django's metaclass takes it away from the class.
    fields = RowsField(label=_("Fields"), required=True)  # type: ignore[assignment]


class BuildForm(ActionKind):
    key = "data.form"
    alias = "form"
    title = _("Form Urlencoded")
    about = _("Builds a form body, as web pages send it, from fields")
    words = "form urlencoded форма тело"
    form = FormForm
    sample = {"text": "name=%D0%90%D0%BD%D0%BD%D0%B0&phone=%2B79161234567"}
    network = False

    def execute(self, config: Config, http: Http) -> Data:
        try:
            return {"text": values.form_text(config["fields"])}
        except ValueError as bad:
            raise Failed(str(bad)) from bad

    def summary(self, config: Config) -> str:
        return ", ".join(row["name"] for row in config.get("fields", []))
