"""Runs benchmarks (bench/_run.py) on a private PostgreSQL that survives a crash, as the real one does.

`--database NAME` before all else keeps its data as var/postgres-NAME, so that what took long to fill is filled once.
"""

import os
import subprocess
import sys

from scripts.postgres import Server
from scripts.postgres_binaries import Trouble

# What is filled into a table of the same transaction is not written twice.
KEPT = "wal_level = minimal\nmax_wal_senders = 0\n"


def main(arguments: list[str]) -> int:
    if os.environ.get("DATABASE_URL"):
        return run(arguments)
    server = Server("postgres-bench", durable=True)
    if arguments[:1] == ["--database"]:
        server = Server(f"postgres-{arguments[1]}", keeps=True, more=KEPT)
        os.environ["BENCH_ROWS_STAY"] = "true"
        arguments = arguments[2:]
    try:
        with server.used() as url:
            os.environ |= {"DATABASE_URL": url, "DEBUG": "false", "SECRET_KEY": "bench"}
            return run(arguments)
    except Trouble as trouble:
        sys.exit(str(trouble))


def run(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "bench._run", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
