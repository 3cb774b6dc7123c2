"""The live preview under each input: what its text becomes on the sample."""

from typing import Any

from django import forms
from django.http import QueryDict

from actions import marks
from actions.fields import PlaceholderField, RowsField
from actions.placeholders import BadTemplate, Context, fill, fill_text
from actions.rules_field import RulesField
from actions.rules_preview import rules_previews
from actions.values import text as written

LONGEST = 1000
MOST_ROWS = 200
Preview = dict[str, Any]


def previews(form: type[forms.Form], data: QueryDict, context: Context, known: Context | None = None) -> dict[str, Any]:
    """`{"<input name>": {"text", "error", "unknown": [...]}}`; a list of these where rows repeat a name.

    context: what the texts are filled with; known: what counts as known (`marks.lenient`), if that is more.
    """
    found: dict[str, Any] = {}
    for name, field in form.base_fields.items():
        if isinstance(field, PlaceholderField):
            found[name] = preview(data.get(name, ""), context, known, field.grammar)
        elif isinstance(field, RowsField):
            rows = data.getlist(f"{name}-value")[:MOST_ROWS]
            found[f"{name}-value"] = [preview(text, context, known) for text in rows]
        elif isinstance(field, RulesField):
            for side in ("left", "right", "to"):
                sides = data.getlist(f"{name}-{side}")[:MOST_ROWS]
                found[f"{name}-{side}"] = [preview(text, context, known) for text in sides]
            found[name] = rules_previews(field, data.get(name, ""), context)
    return found


def preview(text: str, context: Context, known: Context | None = None, grammar: str = "") -> Preview:
    try:
        filled = fill_text(text, context, grammar) if grammar else written(fill(text, context))
    except BadTemplate as bad:
        return {"text": "", "error": bad.sentence, "unknown": []}
    except ValueError as bad:  # a value that cannot be written as JSON text
        return {"text": "", "error": str(bad), "unknown": []}
    unknown = [marks.hint(one.name, one.suggestion) for one in marks.names(text, known or context)]
    return {"text": filled if len(filled) <= LONGEST else filled[: LONGEST - 1] + "…", "error": "", "unknown": unknown}
