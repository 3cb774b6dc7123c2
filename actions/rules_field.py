"""The form field of a condition: one group of rules."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.conditions.rules import BadRules, Rules, checked, texts, told
from actions.conditions.shape import group_schema
from actions.rules_shown import EDITOR, EMPTY, check_text, group_shown, problems_in, read, rules_of, tolerant


class RulesWidget(forms.Widget):
    """Groups of rules as inputs; a hidden one holds them as JSON, kept up to date by static/js/rules.js."""

    template_name = "django/forms/widgets/rules.html"
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)

    def id_for_label(self, id_: str) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        invalid = "aria-invalid" in context["widget"]["attrs"]
        return context | EDITOR | self.shown(tolerant(value), invalid)

    def shown(self, value: Any, invalid: bool) -> dict[str, Any]:
        value = value if isinstance(value, dict) and value.get("rules") else EMPTY
        return {"json": json.dumps(value, ensure_ascii=False), "group": group_shown(value, problems_in(value, invalid))}


class RulesField(forms.Field):
    """A checked group of rules (actions.conditions); required unless said otherwise, then {} means no condition."""

    widget: type[RulesWidget] = RulesWidget

    def clean(self, value: Any) -> Rules:
        given = read(value)
        if not given or (not self.required and not any(any(rule.values()) for rule in rules_of(given))):
            if self.required:
                raise ValidationError(_("Add at least one rule"))
            return {}
        try:
            return checked(given, check_text)
        except BadRules as bad:
            raise ValidationError([told(path, text) for path, text in bad.problems.items()]) from bad

    def texts(self, value: Any) -> Iterator[tuple[int, str]]:
        """The texts with placeholders, each with the number of its rule from 1."""
        return texts(value)

    def groups(self, value: Any) -> list[tuple[str, Any]]:
        """Each condition of what was posted, with its name; for previews."""
        return [("", value)] if isinstance(value, dict) else []

    def json_schema(self) -> dict[str, Any]:
        return group_schema()
