"""The picker's second step: a field, the filters put on it one behind the other, and what each of them gives.

All is computed here, on the sample and under the guards of a real filling; the page only shows it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from actions import values
from actions.filters.catalogue import FILTERS, THEMES
from actions.filters.declared import Argument, Filter, literal, written
from actions.filters.kinds import RANKS, kinds
from actions.placeholder_context import around
from actions.placeholder_pipes import Call
from actions.placeholder_templates import parse
from actions.placeholders import BadTemplate, Context, fill, path_text

MOST_CALLS = 12
LONGEST_ARGUMENT = 500
LONGEST_RESULT = 200
_TRIAL = 60_000  # units of work for one filter in the menu, of the four million of a filling


@dataclass(frozen=True)
class Chosen:
    """A filter with the arguments it is given, one for each it has."""

    filter: Filter
    arguments: list[Any]

    @property
    def written(self) -> str:
        return written(self.filter.key, self._trimmed())

    def _trimmed(self) -> list[Any]:
        """Without what is the default anyway."""
        given = list(self.arguments)
        declared = list(self.filter.arguments)
        while given and not declared[len(given) - 1].required and given[-1] == declared[len(given) - 1].default:
            given.pop()
        return given


@dataclass(frozen=True)
class Pipe:
    """A placeholder: what stands before its first filter, and the filters."""

    left: str
    calls: list[Chosen]

    @property
    def text(self) -> str:
        return "{{ " + " | ".join([self.left, *(call.written for call in self.calls)]) + " }}"

    def upto(self, count: int) -> "Pipe":
        return Pipe(self.left, self.calls[:count])


def read(text: str) -> Pipe:
    """Take a placeholder apart. Raises ValueError with a sentence when clicks cannot change it."""
    part = parse(text).whole
    if part is None:
        raise ValueError(_("This is no single placeholder"))
    if isinstance(part, tuple):
        return Pipe(path_text(list(part)), [])
    piped = part.expression
    return Pipe(_left(piped.left), [_chosen(call) for call in piped.calls])


def chosen(key: Any, arguments: Any) -> Chosen:
    """A filter as the page sends it; None for arguments: those it begins with. Raises ValueError with a sentence."""
    filter_ = FILTERS.get(str(key))
    if filter_ is None:
        raise ValueError(_("There is no filter “%(name)s”") % {"name": str(key)[:40]})
    if not isinstance(arguments, list):
        return Chosen(filter_, initial(filter_))
    given = [_sent(argument, value) for argument, value in zip(filter_.arguments, arguments, strict=False)]
    return Chosen(filter_, given + initial(filter_)[len(given) :])


def initial(filter_: Filter) -> list[Any]:
    """The arguments a filter begins with in the picker: its example's, then the defaults."""
    example = list(filter_.example.arguments)
    return example + [argument.default for argument in filter_.arguments[len(example) :]]


def menu(pipe: Pipe, context: Context, name: str = "") -> dict[str, Any]:
    """For the page: `{"text", "start", "result", "calls", "themes"}`; a result is `{"text", "error"}`, a call has
    "key", "title", "about", "arguments" and its "result", a theme "title" and "filters". name: the field's.
    """
    calls = [
        _shown(call) | {"result": result(pipe.upto(count).text, context)} for count, call in enumerate(pipe.calls, 1)
    ]
    start = result(pipe.upto(0).text, context)
    return {
        "text": pipe.text,
        "start": start,
        "result": calls[-1]["result"] if calls else start,
        "calls": calls,
        "themes": list(_themes(pipe, context, name)),
    }


def result(text: str, context: Context) -> dict[str, str]:
    """What a placeholder gives on the sample, or why it gives nothing."""
    try:
        return {"text": _short(fill(text, context)), "error": ""}
    except BadTemplate as problem:
        return {"text": "", "error": problem.message}
    except ValueError as problem:
        return {"text": "", "error": str(problem)}


def _themes(pipe: Pipe, context: Context, name: str) -> Iterator[dict[str, Any]]:
    """The menu: first the themes that fit the value, then the others."""
    try:
        value = fill(pipe.text, context)
    except ValueError:
        value = None
    fitting = kinds(value, name)
    shown = []
    for theme in THEMES:
        good = [one for one in theme.filters if one.fits & fitting]
        near = sum(max((RANKS.get(kind, 0) for kind in one.fits & fitting), default=0) for one in theme.filters)
        rest = [one for one in theme.filters if one not in good]
        rows = [_offer(one, value, context, fits=True) for one in good]
        rows += [_offer(one, value, context, fits=False) for one in rest]
        shown.append((-near / len(theme.filters), {"title": str(theme.title), "filters": rows}))
    yield from (theme for _near, theme in sorted(shown, key=lambda pair: pair[0]))


def _offer(filter_: Filter, value: Any, context: Context, *, fits: bool) -> dict[str, Any]:
    shown = {"key": filter_.key, "title": str(filter_.title), "about": str(filter_.about), "fits": fits, "result": ""}
    if fits and value is not None:
        shown["result"] = _tried(filter_, value, context)
    return shown


def _tried(filter_: Filter, value: Any, context: Context) -> str:
    left = _TRIAL

    def charge(work: int) -> None:
        nonlocal left
        left -= work
        if left < 0:
            raise ValueError

    try:
        return _short(filter_.apply(value, initial(filter_), {}, around(context).charged(charge)))
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return ""


def _shown(call: Chosen) -> dict[str, Any]:
    arguments = [
        {
            "title": str(argument.title),
            "value": value,
            "number": argument.number,
            "choices": [{"value": key, "title": str(title)} for key, title in argument.choices],
        }
        for argument, value in zip(call.filter.arguments, call.arguments, strict=True)
    ]
    title, about = str(call.filter.title), str(call.filter.about)
    return {"key": call.filter.key, "title": title, "about": about, "arguments": arguments}


def _sent(argument: Argument, value: Any) -> Any:
    """An argument as a page sends it: a text, which is a number where one is meant."""
    if isinstance(value, bool | int | float) or value is None:
        return value
    said = str(value)[:LONGEST_ARGUMENT]
    if argument.number:
        try:
            return values.number(said)
        except ValueError:
            return said
    return next((key for key, _title in argument.choices if str(key) == said), said)


def _left(expression: Any) -> str:
    path = getattr(expression, "path", None)
    if path is not None:
        if any(not isinstance(step, str | int) for step in path):
            raise _too_complicated()
        return path_text(list(path))
    return literal(_constant(expression))


def _chosen(call: Call) -> Chosen:
    if call.options:
        raise _too_complicated()
    given: Sequence[Any] = [_constant(argument) for argument in call.arguments]
    defaults = [argument.default for argument in call.filter.arguments]
    return Chosen(call.filter, [*given, *defaults[len(given) :]])


def _constant(expression: Any) -> Any:
    if not hasattr(expression, "value"):
        raise _too_complicated()
    return expression.value


def _too_complicated() -> ValueError:
    return ValueError(_("This placeholder can only be changed as text"))


def _short(value: Any) -> str:
    shown = values.text(value)
    return shown if len(shown) <= LONGEST_RESULT else shown[: LONGEST_RESULT - 1] + "…"
