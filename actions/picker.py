"""What the picker offers: texts to insert with the value each has on the sample."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.filters.catalogue import FILTERS
from actions.lookup import MISSING, find
from actions.models import Action
from actions.placeholders import Context, fields, placeholder
from actions.values import text
from processings.models import Processing

LONGEST_SAMPLE = 200
Group = dict[str, Any]

OPERATION = {
    "operation.id": gettext_lazy("Number of the operation"),
    "operation.received_at": gettext_lazy("When the request came"),
}
COMPANY = {
    "company.name": gettext_lazy("Name of the company"),
    "company.time_zone": gettext_lazy("Time zone of the company"),
}


def groups(processing: Processing, context: Context, titles: dict[str, str] | None = None) -> dict[str, Any]:
    """For <script id="picker-data">: `{"groups": [{"title", "items": [{"label", "name", "placeholder", "sample"}]}]}`;
    the group of the source's fields has `"source": true` besides; `"filters"` are their titles by key.

    titles: what people call the earlier actions, by alias.
    """
    found: list[Group] = [
        {"title": _("Fields of the data source"), "items": source_items(processing, context), "source": True}
    ]
    found += [
        {
            "title": _("Result: %(action)s") % {"action": (titles or {}).get(alias, alias)},
            "items": _outputs(output, alias, (titles or {}).get(alias, alias)),
        }
        for alias, output in context.steps.items()
    ]
    found += [
        {"title": _("Operation"), "items": _items(context.operation, "operation", labels=OPERATION)},
        {"title": _("Company"), "items": _items(context.company, "company", labels=COMPANY)},
    ]
    titles_of_filters = {one.key: str(one.title) for one in FILTERS.values()}
    return {"groups": [group for group in found if group["items"]], "filters": titles_of_filters}


def source_items(processing: Processing, context: Context) -> list[dict[str, str]]:
    """The fields that were kept and not hidden, each name once."""
    nested = {field.name: field.placeholder for field in fields(context.source)}
    items: dict[str, dict[str, str]] = {}
    for source in processing.sources.all():
        for kept in source.fields:
            name = str(kept["name"])
            if not kept.get("hidden") and name not in items:
                items[name] = {
                    "label": kept.get("label") or name,
                    "name": name,
                    "placeholder": nested.get(name) or placeholder(name),
                    "sample": _sample(kept, context),
                }
    return list(items.values())


def outputs(action: Action) -> list[dict[str, str]]:
    """What the action's own captured sample gives to later ones."""
    return _items(action.sample, "steps", action.alias)


def _sample(kept: dict[str, Any], context: Context) -> str:
    value = kept.get("sample")
    if value is None:
        value = find(context.source, [kept["name"]])
    written = "" if value is MISSING else text(value)
    return written if len(written) <= LONGEST_SAMPLE else written[: LONGEST_SAMPLE - 1] + "…"


def _outputs(output: Any, alias: str, title: str) -> list[dict[str, str]]:
    """An earlier action's results, each under the action's title: «JSON · text»."""
    items = _items(output, "steps", alias)
    for item in items:
        item["label"] = f"{title} · {item['name'].removeprefix(f'steps.{alias}.')}"
    return items


def _items(data: Any, *prefix: str, labels: Any = None) -> list[dict[str, str]]:
    return [
        {
            "label": str((labels or {}).get(field.name, field.name)),
            "name": field.name,
            "placeholder": field.placeholder,
            "sample": field.sample,
        }
        for field in fields(data, prefix)
    ]
