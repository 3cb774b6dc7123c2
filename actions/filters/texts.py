"""Letters, spaces and parts of a text."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import LONGEST_TEXT, fitting, listed, text, whole
from actions.filters.declared import Argument, Example, Theme

texts = Theme("texts", _("Text"))

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SPACES = re.compile(r"\s+")
_NO_DIGITS = re.compile(r"[^0-9]+")
MARK = Argument(_("Sign"))


@texts.filter(
    "strip", _("Without spaces around"), _("Removes spaces and line breaks at both ends"), Example("  Анна  ", "Анна")
)
def strip(value: Any) -> str:
    return text(value).strip()


@texts.filter(
    "squeeze",
    _("Without extra spaces"),
    _("One space instead of several, none around"),
    Example(" Анна   Ивановна ", "Анна Ивановна"),
    weight=4,
)
def squeeze(value: Any) -> str:
    return " ".join(text(value).split())


@texts.filter(
    "capitalize",
    _("First letter large"),
    _("The first letter large, all others small"),
    Example("пЕРВЫЙ визит", "Первый визит"),
    weight=2,
)
def capitalize(value: Any) -> str:
    return text(value).capitalize()


@texts.filter(
    "title",
    _("Each Word Large"),
    _("Every word begins with a large letter"),
    Example("анна-мария ПЕТРОВА", "Анна-Мария Петрова"),
    weight=12,
)
def title(value: Any) -> str:
    """Words may hold an apostrophe and begin after a dash."""
    return _WORD.sub(lambda found: found[0].capitalize(), text(value))


@texts.filter("upcase", _("ALL LARGE"), _("All letters large"), Example("ab-12 сочи", "AB-12 СОЧИ"), weight=2)
def upcase(value: Any) -> str:
    return text(value).upper()


@texts.filter(
    "downcase", _("all small"), _("All letters small"), Example("Anna@Example.COM", "anna@example.com"), weight=2
)
def downcase(value: Any) -> str:
    return text(value).lower()


@texts.filter(
    "replace",
    _("Replace"),
    _("Puts one piece of text in the place of another, everywhere"),
    Example("10:30:00", "10-30-00", [":", "-"]),
    old=Argument(_("What")),
    new=Argument(_("By what")),
)
def replace(value: Any, old: Any, new: Any = "") -> str:
    """The size is checked before the work."""
    whole_text, sought, other = text(value), text(old), text(new)
    fitting(len(whole_text) + whole_text.count(sought) * max(0, len(other) - len(sought)))
    return whole_text.replace(sought, other)


@texts.filter(
    "replace_first",
    _("Replace the first"),
    _("Puts one piece of text in the place of another, once"),
    Example("а-б-в", "а/б-в", ["-", "/"]),
    old=Argument(_("What")),
    new=Argument(_("By what")),
)
def replace_first(value: Any, old: Any, new: Any = "") -> str:
    return text(value).replace(text(old), text(new), 1)


@texts.filter(
    "remove",
    _("Remove a piece"),
    _("Removes a piece of text, everywhere"),
    Example("+7 912", "7 912", ["+"]),
    old=Argument(_("What")),
)
def remove(value: Any, old: Any) -> str:
    return text(value).replace(text(old), "")


@texts.filter(
    "append", _("Add at the end"), _("Puts a text behind it"), Example("Анна", "Анна!", ["!"]), end=Argument(_("Text"))
)
def append(value: Any, end: Any) -> str:
    return text(value) + text(end)


@texts.filter(
    "prepend",
    _("Add at the start"),
    _("Puts a text before it"),
    Example("15", "№ 15", ["№ "]),
    start=Argument(_("Text")),
)
def prepend(value: Any, start: Any) -> str:
    return text(start) + text(value)


@texts.filter(
    "truncate",
    _("Cut to a length"),
    _("Cuts a long text; the mark at its end counts as well"),
    Example("Запись клиента на приём", "Запись кл…", [10, "…"]),
    size=Argument(_("Characters"), number=True),
    end=Argument(_("Mark at the end")),
)
def truncate(value: Any, size: Any = 50, end: Any = "...") -> str:
    whole_text, mark, longest = text(value), text(end), whole(size, 0)
    if len(whole_text) <= longest:
        return whole_text
    return whole_text[: max(0, longest - len(mark))] + mark


@texts.filter(
    "truncate_words",
    _("The first words"),
    _("Keeps so many words from the start"),
    Example("Запись клиента на приём", "Запись клиента…", [2, "…"]),
    weight=4,
    count=Argument(_("Words"), number=True),
    end=Argument(_("Mark at the end")),
)
def truncate_words(value: Any, count: Any = 10, end: Any = "...") -> str:
    words = text(value).split(maxsplit=whole(count, 0, LONGEST_TEXT))
    kept = words[: whole(count, 0)]
    return " ".join(kept) + (text(end) if len(words) > len(kept) else "")


@texts.filter(
    "before",
    _("Part before a sign"),
    _("What stands before the first such sign; all of it without one"),
    Example("anna@example.com", "anna", ["@"]),
    mark=MARK,
)
def before(value: Any, mark: Any = " ") -> str:
    sought = text(mark)
    return text(value).partition(sought)[0] if sought else text(value)


@texts.filter(
    "after",
    _("Part after a sign"),
    _("What stands behind the first such sign; nothing without one"),
    Example("anna@example.com", "example.com", ["@"]),
    mark=MARK,
)
def after(value: Any, mark: Any = " ") -> str:
    sought = text(mark)
    return text(value).partition(sought)[2] if sought else text(value)


@texts.filter(
    "split",
    _("Split into a list"),
    _("Makes a list of a text whose parts are separated by a sign"),
    Example("стрижка,укладка", ["стрижка", "укладка"], [","]),
    weight=4,
    separator=Argument(_("Separator")),
)
def split(value: Any, separator: Any = " ") -> list[str]:
    """An empty separator gives characters, a space any whitespace, an empty text nothing."""
    whole_text, between = text(value), text(separator)
    listed(whole_text.count(between) + 1 if between else len(whole_text))
    if not between:
        return list(whole_text)
    return whole_text.split(None if between == " " else between) if whole_text else []


@texts.filter("digits", _("Digits only"), _("Removes everything but digits"), Example("№ 12-345/а", "12345"), weight=4)
def digits(value: Any) -> str:
    return _NO_DIGITS.sub("", text(value))


@texts.filter(
    "pad_left",
    _("Fill up at the start"),
    _("Puts a sign before it until the length is reached"),
    Example(42, "00042", [5, "0"]),
    fits="text number",
    length=Argument(_("Length"), number=True),
    sign=MARK,
)
def pad_left(value: Any, length: Any = 5, sign: Any = "0") -> str:
    longest = fitting(whole(length, 0))
    return text(value).rjust(longest, (text(sign) or "0")[0])


@texts.filter(
    "one_line",
    _("In one line"),
    _("Line breaks become spaces"),
    Example("Анна\nперезвонить", "Анна перезвонить"),
    weight=8,
)
def one_line(value: Any) -> str:
    return " ".join(line.strip() for line in text(value).splitlines()).strip()


@texts.filter(
    "lstrip",
    _("Without spaces at the start"),
    _("Removes spaces and line breaks at the start"),
    Example("  Анна", "Анна"),
)
def lstrip(value: Any) -> str:
    return text(value).lstrip()


@texts.filter(
    "rstrip", _("Without spaces at the end"), _("Removes spaces and line breaks at the end"), Example("Анна  ", "Анна")
)
def rstrip(value: Any) -> str:
    return text(value).rstrip()
