"""Text for Telegram: what it may be formatted with is kept, everything else is shown as it is; cut into messages.

https://core.telegram.org/bots/api#html-style, read in May 2026.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

LONGEST = 4096
"""UTF-16 units of a message, counted without its tags."""

SAME = {"strong": "b", "em": "i", "ins": "u", "strike": "s", "del": "s"}
PLAIN = {"b", "i", "u", "s", "tg-spoiler", "code", "pre", "blockquote"}
BREAKS = {"br", "p", "div"}  # Telegram refuses them, people write them


@dataclass(frozen=True)
class Part:
    """text: as it is read, not escaped. tags: the ways it is formatted, the outermost first, as opening tags."""

    text: str
    tags: tuple[str, ...] = ()


class _Reader(HTMLParser):
    """Takes the known tags, closed in the right order whatever was written; the rest is text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Part] = []
        self.open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name, given = SAME.get(tag, tag), dict(attrs)
        if name in PLAIN:
            self.open.append((name, f"<{name}>"))
        elif name == "a" and given.get("href"):
            self.open.append((name, f'<a href="{html.escape(given["href"] or "")}">'))
        elif tag in BREAKS:
            self._break()
        else:
            self.handle_data(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BREAKS:
            self._break()
        else:
            self.handle_data(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        name = SAME.get(tag, tag)
        if name in [one for one, _opening in self.open]:
            while self.open.pop()[0] != name:
                pass
        elif tag in BREAKS - {"br"}:
            self._break()
        else:
            self.handle_data(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.handle_data(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.handle_data(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.handle_data(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.handle_data(f"<?{data}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(Part(data, tuple(opening for _name, opening in self.open)))

    def _break(self) -> None:
        if self.parts and not self.parts[-1].text.endswith("\n"):
            self.handle_data("\n")


def from_html(text: str) -> list[Part]:
    # A sign of comparison begins no tag; the parser would swallow what follows it.
    reader = _Reader()
    reader.feed(re.sub(r"<(?![A-Za-z/!?])", "&lt;", text))
    reader.close()
    return reader.parts


_MARKS = re.compile(
    r"(?P<code>`[^`\n]+`)|(?P<link>\[[^\]\n]+\]\(https?://[^)\s]+\))|(?P<b>\*\*?(?=\S)[^*\n]+(?<=\S)\*\*?)"
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
    return "".join(_tagged(part) for part in parts)


def _tagged(part: Part) -> str:
    closing: Iterator[str] = (f"</{tag[1:-1].split(' ')[0]}>" for tag in reversed(part.tags))
    return "".join(part.tags) + html.escape(part.text, quote=False) + "".join(closing)
