"""Numbers and sums as people read them, and words that go with a number."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import Number, text, whole
from actions.filters.declared import Argument, Example
from actions.filters.numbers import DIGITS, numbers, read

THIN = "\u202f"
"""A narrow space at which no line breaks."""

SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br", "UAH": "₴", "GEL": "₾", "AMD": "֏", "TRY": "₺",
         "GBP": "£", "CNY": "¥", "KGS": "с.", "UZS": "сум", "AZN": "₼"}  # fmt: skip
CURRENCIES = [("RUB", "₽"), ("KZT", "₸"), ("BYN", "Br"), ("USD", "$"), ("EUR", "€"), ("UZS", "сум"), ("", _("none"))]
STYLES = [("ru", "1 234,50"), ("plain", "1234.50"), ("comma", "1234,50"), ("en", "1,234.50")]


def written(value: Number, digits: int | None, style: str = "ru") -> str:
    """A number in a style of `STYLES`; digits None: as many as it has."""
    exact = Decimal(str(value))
    if digits is not None:
        exact = exact.quantize(Decimal((0, (1,), -digits)), ROUND_HALF_UP, Context(prec=130))
    plain = format(exact, "f")
    head, _dot, fraction = plain.lstrip("-").partition(".")
    minus = "-" if plain.startswith("-") and plain.strip("-0.") else ""
    fraction = fraction.rstrip("0") if digits is None else fraction
    if style in ("ru", "en"):
        head = f"{int(head):,}"
        head = head.replace(",", THIN) if style == "ru" else head
    mark = "," if style in ("ru", "comma") else "."
    return minus + head + (mark + fraction if fraction else "")


@numbers.filter(
    "format_number",
    _("Number for people"),
    _("Thousands apart, a decimal comma"),
    Example(1234567.5, f"1{THIN}234{THIN}567,50", [2]),
    fits="number",
    digits=DIGITS,
    style=Argument(_("Form"), STYLES),
)
def format_number(value: Any, digits: Any = "", style: Any = "ru") -> str:
    found = read(value)
    places = None if digits is None or digits == "" else whole(digits, 0, 20)
    return "" if found is None else written(found, places, text(style))


@numbers.filter(
    "money",
    _("Sum of money"),
    _("Thousands apart, a decimal comma, the sign of the currency"),
    Example("1234.5", f"1{THIN}234,50{THIN}₽"),
    fits="number",
    currency=Argument(_("Currency"), CURRENCIES),
    digits=DIGITS,
)
def money(value: Any, currency: Any = "RUB", digits: Any = 2) -> str:
    found = read(value)
    if found is None:
        return ""
    sign = SIGNS.get(text(currency).upper(), text(currency))
    return written(found, whole(digits, 0, 20)) + (THIN + sign if sign else "")


def plural_form(count: Number) -> int:
    """Which of a Russian noun's forms goes with a number: 0 «заявка», 1 «заявки», 2 «заявок»."""
    if count != int(count):
        return 1
    last, two = abs(int(count)) % 10, abs(int(count)) % 100
    if last == 1 and two != 11:
        return 0
    return 1 if 2 <= last <= 4 and not 12 <= two <= 14 else 2


@numbers.filter(
    "plural",
    _("Word for a number"),
    _("Chooses the form of the word: 1 заявка, 2 заявки, 5 заявок"),
    Example(22, "22 заявки", ["заявка", "заявки", "заявок"]),
    fits="number",
    one=Argument(_("With 1")),
    few=Argument(_("With 2")),
    many=Argument(_("With 5")),
    alone=Argument(_("Show"), [(False, _("Number and word")), (True, _("Word only"))]),
)
def plural(value: Any, one: Any, few: Any, many: Any, alone: Any = False) -> str:
    found = read(value) or 0
    word = text((one, few, many)[plural_form(found)])
    return word if alone is True else f"{written(found, None)} {word}"
