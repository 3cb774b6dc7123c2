"""How requests are read where a person knows better than their headers: fields for forms, and the choice."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from webjack.decode import Wish

CONFIG = "decoding"
"""Where a source's config holds it, and the prefix of these fields in its form (webjack.config)."""
NAMES = ("form", "charset", "names")
GROUP = (_("How the body is read"), tuple(f"{CONFIG}__{name}" for name in NAMES))

FORMS = (
    ("", _("As its header and its look say")),
    ("json", "JSON"),
    ("form", _("Form (a=1&b=2)")),
    ("multipart", _("Form with files (multipart)")),
    ("xml", "XML"),
    ("text", _("Text, as one field")),
    ("binary", _("File, as one field")),
)
CHARSETS = (
    ("", _("As it says, else found by itself")),
    ("utf-8", "UTF-8"),
    ("windows-1251", "Windows-1251"),
    ("koi8-r", "KOI8-R"),
    ("cp866", "CP866 (DOS)"),
    ("iso8859-5", "ISO 8859-5"),
    ("mac-cyrillic", "Mac Cyrillic"),
    ("windows-1252", "Windows-1252"),
    ("utf-16", "UTF-16"),
)
BRACKETS = (
    ("", _("Brackets make lists and objects: fields[phone][0]")),
    ("flat", _("Names stay as they came, with their brackets")),
)


def form_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Content type"), choices=FORMS, required=False)


def charset_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Charset"), choices=CHARSETS, required=False)


def names_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Names of form fields"), choices=BRACKETS, required=False)


class DecodingForm(forms.Form):
    """The choice alone, for one operation."""

    form = form_field()
    charset = charset_field()
    names = names_field()


def wish(*told: Any) -> Wish:
    """The first choice that there is: of the operation, else of its source's config; what is no choice is none."""
    for one in told:
        if isinstance(one, Mapping):
            return Wish(**{name: value for name in NAMES if isinstance(value := one.get(name, ""), str)})
    return Wish()
