"""Runs pytest on a private PostgreSQL of its own, with Debian's chromium for the browser tests.

All arguments go to pytest. Without any, TEST_WORKERS (default 2; 0 for none) processes share the tests.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from scripts.postgres import Server
from scripts.postgres_binaries import Trouble

BASE_DIR = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_TESTS = "tests/browser"


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    command = [sys.executable, "-m", "pytest", *(arguments or spread()), *browser()]
    (BASE_DIR / "var" / "static").mkdir(parents=True, exist_ok=True)  # STATIC_ROOT: WhiteNoise warns when it is missing
    os.environ.setdefault("DEBUG", "true")
    if os.environ.get("DATABASE_URL"):
        return run(command)
    try:
        with Server("postgres-test").used(f"webjack_{os.getpid()}") as url:
            os.environ["DATABASE_URL"] = url
            return run(command)
    except Trouble as trouble:
        sys.exit(str(trouble))


def run(command: list[str]) -> int:
    """Runs pytest; a Ctrl-C reaches it by the terminal, a SIGTERM through us, and it gets the time to clean up."""
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
            except SystemExit:
                process.terminate()
                process.wait()
                raise


def spread() -> list[str]:
    """In the order of names: the files of browser and chaos, few tests and long ones, would else come last, alone."""
    workers = os.environ.get("TEST_WORKERS", "2")
    return ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"] if workers != "0" else []


def browser() -> list[str]:
    """Tells the tests where the browser is (BROWSER_PATH), after installing it if need be; or leaves its tests out."""
    if os.environ.get("BROWSER_PATH"):
        return []
    found = find_browser() or (install_browser() and find_browser())
    if found:
        os.environ["BROWSER_PATH"] = found
        return []
    print(
        f"No browser was found (looked for {', '.join(BROWSERS)}): the tests in {BROWSER_TESTS} are left out.",
        flush=True,
    )
    return [f"--ignore={BROWSER_TESTS}"]


def find_browser() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def install_browser() -> bool:
    """Installs Debian's chromium, if we are root and apt is there."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return False
    print("Installing chromium for the browser tests …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium"],
    )
    for command in commands:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
