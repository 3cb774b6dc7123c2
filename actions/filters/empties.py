"""What to take when there is nothing, and other values for known ones."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.filters.bounds import blank, empty, text
from actions.filters.declared import Argument, Example, Theme
from actions.values import short

empties = Theme("empties", _("If it is empty, other values"))


@empties.filter(
    "default",
    _("If it is empty"),
    _("Takes this value instead of an empty one"),
    Example("", "не указан", ["не указан"]),
    fits="any",
    weight=0,
    other=Argument(_("Then")),
)
def default(value: Any, other: Any = "", *, allow_false: Any = False) -> Any:
    """``allow_false: true`` lets false pass."""
    if value is False:
        return value if allow_false is True else other
    return other if empty(value) else value


@empties.filter(
    "required",
    _("Must not be empty"),
    _("Stops the action with this sentence when there is no value"),
    Example("Анна", "Анна", ["Нет имени клиента"]),
    fits="any",
    weight=0,
    message=Argument(_("Sentence")),
)
def required(value: Any, message: Any = "") -> Any:
    if blank(value):
        raise ValueError(text(message)[:300] or gettext("the value is empty"))
    return value


@empties.filter(
    "choose",
    _("Other words for known ones"),
    _("Rules such as “new = Новая; paid = Оплачена”; what is in no rule becomes the last value, or stays"),
    Example("paid", "Оплачена", ["new = Новая; paid = Оплачена"]),
    fits="text number boolean",
    weight=4,
    rules=Argument(_("Rules")),
    other=Argument(_("Otherwise")),
)
def choose(value: Any, rules: Any, other: Any = None) -> Any:
    """Rules are separated by semicolons or lines, or given as an object; letters' size does not matter."""
    sought = text(value).strip().lower()
    for word, meaning in _rules(rules):
        if word.strip().lower() == sought:
            return meaning
    return value if other is None else other


def _rules(rules: Any) -> list[tuple[str, Any]]:
    if isinstance(rules, Mapping):
        return [(str(word), meaning) for word, meaning in rules.items()]
    found = []
    for line in text(rules).replace("\n", ";").split(";"):
        word, sign, meaning = line.partition("=")
        if sign:
            found.append((word, meaning.strip()))
        elif line.strip():
            raise ValueError(gettext("the rule “%(rule)s” has no “=”") % {"rule": short(line.strip())})
    return found


@empties.filter(
    "boolean",
    _("Yes or no → true or false"),
    _("Understands да, нет, 1, 0, true, false, on, off"),
    Example("Да", True),
    fits="boolean",
)
def boolean(value: Any) -> bool | None:
    return None if blank(value) else values.boolean(value)


@empties.filter(
    "yes_no",
    _("Words for yes and no"),
    _("One text for yes, another one for no and for nothing"),
    Example(True, "согласен", ["согласен", "не согласен"]),
    fits="boolean",
    yes=Argument(_("If yes")),
    no=Argument(_("If no")),
)
def yes_no(value: Any, yes: Any = "да", no: Any = "нет") -> Any:
    return yes if boolean(value) else no
