"""All filters: by theme, in the order people see them, and by key."""

import difflib

from actions.filters import letters, money  # they declare more of `texts` and `numbers`
from actions.filters.chance import chance
from actions.filters.codes import codes
from actions.filters.dates import dates
from actions.filters.declared import Filter, Theme
from actions.filters.emails import emails
from actions.filters.empties import empties
from actions.filters.hashes import hashes
from actions.filters.lists import lists
from actions.filters.numbers import numbers
from actions.filters.patterns import patterns
from actions.filters.people import people
from actions.filters.phones import phones
from actions.filters.texts import texts

__all__ = ["FILTERS", "THEMES", "closest", "letters", "money"]

THEMES: list[Theme] = [
    phones, emails, people, texts, numbers, dates, lists, empties, patterns, codes, hashes, chance,
]  # fmt: skip
FILTERS: dict[str, Filter] = {one.key: one for theme in THEMES for one in theme.filters}

# As other template languages call them.
_OTHER_NAMES = {
    "upper": "upcase", "lower": "downcase", "trim": "strip", "titlecase": "title", "length": "size",
    "count": "size", "unique": "uniq", "distinct": "uniq", "filter": "where", "cut": "truncate",
    "substring": "slice", "translit": "transliterate", "regex": "extract", "regexp": "extract",
    "regex_replace": "replace_pattern", "to_json": "json", "from_json": "parse_json", "tojson": "json",
    "b64encode": "base64", "base64_encode": "base64", "b64decode": "base64_decode", "urlencode": "url_encode",
    "if_empty": "default", "date_format": "date", "format_date": "date", "add": "plus", "subtract": "minus",
    "multiply": "times", "divide": "divided_by", "mod": "modulo", "int": "number", "float": "number",
    "escape_html": "escape", "striptags": "strip_html", "random": "random_number", "timestamp": "unix_time",
    "add_days": "date_plus", "pluralize": "plural", "tel": "phone", "телефон": "phone", "дата": "date",
}  # fmt: skip


def closest(name: str) -> str | None:
    """The filter that may be meant by a name that is none."""
    low = name[:40].lower()
    close = difflib.get_close_matches(low, FILTERS, n=1, cutoff=0.7)
    return _OTHER_NAMES.get(low) or (close[0] if close else None)
