"""One thing has one name in the Russian texts."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from sources.kinds.amocrm.webhook import Webhook
from sources.kinds.klientiks.events import Klientiks

TEXTS = [
    text
    for message in read_po(BytesIO(Path("locale/ru/LC_MESSAGES/django.po").read_bytes()))
    for text in ([message.string] if isinstance(message.string, str) else message.string or ())
]


@pytest.mark.parametrize(
    "wrong",
    [
        r"\w+: любой метод",  # «произвольный»
        r"\bв шаге \d",  # «на шаге»
        r"\bЭл\. ?почт",  # «E-mail»
        r"\bвлеза",  # «помещается»
        r"самое большее",
        r"сообщается сам\b",
    ],
)
def test_no_text_says_it_otherwise(wrong: str) -> None:
    assert [text for text in TEXTS if re.search(wrong, text, re.IGNORECASE)] == []


def test_klientiks_has_visits_and_amocrm_has_cards() -> None:
    visits = [str(label) for name, label in Klientiks.labels.items() if name.startswith("appointment")]
    assert [label for label in visits if "запис" in label.lower()] == []
    assert {str(Webhook.labels[name]) for name in ("entity", "id")} == {"Карточка", "Номер карточки"}
