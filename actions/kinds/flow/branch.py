"""«Ветвление»: the first branch whose condition is met is gone, else «Иначе»."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from actions import conditions
from actions.branches_field import ELSE, BranchesField
from actions.conditions.surroundings import Knowing
from actions.kind import BlockKind, Data, Example, Pass, Said, Slot
from webjack.config import Config
from webjack.http import Failed, Http


class BranchForm(forms.Form):
    branches = BranchesField(
        label=pgettext_lazy("branches", "Branches"),
        help_text=_("They are tried from above; the first that fits is gone, the others are not"),
    )


class Branch(Knowing, BlockKind):
    """Its output: `branch` and `title` of the one that was chosen, and `why`."""

    key = "flow.branch"
    alias = "branch"
    title = _("Branch")
    about = _("Different actions for different data: each branch has its condition and its own actions")
    words = "branch switch else if ветвление ветка развилка если иначе условие"
    form = BranchForm
    sample: ClassVar[Data] = {"branch": "vip", "title": "VIP", "why": "сумма = «15000»"}

    example = Example(
        _("Large orders go to the manager, the others their usual way"),
        {"sum": "12 500,50"},
        {
            "branches": [
                {
                    "key": "large",
                    "title": "Большой заказ",
                    "rules": {
                        "match": "all",
                        "rules": [{"left": "{{ sum }}", "operator": "at_least", "right": "10 000"}],
                    },
                },
                {
                    "key": "usual",
                    "title": "Обычный заказ",
                    "rules": {"match": "all", "rules": [{"left": "{{ sum }}", "operator": "greater", "right": "0"}]},
                },
            ]
        },
        {"branch": "large", "title": "Большой заказ", "why": "sum = «12 500,50»"},
    )

    def execute(self, config: Config, http: Http) -> Data:
        seen = []
        for branch in self.known(config, "branches"):
            try:
                verdict = conditions.judge(branch["rules"], here=config.get("here"))
            except ValueError as bad:
                raise Failed(str(bad)) from bad
            if verdict.met:
                return {"branch": branch["key"], "title": branch["title"], "why": verdict.why}
            seen.append(f"{branch['title']}: {verdict.why}")
        return {"branch": ELSE, "title": gettext("Otherwise"), "why": "\n".join(seen)}

    def slots(self, config: Config) -> Sequence[Slot]:
        return [
            *(Slot(one["key"], one["title"], _phrase(one)) for one in config.get("branches") or []),
            Slot(ELSE, gettext("Otherwise")),
        ]

    def passes(self, output: Data) -> Sequence[Pass]:
        return [Pass(output.get("branch", ELSE))]

    def said(self, output: Data) -> Said:
        chosen = output.get("branch") != ELSE
        return Said("met" if chosen else "unmet", str(output.get("title", "")), output.get("why", ""))

    def summary(self, config: Config) -> str:
        return ", ".join([*(one["title"] for one in config.get("branches") or []), gettext("Otherwise").lower()])


def _phrase(branch: Any) -> str:
    return conditions.sentence(branch.get("rules") or {})
