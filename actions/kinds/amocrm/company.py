"""«amoCRM: компания»: finds a company by phone, e-mail or name, and changes or adds it (companies-api)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField
from actions.filled import text
from actions.kind import Data
from actions.kinds.amocrm import asked, people
from actions.kinds.amocrm.contact import EXISTING, body
from actions.kinds.amocrm.records import Amocrm
from webjack.config import Config
from webjack.http import Http


class CompanyForm(forms.Form):
    connection = asked.connection()
    name = PlaceholderField(label=_("Name of the company"), initial="{{ company_name }}")
    phone = asked.phone("")
    email = asked.email("")
    existing = forms.ChoiceField(
        label=_("If the company is found"),
        choices=EXISTING,
        initial=asked.UPDATE,
        required=False,
        help_text=_("It is looked for by phone, by e-mail and by its exact name"),
    )
    responsible = asked.responsible()
    fields_of_company = asked.custom_rows("company_fields")
    tags = asked.tags()


class SaveCompany(asked.AmocrmAction):
    key = "amocrm.company"
    alias = "company"
    title = _("amoCRM: company")
    about = _("Finds a company by phone, e-mail or name, then changes or adds it")
    words = "амо amo amocrm компания организация фирма company crm"
    form = CompanyForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 7143601,
        "link": "https://clinic.amocrm.ru/companies/detail/7143601",
        "created": True,
    }

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        rows, old = config.get("fields_of_company"), find(amo, config)
        if old is None:
            told, names = body(amo, "companies", config, rows, None)
            return amo.output("companies", amo.add("companies", told, names), created=True)
        if config.get("existing") != asked.KEEP:
            told, names = body(amo, "companies", config, rows, old)
            amo.change("companies", old["id"], told, names)
        return amo.output("companies", old["id"], created=False)

    def harmless(self, config: Config) -> bool:
        return config.get("existing") != asked.NEW

    def summary(self, config: Config) -> str:
        return str(config.get("name") or "")


def find(amo: Amocrm, config: Config) -> Data | None:
    if config.get("existing") == asked.NEW:
        return None
    numbers, mails = people.phones(config.get("phone")), people.emails(config.get("email"))
    found = people.find(amo.http, amo.account, "companies", numbers, mails)
    return found or people.named(amo.http, amo.account, "companies", text(config, "name"))
