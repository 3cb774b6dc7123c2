"""«Условие»: goes on only when rules are met; else the operation stops, the block is left, or other actions run."""

from collections.abc import Sequence
from typing import ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import conditions
from actions.conditions.surroundings import Knowing
from actions.kind import BlockKind, Data, Example, Pass, Said, Slot, Then
from actions.rules_field import RulesField
from webjack.config import Config
from webjack.http import Failed, Http

STOP, LEAVE, INSIDE = "stop", "leave", "else"
THEN, ELSE = "then", "else"


class ConditionForm(forms.Form):
    rules = RulesField(label=_("Condition"))
    otherwise = forms.ChoiceField(
        label=_("When it is not met"),
        choices=[
            (STOP, _("Stop: the operation becomes “Filtered out”")),
            (LEAVE, _("Skip the rest of the block: inside “For each” the next element follows")),
            (INSIDE, _("Do other actions: the condition gets two places for actions, “If met” and “Otherwise”")),
        ],
        initial=STOP,
        widget=forms.RadioSelect,
    )


class Condition(Knowing, BlockKind):
    """Its output: `met`, and `why`: what the rules saw."""

    key = "flow.condition"
    alias = "condition"
    title = _("Condition")
    about = _("Goes on only when the data meet your rules: a status, an amount, a date")
    words = "if condition filter rules если условие фильтр правила отбор"
    form = ConditionForm
    sample: ClassVar[Data] = {"met": True, "why": "status = «Записан»", "otherwise": STOP}

    example = Example(
        _("Only visits that are booked go on; others are filtered out, and the history says why"),
        {"status": "Отменён", "phone": "+79161234567"},
        {
            "rules": {
                "match": "all",
                "rules": [
                    {"left": "{{ status }}", "operator": "equals", "right": "Записан"},
                    {"left": "{{ phone }}", "operator": "filled"},
                ],
            },
            "otherwise": LEAVE,
        },
        {"met": False, "why": "status = «Отменён»", "otherwise": LEAVE},
    )

    def execute(self, config: Config, http: Http) -> Data:
        rules = self.known(config, "rules")
        try:
            verdict = conditions.judge(rules, here=config.get("here"))
        except ValueError as bad:
            raise Failed(str(bad)) from bad
        output = {"met": verdict.met, "why": verdict.why, "otherwise": config.get("otherwise") or STOP}
        if verdict.met or output["otherwise"] != STOP:
            return output
        told = gettext("Not met: %(sentence)s. What came: %(why)s")
        return output | {"reason": told % {"sentence": conditions.sentence(rules), "why": verdict.why}}

    def then(self, output: Data) -> Then:
        return {STOP: Then.STOP, LEAVE: Then.LEAVE}.get(_otherwise(output), Then.ON)

    def slots(self, config: Config) -> Sequence[Slot]:
        if config.get("otherwise") != INSIDE:
            return ()
        return [Slot(THEN, gettext("If met")), Slot(ELSE, gettext("Otherwise"))]

    def passes(self, output: Data) -> Sequence[Pass]:
        if output.get("otherwise") != INSIDE:
            return ()
        return [Pass(THEN if output.get("met") else ELSE)]

    def said(self, output: Data) -> Said:
        met = bool(output.get("met"))
        return Said("met" if met else "unmet", gettext("Met") if met else gettext("Not met"), output.get("why", ""))

    def summary(self, config: Config) -> str:
        return conditions.sentence(config.get("rules") or {})


def _otherwise(output: Data) -> str:
    """What follows of not being met; "" when it was met."""
    return "" if output.get("met", True) else str(output.get("otherwise"))
