"""Brings the checkout to where Webjack can start, then becomes the command that was asked for.

`python -m scripts.setup MODULE [arguments]`: virtual environment, locked packages, front-end files, translations; each
only when its input changed, so that a second start needs no network. Standard library alone: this runs before anything
is installed.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = BASE_DIR / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOCKS = (BASE_DIR / "requirements.txt", BASE_DIR / "requirements-local.txt")


def main(module: str, arguments: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a running pip or npm is ended with us
    os.chdir(BASE_DIR)
    try:
        if module == "scripts.supervisor":
            run(sys.executable, "-m", "scripts.ports")
        with only_one_set_up():
            set_up()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
    except KeyboardInterrupt:
        sys.exit(130)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.execv(PYTHON, [str(PYTHON), "-m", module, *arguments])


def set_up() -> None:
    make_environment()
    install_packages()
    run(PYTHON, "-m", "scripts.assets")
    run(PYTHON, "-m", "scripts.translations", "compile")


@contextmanager
def only_one_set_up() -> Iterator[None]:
    """Two commands started together do not install into each other's hands."""
    directory = BASE_DIR / "var"
    try:
        directory.mkdir(exist_ok=True)
        lock = (directory / "setup.lock").open("a")
    except PermissionError:
        sys.exit(f"{directory} belongs to another user: run this as that user, or from a checkout of your own.")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_environment() -> None:
    """Makes .venv/, or makes it anew when its Python is gone or too old (after an upgrade of the machine)."""
    if works(PYTHON):
        return
    say("Making the virtual environment .venv/")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    run(sys.executable, "-m", "venv", ENVIRONMENT)


def works(python: Path) -> bool:
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install_packages() -> None:
    """Installs the locked packages, hashes checked, unless the stamp says that these very files were installed."""
    stamp = ENVIRONMENT / "installed.stamp"
    wanted = b"".join(lock.read_bytes() for lock in LOCKS)
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    say("Installing Python packages (some minutes the first time)")
    files = [argument for lock in LOCKS for argument in ("-r", lock)]
    run(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", *files)
    stamp.write_bytes(wanted)


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


def say(text: str) -> None:
    print(f"{text} …", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
