"""«Битрикс24: комментарий»: writes into the timeline of a record by crm.timeline.comment.add."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import text
from actions.kind import Data
from actions.kinds.bitrix24 import offers, records
from actions.kinds.bitrix24.portal import Portal, PortalAction
from webjack.config import Config
from webjack.http import Failed, Http


class CommentForm(forms.Form):
    connection = ConnectionField("bitrix24", label=gettext_lazy("Portal"))
    record = records.chooser()
    type = LoadedField(options="types", label=gettext_lazy("Smart process"), required=False)
    record_id = records.id_field()
    comment = PlaceholderField(label=gettext_lazy("Comment"), lines=5, initial="")

    shown_for: ClassVar[dict[str, Any]] = {"type": ("record", ("item",))}


class AddComment(PortalAction):
    key = "bitrix24.comment"
    alias = "comment"
    title = gettext_lazy("Bitrix24: comment")
    about = gettext_lazy("Writes into the timeline of a lead, a deal, a contact or a company")
    words = "битрикс битрикс24 bitrix24 б24 комментарий таймлайн лента comment timeline"
    form = CommentForm
    sample: ClassVar[dict[str, Any]] = {"id": 999, "link": "https://example.bitrix24.ru/crm/lead/details/3465/"}
    offered: ClassVar[dict[str, offers.Offer]] = {"types": offers.types}

    def execute(self, config: Config, http: Http) -> Data:
        portal, comment = Portal.of(config, http), text(config, "comment")
        found = records.record(config | {"record": config.get("record") or "lead"})
        assert found is not None
        if not comment:
            raise Failed(_("The text is empty: there is nothing to send"))
        fields = {"ENTITY_ID": found.id, "ENTITY_TYPE": found.entity, "COMMENT": comment}
        id = portal.write("crm.timeline.comment.add", {"fields": fields})
        return {"id": id, "link": portal.link(found.path)}

    def summary(self, config: Config) -> str:
        return " ".join(str(config.get("comment", "")).split())[:80]
