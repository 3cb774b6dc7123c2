"""«Справочник: взять» without a database."""

from actions.kinds.data.lookup import Lookup
from actions.tables.models import LONGEST_KEY


def test_a_key_that_is_too_long_for_a_row_finds_none_that_begins_like_it() -> None:
    asked = Lookup().asks({"table": "Т", "lookup": "а" * (LONGEST_KEY + 1)})
    assert asked
    assert len(asked.key) == LONGEST_KEY
    assert asked.key != "а" * LONGEST_KEY
    usual = Lookup().asks({"table": "Т", "lookup": f" {'а' * LONGEST_KEY} "})
    assert usual
    assert usual.key == "а" * LONGEST_KEY
