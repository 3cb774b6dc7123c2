"""Everything that scripts/run starts is killed at random instants under load: nothing lost, nothing silently repeated.

    scripts/test tests/chaos/test_storm.py -m chaos_long    12,000 operations, 43 strikes, some minutes (docs/chaos.md)

CHAOS_SEED repeats the order and the instants of a storm; the seed is printed.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.installation import Installation, installation
from tests.chaos.strikes import LONG, SHORT, Strikes
from tests.chaos.tally import Tally
from tests.fakes.sender import Sender, flowing
from tests.fakes.target import Answer, NoAnswer, Received, Target, target_server

LEASE, DEADLINE = 5, 4  # seconds; shorter than the pauses
OPEN = """
SELECT count(*) FROM history_operation
WHERE status IN ('queued', 'running') OR (status = 'waiting' AND due_at < now() + interval '30 seconds')
"""
OK = (200, b'{"id": 7}')


def test_a_storm_of_six_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    storm(tmp_path / "installation", capsys, calls=400, per_second=60, strikes=SHORT, most_apart=1.5)


@pytest.mark.chaos_long
def test_a_long_storm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls = int(os.environ.get("CHAOS_CALLS", "12000"))
    storm(tmp_path / "installation", capsys, calls=calls, per_second=80, strikes=LONG, most_apart=5, trouble=0.02)


def storm(
    path: Path,
    capsys: pytest.CaptureFixture[str],
    calls: int,
    per_second: float,
    strikes: dict[str, int],
    most_apart: float,
    trouble: float = 0.0,
) -> None:
    """Sends until `calls` were answered 2xx and all strikes have fallen; then everything must end by itself."""
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))
    began = time.monotonic()
    told = {"LEASE_SECONDS": str(LEASE), "STEP_SECONDS": str(DEADLINE)}
    with target_server() as target, installation(path, **told) as on:
        target.answer = troublesome(seed, trouble)
        webhooks, actions = prepare(on, target)
        sender = Sender(on.port, webhooks)
        falling = Strikes(on, sender, seed)
        with flowing(sender, per_second):
            falling.fall(strikes, most_apart)
            wait_until(lambda: len(sender.taken) >= calls)
        struck = time.monotonic()
        wait_until(lambda: on.rows(OPEN)[0][0] == 0)
        tally = Tally(sender, target, actions)
        tally.count(on.rows)
    lines = [
        f"seed {seed}, began at {falling.at:.2f}",
        *falling.log,
        f"strikes: {_listed(falling.done)}",
        *tally.lines(),
    ]
    lines += [f"{struck - began:.0f} s until the last call, {time.monotonic() - struck:.0f} s more until all was done"]
    with capsys.disabled():
        print("", *lines, sep="\n")
    assert not (wrong := tally.wrong()), "\n".join(wrong[:50])


def prepare(on: Installation, target: Target) -> tuple[list[str], dict[str, str]]:
    """Two processings, one of two requests in turn and one of one: their webhooks' paths, and each path's action."""
    webhooks, actions = [], {}
    for paths in (("/first", "/second"), ("/only",)):
        processing = on.post("processings/", {"name": f"Storm {len(paths)}"})["id"]
        source = on.post("sources/", {"processing": processing, "kind": "http"})
        for path in paths:
            body = "{{ number }} {{ operation.id }}"
            config = {"method": "POST", "url": target.url + path, "body": body}
            action = {"processing": processing, "kind": "http.request", "config": config}
            actions[path] = on.post("actions/", action)["id"]
        on.post(f"processings/{processing}/start/")
        webhooks.append(source["url"].removeprefix(on.url))
    return webhooks, actions


def troublesome(seed: int, share: float) -> Answer:
    """Of first requests so many are answered 500, hang too long or get no answer; of second ones a quarter."""

    def answer(request: Received) -> tuple[int, bytes]:
        key = f"{request.path} {request.headers['Idempotency-Key']}"
        seen[key] += 1
        chance = random.Random(f"{seed} {key} {seen[key]}")
        time.sleep(chance.uniform(0, 0.05))
        if chance.random() < share / 4 ** (seen[key] - 1):
            trouble = chance.choice(("500", "hangs", "breaks"))
            if trouble == "500":
                return 500, b'{"error": "storm"}'
            if trouble == "hangs":
                time.sleep(DEADLINE + 1)
            raise NoAnswer
        return OK

    seen: Counter[str] = Counter()
    return answer


def wait_until(done: Callable[[], bool], seconds: float = 240.0) -> None:
    """The database may be away just now."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it does not come to an end"
        time.sleep(0.2)


def _listed(counts: Counter[str]) -> str:
    return f"{counts.total()} ({', '.join(f'{count} × {kind}' for kind, count in counts.items())})"
