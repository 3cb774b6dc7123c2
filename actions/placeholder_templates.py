"""Compiled texts with placeholders: what `actions.placeholders` keeps and renders."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import Path
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.parser import Parser
from liquid.token import TOKEN_EOF, Token

from actions.lookup import MISSING
from actions.placeholder_pipes import ENVIRONMENT, Piped, Scope, steps_of
from actions.placeholder_syntax import BadTemplate, Expressions, bad, syntax_problem, tokens

_CACHED = 1 << 18  # characters of all cached templates; a character costs up to some 200 bytes
_OVERHEAD = 64  # characters one more template counts for beside its own

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


def value_of_part(part: Any, scope: Scope) -> Any:
    """Return the value of a part that is one placeholder; None where there is none."""
    if isinstance(part, tuple):
        value = scope.lookup(part)
        return None if value is MISSING else value
    return part.expression.evaluate(scope)


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


def _part(node: Node) -> Any:
    if isinstance(node, ContentNode):
        return node.text
    expression = getattr(node, "expression", None)
    if isinstance(node, OutputNode) and isinstance(expression, Piped) and not expression.calls:
        return steps_of(expression.left) or node
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
