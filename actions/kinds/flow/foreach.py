"""«Для каждого»: does the actions inside it for each element of a list."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.fields import PlaceholderField
from actions.kind import BlockKind, Data, Example, Pass, Slot
from webjack.config import Config
from webjack.http import Failed, Http

EACH = "each"
MOST = 5_000
"""Elements of a list: each is a journey of its own through the actions inside."""

STOP, GO_ON = "stop", "continue"
SHOWN, LONGEST_SHOWN = 3, 40


class ForEachForm(forms.Form):
    items = PlaceholderField(
        label=_("List"),
        help_text=_("A field with several values, a list of an answer, or a text that a sign splits"),
    )
    separator = forms.CharField(
        label=_("Split by"),
        required=False,
        strip=False,
        max_length=20,
        help_text=_("For a text such as “haircut, shave”: a comma. Empty: each line is an element"),
    )
    limit = forms.IntegerField(label=_("At most elements"), initial=1000, min_value=1, max_value=MOST)
    on_error = forms.ChoiceField(
        label=_("When an element fails"),
        choices=[(STOP, _("Stop the operation")), (GO_ON, _("Go on with the others"))],
        initial=STOP,
        widget=forms.RadioSelect,
        help_text=_("The operation ends with an error in both cases, and “Repeat” does only what is not done yet"),
    )


class ForEach(BlockKind):
    """Inside it its alias gives `item`, `index` (from 1), `count`, `first`, `last`; behind it `count` and `failed`."""

    key = "flow.foreach"
    alias = "each"
    title = _("For each")
    about = _("Does the actions inside it for each element of a list: services of a visit, goods of an order")
    words = "foreach loop цикл для каждого список повторить"
    form = ForEachForm
    sample = {"item": {"name": "Стрижка", "price": "1500"}, "index": 1, "count": 2, "first": True, "last": False}
    repeats = True

    example = Example(
        _("The actions inside run once for each service; there {{ steps.each.item }} is the service"),
        {"services": "Стрижка, Укладка"},
        {"items": "{{ services }}", "separator": ",", "limit": 1000, "on_error": STOP},
        {"items": ["Стрижка", "Укладка"], "count": 2, "on_error": STOP},
    )

    def execute(self, config: Config, http: Http) -> Data:
        items = _list(config["items"], config.get("separator") or "")
        limit = config.get("limit") or MOST
        if len(items) > limit:
            told = gettext("The list has %(count)s elements, more than the %(limit)s allowed here")
            raise Failed(told % {"count": len(items), "limit": limit})
        return {"items": items, "count": len(items), "on_error": config.get("on_error") or STOP}

    def slots(self, config: Config) -> Sequence[Slot]:
        return [Slot(EACH, gettext("For each element"))]

    def passes(self, output: Data) -> Sequence[Pass]:
        items = output.get("items", [])
        return [
            Pass(
                EACH,
                index,
                {
                    "item": item,
                    "index": index + 1,
                    "count": len(items),
                    "first": index == 0,
                    "last": index == len(items) - 1,
                },
            )
            for index, item in enumerate(items)
        ]

    def goes_on(self, output: Data) -> bool:
        return output.get("on_error") == GO_ON

    def told(self, output: Data) -> str:
        items = output.get("items", [])
        count = ngettext("%(n)s element", "%(n)s elements", len(items)) % {"n": len(items)}
        named = ", ".join(_short(item) for item in items[:SHOWN])
        return f"{count}: {named}{', …' if len(items) > SHOWN else ''}" if items else count

    def result(self, output: Data, failed: int) -> Data:
        return {"count": output.get("count", 0), "failed": failed}

    def summary(self, config: Config) -> str:
        return str(config.get("items", ""))


def _short(item: Any) -> str:
    """The first text of an object stands for it."""
    if isinstance(item, dict):
        item = next((value for value in item.values() if isinstance(value, str) and value), item)
    words = " ".join(values.text(item).split())
    return words if len(words) <= LONGEST_SHOWN else words[: LONGEST_SHOWN - 1] + "…"


def _list(value: Any, separator: str) -> list[Any]:
    """A list as it is; an object is a list of one; a text is JSON, or split."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        return [value]
    if not separator and value.lstrip().startswith(("[", "{")):
        try:
            read = values.read_json(value)
        except ValueError as bad:
            raise Failed(str(bad)) from bad
        return read if isinstance(read, list) else [read]
    pieces = value.split(separator) if separator else value.splitlines()
    return [piece.strip() for piece in pieces if piece.strip()]
