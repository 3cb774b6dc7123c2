"""Text for Telegram: what it may be formatted with is kept, everything else is shown as it is; cut into messages.

https://core.telegram.org/bots/api#html-style, read in May 2026.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile

LONGEST = 4096
"""UTF-16 units of a message, counted without its tags."""

SAME = {"strong": "b", "em": "i", "ins": "u", "strike": "s", "del": "s"}
PLAIN = {"b", "i", "u", "s", "tg-spoiler", "code", "pre", "blockquote"}
BREAKS = {"br", "p", "div"}  # Telegram refuses them, people write them
LONGEST_TEXT = 60_000
"""Characters with their tags that are read; more would make too many messages anyway."""

_TAG = re.compile(
    rf"<(?P<closing>/?)(?P<tag>{'|'.join([*PLAIN, *SAME, *BREAKS, 'a'])})(?=[\s/>])(?P<more>[^<>]{{0,2000}})>", re.I
)
_HREF = re.compile(r"""(?<![\w-])href\s{0,9}=\s{0,9}(?P<address>"[^"]+"|'[^']+'|[^\s"']+)""", re.I)
_LONG_NUMBER = re.compile(r"&(?=#\w{9})")  # no character has one, and Python reads no number of 4,300 digits


@dataclass(frozen=True)
class Part:
    """text: as it is read, not escaped. tags: the ways it is formatted, the outermost first, as opening tags."""

    text: str
    tags: tuple[str, ...] = ()


class _Reader:
    """Takes the known tags, closed in the right order whatever was written; the rest is text."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.tags: dict[str, str] = {}
        """What is open, by the names of tags: one inside another of its name says nothing new."""
        self.again: Counter[str] = Counter()

    def read(self, text: str) -> list[Part]:
        end = 0
        for found in _TAG.finditer(text):
            self._text(_unescaped(text[end : found.start()]))
            self._tag(found)
            end = found.end()
        self._text(_unescaped(text[end:]))
        return self.parts

    def _tag(self, found: re.Match[str]) -> None:
        tag, more = found["tag"].lower(), found["more"]
        name, href = SAME.get(tag, tag), _HREF.search(more)
        closing, empty = bool(found["closing"]), more.rstrip().endswith("/")
        if tag in BREAKS and not (closing and tag == "br"):
            self._break()
        elif closing and name in self.tags:
            self._close(name)
        elif name in PLAIN and not closing and not empty:
            self._open(name, f"<{name}>")
        elif name == "a" and href and not closing and not empty:
            address = html.escape(_unescaped(href["address"].strip("\"'")))
            self._open(name, f'<a href="{address}">')
        else:
            self._text(found.group())

    def _open(self, name: str, opening: str) -> None:
        if name in self.tags:
            self.again[name] += 1
        else:
            self.tags = self.tags | {name: opening}

    def _close(self, name: str) -> None:
        if self.again[name]:
            self.again[name] -= 1
            return
        names = list(self.tags)
        inside = names[names.index(name) :]
        self.tags = {one: opening for one, opening in self.tags.items() if one not in inside}
        for one in inside:
            self.again[one] = 0

    def _text(self, text: str) -> None:
        if text:
            self.parts.append(Part(text, tuple(self.tags.values())))

    def _break(self) -> None:
        if self.parts and not self.parts[-1].text.endswith("\n"):
            self._text("\n")


def from_html(text: str) -> list[Part]:
    return _Reader().read(text)


def _unescaped(text: str) -> str:
    return html.unescape(_LONG_NUMBER.sub("&amp;", text))


_MARKS = re.compile(
    r"(?P<code>`[^`\n]+`)|(?P<link>\[[^\[\]\n]{1,1000}\]\(https?://[^)\s]{1,2000}\))|(?P<b>\*\*?(?=\S)[^*\n]+(?<=\S)\*\*?)"
    r"|(?P<i>(?<!\w)_(?=\S)[^_\n]+(?<=\S)_(?!\w))"
)


def from_markdown(text: str) -> list[Part]:
    """`*bold*`, `_italic_`, `code` and `[a link](https://…)`; signs without their pair stay signs."""
    parts, end = [], 0
    for found in _MARKS.finditer(text):
        parts.append(Part(text[end : found.start()]))
        words, end = found.group(), found.end()
        match found.lastgroup:
            case "link":
                shown, address = words[1:-1].split("](", 1)
                parts.append(Part(shown, (f'<a href="{html.escape(address)}">',)))
            case "code":
                parts.append(Part(words[1:-1], ("<code>",)))
            case kind:
                parts.append(Part(words.strip("*_"), (f"<{kind}>",)))
    return [part for part in [*parts, Part(text[end:])] if part.text]


def messages(parts: list[Part], longest: int = LONGEST) -> list[str]:
    """HTML of one message after another, cut at a line's end or between words where that is possible."""
    told: list[str] = []
    current: list[Part] = []
    room = longest
    for part in parts:
        text = part.text
        while _units(text) > room:
            head = _head(text, room, whole=not current)
            if head:
                current.append(Part(head, part.tags))
                text = text[len(head) :].lstrip("\n ")
            told.append(_written(current))
            current, room = [], longest
        current.append(Part(text, part.tags))
        room -= _units(text)
    told.append(_written(current))
    return [message for message in told if re.sub(r"<[^>]*>", "", message).strip()]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _head(text: str, room: int, whole: bool) -> str:
    """As much of the text as there is room for; whole: it must be something."""
    head = text.encode("utf-16-le", "surrogatepass")[: room * 2].decode("utf-16-le", "ignore")
    for sign in ("\n", " "):
        cut = head.rfind(sign)
        if cut > len(head) // 2:
            return head[:cut]
    return head if whole else ""


def _written(parts: list[Part]) -> str:
    """Tags that go on from one part to the next are written once."""
    told: list[str] = []
    tags: tuple[str, ...] = ()
    for part in [*parts, Part("")]:
        same = len([*takewhile(lambda pair: pair[0] == pair[1], zip(tags, part.tags, strict=False))])
        told += [f"</{tag[1:-1].split(' ')[0]}>" for tag in reversed(tags[same:])]
        told += [*part.tags[same:], html.escape(part.text, quote=False)]
        tags = part.tags
    return "".join(told)
