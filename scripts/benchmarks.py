"""Runs benchmarks, each a module of bench/ that prints its conditions beside its figures, on a private PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

from scripts.postgres import Server
from scripts.postgres_binaries import Trouble

BENCH = Path(__file__).resolve().parent.parent / "bench"


def main(arguments: list[str]) -> int:
    """Runs the benchmarks named, all without a name, with the options that follow; 1 if one failed."""
    first = next((place for place, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    names, options = arguments[:first], arguments[first:]
    known = sorted(file.stem for file in BENCH.glob("[a-z]*.py"))
    if unknown := set(names) - set(known):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(known) or 'none'}.")
    if os.environ.get("DATABASE_URL"):
        return run(names or known, options)
    try:
        with Server("postgres-bench", durable=True).used() as url:
            os.environ |= {"DATABASE_URL": url, "DEBUG": "false", "SECRET_KEY": "bench"}
            return run(names or known, options)
    except Trouble as trouble:
        sys.exit(str(trouble))


def run(names: list[str], options: list[str]) -> int:
    codes = [
        subprocess.run([sys.executable, "-m", f"bench.{name}", *options], check=False).returncode for name in names
    ]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
