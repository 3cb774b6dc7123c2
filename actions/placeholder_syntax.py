"""The grammar of placeholders: a small, safe part of Liquid.

python-liquid parses expressions and conditions. Its two lexers are replaced: their regular expressions need quadratic
time on hostile texts, end a placeholder inside quotes (``{{ source["a}}b"] }}``) and cannot write every name. Here a
doubled quote inside quotes is one quote, keywords after a dot are names, and ranges do not exist.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from django.utils.translation import gettext as _
from liquid import token as kinds
from liquid.stream import TokenStream
from liquid.token import Token

LONGEST_TEXT = 8192
"""Characters of a text with placeholders."""

TAGS = {"if": "endif", "unless": "endunless"}

_LONGEST_EXPRESSION = 250  # tokens; keeps python-liquid's recursion shallow
_OPENING = re.compile(r"\{\{|\{%")
_CLOSING = {
    "{{": re.compile(r'"[^"]*"|\'[^\']*\'|(?P<end>\}\})'),
    "{%": re.compile(r'"[^"]*"|\'[^\']*\'|(?P<end>%\})'),
}
_END_OF_COMMENT = re.compile(r"\{%-?\s*endcomment\s*-?%\}")
_TAG_NAME = re.compile(r"\s*(#|\w*)\s*")
_NAME_WITH_SPACES = re.compile(r"\w[\w.-]{0,60}(?: [\w.-]{1,60}){1,5}")
_DEEPEST = 20  # conditions inside conditions
_KEYWORDS = frozenset(["true", "false", "nil", "null", "empty", "blank", "and", "or", "contains"])
_OPERATORS = {
    "[": kinds.TOKEN_LBRACKET,
    "]": kinds.TOKEN_RBRACKET,
    ":": kinds.TOKEN_COLON,
    ",": kinds.TOKEN_COMMA,
    "|": kinds.TOKEN_PIPE,
    ".": kinds.TOKEN_DOT,
    "==": kinds.TOKEN_EQ,
    "!=": kinds.TOKEN_NE,
    "<>": kinds.TOKEN_LG,
    "<=": kinds.TOKEN_LE,
    ">=": kinds.TOKEN_GE,
    "<": kinds.TOKEN_LT,
    ">": kinds.TOKEN_GT,
}
_QUOTED = r"(?:\"[^\"]*(?:\"\"[^\"]*)*\"|'[^']*(?:''[^']*)*')"
_EXPRESSION = re.compile(
    rf"""(?P<space>\s+)
    |\[\s*(?P<identindex>-?\d{{1,9}})\s*\]
    |\[\s*(?P<identstring>{_QUOTED})\s*\]
    |(?P<string>{_QUOTED})
    |(?P<float>-?\d{{1,40}}\.\d{{1,40}}(?![\w.]))
    |(?P<integer>-?\d{{1,40}}(?![\w-]))
    |(?P<word>\w[\w-]*\??)
    |(?P<operator>[=!<>]=|<>|[\[\]:,|.<>])
    |(?P<illegal>.)""",
    re.VERBOSE | re.DOTALL,
)


class BadTemplate(ValueError):
    """A text with placeholders that cannot be read or filled.

    `message` is a sentence for the reader; `line` and `column` count from 1, `column` is None where unknown. `place` is
    where the text stands in a config, by keys and indexes.
    """

    place: tuple[Any, ...] = ()

    def __init__(self, message: str, line: int = 1, column: int | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column

    @property
    def sentence(self) -> str:
        """The message, with its line unless that is the first one."""
        if self.line == 1:
            return self.message
        return _("Line %(line)s: %(problem)s") % {"line": self.line, "problem": self.message}


def bad(message: str, source: str, index: int) -> BadTemplate:
    """Make a BadTemplate that knows where in the source it is."""
    return BadTemplate(message, source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index))


class Expressions(TokenStream):
    """A stream of a template's tokens that reads expressions by `expression_tokens` and remembers the last one."""

    place: Token | None = None

    def into_inner(self, *, tag: Token | None = None, eat: bool = True) -> TokenStream:
        """Return the tokens of the current expression; see `TokenStream.into_inner`."""
        token = self.place = self.current
        if token.kind != kinds.TOKEN_EXPRESSION:
            near = tag or token
            raise bad(_tag_problem(_("has no condition"), near), near.source, near.start_index)
        if eat:
            next(self)
        return TokenStream(expression_tokens(token))


def tokens(source: str) -> Iterator[Token]:
    """Split a text into content, placeholders and tags, in linear time. Raises BadTemplate."""
    if len(source) > LONGEST_TEXT:
        raise BadTemplate(_("A text with placeholders may have at most %(size)s characters") % {"size": LONGEST_TEXT})
    position, trim, open_tags = 0, False, cast(list[Token], [])
    while found := _OPENING.search(source, position):
        start, end, inner, trim_before, trim_after = _braces(source, found)
        yield from _content(source, position, found.start(), trim, trim_before)
        position, trim = end, trim_after
        if found[0] == "{{":
            yield Token(kinds.TOKEN_OUTPUT, inner, found.start(), source)
            yield Token(kinds.TOKEN_EXPRESSION, inner, start, source)
            continue
        tag, expression = _tag(source, start, inner)
        if tag.value == "comment":
            position = _end_of_comment(source, found.start(), end)
        elif tag.value != "#":
            _balance(open_tags, tag)
            yield tag
            if expression.value:
                yield expression
    if open_tags:
        raise bad(_tag_problem(_("is not closed by %(end)s"), open_tags[-1]), source, open_tags[-1].start_index)
    yield from _content(source, position, len(source), trim, False)


