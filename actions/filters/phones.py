"""Telephone numbers of any country, by Google's rules (phonenumberslite)."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    format_number,
    is_possible_number,
    parse,
)

from actions.filters.bounds import blank, elements, text, whole
from actions.filters.declared import Argument, Example, Theme
from actions.values import short

phones = Theme("phones", _("Phone"))

LONGEST_NUMBER = 60  # characters
LONGEST_SEARCH = 5_000
_NEAR = 200  # characters in which one number is looked for
COUNTRIES = [
    ("RU", _("Russia")), ("KZ", _("Kazakhstan")), ("BY", _("Belarus")), ("UZ", _("Uzbekistan")),
    ("KG", _("Kyrgyzstan")), ("AM", _("Armenia")), ("AZ", _("Azerbaijan")), ("GE", _("Georgia")),
    ("TJ", _("Tajikistan")), ("MD", _("Moldova")),
    ("RS", _("Serbia")), ("TR", _("Turkey")), ("AE", _("United Arab Emirates")), ("DE", _("Germany")), ("US", _("USA")),
]  # fmt: skip
COUNTRY = Argument(_("Country of numbers without a code"), COUNTRIES)


@lru_cache(maxsize=512)
def _parsed(written: str, region: str) -> PhoneNumber | None:
    number = _possible(written, region)
    if number is not None or written.lstrip("( ").startswith("+"):
        return number
    # «8 10 375 …» and «00375 …» are dialled from abroad; people also write the code of the country without its plus.
    digits = "".join(sign for sign in written if sign.isdigit())
    return _possible("+" + digits.removeprefix("00"), region) if len(digits) >= 11 else None


def _possible(written: str, region: str) -> PhoneNumber | None:
    try:
        number = parse(written, region)
    except NumberParseException:
        return None
    return number if is_possible_number(number) else None


def phone_number(value: Any, region: Any = "RU") -> PhoneNumber | None:
    """The number that a text is; None when it is none. A text without a country's code is one of `region`."""
    written = text(value).strip()
    return _parsed(written, text(region).upper()[:2]) if len(written) <= LONGEST_NUMBER else None


def e164(value: Any, region: Any = "RU") -> str | None:
    """``+79123456789``, or None when the text is no telephone number."""
    number = phone_number(value, region)
    return format_number(number, PhoneNumberFormat.E164) if number else None


def found(value: Any, region: Any = "RU") -> list[str]:
    """All numbers in a text, each once, in the form of `e164`. Raises ValueError when it is too long."""
    numbers: dict[str, None] = {}
    for one in elements(value):
        written = text(one)
        if len(written) > LONGEST_SEARCH:
            raise ValueError(
                gettext("phone numbers are looked for in at most %(size)s characters") % {"size": LONGEST_SEARCH}
            )
        for match in PhoneNumberMatcher(written, text(region).upper()[:2]):
            numbers[format_number(match.number, PhoneNumberFormat.E164)] = None
        alone = None if numbers else e164(written, region)
        numbers |= {alone: None} if alone else {}
    return list(numbers)


def _formatted(value: Any, region: Any, form: int) -> str | None:
    """Nothing stays nothing; of a text with words around it the first number counts."""
    if blank(value):
        return None
    number = phone_number(value, region)
    if number is None:
        inside = found(text(value)[:_NEAR], region)
        if not inside:
            raise ValueError(gettext("“%(value)s” is not a phone number") % {"value": short(value)})
        number = parse(inside[0])
    return format_number(number, form)


@phones.filter(
    "phone",
    _("Phone → +7XXXXXXXXXX"),
    _("The form that most services want; nothing stays nothing"),
    Example("8 (912) 345-67-89", "+79123456789"),
    fits="phone",
    weight=40,
    region=COUNTRY,
)
def phone(value: Any, region: Any = "RU") -> str | None:
    return _formatted(value, region, PhoneNumberFormat.E164)


@phones.filter(
    "phone_digits",
    _("Phone → 7XXXXXXXXXX"),
    _("With the country's code, digits only"),
    Example("+7 912 345-67-89", "79123456789"),
    fits="phone",
    weight=40,
    region=COUNTRY,
)
def phone_digits(value: Any, region: Any = "RU") -> str | None:
    written = phone(value, region)
    return written.removeprefix("+") if written else None


@phones.filter(
    "phone_national",
    _("Phone → 8 (XXX) XXX-XX-XX"),
    _("As people of that country write it"),
    Example("+79123456789", "8 (912) 345-67-89"),
    fits="phone",
    weight=40,
    region=COUNTRY,
)
def phone_national(value: Any, region: Any = "RU") -> str | None:
    return _formatted(value, region, PhoneNumberFormat.NATIONAL)


@phones.filter(
    "phone_international",
    _("Phone → +7 XXX XXX-XX-XX"),
    _("With the country's code, easy to read"),
    Example("89123456789", "+7 912 345-67-89"),
    fits="phone",
    weight=40,
    region=COUNTRY,
)
def phone_international(value: Any, region: Any = "RU") -> str | None:
    return _formatted(value, region, PhoneNumberFormat.INTERNATIONAL)


@phones.filter(
    "phone_last",
    _("Last digits of the phone"),
    _("The last ten digits, without the country's code"),
    Example("8 (912) 345-67-89", "9123456789", [10]),
    fits="phone",
    weight=40,
    count=Argument(_("Digits"), number=True),
)
def phone_last(value: Any, count: Any = 10) -> str | None:
    digits = phone_digits(value)
    return digits[-whole(count, 1, 20) :] if digits else None


@phones.filter(
    "phones",
    _("All phones in a text"),
    _("A list of all phone numbers, each in the form +7XXXXXXXXXX"),
    Example("моб. 8 912 345-67-89, раб. (495) 123-45-67", ["+79123456789", "+74951234567"]),
    fits="text list phone",
    weight=800,
    region=COUNTRY,
)
def phones_in(value: Any, region: Any = "RU") -> list[str]:
    return found(value, region)


@phones.filter(
    "is_phone",
    _("Is it a phone?"),
    _("Yes or no: whether the value is a phone number"),
    Example("12-34", False),
    fits="text phone",
    weight=40,
    region=COUNTRY,
)
def is_phone(value: Any, region: Any = "RU") -> bool:
    return phone_number(value, region) is not None
