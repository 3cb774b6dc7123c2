"""The benchmarks work: each in a tiny form, whose figures mean nothing, and what is done with figures."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bench import _figures as figures
from bench import _run as bench
from bench._figures import Figure, at_least, at_most, number, share
from bench._plan import DAY, PEAK, Costs, most, plan
from bench._size import Size
from tests.gunicorn_server import database_url

pytestmark = pytest.mark.django_db(transaction=True)

OWN = ["accept", "together", "drain", "slow", "latency", "idle", "memory", "growth", "beside", "filling", "hostile"]
COSTS = Costs(web=0.0004, worker=0.0006, postgres=0.0003, disk=2000, wal=3000, commits_limit=4000)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """For the processes that benchmarks start, and for what they keep."""
    for name, value in {"DATABASE_URL": database_url(), "DEBUG": "false", "SECRET_KEY": "bench"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(figures, "RESULTS", tmp_path)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A benchmark that finds at once what `found` holds."""
    module = ModuleType("bench.fake")
    module.found = [Figure("speed", 1234.5, "/s", at_least(1000)), Figure("wait", 70, "ms", at_most(50))]  # type: ignore[attr-defined]
    module.measure = lambda size: iter(module.found)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bench.fake", module)
    monkeypatch.setattr(bench, "known", lambda: ["fake", "broken"])
    return module


def test_each_benchmark_works_in_a_tiny_form(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = bench.main(["--tiny", "--keep", "tiny", *OWN])
    said = capsys.readouterr()
    assert code == 0, said.err
    kept = json.loads((tmp_path / "tiny.json").read_text())
    assert {key.split(":")[0] for key in kept["figures"]} == set(OWN)
    assert all(key in said.out for key in kept["figures"])
    assert {"machine", "load before", "versions", "engine", "size"} <= set(kept["conditions"])
    assert "operations a second at the peak" in said.out


def test_the_list_of_benchmarks_is_that_of_the_folder() -> None:
    assert set(OWN) <= set(bench.known())
    assert not [name for name in bench.known() if name.startswith("_")]


def test_the_table_shows_figure_target_and_whether_it_is_met(
    fake: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["fake"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("fake: ")]
    assert rows == [
        ["fake:", "speed", "1234", "/s", "≥", "1000", "yes"],
        ["fake:", "wait", "70.0", "ms", "≤", "50", "NO"],
    ]


def test_a_kept_run_is_what_the_next_one_is_compared_with(
    fake: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bench.main(["fake", "--keep", "before"])
    kept = json.loads((tmp_path / "before.json").read_text())["figures"]["fake: speed"]
    assert kept == {"value": 1234.5, "unit": "/s", "target": "≥ 1000", "met": True}
    fake.found = [Figure("speed", 2469, "/s"), Figure("new", 1)]  # type: ignore[attr-defined]
    capsys.readouterr()
    bench.main(["fake", "--compare", "before"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("fake: ")]
    assert rows == [["fake:", "speed", "2469", "/s", "1234", "2.00"], ["fake:", "new", "1.00"]]


def test_a_benchmark_that_breaks_does_not_keep_the_others_from_running(
    fake: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["broken", "fake"]) == 1
    said = capsys.readouterr()
    assert "fake: speed" in said.out
    assert "No module named 'bench.broken'" in said.err


def test_an_unknown_name_is_refused(fake: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["nonsense"])
    assert "nonsense" in capsys.readouterr().err


def test_numbers_have_three_digits() -> None:
    assert [number(value) for value in (1234.5, 56.78, 0.1234)] == ["1234", "56.8", "0.12"]


def test_a_percentile_is_one_of_the_values() -> None:
    waits = [float(value) for value in range(100, 0, -1)]
    assert (share(waits, 0.5), share(waits, 0.95), share([7], 0.95)) == (51, 96, 7)


def test_full_takes_the_usual_amount_where_none_is_given() -> None:
    assert [size.of(1, 2, 3) for size in Size] == [1, 2, 3]
    assert [size.of(1, 2) for size in Size] == [1, 2, 2]


def test_ten_times_as_many_operations_need_ten_times_the_cores_and_disk() -> None:
    one, ten = plan(COSTS, 1_000_000), plan(COSTS, 10_000_000)
    assert ten.cores == pytest.approx(10 * one.cores)
    assert ten.disk == pytest.approx(10 * one.disk) == 10_000_000 * 30 * 2000
    assert one.peak == pytest.approx(PEAK * 1_000_000 / DAY)
    assert one.limit.startswith("nothing")


def test_workers_are_added_when_one_core_of_them_is_too_little() -> None:
    few, many = plan(COSTS, 100_000), plan(COSTS, 50_000_000)
    assert (few.workers, few.web_processes) == (2, 2)
    assert many.workers == 3
    assert many.connections > few.connections


def test_one_postgresql_ends_at_its_commits_however_many_cores_it_has() -> None:
    assert plan(COSTS, 50_000_000).limit.startswith("commits")
    assert most(COSTS, 2) == pytest.approx(0.6 * 4000)
    assert most(COSTS, 32) == pytest.approx(0.6 * 4000)
    assert most(COSTS, 1) == pytest.approx(0.6 / 0.0003)
