"""Regular expressions, by RE2: its work grows with the text and never explodes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from time import thread_time
from typing import Any

import re2
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import LONGEST_LIST, encoded, fitting, listed, text
from actions.filters.declared import Argument, Around, Charge, Example, Theme
from actions.values import short

patterns = Theme("patterns", _("By a pattern"))

LONGEST = 500  # characters of a pattern
_MEMORY = 1 << 19  # bytes of a compiled pattern with what its searches remember
_KEPT = 24
_MOST_WORK = 3_000_000  # instructions times bytes; RE2 at its slowest takes some 10 ns for each
_UNITS = 30_000_000  # of work in a second
_SECONDS = 0.04  # of this thread's own time for all finds in a text: each may read the text to its end
PATTERN = Argument(_("Pattern"))


class Pattern:
    """A compiled pattern. Raises ValueError with a sentence when it is none, or too large."""

    def __init__(self, source: str) -> None:
        if len(source) > LONGEST:
            raise ValueError(gettext("the pattern is longer than %(size)s characters") % {"size": LONGEST})
        options = re2.Options()
        options.max_mem, options.log_errors = _MEMORY, False
        try:
            # Not re2.compile: it keeps 128 of them, whatever their size.
            self._compiled = re2._Regexp(encoded(source).decode(), options)
        except re2.error as problem:
            raise ValueError(_problem(source, problem)) from None
        self.groups: int = self._compiled.groups

    def finds(self, value: Any, charge: Charge) -> Iterator[Any]:
        """The matches in a value's text, lazily; `charge` is told of the time they take."""
        sought = encoded(value).decode()
        if self._compiled.programsize * len(sought) > _MOST_WORK:
            raise ValueError(gettext("the text is too long for this pattern"))
        return self._bounded(sought, charge)

    def _bounded(self, sought: str, charge: Charge) -> Iterator[Any]:
        # By this thread's own time: a busy machine must not make a good pattern fail.
        began, charged, found = thread_time(), 0.0, self._compiled.finditer(sought)
        for count in range(LONGEST_LIST + 1):
            listed(count)
            one = next(found, None)
            if count % 50 == 0 or one is None:
                passed = thread_time() - began
                if passed > _SECONDS:
                    raise ValueError(gettext("the pattern takes too long on this text"))
                charge(int((passed - charged) * _UNITS))
                charged = passed
            if one is None:
                return
            yield one


def _problem(source: str, problem: Exception) -> str:
    said = problem.args[0].decode(errors="replace") if problem.args and isinstance(problem.args[0], bytes) else ""
    if "too large" in said or "repetition size" in said:
        return gettext("the pattern repeats too much: “%(pattern)s”") % {"pattern": short(source)}
    if "perl operator" in said:
        return gettext("looking ahead and behind is not supported: “%(pattern)s”") % {"pattern": short(source)}
    return gettext("“%(pattern)s” is no pattern: %(problem)s") % {"pattern": short(source), "problem": short(said)}


_kept: OrderedDict[str, Pattern] = OrderedDict()
_lock = threading.Lock()


def compiled(source: Any) -> Pattern:
    """The pattern of a text, compiled now or before. Raises ValueError with a sentence."""
    written = text(source)
    with _lock:
        known = _kept.get(written)
        if known:
            _kept.move_to_end(written)
            return known
    made = Pattern(written)
    with _lock:
        _kept[written] = made
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return made


def _caught(found: Any, group: int = 1) -> Any:
    """What the first pair of brackets caught, all of it without brackets."""
    try:
        return found[group] if found[group] is not None else ""
    except IndexError:
        return found[0]


@patterns.filter(
    "match",
    _("Matches a pattern"),
    _("Yes or no: whether the pattern is found in the text"),
    Example("Заказ №1042", True, ["№[0-9]+"]),
    weight=2,
    pattern=PATTERN,
)
def match(value: Any, pattern: Any, *, around: Around) -> bool:
    return next(compiled(pattern).finds(value, around.charge), None) is not None


@patterns.filter(
    "extract",
    _("Take out by a pattern"),
    _("The first find; with brackets in the pattern, what they caught"),
    Example("Заказ №1042 от 12.03", "1042", ["№([0-9]+)"]),
    weight=2,
    pattern=PATTERN,
)
def extract(value: Any, pattern: Any, *, around: Around) -> Any:
    found = next(compiled(pattern).finds(value, around.charge), None)
    return None if found is None else _caught(found)


@patterns.filter(
    "extract_all",
    _("Take out all by a pattern"),
    _("A list of all finds"),
    Example("№12 и №15", ["12", "15"], ["№([0-9]+)"]),
    weight=2,
    pattern=PATTERN,
)
def extract_all(value: Any, pattern: Any, *, around: Around) -> list[Any]:
    return [_caught(found) for found in compiled(pattern).finds(value, around.charge)]


@patterns.filter(
    "replace_pattern",
    _("Replace by a pattern"),
    _("Puts a text in the place of every find; $1 is what the first brackets caught"),
    Example("12.03.2026", "2026-03-12", ["([0-9]+)[.]([0-9]+)[.]([0-9]+)", "$3-$2-$1"]),
    weight=2,
    pattern=PATTERN,
    new=Argument(_("By what")),
)
def replace_pattern(value: Any, pattern: Any, new: Any = "", *, around: Around) -> str:
    expression = compiled(pattern)
    fill = _filler(text(new), expression.groups)
    pieces: list[str] = []
    end = written = 0
    sought = encoded(value).decode()
    for found in expression.finds(sought, around.charge):
        pieces += [sought[end : found.start()], fill(found)]
        end = found.end()
        written += len(pieces[-1])
        around.charge(len(pieces[-1]))
        fitting(written)
    return "".join([*pieces, sought[end:]])


def _filler(template: str, groups: int) -> Callable[[Any], str]:
    """``$1`` to ``$9`` and ``$0`` stand for what was caught; ``$$`` is a dollar."""
    parts: list[str | int] = []
    rest = template
    while (at := rest.find("$")) >= 0 and at + 1 < len(rest):
        sign = rest[at + 1]
        parts.append(rest[:at])
        if sign in "0123456789" and int(sign) <= groups:
            parts.append(int(sign))
        else:
            parts.append("$" if sign == "$" else "$" + sign)
        rest = rest[at + 2 :]
    parts.append(rest)
    return lambda found: "".join(part if isinstance(part, str) else (found[part] or "") for part in parts)


@patterns.filter(
    "split_pattern",
    _("Split by a pattern"),
    _("A list of what stands between the finds"),
    Example("стрижка; укладка,мытьё", ["стрижка", "укладка", "мытьё"], ["[;,] *"]),
    weight=2,
    pattern=PATTERN,
)
def split_pattern(value: Any, pattern: Any, *, around: Around) -> list[str]:
    sought, pieces, end = encoded(value).decode(), [], 0
    for found in compiled(pattern).finds(sought, around.charge):
        if found.end() > found.start():
            pieces.append(sought[end : found.start()])
            end = found.end()
    return [*pieces, sought[end:]]
