"""The process groups that scripts/run started, recorded under var/run/, so that a killed run's leftovers can be ended.

Each child leads a session and group of its own. A django-q cluster whose parent is killed lives on as orphans and keeps
working, so a group is always ended as a whole.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
RECORDS = BASE_DIR / "var" / "run"
PATIENCE = 12.0  # seconds that a group gets to end by itself
LAST_WORDS = 2.0  # seconds to wait for what was killed


def record(name: str, group: int) -> None:
    RECORDS.mkdir(parents=True, exist_ok=True)
    (RECORDS / f"{name}.group").write_text(f"{group}\n")


def forget() -> None:
    for file in RECORDS.glob("*.group"):
        file.unlink(missing_ok=True)


def recorded() -> list[int]:
    """Recorded groups that still have a process working in this checkout (the number may be somebody else's by now)."""
    groups = {int(text) for file in RECORDS.glob("*.group") if (text := file.read_text().strip()).isdigit()}
    return [group for group in groups if any(works_here(process) for process in members(group))]


def members(group: int) -> list[int]:
    return [pid for pid in processes() if group_of(pid) == group]


def processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except FileNotFoundError:  # no /proc: leftovers are only found on Linux
        return []


def group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def works_here(pid: int) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(BASE_DIR)
    except OSError:  # ended meanwhile, or somebody else's
        return False


def end(groups: Iterable[int], patience: float = PATIENCE) -> None:
    """Asks each leader to end (SIGTERM would cut django-q's workers off mid-work), then kills the rest of its group."""
    groups = list(groups)
    for group in groups:
        send(os.kill, group, signal.SIGTERM)
    wait(groups, patience)
    for group in groups:
        send(os.killpg, group, signal.SIGKILL)
    wait(groups, LAST_WORDS)


def wait(groups: list[int], seconds: float) -> None:
    """Waits until no group has a living process, at most so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(living(group) for group in groups):
        time.sleep(0.05)


def living(group: int) -> bool:
    """Whether the group has a process that is no zombie: those whose parent does not collect them never go away."""
    if not send(os.killpg, group, 0):
        return False
    return not Path("/proc").is_dir() or any(state(pid) not in {"Z", "X", ""} for pid in members(group))


def state(pid: int) -> str:
    """One-letter state of the process (man 5 proc_pid_stat), empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def send(how: Callable[[int, int], None], target: int, number: int) -> bool:
    """Sends a signal by os.kill or os.killpg; False when nobody is there."""
    try:
        how(target, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
