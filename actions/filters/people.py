"""Full names: Фамилия, Имя, Отчество from one text in whatever order."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import text
from actions.filters.declared import Argument, Example, Theme
from actions.filters.texts import title

people = Theme("people", _("Name of a person"))

LONGEST = 200  # characters looked at
_PATRONYMIC = re.compile(r"(?:[оеё]вич|ич|[оеё]вна|ична|инична|кызы|оглы|улы)$", re.IGNORECASE)
_SURE = re.compile(r"(?:вич|вна|ична|инична|кызы|оглы|улы)$")
_SHORT = frozenset("ильич кузьмич лукич фомич".split())
_SURNAME = re.compile(
    r"(?:[оеё]в|ин|ын|[оеё]ва|ина|ына|ский|цкий|ской|цкой|ская|цкая|енко|ко|ук|юк|ян|швили|дзе|ых|их|ич|ой)$",
    re.IGNORECASE,
)
_MALE = frozenset(
    "александр алексей анатолий андрей антон аркадий арсений артём артем артур богдан борис вадим валентин "
    "валерий василий виктор виталий владимир владислав вячеслав геннадий георгий герман глеб григорий давид "
    "даниил данила денис дмитрий евгений егор иван игорь илья иосиф камиль карен кирилл константин лев леонид "
    "лука максим марат марк матвей михаил мурат никита николай олег павел пётр петр ренат ринат роберт родион "
    "роман ростислав руслан самвел святослав семён семен сергей станислав степан тагир тарас тимофей тимур "
    "фёдор федор филипп эдуард эльдар юрий ян ярослав августин иакинф кузьма демьян фома арам ашот рустам "
    "айдар азат ильдар динар саид али".split()
)
_FEMALE = frozenset(
    "алевтина александра алина алла алёна алена альбина альфия анастасия ангелина анжела анжелика анна "
    "антонина арина валентина валерия варвара василиса вера вероника виктория галина гульнара гузель дарина "
    "дарья диана динара ева евгения екатерина елена елизавета жанна зарина зинаида зоя инга инесса инна ирина "
    "карина каролина кира кристина ксения лариса лейла лидия лилия любовь людмила мадина майя маргарита марина "
    "мария марьяна милана надежда наталия наталья нелли ника нина оксана олеся ольга полина раиса регина римма "
    "роза роксана сабина светлана серафима снежана софия софья стефания таисия тамара татьяна ульяна фаина "
    "фатима христина эвелина элина эльвира эльмира эмма юлия яна ярослава".split()
)
_GIVEN = _MALE | _FEMALE
FORMS = [
    ("ФИО", _("Last, first, middle name")), ("ИОФ", _("First, middle, last name")),
    ("ИО", _("First and middle name")), ("ИФ", _("First and last name")), ("ФИ", _("Last and first name")),
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Parts of a full name, each "" where the text has none."""

    last: str = ""
    first: str = ""
    middle: str = ""


def person(value: Any) -> Person:
    """Tell the parts of a full name, whatever their order: «Анна Ивановна Петрова», «Петрова Анна», «Анна»."""
    return _person(text(value)[:LONGEST])


@lru_cache(maxsize=512)  # one name is asked for its parts one by one
def _person(written: str) -> Person:
    words = [word.strip(",.;") for word in written.split()]
    words = [title(word) for word in words if word]
    if not words:
        return Person()
    middle = next((at for at, word in enumerate(words) if at and _is_patronymic(words, at)), None)
    if middle is not None:
        return _around_patronymic(words, middle)
    return _without_patronymic(words)


def _is_patronymic(words: list[str], at: int) -> bool:
    word = words[at].lower()
    if not _PATRONYMIC.search(word) or (len(words) > 2 and not _SURE.search(word) and word not in _SHORT):
        return False
    # «Анна Ковалевич» is a first and a last name, «Иван Петрович» a first one and a patronymic.
    feminine = words[at - 1].lower() not in _MALE and words[at - 1][-1:] in "ая"
    return (bool(_SURE.search(word)) or word in _SHORT) and not (word.endswith("ич") and feminine)


def _is_given(word: str) -> bool:
    return word.lower() in _GIVEN or not _SURNAME.search(word)


def _around_patronymic(words: list[str], middle: int) -> Person:
    """The first name stands right before the patronymic: «Петрова Анна Ивановна», «Анна Ивановна Петрова»."""
    before, behind = words[: middle - 1], words[middle + 1 :]
    # Turkic patronymics are two words: «Гасан Али оглы».
    two_words = words[middle].lower() in ("оглы", "кызы", "улы") and middle > 1
    if two_words:
        before = words[: middle - 2]
        return Person(" ".join([*before, *behind]), words[middle - 2], f"{words[middle - 1]} {words[middle].lower()}")
    return Person(" ".join([*before, *behind]), words[middle - 1], words[middle])


def _without_patronymic(words: list[str]) -> Person:
    """As forms ask for it, the last name comes first, unless only the last word can be one."""
    if len(words) == 1:
        return Person(first=words[0]) if _is_given(words[0]) else Person(last=words[0])
    begins, ends = words[0].lower() in _GIVEN, words[-1].lower() in _GIVEN
    foreign = " ".join(words).isascii()
    if (begins and not ends) or (begins == ends and (foreign or (_is_given(words[0]) and not _is_given(words[-1])))):
        return Person(last=words[-1], first=" ".join(words[:-1]))
    return Person(last=words[0], first=" ".join(words[1:]))


@people.filter(
    "last_name",
    _("Last name"),
    _("The last name out of a full one"),
    Example("Анна Ивановна Петрова", "Петрова"),
    fits="person",
)
def last_name(value: Any) -> str:
    return person(value).last


@people.filter(
    "first_name",
    _("First name"),
    _("The first name out of a full one"),
    Example("петрова анна ивановна", "Анна"),
    fits="person",
)
def first_name(value: Any) -> str:
    return person(value).first


@people.filter(
    "middle_name",
    _("Middle name"),
    _("The patronymic out of a full name"),
    Example("Петрова Анна Ивановна", "Ивановна"),
    fits="person",
)
def middle_name(value: Any) -> str:
    return person(value).middle


@people.filter(
    "full_name",
    _("Full name in this order"),
    _("Puts the parts of a name in the order you want"),
    Example("анна ивановна ПЕТРОВА", "Петрова Анна Ивановна", ["ФИО"]),
    fits="person",
    order=Argument(_("Order"), FORMS),
)
def full_name(value: Any, order: Any = "ФИО") -> str:
    """Ф, И and О stand for last, first and middle name."""
    found = person(value)
    parts = {"Ф": found.last, "И": found.first, "О": found.middle}
    return " ".join(filter(None, (parts.get(sign, "") for sign in text(order)[:3].upper())))


@people.filter(
    "initials",
    _("Last name with initials"),
    _("The last name and the first letters of the others"),
    Example("Анна Ивановна Петрова", "Петрова А. И."),
    fits="person",
)
def initials(value: Any) -> str:
    found = person(value)
    letters = " ".join(f"{part[0]}." for part in (found.first, found.middle) if part)
    return " ".join(filter(None, (found.last, letters))) if found.last else found.first
