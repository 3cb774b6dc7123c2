"""How tests/test_kinds.py tries these kinds."""

from tests.fakes.service import Case

PERSON = {"email": "ivan@example.org", "name": "Иван"}
SESSION = {"page": "1234:test", "time": "2026-12-01T17:00:00.000Z"}
CASES = {
    "bizon365.student": Case(PERSON),
    "bizon365.webinar": Case(PERSON | SESSION, refused=PERSON | SESSION | {"page": "1:none"}),
    "bizon365.access": Case(PERSON | {"classes": "c1"}),
    "bizon365.method": Case({"way": "GET", "path": "webinars/subpages/getSubpages"}),
}
