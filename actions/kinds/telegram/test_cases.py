"""How tests/test_kinds.py tries these kinds."""

from tests.fakes.service import Case

FILE = {"chat": "987654321", "file": "https://example.com/a.jpg"}
CASES = {
    "telegram.message": Case({"chat": "987654321", "text": "Новая заявка"}, refused={"chat": "1", "text": "Заявка"}),
    "telegram.photo": Case(FILE),
    "telegram.document": Case(FILE),
}
