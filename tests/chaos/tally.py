"""Counts, after a storm, what was taken, what became of it and what reached the target; and what must be true of that."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.sender import Sender
from tests.fakes.target import Received, Target

OPERATIONS = "SELECT id::text, status, coalesce(due_at > now(), false) FROM history_operation"
STEPS = """
SELECT operation_id::text, action_id::text, run, status, extract(epoch FROM started_at)::float + duration_ms / 1000.0
FROM history_step
"""
BY_ITSELF = {"succeeded", "waiting"}  # what an operation may be when all is over: the targets did it all sooner or later
LATE = 0.5  # seconds: an answer's way from the target into the step that says when it came

Place = tuple[str, str]  # operation, action


@dataclass
class Tally:
    """actions: the id of the action that sends to each path; its requests say `<number> <operation>`."""

    sender: Sender
    target: Target
    actions: dict[str, str]
    operations: dict[str, str] = field(default_factory=dict)  # status by id
    due: list[str] = field(default_factory=list)  # waiting, and yet due
    steps: dict[Place, list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))
    requests: dict[Place, list[Received]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def count(self, rows: Any) -> None:
        """rows: asks the database."""
        for id, status, later in rows(OPERATIONS):
            self.operations[id] = status
            if status == "waiting" and not later:
                self.due.append(id)
        for operation, action, run, status, ended in rows(STEPS):
            assert run == 1, "nobody repeated anything by hand"
            self.steps[operation, action].append((status, ended))
        for request in self.target.requests:
            number, operation = request.body.decode().split()
            self.requests[operation, self.actions[request.path]].append(request)
            self.numbers[int(number)].add(operation)

    @property
    def repeated(self) -> dict[Place, list[Received]]:
        return {place: found for place, found in self.requests.items() if len(found) > 1}

    def statuses(self, place: Place) -> Counter[str]:
        return Counter(status for status, _ in self.steps.get(place, ()))

    def lines(self) -> list[str]:
        steps = Counter(status for found in self.steps.values() for status, _ in found)
        again = sum(len(found) - 1 for found in self.repeated.values())
        unanswered = sum(self.statuses(place)["failed"] for place in self.repeated)
        return [
            f"answered 2xx: {len(self.sender.taken)}; answered or broken otherwise: {_listed(self.sender.others)}",
            f"operations: {len(self.operations)}; {_listed(self.operations.values())}",
            f"steps: {_listed(steps.elements())}",
            f"requests at the target: {len(self.target.requests)}, of them repeated: {again} "
            f"({unanswered} after an answer that was an error or none, {again - unanswered} after a strike)",
        ]

    def check(self) -> None:
        """Nothing lost, nothing silently done twice."""
        taken = self.sender.taken
        assert len(set(taken.values())) == len(taken), "two calls were answered with one operation"
        assert set(taken.values()) <= set(self.operations), "what was answered 2xx is not in the history"
        assert all(len(found) == 1 for found in self.numbers.values()), "one call became two operations"
        assert set(self.operations.values()) <= BY_ITSELF, Counter(self.operations.values())
        assert not self.due, "waiting, due, and nobody comes"
        self._check_steps()
        self._check_requests()

    def _check_steps(self) -> None:
        """Each operation went to one path, or to two in turn, and finished each action once."""
        for (operation, action), found in self.steps.items():
            succeeded = sum(status == "succeeded" for status, _ in found)
            assert succeeded <= 1, f"a finished step of {operation} ran again"
            assert succeeded == 1 or self.operations[operation] == "waiting", (operation, action, found)
            assert (operation, action) in self.requests or not succeeded, "a step succeeded that sent nothing"
        done = {operation for operation, _ in self.steps}
        missing = [id for id, status in self.operations.items() if status == "succeeded" and id not in done]
        assert not missing, "succeeded without a step"

    def _check_requests(self) -> None:
        for place, found in self.requests.items():
            keys = {request.headers["Idempotency-Key"] for request in found}
            assert len(keys) == 1 and None not in keys, f"{place} was sent with several keys"
            steps = self.steps.get(place, [])
            if len(found) > 1:
                assert len(steps) > 1, f"{place} was sent {len(found)} times and the history shows one attempt"
            for ended in (ended for status, ended in steps if status == "succeeded"):
                late = [request.at - ended for request in found if request.at > ended + LATE]
                assert not late, f"{place} was sent again {late} s after it had succeeded"


def _listed(found: Any) -> str:
    return ", ".join(f"{count} {name}" for name, count in Counter(found).most_common()) or "none"
