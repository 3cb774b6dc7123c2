"""How tests/test_kinds.py tries these kinds."""

from tests.fakes.service import Case

TIME = {"start": "2026-12-01 10:00", "minutes": "30"}
CASES = {
    "klientiks.client": Case({"phone": "+79161234567", "first_name": "Анна"}),
    "klientiks.visit": Case({"client_id": "6439301", "executor_id": "11"} | TIME),
    "klientiks.booking": Case(
        {
            "phone": "+79161234567",
            "first_name": "Анна",
            "executor_id": "11",
            "services": "5",
            "start": "2026-12-01 10:00",
        }
    ),
    "klientiks.method": Case({"what": "list", "model": "Services/"}),
}
