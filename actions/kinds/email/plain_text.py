"""The text of an HTML letter, for readers that show no HTML."""

import re
from html.parser import HTMLParser

_UNSEEN = {"head", "style", "script", "title", "template"}
_LINES = {"br", "div", "tr", "table", "section", "header", "footer", "li", "dt", "dd", "ul", "ol", "blockquote", "pre"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0
        self.link = ""
        self.link_text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag == "a":
            self.link, self.link_text = told.get("href") or "", []
        elif tag == "img" and told.get("alt"):
            self.handle_data(str(told["alt"]))
        elif tag == "hr":
            self.parts.append("\n---\n")
        else:
            self._break(tag)
            self.parts += ["– "] if tag == "li" else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag == "a":
            self._end_link()
        elif tag in ("td", "th"):
            self.parts.append(" ")
        else:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"\s+", " ", data))
            self.link_text.append(data)

    def _end_link(self) -> None:
        """The address behind the words, unless the words are the address."""
        address = self.link.removeprefix("mailto:").removeprefix("tel:")
        if address and not self.link.startswith("#") and address not in "".join(self.link_text):
            self.parts.append(f" ({address})")
        self.link = ""

    def _break(self, tag: str) -> None:
        self.parts += ["\n\n"] if tag in _PARAGRAPHS else ["\n"] if tag in _LINES else []


def text_of(html: str) -> str:
    """Paragraphs apart by an empty line, lists by dashes, links with their addresses. Never raises."""
    html = _tags_alone(html)
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
        text = "".join(reader.parts)
    except (AssertionError, ValueError):  # of what is no HTML: Python's parser, and its reader of numbers
        text = re.sub(r"<[^<>]*>", " ", html)
    text = re.sub(r" ?\n ?", "\n", re.sub(r" +", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _tags_alone(html: str) -> str:
    """Without comments and declarations, and no sign of comparison that the parser would look for the end of."""
    kept, place = [], 0
    while (begin := html.find("<!--", place)) >= 0 and (end := html.find("-->", begin)) >= 0:
        kept.append(html[place:begin])
        place = end + len("-->")
    whole, last, rest = "".join([*kept, html[place:]]).rpartition(">")
    tags = re.sub(r"<[!?][^>]*>", "", whole + last)
    return re.sub(r"<(?!/?[A-Za-z])", "&lt;", tags) + rest.replace("<", "&lt;")
