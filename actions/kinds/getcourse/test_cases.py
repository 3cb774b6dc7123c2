"""How tests/test_kinds.py tries these kinds."""

from tests.fakes.service import Case

IVAN = {"email": "ivan@example.org", "first_name": "Иван"}
CASES = {
    "getcourse.user": Case(IVAN),
    "getcourse.deal": Case(IVAN | {"deal_number": "1001", "offer_code": "code-1", "deal_cost": "9900"}),
    "getcourse.message": Case({"email": "ivan@example.org", "mailing": "123"}),
}
