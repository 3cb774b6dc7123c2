"""The form field of branches, each with a group of rules of its own."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.conditions.rules import BadRules, Rules, checked, count, texts, told
from actions.conditions.shape import group_schema
from actions.rules_field import RulesField, RulesWidget
from actions.rules_shown import EMPTY, check_text, group_shown, problems_in, read

MOST_BRANCHES = 20
MOST_IN_ALL = 150
"""Rules of all branches: each posts three inputs, and Django takes no more than 1,000 of a form."""

ELSE = "else"
LONGEST_TITLE = 100


class BranchesWidget(RulesWidget):
    """held: how many actions stand in each branch; what is deleted with actions inside is shown again."""

    template_name = "django/forms/widgets/branches.html"

    def __init__(self) -> None:
        super().__init__()
        self.held: Mapping[str, int] = {}
        self.stored: list[Any] = []

    def shown(self, value: Any, invalid: bool) -> dict[str, Any]:
        branches = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        kept = {one.get("key") for one in branches}
        branches += [one for one in self.stored if self.held.get(one["key"]) and one["key"] not in kept]
        branches = branches or [{"title": "", "rules": EMPTY}]
        shown = []
        for branch in branches:
            rules = branch.get("rules") if isinstance(branch.get("rules"), dict) else EMPTY
            key = str(branch.get("key") or "")
            shown.append(
                {
                    "key": key,
                    "title": branch.get("title") or "",
                    "held": self.held.get(key, 0),
                    "group": group_shown(rules, problems_in(rules, invalid)),
                }
            )
        return {"json": json.dumps(branches, ensure_ascii=False), "branches": shown, "most_branches": MOST_BRANCHES}


class BranchesField(RulesField):
    """Branches `{"key", "title", "rules"}`, tried in their order. A key is given by us and never changes: actions of
    the branch are found by it.
    """

    widget = BranchesWidget

    def hold(self, stored: list[Any], held: Mapping[str, int]) -> None:
        """stored: the branches as they are now; held: how many actions stand in each, by key."""
        self.stored, self.held = stored, held
        assert isinstance(self.widget, BranchesWidget)
        self.widget.stored, self.widget.held = stored, held

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.hold([], {})

    def clean(self, value: Any) -> list[Rules]:  # type: ignore[override]
        given = read(value) or []
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise ValidationError(_("Expected a list of branches: {“title”, “rules”}"))
        if len(given) > MOST_BRANCHES:
            raise ValidationError(_("There may be at most %(count)s branches") % {"count": MOST_BRANCHES})
        problems: list[str] = []
        taken: set[str] = set()
        found = [self._branch(number, one, taken, problems) for number, one in enumerate(given, 1)]
        problems += self._lost(taken)
        if not found:
            problems.append(str(_("Add at least one branch")))
        if sum(count(one["rules"]) for one in found) > MOST_IN_ALL:
            problems.append(str(_("There may be at most %(count)s rules") % {"count": MOST_IN_ALL}))
        if problems:
            raise ValidationError(problems)
        return found

    def _branch(self, number: int, given: Any, taken: set[str], problems: list[str]) -> Rules:
        title = " ".join(str(given.get("title") or "").split())[:LONGEST_TITLE]
        title = title or str(_("Branch %(number)s") % {"number": number})
        key = given.get("key") or uuid.uuid4().hex[:8]
        rules: Rules = {"match": "all", "rules": []}
        if given.keys() - {"key", "title", "rules"}:
            problems.append(self._told(title, _("Expected “key”, “title” and “rules” only")))
        if not isinstance(key, str) or not key.isascii() or not key.isalnum() or len(key) > 32 or key == ELSE:
            problems.append(self._told(title, _("A key is of Latin letters and digits, and not “else”")))
        elif key in taken:
            problems.append(self._told(title, _("Another branch has this key")))
        taken.add(str(key))
        try:
            rules = checked(given.get("rules"), check_text)
        except BadRules as bad:
            problems += [self._told(title, told(path, text)) for path, text in bad.problems.items()]
        return {"key": key, "title": title, "rules": rules}

    @staticmethod
    def _told(title: str, problem: Any) -> str:
        return str(_("“%(title)s”: %(problem)s") % {"title": title, "problem": problem})

    def _lost(self, taken: set[str]) -> Iterator[str]:
        for one in self.stored:
            if self.held.get(one["key"]) and one["key"] not in taken:
                yield self._told(one["title"], _("move or delete the actions of this branch first"))

    def texts(self, value: Any) -> Iterator[tuple[int, str]]:
        before = 0
        for branch in value if isinstance(value, list) else []:
            for place, text in texts(branch.get("rules")):
                yield before + place, text
            before += count(branch.get("rules") or {})

    def groups(self, value: Any) -> list[tuple[str, Any]]:
        branches = value if isinstance(value, list) else []
        return [(str(one.get("title") or ""), one.get("rules")) for one in branches if isinstance(one, dict)]

    def json_schema(self) -> dict[str, Any]:
        properties = {
            "key": {"type": "string", "pattern": "^[A-Za-z0-9]{1,32}$", "description": str(_("Given when missing"))},
            "title": {"type": "string", "maxLength": LONGEST_TITLE},
            "rules": group_schema(),
        }
        branch = {"type": "object", "properties": properties, "required": ["rules"], "additionalProperties": False}
        return {"type": "array", "items": branch, "minItems": 1, "maxItems": MOST_BRANCHES}
