"""Russian letters in Latin ones, and names for addresses."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import fitting, text
from actions.filters.declared import Argument, Example
from actions.filters.texts import texts

# ICAO Doc 9303, part 3, section 6 B, as in Russian passports since 2013 (order of the FMS No. 320).
_PASSPORT = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y _ e iu ia".split(),
        strict=True,
    )
) | {"ь": ""}
# As people write by ear: GOST R 7.0.34-2014 with its usual simplifications.
_EVERYDAY = _PASSPORT | {"ё": "yo", "й": "y", "х": "h", "ъ": "", "ю": "yu", "я": "ya"}
_UKRAINIAN = {"є": "ie", "і": "i", "ї": "i", "ґ": "g", "ў": "u"}
_NOT_IN_ADDRESSES = re.compile(r"[^a-z0-9]+")


def _table(small: dict[str, str]) -> dict[int, str]:
    both = small | {letter.upper(): latin.capitalize() for letter, latin in small.items()}
    return {ord(letter): latin for letter, latin in both.items()}


TABLES = {"everyday": _table(_EVERYDAY | _UKRAINIAN), "passport": _table(_PASSPORT | _UKRAINIAN)}


@texts.filter(
    "transliterate",
    _("In Latin letters"),
    _("Writes Russian letters in Latin ones"),
    Example("Щукина Юлия", "Shchukina Yuliya"),
    weight=8,
    system=Argument(_("Rules"), [("everyday", _("Everyday")), ("passport", _("As in passports"))]),
)
def transliterate(value: Any, system: Any = "everyday") -> str:
    latin = text(value).translate(TABLES.get(system, TABLES["everyday"]))
    fitting(len(latin))
    return latin


@texts.filter(
    "slug",
    _("For an address"),
    _("Latin letters, digits and dashes, as names in links have them"),
    Example("Стрижка и укладка, №2", "strizhka-i-ukladka-2"),
    weight=12,
)
def slug(value: Any) -> str:
    return _NOT_IN_ADDRESSES.sub("-", transliterate(value).lower()).strip("-")
