"""How tests/test_kinds.py tries these kinds."""

from tests.fakes.service import Case

CASES = {
    "smsc.message": Case(
        {"phone": "+79161234567", "text": "Ждём вас завтра"}, refused={"phone": "123", "text": "Ждём вас"}
    ),
}
