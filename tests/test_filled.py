"""Settings as services take them: whole numbers that a computer can hold, several texts within a bound, addresses."""

from typing import Any

import pytest

from actions.filled import number, several, texts, whole
from actions.filters.emails import is_email
from actions.kinds.amocrm import people
from actions.kinds.bitrix24 import ways
from actions.kinds.bizon365.access import script
from actions.kinds.googlesheets.update import number_of
from actions.kinds.klientiks import fields
from actions.kinds.smsc.message import phones_of
from actions.kinds.telegram import sending
from webjack.http import Failed

DIGITS = "9" * 5_000  # int() refuses more than 4,300
MANY = ",".join(f"1000{place}" for place in range(21))


@pytest.mark.parametrize(("written", "read"), [("12", 12), (" 7 ", 7), (5, 5), ("0", 0), ("9" * 15, 10**15 - 1)])
def test_digits_are_a_whole_number(written: Any, read: int) -> None:
    assert whole(written) == read


@pytest.mark.parametrize("written", ["", None, "--5", "-5", "٣", "²", "1.5", "12a", "9" * 16, DIGITS, True, [1]])
def test_what_is_no_whole_number_is_none(written: Any) -> None:
    assert whole(written) is None


@pytest.mark.parametrize("digits", [DIGITS, "9" * 16])
def test_no_action_breaks_at_digits_without_end(digits: str) -> None:
    with pytest.raises(Failed, match="число"):
        number({"id": digits}, "id", "Сделка")
    with pytest.raises(Failed, match="число"):
        fields.number({"id": digits}, "id", "Визит")
    with pytest.raises(Failed, match="числом"):
        script({"classes": "c1", "starts": digits})
    with pytest.raises(Failed, match="строки"):
        number_of({"row": digits})
    with pytest.raises(Failed, match="число"):
        sending.common({"topic": digits})


@pytest.mark.parametrize("chat", ["--5", "-", DIGITS, "٣", "@clinic"])
def test_a_chat_that_is_no_number_stays_a_text(chat: str) -> None:
    assert sending.chat_of(chat) == chat
    assert sending.chat_of(" -1001234567890 ") == -1001234567890


def test_several_stand_in_a_list_or_between_signs() -> None:
    assert several("a, b;c\n\n d ,") == several(["a", " b", "c", None, "", "d"]) == ["a", "b", "c", "d"]
    assert several(None) == several([]) == []
    assert several(",".join(["a"] * 30)) == ["a"] * 30
    assert len(several(MANY, None)) == 21


@pytest.mark.parametrize("given", [MANY, MANY.split(",")])
def test_more_than_a_person_has_are_refused_before_one_is_read(given: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (people, ways):
        monkeypatch.setattr(module, "e164", lambda *asked: pytest.fail("a number was read"))
        for read in (module.phones, module.emails):
            with pytest.raises(Failed, match=r"не больше 20.*21"):
                read(given)
    with pytest.raises(Failed, match="не больше 20"):
        ways.left_out(given)


def test_an_sms_counts_its_numbers_before_it_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.kinds.smsc.message.e164", lambda *asked: pytest.fail("a number was read"))
    with pytest.raises(Failed, match="100"):
        phones_of(",".join(map(str, range(101))), "RU")


def test_only_what_is_filled_is_told() -> None:
    assert texts({"a": " x ", "b": "", "c": None, "d": 5}, "abcde") == {"a": "x", "d": "5"}


@pytest.mark.parametrize("one", ["anna@mail.ru", "a+b@x.co", "o'neil@x.ru", "a/b&c=d@x.ru", "я@почта.рф", " a@b.cc "])
def test_an_address_is_one(one: str) -> None:
    assert is_email(one)


@pytest.mark.parametrize(
    "one", ["", "a@b", "a b@x.ru", "@x.ru", "a@.ru", "a@x..ru", "a@b@c.ru", "a@" + "." * 20_000 + "@",
            "a@" + "b" * 60 + f".{'c' * 63}.{'d' * 63}.{'e' * 63}.ru"]
)  # fmt: skip
def test_an_address_is_none(one: str) -> None:
    assert not is_email(one)
