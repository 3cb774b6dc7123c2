"""Form fields of connection kinds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from webjack.config import Config

LONGEST = 10_000
"""Signs of a secret, the files of keys among them. Whatever is recorded is searched for it, in all its forms."""


class SecretInput(forms.PasswordInput):
    """Never shows what it holds."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"autocomplete": "new-password", "spellcheck": "false"} | (attrs or {}), render_value=False)


class SecretText(forms.Textarea):
    """The same for several lines."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class SecretField(forms.CharField):
    """A text that is kept encrypted and never shown again; left empty, the one that is kept stays."""

    def __init__(self, *, lines: int = 1, file: str = "", **options: Any) -> None:
        """file: which files the page offers to read into it, as of an input's `accept`."""
        widget = (
            SecretInput()
            if lines == 1
            else SecretText({"rows": lines, "spellcheck": "false", "class": "form-control mono"})
        )
        if file:
            widget.attrs |= {"data-takes-file": file, "data-file-label": _("Choose a file")}
        options.setdefault("required", False)
        options.setdefault("max_length", LONGEST)
        super().__init__(widget=widget, **options)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "writeOnly": True}


def tell_set(form: forms.Form, kept: Config) -> None:
    """Shows at each secret that one is kept."""
    for name, field in form.fields.items():
        if isinstance(field, SecretField) and kept.get(name):
            field.widget.attrs["placeholder"] = str(_("set; leave it empty to keep it"))
