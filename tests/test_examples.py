"""The examples in the help are what the kinds really do."""

import html
from typing import Any

import pytest
import time_machine
from django.utils import translation

from actions.examples import executed
from tests.conftest import Person
from webjack import kinds

EXAMPLES = {key: kind for key, kind in kinds.catalogue("action").items() if kind.example}
BLOCKS = """
flow.condition flow.branch flow.foreach flow.delay flow.call flow.reply data.value data.lookup data.remember
""".split()


def test_each_block_has_an_example() -> None:
    assert set(BLOCKS) <= set(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_gives_what_it_says(kind: Any) -> None:
    assert kind.example.config.keys() <= kind.form.base_fields.keys()
    with translation.override("ru"), time_machine.travel("2026-03-16T09:30:00+00:00", tick=False):
        assert executed(kind, kind.example) == kind.example.output


def test_the_help_shows_each_block(owner: Person) -> None:
    page = html.unescape(owner.get("/help/blocks/", headers={"Accept-Language": "ru"}).content.decode())

    assert all(str(EXAMPLES[key].title) in page for key in BLOCKS)
    assert "status равняется «Записан» и phone — заполнено" in page
    assert "/help/blocks/" in owner.get("/help/").content.decode()


def test_the_help_works_out_what_placeholders_take_from_an_answer(owner: Person) -> None:
    page = html.unescape(owner.get("/help/answers/", headers={"Accept-Language": "ru"}).content.decode())
    for text, value in (
        ("{{ steps.http.body.client.phone | phone }}", "+79161234567"),
        ("{{ steps.http.body.visits | size }}", "2"),
        ('{{ steps.http.headers["x-request-id"] }}', "a17"),
    ):
        assert f"<code>{text}</code><br>→ {value}<" in page
    assert "/help/answers/" in owner.get("/help/").content.decode()