def _braces(source: str, opening: re.Match[str]) -> tuple[int, int, str, bool, bool]:
    """Find where the braces close: start of what is inside, end of all, the inside, and the two ``-`` signs."""
    closing = _CLOSING[opening[0]]
    end = next((found.start() for found in closing.finditer(source, opening.end()) if found["end"]), None)
    if end is None:
        raise bad(_("“%(opening)s” is not closed") % {"opening": opening[0]}, source, opening.start())
    before = source.startswith("-", opening.end())
    start = opening.end() + before
    after = end > start and source[end - 1] == "-"
    return start, end + 2, source[start : end - after], before, after


def _content(source: str, start: int, end: int, trim_start: bool, trim_end: bool) -> Iterator[Token]:
    text = source[start:end]
    text = text.lstrip() if trim_start else text
    text = text.rstrip() if trim_end else text
    if text:
        yield Token(kinds.TOKEN_CONTENT, text, start, source)


def _tag(source: str, start: int, inner: str) -> tuple[Token, Token]:
    named = cast(re.Match[str], _TAG_NAME.match(inner))
    tag = Token(kinds.TOKEN_TAG, named[1], start + named.start(1), source)
    return tag, Token(kinds.TOKEN_EXPRESSION, inner[named.end() :].rstrip(), start + named.end(), source)


def _end_of_comment(source: str, start: int, after: int) -> int:
    found = _END_OF_COMMENT.search(source, after)
    if found is None:
        raise bad(_("The comment is not closed by {% endcomment %}"), source, start)
    return found.end()


def _balance(open_tags: list[Token], tag: Token) -> None:
    """Keep the stack of open conditions; refuse tags that are unknown or out of place."""
    if tag.value in TAGS:
        open_tags.append(tag)
        if len(open_tags) > _DEEPEST:
            raise bad(_("The conditions are nested too deeply"), tag.source, tag.start_index)
    elif tag.value in TAGS.values() and open_tags and TAGS[open_tags[-1].value] == tag.value:
        open_tags.pop()
    elif tag.value in TAGS.values() or tag.value in ("else", "elsif"):
        if tag.value.startswith("end") or not open_tags:
            raise bad(_tag_problem(_("has no opening tag"), tag), tag.source, tag.start_index)
    else:
        raise bad(
            _tag_problem(_("is not supported here; only if, unless, else, elsif and comment are"), tag),
            tag.source,
            tag.start_index,
        )


def _tag_problem(problem: str, tag: Token) -> str:
    end = "{% " + TAGS.get(tag.value, "") + " %}"
    return "{% " + tag.value[:40] + " %} " + (problem % {"end": end} if "%(end)" in problem else problem)


def expression_tokens(parent: Token) -> Iterator[Token]:
    """Split what stands inside braces into tokens, in linear time. Raises BadTemplate."""
    previous, count = "", 0
    for found in _EXPRESSION.finditer(parent.value):
        kind = found.lastgroup or ""
        if kind == "space":
            continue
        count += 1
        index = parent.start_index + found.start()
        if kind == "illegal" or count > _LONGEST_EXPRESSION:
            raise bad(syntax_problem(parent, found[0]), parent.source, index)
        kind, value = _kind_and_value(kind, found[kind], previous)
        previous = kind
        yield Token(kind, value, index, parent.source)


def _kind_and_value(kind: str, value: str, previous: str) -> tuple[str, str]:
    if kind in ("identstring", "string"):
        quote = value[0]
        return kind, value[1:-1].replace(quote * 2, quote)
    if kind == "operator":
        return _OPERATORS.get(value, kinds.TOKEN_ILLEGAL), value
    if previous == kinds.TOKEN_DOT:
        return kinds.TOKEN_WORD, value
    return (value, value) if kind == "word" and value in _KEYWORDS else (kind, value)


def syntax_problem(place: Token, near: str) -> str:
    """Say in a sentence that an expression is written wrongly, with the right way where it can be guessed."""
    shown = place.value.strip()
    if not shown:
        return _("The placeholder is empty")
    if _NAME_WITH_SPACES.fullmatch(shown) and not _KEYWORDS.intersection(shown.split()):
        return _("A name with spaces is written so: %(example)s") % {"example": '{{ source["' + shown + '"] }}'}
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    if near:
        return _("The placeholder “%(shown)s” is written wrongly near “%(near)s”") % {
            "shown": shown,
            "near": near[:20],
        }
    return _("The placeholder “%(shown)s” is not finished") % {"shown": shown}
