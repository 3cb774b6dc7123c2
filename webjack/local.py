"""What a local start has of its own and production gets from outside: private PostgreSQL, secret key, port.

Nothing here starts anything: scripts/postgres.py starts and stops the server.
"""

import hashlib
import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parent.parent
NAME = "webjack"  # of the role and of the database

# How soon PostgreSQL gives up a client that fell silent (its machine is lost, its process stands still), in ms and s.
# Else what that client holds, the turn to claim above all, is held for hours, and every other worker waits for it.
SESSION = {
    "idle_in_transaction_session_timeout": 20_000,
    "tcp_user_timeout": 30_000,
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
}

# sockaddr_un holds 108 bytes with the closing NUL (man 7 unix); the file's own name is appended to the directory.
LONGEST_SOCKET_PATH = 107
SOCKET_FILE = "/.s.PGSQL.5432"


def socket_directory(server: str = "postgres") -> Path:
    """Directory of the Unix socket of a private server ("postgres", or "postgres-test" for tests).

    Under var/; with a checkout path too long for a socket, a short directory of this user's and this checkout's own.
    """
    directory = BASE_DIR / "var" / f"{server}-socket"
    if len(os.fsencode(directory)) + len(SOCKET_FILE) <= LONGEST_SOCKET_PATH:
        return directory
    checkout = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    parent = Path(runtime) if runtime and len(runtime) < 50 and Path(runtime).is_dir() else Path("/tmp")  # noqa: S108
    return parent / f"webjack-{os.getuid()}-{checkout}"


def database_url(server: str = "postgres", name: str = NAME) -> str:
    """URL of the private server's database, for libpq and django-environ alike; does not look whether it runs."""
    return f"postgresql://{NAME}@/{name}?host={quote(str(socket_directory(server)), safe='')}"


def complete(database: dict[str, Any]) -> None:
    """Django's settings of a database: its host where `manage.py dbshell` looks for it, and no waiting for ever.

    A host that swallows packets would else keep a request, or a worker, for minutes. Settings of PostgreSQL's that the
    address brings (`?options=-c …`) come after ours; application_name says whose a session is (history/standstill.py).
    """
    options = database.setdefault("OPTIONS", {})
    database["HOST"] = options.pop("host", "") or database.get("HOST", "")
    alive = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}  # seconds
    ours = {"application_name": NAME, "tcp_user_timeout": 30_000}  # milliseconds
    session = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    database["OPTIONS"] = alive | ours | options | {"options": f"{session} {options.get('options', '')}".rstrip()}


def secret_key(directory: Path, allowed: bool = True, name: str = "secret_key") -> str:
    """This checkout's own key, made on first use and kept in the directory, readable by its owner alone.

    Not in production, where each container would make its own: sessions and tasks of one would be refused by the next.
    """
    if not allowed:
        sys.exit("SECRET_KEY is not set: give all web and worker processes the same long random text.")
    file = directory / name
    if not file.exists():
        directory.mkdir(parents=True, exist_ok=True)
        mine = directory / f"{name}.{os.getpid()}"
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(50))
        try:
            os.link(mine, file)  # the first of several that start together wins
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return file.read_text()


def port(directory: Path) -> int:
    """The port that scripts/run took last, so that commands beside it name the right address; at first 8000."""
    try:
        return int((directory / "run" / "port").read_text())
    except (FileNotFoundError, ValueError):
        return 8000
