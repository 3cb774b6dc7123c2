"""Compiled texts with placeholders: what `actions.placeholders` keeps and renders."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, TextIO

from django.utils.translation import gettext as _
from liquid import Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.content import ContentNode, Literal
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.arguments import KeywordArgument
from liquid.builtin.expressions.filtered import Filter as Written
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.parser import Parser
from liquid.stream import TokenStream
from liquid.token import TOKEN_EOF, TOKEN_OUTPUT, Token

from actions import values
from actions.filters.catalogue import FILTERS, closest
from actions.filters.declared import Around, Filter
from actions.lookup import MISSING
from actions.placeholder_syntax import BadTemplate, Expressions, bad, syntax_problem, tokens

WORK = 4 << 20
"""What one filling may read by filters and conditions and write into texts, in characters."""

_CACHED = 1 << 18  # characters of all cached templates; a character costs up to some 200 bytes
_OVERHEAD = 64  # characters one more template counts for beside its own

Lookup = Callable[[list[Any]], Any]


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

    def get(self, path: list[Any], *, token: Token | None, default: object = None) -> Any:
        """Return the value at a path, None where there is none."""
        value = self.lookup(path)
        if value is MISSING:
            return None
        self.charge(len(value) if isinstance(value, str | list | dict) else 1)
        return value

    def written(self, value: Any) -> str:
        """A value inside a longer text; where values are kept apart, its mark (actions.placeholder_grammar)."""
        if self.kept is None:
            return values.text(value)
        self.kept.append(value)
        return f"{self.mark}{len(self.kept) - 1};"

    def charge(self, work: int) -> None:
        """Count work. Raises ValueError with a sentence when there was too much of it."""
        self.work -= work
        if self.work < 0:
            raise ValueError(_("the filled text is too long or takes too much work"))


@dataclass(frozen=True, slots=True)
class Call:
    """A filter in a placeholder; arguments and options are python-liquid's expressions."""

    filter: Filter
    arguments: tuple[Any, ...]
    options: tuple[tuple[str, Any], ...]
    token: Token

    def apply(self, value: Any, scope: Scope) -> Any:
        """Raises BadTemplate that names the filter."""
        around = scope.around
        if self.filter.wants_around:
            # Each place in a config has random values of its own.
            around = replace(around, seed=f"{around.seed}/{scope.place}/{self.token.start_index}")
        try:
            args = [value_of(argument, scope) for argument in self.arguments]
            options = {name: value_of(argument, scope) for name, argument in self.options}
            return self.filter.apply(value, args, options, around)
        except (ValueError, TypeError, OverflowError, ArithmeticError, RecursionError) as problem:
            said = str(problem) if type(problem) is ValueError else _("the value does not fit")
            message = _("Filter “%(title)s”: %(problem)s") % {"title": self.filter.title, "problem": said}
            raise bad(message, self.token.source, self.token.start_index) from None


class Piped(Expression):
    """What stands in a placeholder: a value that goes through filters. Raises BadTemplate when it cannot be read."""

    __slots__ = ("calls", "left")

    def __init__(self, parsed: FilteredExpression) -> None:
        super().__init__(token=parsed.token)
        self.left = parsed.left
        self.calls = tuple(map(_call, parsed.filters or ()))

    def evaluate(self, context: RenderContext) -> Any:
        assert isinstance(context, Scope)
        value = value_of(self.left, context)
        for call in self.calls:
            value = call.apply(value, context)
        return value

    def children(self) -> list[Expression]:
        inner = [[*call.arguments, *(value for _name, value in call.options)] for call in self.calls]
        return [self.left, *(expression for expressions in inner for expression in expressions)]


class _Output(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, Scope)
        return buffer.write(context.written(value_of(self.expression, context)))


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
        for tag in (Literal, Illegal, _OutputTag, IfTag, UnlessTag):
            self.add_tag(tag)
        self.filters = {}


