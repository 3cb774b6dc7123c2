"""«amoCRM»: what happens with leads, contacts, companies and tasks of an account."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from connections.kinds.amocrm.address import host_of, subdomain_of
from sources.kind import LET_IN, Example, Guides, Met, Request, Watched, form_example
from sources.kinds.amocrm import sent
from webjack.config import Config
from webjack.decode import Decoded

MINUTES = 180
"""amoCRM repeats a call that was not answered after 5 minutes, 20, 35 and 95."""


class WebhookForm(forms.Form):
    account = forms.CharField(
        label=gettext_lazy("Only from this account"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "clinic.amocrm.ru"}),
        help_text=gettext_lazy("Its address; calls of others are refused and kept in the history. Empty: any account"),
    )

    def clean_account(self) -> str:
        try:
            return host_of(self.cleaned_data["account"])
        except ValueError as bad:
            raise ValidationError(str(bad)) from bad


class Webhook(Watched):
    key = "amocrm"
    title = "amoCRM"
    about = gettext_lazy("Leads, contacts, companies and tasks as they are added and changed in amoCRM")
    words = "амо amo amocrm kommo crm сделка контакт задача этап webhook"
    form = WebhookForm
    guides: ClassVar[Guides] = (("amocrm", "amoCRM"), ("curl", "curl"))
    sample: ClassVar[Config] = {"event": "leads.add", "id": "25399013", "name": "Заявка с сайта", "price": "20000"}
    examples: ClassVar[tuple[Example, ...]] = (
        form_example("lead", gettext_lazy("A lead is added"), sent.LEAD),
        form_example("status", gettext_lazy("A lead's stage is changed"), sent.STATUS),
        form_example("contact", gettext_lazy("A contact is added"), sent.CONTACT),
    )
    labels: ClassVar[Mapping[str, Any]] = {
        "event": gettext_lazy("What happened"),
        "entity": gettext_lazy("Record"),
        "action": gettext_lazy("Action"),
        "id": pgettext_lazy("amoCRM", "Number of the record"),
        "name": gettext_lazy("Name"),
        "phone": gettext_lazy("Phone"),
        "email": gettext_lazy("E-mail"),
        "price": gettext_lazy("Budget"),
        "pipeline_id": gettext_lazy("Pipeline"),
        "status_id": gettext_lazy("Stage"),
        "old_status_id": gettext_lazy("Stage before"),
        "responsible_user_id": gettext_lazy("Responsible person"),
    }

    def meet(self, request: Request, headers: Mapping[str, str], config: Config) -> Met:
        """amoCRM signs nothing: the address itself is the secret, and each call names its account."""
        if not config.get("account"):
            return LET_IN
        told = super().read(request, config).data.get("account")
        given = str(told.get("subdomain") or "") if isinstance(told, dict) else ""
        if given.lower() == subdomain_of(config["account"]):
            return LET_IN
        refused = _("The call is of another account: %(given)s") % {"given": given[:60] or "—"}
        return Met(refused=refused)

    def repeats(self, config: Config) -> Config:
        return {"by": "body", "minutes": MINUTES}

    def read(self, request: Request, config: Config) -> Decoded:
        decoded = super().read(request, config)
        return replace(decoded, data=sent.taken(decoded.data))
