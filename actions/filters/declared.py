"""How a filter is declared: with its titles, its arguments and an example that is test, help and preview at once."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from actions.filters.bounds import size, weigh

Words = Any  # a text that is translated when it is shown
_CALL = 150  # units of work for each value a filter is given, beside its size
SURROUNDINGS = frozenset(["around", "seed"])  # parameters of a filter that no placeholder gives
Run = Callable[..., Any]
Charge = Callable[[int], None]
ANY = "any"


def _no_charge(work: int) -> None:
    """For where nobody counts."""


@dataclass(frozen=True)
class Around:
    """What a filter may know beside its value.

    zone: the company's. now: the current moment. seed: what random values come from; the same for every attempt of one
    action in one run of an operation. charge: told how much more work it is, in characters; raises ValueError.
    """

    zone: tzinfo = UTC
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seed: str = ""
    charge: Charge = _no_charge

    def charged(self, charge: Charge) -> "Around":
        """The same, with another one who counts the work."""
        return replace(self, charge=charge)


EXAMPLE = Around(ZoneInfo("Europe/Moscow"), lambda: datetime(2026, 3, 16, 9, 30, tzinfo=UTC), "example")
"""Where the examples happen: Monday, 16 March 2026, 12:30 in Moscow."""


@dataclass(frozen=True)
class Argument:
    """One input in the picker; its name and default are those of the filter's function.

    choices: value and title, if it is chosen from a list; other values are allowed all the same. number: it is one.
    """

    title: Words
    choices: Sequence[tuple[Any, Words]] = ()
    number: bool = False
    name: str = ""
    default: Any = None
    required: bool = False


@dataclass(frozen=True)
class Example:
    value: Any
    output: Any
    arguments: Sequence[Any] = ()


@dataclass(frozen=True)
class Filter:
    """key: as it stands in placeholders, never changes. fits: kinds of values (kinds.py) that it is offered for.

    weight: units of work for a character of what goes in, at some 20 ns each; 0 where it does not look inside.
    """

    key: str
    title: Words
    about: Words
    run: Run
    example: Example
    arguments: Sequence[Argument]
    fits: frozenset[str]
    weight: int = 1

    @cached_property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.run)

    @cached_property
    def wants_seed(self) -> bool:
        return "seed" in self.signature.parameters

    @cached_property
    def _wanted(self) -> str:
        return next((name for name in SURROUNDINGS if name in self.signature.parameters), "")

    def apply(self, value: Any, args: Sequence[Any], options: Mapping[str, Any], around: Around) -> Any:
        """Run it on a value. Raises ValueError with a sentence when a value is unfit or too large, or work runs out."""
        around.charge(sum(map(self.work, (value, *args, *options.values()))))
        return self.result(value, args, options, around)

    def work(self, given: Any) -> int:
        """Units of work that it takes to read a value or an argument. Raises ValueError for one that is too large."""
        return _CALL + (weigh(given) * self.weight if self.weight else size(given))

    def result(self, value: Any, args: Sequence[Any], options: Mapping[str, Any], around: Around) -> Any:
        """What it makes of a value whose work is charged already; see `apply`."""
        if not self._wanted:
            made = self.run(value, *args, **options)
        elif self.wants_seed:
            made = self.run(value, *args, **options, seed=around.seed)
        else:
            made = self.run(value, *args, **options, around=around)
        size(made)
        return made

    def problem_with_call(self, positional: int, keywords: Sequence[str]) -> str | None:
        """Say in a sentence why it cannot be called so, None when it can."""
        try:
            if not SURROUNDINGS.isdisjoint(keywords):
                raise TypeError
            wanted = [self._wanted] if self._wanted else []
            self.signature.bind(None, *[None] * positional, **dict.fromkeys([*keywords, *wanted]))
        except TypeError:
            return _("The filter “%(name)s” takes other parameters: %(form)s") % {"name": self.key, "form": self.form}
        return None

    @property
    def form(self) -> str:
        """How it is written: ``truncate: 50, "..."``."""
        return written(self.key, [argument.default for argument in self.arguments])

    @property
    def call(self) -> str:
        """Its example as it stands in a placeholder."""
        return written(self.key, self.example.arguments)


def written(key: str, arguments: Sequence[Any]) -> str:
    """Write a filter's call: ``replace: "a", "b"``."""
    return f"{key}: {', '.join(map(literal, arguments))}" if arguments else key


def literal(value: Any) -> str:
    """Write a value as a placeholder's grammar reads it."""
    if value is None or isinstance(value, bool):
        return {None: "nil", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int | float) else '"' + str(value).replace('"', '""') + '"'


@dataclass
class Theme:
    """Filters that belong together, in the order people see them."""

    key: str
    title: Words
    filters: list[Filter] = field(default_factory=list)

    def filter(
        self,
        key: str,
        title: Words,
        about: Words,
        example: Example,
        /,
        *,
        fits: str = "text",
        weight: int = 1,
        **arguments: Argument,
    ) -> Callable[[Run], Run]:
        """Declare a function as a filter. fits: kinds of values, separated by spaces, or ANY."""

        def declare(run: Run) -> Run:
            declared = [_complete(argument, name, run) for name, argument in arguments.items()]
            self.filters.append(Filter(key, title, about, run, example, declared, frozenset(fits.split()), weight))
            return run

        return declare


def _complete(argument: Argument, name: str, run: Run) -> Argument:
    default = inspect.signature(run).parameters[name].default
    required = default is inspect.Parameter.empty
    return Argument(
        argument.title, argument.choices, argument.number, name, "" if required else default, required=required
    )
