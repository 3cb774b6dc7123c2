"""JSON, addresses, Base64 and HTML: written and read."""

import base64
import binascii
import html
import re
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.filters.bounds import encoded, fitting, text
from actions.filters.declared import Argument, Example, Theme
from actions.values import short

codes = Theme("codes", _("JSON, addresses, HTML"))

_MOST_SIGNS = 100_000  # commas, brackets and colons of a JSON text: each may become an object
_DEEPEST = 100
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|[,:]', re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]{0,1000}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,10000}>")


@codes.filter(
    "json",
    _("Write as JSON"),
    _("With its quotes, to be put inside a JSON text"),
    Example('ООО "Ромашка"', '"ООО \\"Ромашка\\""'),
    fits="any",
    weight=2,
)
def to_json(value: Any) -> str:
    return values.json_text(value)


@codes.filter(
    "parse_json",
    _("Read JSON"),
    _("Makes an object or a list of a text, so that its fields can be used"),
    Example('{"id": 15, "tags": ["vip"]}', {"id": 15, "tags": ["vip"]}),
    fits="json text",
    weight=8,
)
def parse_json(value: Any) -> Any:
    if isinstance(value, str):
        _check_nesting(value)
        if not value.strip():
            return None
        if len(value) > 1 and value[0] == "\ufeff":
            value = value[1:]
    return values.read_json(value)


def _check_nesting(written: str) -> None:
    """Before any object is made: a text of brackets would cost a hundred times its size."""
    if sum(written.count(sign) for sign in ",:[{") > _MOST_SIGNS:
        raise ValueError(gettext("the JSON has too many elements"))
    if written.count("[") + written.count("{") <= _DEEPEST:
        return
    depth = 0
    for found in _NESTING.finditer(written):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > _DEEPEST:
            raise ValueError(gettext("the JSON is nested too deeply"))


@codes.filter(
    "url_encode",
    _("For an address"),
    _("Letters and signs as %XX, a space as +"),
    Example("имя & дата", "%D0%B8%D0%BC%D1%8F+%26+%D0%B4%D0%B0%D1%82%D0%B0"),
    weight=16,
)
def url_encode(value: Any) -> str:
    """Half a surrogate pair becomes U+FFFD."""
    return quote_plus(encoded(value))


@codes.filter(
    "url_path",
    _("For a path of an address"),
    _("Letters and signs as %XX, a space as %20"),
    Example("счёт №5/а", "%D1%81%D1%87%D1%91%D1%82%20%E2%84%965%2F%D0%B0"),
    weight=16,
)
def url_path(value: Any) -> str:
    return quote(encoded(value), safe="")


@codes.filter(
    "url_decode",
    _("Read from an address"),
    _("%XX and + become letters, signs and spaces again"),
    Example("%D0%B8%D0%BC%D1%8F+5", "имя 5"),
    fits="text",
    weight=16,
)
def url_decode(value: Any) -> str:
    return unquote_plus(text(value))


@codes.filter(
    "base64",
    _("Base64"),
    _("Writes a text in Base64"),
    Example("user:пароль", "dXNlcjrQv9Cw0YDQvtC70Yw="),
    weight=4,
    form=Argument(_("Form"), [("standard", _("usual")), ("url", _("for addresses"))]),
)
def to_base64(value: Any, form: Any = "standard") -> str:
    coded = base64.urlsafe_b64encode(encoded(value)).rstrip(b"=") if form == "url" else base64.b64encode(encoded(value))
    return coded.decode()


@codes.filter(
    "base64_decode",
    _("Read Base64"),
    _("Makes a text of Base64, of either form"),
    Example("0JDQvdC90LA", "Анна"),
    fits="text",
    weight=4,
)
def from_base64(value: Any) -> str:
    tidy = "".join(text(value).split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(tidy + "=" * (-len(tidy) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValueError(gettext("“%(value)s” is not a text in Base64") % {"value": short(value)}) from None


@codes.filter(
    "escape",
    _("For HTML"),
    _("Signs of HTML are shown instead of read"),
    Example("<b>Анна & Ко</b>", "&lt;b&gt;Анна &amp; Ко&lt;/b&gt;"),
    weight=4,
)
def escape(value: Any) -> str:
    safe = html.escape(text(value))
    fitting(len(safe))
    return safe


@codes.filter(
    "unescape",
    _("Read HTML signs"),
    _("Names such as &laquo; become signs again"),
    Example("&laquo;Мир&raquo; &amp; Ко", "«Мир» & Ко"),
    weight=16,
)
def unescape(value: Any) -> str:
    return html.unescape(text(value))


@codes.filter(
    "strip_html",
    _("Text without HTML"),
    _("Removes tags, keeps what a person reads, line by line"),
    Example("<p>Добрый <b>день</b>,<br>Анна&nbsp;!</p>", "Добрый день,\nАнна\u00a0!"),
    weight=24,
)
def strip_html(value: Any) -> str:
    written = _TAG.sub("", _BREAK.sub("\n", _without_invisible(text(value))))
    return html.unescape(written).strip()


def _without_invisible(written: str) -> str:
    """Drop scripts, styles and comments in linear time, with all that follows one that is not closed."""
    lowered = written.lower()
    if len(lowered) != len(written):  # a few letters grow when made small: then places would not fit
        lowered = written
    pieces: list[str] = []
    at = 0
    while True:
        starts = [(lowered.find(opening, at), closing) for opening, closing in _ENDS]
        found = min(((start, closing) for start, closing in starts if start >= 0), default=None)
        if found is None:
            return "".join([*pieces, written[at:]])
        pieces.append(written[at : found[0]])
        end = lowered.find(found[1], found[0])
        if end < 0:
            return "".join(pieces)
        close = lowered.find(">", end)
        at = len(written) if close < 0 else close + 1


_ENDS = [("<script", "</script"), ("<style", "</style"), ("<!--", "--")]
