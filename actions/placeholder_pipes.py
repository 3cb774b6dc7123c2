"""What stands in a placeholder, compiled once: a value that goes through filters, in a restricted python-liquid."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TextIO

from django.utils.translation import gettext as _
from liquid import Environment, RenderContext
from liquid.builtin.content import Literal as Content
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.arguments import KeywordArgument
from liquid.builtin.expressions.filtered import Filter as Written
from liquid.builtin.expressions.primitive import Blank, Empty, Literal, Nil
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.expression import Expression
from liquid.stream import TokenStream
from liquid.token import TOKEN_OUTPUT, Token

from actions import values
from actions.filters.catalogue import FILTERS, closest
from actions.filters.declared import Around, Filter
from actions.lookup import MISSING
from actions.placeholder_syntax import BadTemplate, bad

WORK = 4 << 20
"""What one filling may read by filters and conditions and write into texts, in characters."""

MOST_ELEMENTS = 50_000
"""Of a list or an object inside a longer text, on all levels together: each costs time to write, however short."""

Lookup = Callable[[Sequence[Any]], Any]


class Scope(RenderContext):
    """What a rendering sees: values by path, the surroundings of filters, and the work left."""

    def __init__(self, lookup: Lookup, around: Around | None = None) -> None:
        # Not the parent's: it builds namespaces for tags that do not exist here, at ten times the cost.
        self.env = ENVIRONMENT
        self.disabled_tags = []
        self.autoescape = False
        self.lookup = lookup
        self.around = replace(around or Around(), charge=self.charge)
        self.work = WORK
        self.place: tuple[Any, ...] = ()
        self.kept: list[Any] | None = None
        self.mark = ""

    def get(self, path: Sequence[Any], *, token: Token | None = None, default: object = None) -> Any:
        """Return the value at a path, None where there is none."""
        value = self.lookup(path)
        if value is MISSING:
            return None
        self.charge(len(value) if isinstance(value, str | list | dict) else 1)
        return value

    def written(self, value: Any) -> str:
        """A value inside a longer text; where values are kept apart, its mark (actions.placeholder_grammar).

        Raises ValueError with a sentence when there is too much in it.
        """
        if not isinstance(value, str) and not values.within(value, MOST_ELEMENTS):
            raise ValueError(_("a value inside a text may have at most %(count)s elements") % {"count": MOST_ELEMENTS})
        if self.kept is None:
            return values.text(value)
        self.kept.append(value)
        return f"{self.mark}{len(self.kept) - 1};"

    def charge(self, work: int) -> None:
        """Count work. Raises ValueError with a sentence when there was too much of it."""
        self.work -= work
        if self.work < 0:
            raise ValueError(_("the filled text is too long or takes too much work"))


_Reader = Callable[[Scope], Any]
_Given = tuple[list[Any], dict[str, Any]]


class Call:
    """A filter in a placeholder. Raises BadTemplate when there is no such filter or it cannot be called so.

    arguments, options: python-liquid's expressions.
    """

    __slots__ = ("_fixed", "_names", "_readers", "_work", "arguments", "filter", "options", "token")

    def __init__(self, written: Written) -> None:
        self.token = written.token
        self.options = tuple((str(one.name), one.value) for one in written.args if isinstance(one, KeywordArgument))
        self.arguments = tuple(one.value for one in written.args if not isinstance(one, KeywordArgument))
        self._names = [name for name, _value in self.options]
        self.filter = self._known(written.name)
        expressions = self.expressions()
        self._readers = tuple(map(_reader, expressions))
        self._fixed: _Given | None = None
        self._work = 0
        if all(map(_is_constant, expressions)):  # then they are read, and their work counted, once for ever
            self._fixed, self._work = self._named(list(map(_constant, expressions)))

    def _known(self, name: str) -> Filter:
        known = FILTERS.get(name)
        problem = known.problem_with_call(len(self.arguments), self._names) if known else _no_filter(name)
        if known is None or problem:
            raise bad(str(problem), self.token.source, self.token.start_index)
        return known

    def expressions(self) -> list[Expression]:
        """The arguments, then the options."""
        return [*self.arguments, *(value for _name, value in self.options)]

    def apply(self, value: Any, scope: Scope) -> Any:
        """Raises BadTemplate that names the filter."""
        filter_ = self.filter
        try:
            args, options = self._fixed or self._given(scope)
            scope.charge(filter_.work(value) + self._work)
            around = scope.around
            if filter_.wants_seed:
                # Each place in a config has random values of its own.
                around = replace(around, seed=f"{around.seed}/{scope.place}/{self.token.start_index}")
            return filter_.result(value, args, options, around)
        except BadTemplate:
            raise
        except (ValueError, TypeError, OverflowError, ArithmeticError, RecursionError) as problem:
            raise self._bad(problem) from None

    def _given(self, scope: Scope) -> _Given:
        given, work = self._named([read(scope) for read in self._readers])
        scope.charge(work)
        return given

    def _named(self, given: list[Any]) -> tuple[_Given, int]:
        """Arguments and options out of all their values, and the units of work to read them. Raises BadTemplate."""
        count = len(self.arguments)
        try:
            work = sum(map(self.filter.work, given))
        except ValueError as problem:
            raise self._bad(problem) from None
        return (given[:count], dict(zip(self._names, given[count:], strict=True))), work

    def _bad(self, problem: Exception) -> BadTemplate:
        said = str(problem) if type(problem) is ValueError else _("the value does not fit")
        message = _("Filter “%(title)s”: %(problem)s") % {"title": self.filter.title, "problem": said}
        return bad(message, self.token.source, self.token.start_index)


class Piped(Expression):
    """What stands in a placeholder: a value that goes through filters. Raises BadTemplate when it cannot be read."""

    __slots__ = ("_read", "calls", "left")

    def __init__(self, parsed: FilteredExpression) -> None:
        super().__init__(token=parsed.token)
        self.left = parsed.left
        self.calls = tuple(map(Call, parsed.filters or ()))
        self._read = _reader(parsed.left)

    def evaluate(self, context: RenderContext) -> Any:
        assert isinstance(context, Scope)
        value = self._read(context)
        for call in self.calls:
            value = call.apply(value, context)
        return value

    def children(self) -> list[Expression]:
        return [self.left, *(expression for call in self.calls for expression in call.expressions())]


def steps_of(expression: Expression) -> tuple[str | int, ...] | None:
    """The steps of a path that has no path inside; None of any other expression."""
    if not isinstance(expression, Path) or any(isinstance(step, Path) for step in expression.path):
        return None
    return tuple(step for step in expression.path if not isinstance(step, Path))


def _reader(expression: Expression) -> _Reader:
    """Reads an expression as plain data."""
    if _is_constant(expression):
        value = _constant(expression)
        return lambda scope: value
    steps = steps_of(expression)
    return expression.evaluate if steps is None else lambda scope: scope.get(steps)


def _is_constant(expression: Expression) -> bool:
    return isinstance(expression, Literal | Nil | Empty | Blank)


def _constant(expression: Expression) -> Any:
    """The literals `empty` and `blank` are objects of python-liquid outside comparisons: an empty text here."""
    return expression.value if isinstance(expression, Literal) else None if isinstance(expression, Nil) else ""


def _no_filter(name: str) -> str:
    meant = closest(name)
    if meant is None:
        return _("There is no filter “%(name)s”") % {"name": name[:40]}
    return _("There is no filter “%(name)s” (perhaps %(meant)s)") % {"name": name[:40], "meant": meant}


class _Output(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, Scope)
        return buffer.write(context.written(self.expression.evaluate(context)))


class _OutputTag(Output):
    node_class = _Output

    def parse(self, stream: TokenStream) -> OutputNode:
        token = stream.eat(TOKEN_OUTPUT)
        inner = stream.into_inner(tag=token, eat=False)
        parsed = FilteredExpression.parse(self.env, inner)
        assert isinstance(parsed, FilteredExpression)
        return self.node_class(token, Piped(parsed))


class _Environment(Environment):
    suppress_blank_control_flow_blocks = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in (Content, Illegal, _OutputTag, IfTag, UnlessTag):
            self.add_tag(tag)
        self.filters = {}


ENVIRONMENT = _Environment()
