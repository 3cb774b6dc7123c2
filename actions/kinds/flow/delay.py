"""«Задержка»: the operation waits, for a time or until a moment."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.kind import ActionKind, Data, Example
from webjack.config import Config
from webjack.http import Http

UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


class DelayForm(forms.Form):
    amount = forms.IntegerField(label=_("Wait"), min_value=1, max_value=100_000, initial=5)
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=[("seconds", _("seconds")), ("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days"))],
        initial="minutes",
    )


class Delay(ActionKind):
    key = "flow.delay"
    alias = "delay"
    title = _("Delay")
    about = _("Waits and goes on later")
    words = "delay пауза подождать wait sleep"
    form = DelayForm
    sample = {"until": "2026-11-24T10:05:00+00:00"}
    network = False

    example = Example(
        _("The operation goes on in a quarter of an hour; restarts do no harm to it"),
        {},
        {"amount": 15, "unit": "minutes"},
        {"until": "2026-03-16T09:45:00+00:00"},
    )

    def execute(self, config: Config, http: Http) -> Data:
        seconds = int(config["amount"]) * UNITS[config["unit"]]
        return {"until": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")}

    def summary(self, config: Config) -> str:
        units = dict(DelayForm.base_fields["unit"].choices)  # type: ignore[attr-defined]
        return f"{config.get('amount', '')} {units.get(config.get('unit'), '')}"

    def pause(self, output: Data) -> datetime | None:
        return datetime.fromisoformat(output["until"]) if output.get("until") else None
