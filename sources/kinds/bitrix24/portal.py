"""«Битрикс24»: what happens on a portal, by its outgoing webhook or by a robot of a stage."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sources.fields import SharedSecretField, keep, matches, tell_kept
from sources.kind import Example, Guides, Met, Request, Watched, form_example
from sources.kinds.bitrix24 import sent
from webjack.config import Config
from webjack.decode import Decoded


class PortalForm(forms.Form):
    token = SharedSecretField(
        label=gettext_lazy("Token of the application"),
        max_length=200,
        help_text=gettext_lazy(
            "Bitrix24 shows it when the outbound webhook is saved. With it, requests that do not have it are refused"
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        tell_kept(self, "token")

    def clean(self) -> None:
        super().clean()
        self.cleaned_data["token"] = keep(self, "token")


class Portal(Watched):
    key = "bitrix24"
    title = gettext_lazy("Bitrix24")
    about = gettext_lazy("Leads, deals, contacts and tasks that were added or changed on your portal")
    words = "битрикс битрикс24 bitrix24 б24 исходящий вебхук событие робот лид сделка"
    form = PortalForm
    guides: ClassVar[Guides] = (
        ("bitrix24", gettext_lazy("Outbound webhook")),
        ("bitrix24_robot", gettext_lazy("Robot of a stage")),
    )
    sample: ClassVar[Config] = {"entity": "deal", "action": "update", "id": "662", "event": "ONCRMDEALUPDATE"}
    examples: ClassVar[tuple[Example, ...]] = (
        form_example("deal", gettext_lazy("A deal was changed"), sent.call("ONCRMDEALUPDATE", 662)),
        form_example("lead", gettext_lazy("A lead was added"), sent.call("ONCRMLEADADD", 3465)),
        form_example("contact", gettext_lazy("A contact was added"), sent.call("ONCRMCONTACTADD", 46)),
        form_example("task", gettext_lazy("A task was set"), sent.call("ONTASKADD", 3711, task=True)),
    )
    labels: ClassVar[Mapping[str, Any]] = {
        "entity": gettext_lazy("What it is about: lead, deal, contact"),
        "action": gettext_lazy("What happened: add, update, delete"),
        "id": gettext_lazy("Number of the record"),
        "event": gettext_lazy("Event"),
        "ts": gettext_lazy("Time, in seconds"),
        "auth.domain": gettext_lazy("Portal"),
    }

    def meet(self, request: Request, headers: Mapping[str, str], config: Config) -> Met:
        data = super().read(request, config).data
        hidden, given, stored = sent.secrets(data), sent.token(data), str(config.get("token") or "")
        if not stored or matches(stored, given):
            return Met(hidden=hidden)
        refused = _("The token of the application is wrong") if given else _("The token of the application is missing")
        return Met(refused=refused, hidden=hidden)

    def read(self, request: Request, config: Config) -> Decoded:
        decoded = super().read(request, config)
        return replace(decoded, data=sent.read(decoded.data))