ENVIRONMENT = _Environment()
_PARSER = Parser(ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text: `parts` in order; `whole` is the only placeholder of a text that is nothing else.

    A part is a str, a tuple of steps (a plain path, without python-liquid's rendering) or a node.
    """

    source: str
    parts: tuple[Any, ...]
    nodes: tuple[Node, ...]
    whole: Any

    def fill(self, scope: Scope) -> Any:
        """Return the filled text, or the placeholder's own value. Raises BadTemplate."""
        if self.whole is not None:
            return self._guarded(self.whole, scope, value_of_part)
        return self.text(scope)

    def text(self, scope: Scope) -> str:
        """Return the filled text, also where it is one placeholder. Raises BadTemplate."""
        return "".join([part if isinstance(part, str) else self._guarded(part, scope, _text) for part in self.parts])

    def _guarded(self, part: Any, scope: Scope, read: Callable[[Any, Scope], Any]) -> Any:
        try:
            return read(part, scope)
        except BadTemplate:
            raise
        except LiquidError as problem:
            raise self._bad(_comparison_problem(), problem.token) from None
        except (ValueError, TypeError, OverflowError, RecursionError) as problem:
            message = _upper(str(problem)) if type(problem) is ValueError else _("The placeholder cannot be filled")
            raise self._bad(message, part.token if isinstance(part, Node) else None) from None

    def _bad(self, message: str, token: Token | None) -> BadTemplate:
        if token is None or token.start_index < 0:
            return BadTemplate(message)
        return bad(message, self.source, token.start_index)

    def paths(self) -> Iterator[Path]:
        """Walk every path of the text, in order."""
        return _paths_of_nodes(self.nodes)


def parse(source: str) -> Template:
    """Compile a text. Raises BadTemplate."""
    stream = Expressions(tokens(source))
    try:
        nodes = tuple(_PARSER.parse(stream))
    except LiquidError as problem:
        raise _syntax_error(problem, stream, source) from None
    except RecursionError:
        raise BadTemplate(_("The conditions are nested too deeply")) from None
    parts = tuple(map(_part, nodes))
    outputs = [part for part in parts if not (isinstance(part, str) and not part.strip())]
    alone = len(outputs) == 1 and isinstance(outputs[0], tuple | OutputNode)
    return Template(source, parts, nodes, outputs[0] if alone else None)


class Cache:
    """Compiled templates by their text, the least used ones dropped; safe to share between threads."""

    def __init__(self) -> None:
        self._templates: OrderedDict[str, Template] = OrderedDict()
        self._lock = threading.Lock()
        self.weight = 0

    def get(self, source: str) -> Template:
        """Return the template of a text, compiled now or before. Raises BadTemplate."""
        with self._lock:
            known = self._templates.get(source)
            if known is not None:
                self._templates.move_to_end(source)
                return known
        template = parse(source)
        with self._lock:
            if source not in self._templates:
                self.weight += len(source) + _OVERHEAD
            self._templates[source] = template
            while self.weight > _CACHED:
                dropped, _template = self._templates.popitem(last=False)
                self.weight -= len(dropped) + _OVERHEAD
        return template


def value_of(expression: Expression, context: RenderContext) -> Any:
    """Evaluate an expression to plain data."""
    return _plain(expression.evaluate(context))


def value_of_part(part: Any, scope: Scope) -> Any:
    """Return the value of a part that is one placeholder; None where there is none."""
    if isinstance(part, tuple):
        value = scope.lookup(list(part))
        return None if value is MISSING else value
    return value_of(part.expression, scope)


def _text(part: Any, scope: Scope) -> str:
    if isinstance(part, Node) and not isinstance(part, OutputNode):
        buffer = _Counted(scope)
        part.render(scope, buffer)
        return buffer.getvalue()
    written = scope.written(value_of_part(part, scope))
    scope.charge(len(written))
    return written


class _Counted(StringIO):
    def __init__(self, scope: Scope) -> None:
        super().__init__(newline="")
        self.scope = scope

    def write(self, text: str) -> int:
        self.scope.charge(len(text))
        return super().write(text)


def _plain(value: Any) -> Any:
    """The literals `empty` and `blank` are objects of python-liquid outside comparisons: an empty text here."""
    return "" if isinstance(value, Expression) else value


def _part(node: Node) -> Any:
    if isinstance(node, ContentNode):
        return node.text
    expression = getattr(node, "expression", None)
    if isinstance(node, OutputNode) and isinstance(expression, Piped) and not expression.calls:
        left = expression.left
        if isinstance(left, Path) and not any(isinstance(step, Path) for step in left.path):
            return tuple(left.path)
    return node


def _paths_of_nodes(nodes: Iterable[Node]) -> Iterator[Path]:
    for node in nodes:
        for expression in node.expressions():
            yield from _paths_of(expression)
        yield from _paths_of_nodes(node.children(Scope(lambda path: MISSING)))


def _paths_of(expression: Expression) -> Iterator[Path]:
    if isinstance(expression, Path):
        yield expression
    for inner in expression.children():
        yield from _paths_of(inner)


def _call(written: Written) -> Call:
    """The filter that a written one means. Raises BadTemplate."""
    options = tuple((str(one.name), one.value) for one in written.args if isinstance(one, KeywordArgument))
    arguments = tuple(one.value for one in written.args if not isinstance(one, KeywordArgument))
    filter_ = FILTERS.get(written.name)
    names = [name for name, _value in options]
    problem = filter_.problem_with_call(len(arguments), names) if filter_ else _no_filter(written.name)
    if filter_ is None or problem:
        raise bad(str(problem), written.token.source, written.token.start_index)
    return Call(filter_, arguments, options, written.token)


def _no_filter(name: str) -> str:
    meant = closest(name)
    if meant is None:
        return _("There is no filter “%(name)s”") % {"name": name[:40]}
    return _("There is no filter “%(name)s” (perhaps %(meant)s)") % {"name": name[:40], "meant": meant}


def _syntax_error(problem: LiquidError, stream: Expressions, source: str) -> BadTemplate:
    place, token = stream.place, problem.token
    if place is None:
        return BadTemplate(_("The text cannot be read"))
    near = token.value if token and token.start_index >= 0 and token.kind != TOKEN_EOF else ""
    index = token.start_index if near and token else place.start_index
    return bad(syntax_problem(place, near), source, index)


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _comparison_problem() -> str:
    return _("A condition compares a text with a number, or values that cannot be compared")
