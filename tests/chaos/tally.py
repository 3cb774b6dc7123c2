"""Counts, after a storm, what was taken, what became of it and what reached the target; and what must then be true."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.sender import Sender
from tests.fakes.target import Received, Target

OPERATIONS = "SELECT id::text, status, coalesce(due_at > now(), false) FROM history_operation"
STEPS = """
SELECT operation_id::text, action_id::text, run, status, extract(epoch FROM started_at)::float + duration_ms / 1000.0
FROM history_step
"""
BY_ITSELF = {
    "succeeded",
    "waiting",
}  # what an operation may be when all is over: the targets did it all in the end
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

    def wrong(self) -> list[str]:
        """What must not be: lost, or silently done twice. Nothing, if all is well."""
        taken, found = self.sender.taken, []
        if len(set(taken.values())) < len(taken):
            found.append("two calls were answered with one operation")
        found += [f"{id} was answered 2xx and is not there" for id in set(taken.values()) - set(self.operations)]
        found += [f"call {number} became {ids}" for number, ids in self.numbers.items() if len(ids) > 1]
        found += [f"{id} ended as {status}" for id, status in self.operations.items() if status not in BY_ITSELF]
        found += [f"{id} waits, is due, and nobody comes" for id in self.due]
        places = self.steps.keys() | self.requests.keys()
        found += [f"{place} {problem}" for place in places for problem in self._problems(place)]
        done = {operation for operation, _ in self.steps}
        missing = [id for id, status in self.operations.items() if status == "succeeded" and id not in done]
        return found + [f"{id} succeeded without a step" for id in missing]

    def _problems(self, place: Place) -> Iterator[str]:
        """Of one action of one operation. An operation went to one path, or to two in turn."""
        steps, sent = self.steps.get(place, []), self.requests.get(place, [])
        ends = [ended for status, ended in steps if status == "succeeded"]
        told = f"(sent at {[f'{one.at:.2f}' for one in sent]}, steps {[(name, f'{at:.2f}') for name, at in steps]})"
        if len(ends) > 1:
            yield f"finished and ran again {told}"
        if not ends and self.operations[place[0]] != "waiting":
            yield f"never finished {told}"
        if ends and not sent:
            yield f"finished without a request {told}"
        if sent and len({request.headers["Idempotency-Key"] for request in sent}) != 1:
            yield f"was sent with several keys {told}"
        if len(sent) > 1 and len(steps) < 2:
            yield f"was sent {len(sent)} times and the history shows one attempt {told}"
        if any(request.at > end + LATE for end in ends for request in sent):
            yield f"was sent again after it had finished {told}"


def _listed(found: Any) -> str:
    return ", ".join(f"{count} {name}" for name, count in Counter(found).most_common()) or "none"
