from typing import Any

import pytest
from django.test import Client

from tests.conftest import Person
from tests.factories import ProcessingFactory


@pytest.mark.parametrize("debug", [True, False])
def test_who_asks_for_nothing_gets_the_same_page(client: Client, settings: Any, debug: bool, db: None) -> None:
    settings.DEBUG = debug
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "404.html" in [template.name for template in answer.templates]


def test_who_asks_for_another_companys_row_gets_the_same_page(stranger: Person, settings: Any) -> None:
    settings.DEBUG = True
    answer = stranger.get(f"/processings/{ProcessingFactory().pk}/")
    assert answer.status_code == 404
    assert "404.html" in [template.name for template in answer.templates]
