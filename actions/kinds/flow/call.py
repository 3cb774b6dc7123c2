"""«Передать в обработку»: an operation for another processing of the company."""

import uuid
from collections.abc import Sequence
from typing import ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.effects import Call, Effect
from actions.fields import TYPES, ProcessingField, RowsField
from actions.kind import ActionKind, Data, Example
from webjack.config import Config
from webjack.http import Failed, Http


class CallForm(forms.Form):
    processing = ProcessingField(
        required=False, help_text=_("Its data source “From another processing” takes the data; without one as well")
    )
    # Django's metaclass takes the name away from the class.
    data = RowsField(  # type: ignore[assignment]
        label=_("Data"), types=TYPES, required=True, help_text=_("The fields that it gets")
    )


class CallProcessing(ActionKind):
    key = "flow.call"
    alias = "call"
    title = _("Hand over to a processing")
    about = _("Gives data to another processing of the company, which works on them by itself")
    words = "call processing передать обработка вызвать"
    form = CallForm
    sample: ClassVar[Data] = {"processing": "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5", "data": {"client_id": "1024"}}
    network = False

    example = Example(
        _("The other processing gets the number of the client as its field client_id"),
        {"client_id": 1024},
        {
            "processing": "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5",
            "data": [{"name": "client_id", "value": "{{ client_id }}", "type": "text"}],
        },
        {"processing": "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5", "data": {"client_id": "1024"}},
    )

    def execute(self, config: Config, http: Http) -> Data:
        if not config.get("processing"):
            raise Failed(gettext("Choose the processing that the data go to"))
        try:
            return {"processing": config["processing"], "data": values.build_object(config["data"])}
        except ValueError as bad:
            raise Failed(str(bad)) from bad

    def effects(self, output: Data) -> Sequence[Effect]:
        return [Call(uuid.UUID(output["processing"]), output["data"])]

    def told(self, output: Data) -> str:
        return ", ".join(f"{name} = {values.text(value)}" for name, value in output["data"].items())[:300]

    def summary(self, config: Config) -> str:
        return str(config.get("processing") or "")
