"""«amoCRM: теги»: adds and removes tags of a record, without touching its others."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import PlaceholderField
from actions.filled import number
from actions.kind import Data
from actions.kinds.amocrm import asked
from actions.kinds.amocrm.records import Amocrm, filled, tags
from actions.kinds.amocrm.task import ENTITIES
from webjack.config import Config
from webjack.http import Failed, Http


class TagsForm(forms.Form):
    connection = asked.connection()
    entity = forms.ChoiceField(
        label=gettext_lazy("What it belongs to"), choices=ENTITIES, initial="leads", required=False
    )
    record = PlaceholderField(label=gettext_lazy("Number of the record"), initial="{{ steps.lead.id }}")
    added = PlaceholderField(
        label=gettext_lazy("Tags to add"), required=False, help_text=gettext_lazy("Parted by commas")
    )
    removed = PlaceholderField(
        label=gettext_lazy("Tags to remove"), required=False, help_text=gettext_lazy("Parted by commas")
    )


class ChangeTags(asked.AmocrmAction):
    key = "amocrm.tags"
    alias = "tags"
    title = gettext_lazy("amoCRM: tags")
    about = gettext_lazy("Adds and removes tags of a lead, a contact or a company")
    words = "амо amo amocrm тег теги метка tags crm"
    form = TagsForm
    sample: ClassVar[dict[str, Any]] = {"id": 10185151, "link": "https://clinic.amocrm.ru/leads/detail/10185151"}

    def execute(self, config: Config, http: Http) -> Data:
        amo, entity = Amocrm(config, http), config.get("entity") or "leads"
        record = number(config, "record", _("Number of the record"))
        if record is None:
            raise Failed(_("The number of the record is empty"))
        told = filled(tags_to_add=tags(config, "added"), tags_to_delete=tags(config, "removed"))
        amo.change(entity, record, told, {})
        return {"id": record, "link": amo.link(entity, record)}

    def harmless(self, config: Config) -> bool:
        return True

    def summary(self, config: Config) -> str:
        shown = [f"{sign} {config[name]}" for sign, name in (("+", "added"), ("−", "removed")) if config.get(name)]
        return ", ".join(shown)
