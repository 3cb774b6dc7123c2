"""«Загрузка файла»: each row of an uploaded file becomes an operation."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from sources.kind import Guides, SourceKind
from webjack.config import Config


class RowsForm(forms.Form):
    """Nothing to set."""


class Rows(SourceKind):
    """Its address takes nothing: operations come from sources.uploads."""

    key = "upload"
    addressed = False
    intro = "sources/intros/upload.html"
    title = _("Upload of a file")
    about = _("Makes an operation of each row of a CSV or Excel file")
    words = "загрузка файл csv excel xlsx таблица импорт список upload"
    form = RowsForm
    sample: ClassVar[Config] = {"phone": "+79161234567", "name": "Анна Петрова"}
    default_methods: ClassVar[tuple[str, ...]] = ()
    guides: ClassVar[Guides] = ()
