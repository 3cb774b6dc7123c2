"""Texts and values made to hurt: each must end early, with a sentence or with a bounded result.

Values are made when asked for, since some are megabytes: as many as a webhook's body may hold.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

MIB = 1 << 20
Make = Callable[[], Any]


@dataclass(frozen=True)
class Hostile:
    """A text with placeholders and what makes the values it sees."""

    name: str
    text: str
    make: Callable[[], dict[str, Any]]

    def __str__(self) -> str:
        return self.name


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = "x"
    for _level in range(depth):
        value = wrap(value)
    return value


VALUES: dict[str, Make] = {
    "a MiB of letters": lambda: "я" * (MIB // 2),
    "a MiB of lone surrogates": lambda: "\ud800" * MIB,
    "a MiB of spaces": lambda: " " * MIB,
    "a MiB of digits": lambda: "8" * MIB,
    "a MiB of braces": lambda: "{{" * (MIB // 2),
    "a MiB of tags": lambda: "<a " * (MIB // 3),
    "a MiB of ampersands": lambda: "&amp" * (MIB // 4),
    "a MiB of scripts": lambda: "<script>" * (MIB // 8),
    "a MiB of phones": lambda: "8 912 345 67 89 " * (MIB // 16),
    "a MiB of half addresses": lambda: "a@b." * (MIB // 4),
    "a list of ten thousand texts": lambda: ["a" * 100] * 10_000,
    "a list of ten thousand objects": lambda: [{"name": str(place), "price": place} for place in range(10_000)],
    "a list of half a million": lambda: [1] * (MIB // 2),
    "ten lists of ten thousand": lambda: [[1] * 10_000] * 10,
    "an object of eighty thousand": lambda: {str(place): place for place in range(80_000)},
    "a list in a list, a hundred thousand times": lambda: nested(100_000, lambda value: [value]),
    "an object in an object, a thousand times": lambda: nested(1000, lambda value: {"a": value}),
    "a number of a million bits": lambda: 1 << 1_000_000,
    "endless numbers": lambda: [float("inf"), float("-inf"), float("nan")] * 3000,
}

WRITTEN = [  # filters whose work grows with their value, as they are usually written
    "json", "parse_json", "upcase", "title", "squeeze", "slug", "transliterate", "replace: 'я', 'яя'", "split: ''",
    "join: ', '", "sort", "uniq", "sum", "map: 'name'", "where: 'price', '>', 5", "url_encode", "base64", "strip_html",
    "unescape", "hmac: 'k'", "phone", "phones", "emails", "number", "date", "full_name", "extract: '(.*)x$'",
    "replace_pattern: 'я', 'ю'", "choose: 'a=b'", "truncate_words: 3",
]  # fmt: skip

PATTERNS = [
    "(a+)+$", "(a|aa)+$", "(.*)*x", "(.*a){20}", "((a?){20}){20}x", "(?:a?){500}x", "(x{1000}){1000}", "a{100000}",
    "\\pL{900}", "(" * 200, ")" * 200, "[a" * 100, "(?=a)a", "(?<=a)b", "a*?" * 150,
    "(?i)" + "а" * 400, "\\1", "(?P<n>a)(?P<n>b)",
    "x*y|x", ".*.*.*.*.*=.*",
    "[^a]*[^b]*[^c]*[^d]*z", "(" + "|".join("abcdefgh" * 20) + ")*z", "\\C",
    "\\Q" + "a" * 490, "",
]  # fmt: skip

BOMBS = {
    "brackets": "[" * 100_000,
    "closed brackets": "[" * 50_000 + "]" * 50_000,
    "objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "a row of ones": "[" + "1," * 500_000 + "1]",
    "empty lists": "[" + "[]," * 300_000 + "[]]",
    "a number of a million digits": "9" * MIB,
    "an exponent": "1e999999999",
    "endless": "[Infinity, NaN]",
    "a quote": '"' * MIB,
    "backslashes": '"' + "\\" * (MIB - 1),
    "surrogates": '"' + "\\ud800" * 150_000 + '"',
    "the same key": "{" + '"a":1,' * 100_000 + '"a":1}',
}

SYNTAX = {
    "open braces": "{{" * 4096,
    "open braces and spaces": "{{" + " " * 8000,
    "spaces": "{{" + " " * 8000 + "}}",
    "an endless tag": "{%" + "a" * 8000,
    "brackets": "{{ " + "(" * 8000 + " }}",
    "indexes": "{{ " + "[" * 8000 + " }}",
    "open quotes": "{{ " + '["a' * 2700 + " }}",
    "quotes": "{{ " + '"' * 8001 + " }}",
    "a long path": "{{ a" + ".a" * 4000 + " }}",
    "paths in paths": "{{ " + "a[" * 120 + "a" + "]" * 120 + " }}",
    "many filters": "{{ v" + " | upcase" * 900 + " }}",
    "conditions": "{% if a" + " and a" * 1300 + " %}{% endif %}",
    "conditions in conditions": "{% if a %}" * 400 + "{% endif %}" * 400,
    "comments": "{% comment %}" * 600,
    "a range": "{{ (1..50000000) | join: ',' }}",
    "a loop": "{% for i in (1..99999999) %}{{ i }}{% endfor %}",
    "a file": "{% include '/etc/passwd' %}",
    "attributes": "{{ v.__class__.__mro__[1].__subclasses__ }}",
    "a long name": "{{ " + "n" * 8000 + " }}",
    "too long": "{{ v }}" + "x" * 9000,
    "many arguments": "{{ v | replace: " + "'a'," * 120 + "'a' }}",
    "a large number": "{{ " + "9" * 39 + " | times: " + "9" * 39 + " | times: " + "9" * 39 + " }}",
    "dashes": "{{" + "-" * 8000 + "}}",
    "a digit with letters": "{{ 1" + "a" * 8000 + " | }}",
}

CHAINS = {
    "append itself": "{{ v " + "| append: v " * 40 + "}}",
    "double by replace": "{{ 'x' " + "| replace: 'x', 'xx' " * 40 + "}}",
    "replace nothing by all": "{{ v | replace: '', v }}",
    "replace each by all": "{{ v | replace: 'я', v }}",
    "escape and escape": "{{ '<' " + "| escape " * 30 + "}}",
    "escape much": "{{ v | append: '<' " + "| escape | url_encode " * 20 + "}}",
    "json of json": "{{ '\"' " + "| json " * 40 + "}}",
    "base64 of base64": "{{ v " + "| base64 " * 20 + "}}",
    "concat itself": "{{ '1,2,3' | split: ',' " + "| concat: v " * 20 + "}}",
    "multiply": "{{ 99999999999 " + "| times: 99999999999 " * 20 + "}}",
    "pad": "{{ v | pad_left: 999999999 }}",
    "pad much": "{{ 'a' " + "| pad_left: 1000000 | truncate: 1 " * 20 + "}}",
    "the same long value": "{{ v }}" * 900,
    "many sizes": "{{ v | size }}" * 500,
    "many conditions": "{% if v contains v %}{% endif %}" * 200,
    "many hashes": "{{ v | sha256 }}" * 400,
    "many phones": "{{ v | phones }}" * 400,
    "a distant date": "{{ '2026-01-01' | date_plus: 999999999, 'years' }}",
    "a distant year": "{{ '9999-12-31' | date_plus: 1, 'months' }}{{ '0001-01-01' | date: '%Y', 'Asia/Tokyo' }}",
    "a format of signs": "{{ '2026-01-01' | date: '" + "%A" * 90 + "' }}",
    "a zone that is a file": "{{ '2026-01-01 10:00' | date: '%H', '../../etc/passwd' }}",
    "a random text": "{{ '' | random_text: 999999999 }}",
    "a random number": "{{ '' | random_number: -999999999999999999, 999999999999999999 }}",
    "round far": "{{ 1.5 | round: 999999999 }}{{ 1.5 | round: -999999999 }}",
    "a plural of a huge number": "{{ " + "9" * 39 + ".5 | plural: 'a', 'b', 'c' }}",
    "rules": "{{ 'x' | choose: v }}",
    "batches": "{{ v | split: '' | batch: 1 | batch: 1 }}",
    "slices": "{{ v | slice: -999999999, 999999999 }}" * 3,
    "all to json": "{{ source | json }}" * 50,
    "a pattern of the value": "{{ v | match: v }}",
    "a replacement of the value": "{{ 'aaaa' | replace_pattern: 'a', v }}" * 10,
    "groups": "{{ v | replace_pattern: '(.)', '" + "$1" * 200 + "' }}",
}


@cache
def texts() -> list[Hostile]:
    """All of them."""
    return list(itertools.chain(_values(), _patterns(), _bombs(), _chains()))


def _values() -> Iterator[Hostile]:
    makes = list(VALUES.items())
    for number, written in enumerate(WRITTEN):
        # Each filter with a third of the values, so that every pair of neighbours meets; all of them in the benchmark.
        for name, make in makes[number % 3 :: 3]:
            yield Hostile(f"{written.split(':')[0]} of {name}", "<{{ v | " + written + " }}>", _given(make))
    for name, make in makes:
        yield Hostile(f"the text of {name}", "<{{ v }}>", _given(make))


def _patterns() -> Iterator[Hostile]:
    for number, pattern in enumerate(PATTERNS):
        quoted = '"' + pattern.replace('"', '""') + '"'
        for letters in ("a" * 30, "x" * 5000, "a" * 400_000):
            name = f"pattern {number} {pattern[:12]!r} on {len(letters)}"
            yield Hostile(name, "{{ v | replace_pattern: " + quoted + ", '-' }}", _given(_is(letters)))


def _bombs() -> Iterator[Hostile]:
    for name, bomb in BOMBS.items():
        yield Hostile(f"JSON: {name}", "{{ v | parse_json }}", _given(_is(bomb)))


def _chains() -> Iterator[Hostile]:
    for name, text in (SYNTAX | CHAINS).items():
        yield Hostile(name, text, _given(VALUES["a MiB of letters"]))


def _is(value: Any) -> Make:
    return lambda: value


def _given(make: Make) -> Callable[[], dict[str, Any]]:
    return lambda: {"v": make(), "a": [1]}
