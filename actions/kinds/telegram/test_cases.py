"""How tests/test_kinds.py tries these kinds."""

from tests.fakes.service import Case

CASES = {
    "telegram.message": Case({"chat": "987654321", "text": "Новая заявка"}, refused={"chat": "1", "text": "Заявка"}),
}
