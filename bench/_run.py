"""Runs benchmarks and prints one table of what they found.

Each is a module of this folder with `measure(size)`, which yields figures, and perhaps `report(figures)`, a text about
them; or with `main()`, a program that prints figures of its own and takes the arguments that are none of ours.
"""

import argparse
import subprocess
import sys
import time
import traceback
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import _stage as stage  # first: it sets Django up
from bench._conditions import conditions, said
from bench._figures import Table, keep, kept
from bench._processes import pool
from bench._size import Size

FOLDER = Path(__file__).resolve().parent
FIRST = ["accept", "together", "drain", "slow", "latency", "idle", "memory", "growth", "beside", "filling", "hostile"]


def known() -> list[str]:
    """All that there are, in the order in which they run."""
    there = {file.stem for file in FOLDER.glob("[a-z]*.py")}
    return [name for name in FIRST if name in there] + sorted(there - set(FIRST))


def main(arguments: list[str] | None = None) -> int:
    """1 if a benchmark broke; a target that is not met is no failure."""
    told, others = _parser().parse_known_args(arguments)
    names = told.names or known()
    under = conditions(told.size.value)
    print(said(under) + "\n")
    table = Table(kept(told.compare) if told.compare else None)
    began = time.monotonic()
    with stage.set_up(), pool.opened() if told.size is Size.TINY else nullcontext():
        broken = [name for name in names if not _measured(name, told.size, table, others)]
    print(f"\n{len(names) - len(broken)} benchmarks in {time.monotonic() - began:.0f} s", flush=True)
    _report(
        [name for name in names if name not in broken], {key: figure.value for key, figure in table.figures.items()}
    )
    if told.keep:
        print(f"kept in {keep(told.keep, under, table.figures)}")
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures Webjack; all benchmarks without a name."
    )
    parser.add_argument("names", nargs="*", choices=[[], *known()], metavar="name", help=", ".join(known()))
    parser.add_argument("--keep", metavar="NAME", help="write the figures to bench/results/NAME.json")
    parser.add_argument("--compare", metavar="NAME", help="print what has become of the figures kept as NAME")
    sizes = parser.add_mutually_exclusive_group()
    for size, what in ((Size.FULL, "memory over 100,000 operations"), (Size.TINY, "only see whether they work")):
        sizes.add_argument(
            f"--{size.value}", dest="size", action="store_const", const=size, default=Size.USUAL, help=what
        )
    return parser


def _measured(name: str, size: Size, table: Table, others: list[str]) -> bool:
    """Whether it went well. The others are to be measured all the same."""
    began = time.monotonic()
    try:
        module: Any = import_module(f"bench.{name}")
        if hasattr(module, "measure"):
            for figure in module.measure(size):
                table.add(name, figure)
        else:
            subprocess.run([sys.executable, "-m", f"bench.{name}", *others], check=True)
    except Exception:
        traceback.print_exc()
        return False
    print(f"({name} took {time.monotonic() - began:.0f} s)", flush=True)
    return True


def _report(names: list[str], figures: dict[str, float]) -> None:
    for name in names:
        report = getattr(import_module(f"bench.{name}"), "report", None)
        if report:
            print("\n" + report(figures), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
