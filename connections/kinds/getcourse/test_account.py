"""«GetCourse»: the school's address as people paste it."""

import pytest

from connections.kinds.getcourse.account import SchoolForm
from webjack.config import bind, errors


@pytest.mark.parametrize("pasted", ["http://[", "//[::1", "https://school.getcourse.ru]/", "//\u2100"])
def test_what_is_no_address_at_all_is_refused_with_a_sentence(pasted: str) -> None:
    (sentence,) = errors(bind(SchoolForm, {"account": pasted, "key": "a-key"}))["account"]
    assert "myschool.getcourse.ru" in sentence
