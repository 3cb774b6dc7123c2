"""What a benchmark finds: figures, their targets, and the table and file they are shown and kept in."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
WIDTHS = (86, 18, 10, 6)


@dataclass(frozen=True)
class Target:
    """sign: "≥" or "≤"."""

    sign: str
    limit: float

    def met(self, value: float) -> bool:
        return value >= self.limit if self.sign == "≥" else value <= self.limit


def at_least(limit: float) -> Target:
    return Target("≥", limit)


def at_most(limit: float) -> Target:
    return Target("≤", limit)


@dataclass(frozen=True)
class Figure:
    """what: a name that stays the same from run to run. unit: "×" for a ratio, "/s", "ms", …; may be empty."""

    what: str
    value: float
    unit: str = ""
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        return self.target.met(self.value) if self.target else None

    def kept(self) -> dict[str, Any]:
        target = f"{self.target.sign} {self.target.limit:g}" if self.target else None
        return {"value": self.value, "unit": self.unit, "target": target, "met": self.met}


def number(value: float) -> str:
    """Three digits that say something: 1234, 56.7, 0.123."""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


class Table:
    """Prints a row as soon as it is known. before: figures of a kept run, to be compared with; by `key`."""

    def __init__(self, before: dict[str, Any] | None = None) -> None:
        self.before = before
        self.figures: dict[str, Figure] = {}
        self._row("what", "figure", "target", "met", *(("before", "ratio") if before is not None else ()))
        print("-" * (sum(WIDTHS) + 20 * (before is not None)))

    def add(self, benchmark: str, figure: Figure) -> None:
        key = f"{benchmark}: {figure.what}"
        self.figures[key] = figure
        met = {None: "", True: "yes", False: "NO"}[figure.met]
        target = f"{figure.target.sign} {figure.target.limit:g}" if figure.target else ""
        self._row(key, f"{number(figure.value)} {figure.unit}", target, met, *self._compared(key, figure))

    def _compared(self, key: str, figure: Figure) -> Iterator[str]:
        if self.before is not None and key in self.before:
            value = self.before[key]["value"]
            yield number(value)
            yield f"{figure.value / value:.2f}" if value else ""

    def _row(self, *cells: str) -> None:
        print(
            "".join(f"{cell:<{width}}" for cell, width in zip(cells, (*WIDTHS, 10, 10), strict=False)).rstrip(),
            flush=True,
        )


def keep(name: str, conditions: dict[str, Any], figures: dict[str, Figure]) -> Path:
    """Writes bench/results/<name>.json."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    told = {"conditions": conditions, "figures": {key: figure.kept() for key, figure in figures.items()}}
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return file


def kept(name: str) -> dict[str, Any]:
    """The figures of a kept run by their key; raises FileNotFoundError."""
    told: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    figures: dict[str, Any] = told["figures"]
    return figures


def share(values: Iterable[float], part: float) -> float:
    """The percentile: share(waits, 0.95)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
