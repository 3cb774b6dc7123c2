"""Runs benchmarks (bench/_run.py) on a private PostgreSQL that survives a crash, as the real one does."""

import os
import subprocess
import sys

from scripts.postgres import Server
from scripts.postgres_binaries import Trouble


def main(arguments: list[str]) -> int:
    if os.environ.get("DATABASE_URL"):
        return run(arguments)
    try:
        with Server("postgres-bench", durable=True).used() as url:
            os.environ |= {"DATABASE_URL": url, "DEBUG": "false", "SECRET_KEY": "bench"}
            return run(arguments)
    except Trouble as trouble:
        sys.exit(str(trouble))


def run(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "bench._run", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
