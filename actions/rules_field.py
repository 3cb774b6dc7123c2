"""The form fields of conditions: one group of rules, and branches that each have one."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.conditions.operators import FAMILIES, OPERATORS
from actions.conditions.rules import DEEPEST, MOST_RULES, BadRules, Rules, checked, count, is_group, texts, told
from actions.conditions.shape import group_schema
from actions.placeholders import BadTemplate, check

LONGEST = 300_000
"""Characters of what a page posts."""

MOST_BRANCHES = 20
MOST_IN_ALL = 150
"""Rules of all branches: each posts three inputs, and Django takes no more than 1,000 of a form."""

ELSE = "else"
LONGEST_TITLE = 100
EMPTY: Rules = {"match": "all", "rules": [{}]}


def check_text(text: str) -> None:
    """Raises ValueError with a sentence when its placeholders cannot be read."""
    try:
        check(text)
    except BadTemplate as bad:
        raise ValueError(str(bad.message)) from bad


def read(value: Any) -> Any:
    """What a page posted is JSON; the API gives it read already. Raises ValidationError."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value[: LONGEST + 1]) if value.strip() else None
    except (ValueError, RecursionError):
        raise ValidationError(_("The rules cannot be read")) from None


def rules_of(value: Any) -> Iterator[Any]:
    """All rules of what was posted, empty ones too, in the order of the page; nothing where it is no group."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict) and isinstance(one.get("rules"), list):
            pending += reversed(one["rules"][: MOST_RULES + 1])
        elif isinstance(one, dict):
            yield one


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
        return context | EDITOR | self.shown(_tolerant(value), invalid)

    def shown(self, value: Any, invalid: bool) -> dict[str, Any]:
        value = value if isinstance(value, dict) and value.get("rules") else EMPTY
        return {"json": json.dumps(value, ensure_ascii=False), "group": group_shown(value, _problems(value, invalid))}


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
                    "group": group_shown(rules, _problems(rules, invalid)),
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


def _tolerant(value: Any) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _problems(value: Any, invalid: bool) -> dict[tuple[int, ...], str]:
    """What is wrong with each rule, by its path; only where the field was refused."""
    try:
        if invalid:
            checked(value, check_text)
    except BadRules as bad:
        return bad.problems
    return {}


def group_shown(group: Any, problems: Mapping[tuple[int, ...], str], path: tuple[int, ...] = ()) -> dict[str, Any]:
    """A group for the template, whatever was posted; deeper than allowed it is cut."""
    inner = []
    for index, rule in enumerate(group.get("rules") or []) if isinstance(group.get("rules"), list) else ():
        place = (*path, index)
        if is_group(rule) and len(place) <= DEEPEST:
            inner.append(group_shown(rule, problems, place))
        elif isinstance(rule, dict) and not is_group(rule):
            inner.append(_rule_shown(rule, problems.get(place, "")))
    return {
        "is_group": True,
        "match": group.get("match") or "all",
        "rules": inner,
        "problem": problems.get(path, "") if path else "",
    }


def _rule_shown(rule: Any, problem: str) -> dict[str, Any]:
    right = rule.get("right")
    operator = OPERATORS.get(rule.get("operator") or "equals") if isinstance(rule.get("operator"), str | None) else None
    shown = {side: _input(rule.get(side)) for side in ("left", "right", "to")}
    return shown | {
        "operator": operator.key if operator else "equals",
        "takes": operator.takes if operator else "one",
        "cased": operator.cased if operator else True,
        "case": rule.get("case") is True,
        "kept": json.dumps(right, ensure_ascii=False) if right is not None and not isinstance(right, str) else "",
        "problem": problem,
        "fresh": not rule,
    }


def _input(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


EDITOR = {
    "families": [(title, [one for one in OPERATORS.values() if one.family == key], key) for key, title in FAMILIES],
    "deepest": DEEPEST,
    "most": MOST_RULES,
    "empty": _rule_shown({}, ""),
    "empty_branch": {"is_group": True, "match": "all", "rules": [_rule_shown({}, "")], "problem": ""},
    "empty_group": {"is_group": True, "match": "any", "rules": [_rule_shown({}, "")], "problem": ""},
}
"""What the editor's templates need whatever the rules."""
