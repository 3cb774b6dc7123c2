"""«Из другой обработки»: what an action «Передать в обработку» hands over."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from sources.kind import Guides, SourceKind
from webjack.config import Config


class HandedForm(forms.Form):
    """Nothing to set."""


class Handed(SourceKind):
    """Its address takes nothing: operations come from history.effects."""

    key = "call"
    addressed = False
    intro = "sources/intros/call.html"
    title = _("From another processing")
    about = _("Takes what an action “Hand over to a processing” of another processing gives")
    words = "call processing обработка передать"
    form = HandedForm
    sample: ClassVar[Config] = {"client_id": "1024"}
    default_methods: ClassVar[tuple[str, ...]] = ()
    guides: ClassVar[Guides] = ()
