"""Finding Python, whether scripts/run may start, and its children."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import groups
from tests.checkouts import BASE_DIR, Checkout, eventually


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a check out")


@pytest.fixture
def port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def fake_python(folder: Path, answer: str) -> None:
    """A python3 that answers every question by this shell text."""
    program = folder / "python3"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)


def find_python(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["/bin/bash", "-c", '. scripts/python.sh; echo "$python"']
    return subprocess.run(command, cwd=BASE_DIR, env={"PATH": str(folder)}, capture_output=True, text=True, check=False)


# Finding Python


def test_a_python_that_is_too_old_is_refused_with_a_sentence(tmp_path: Path) -> None:
    fake_python(tmp_path, 'case "$*" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    found = find_python(tmp_path)
    assert found.returncode == 1
    assert "needs Python 3.11 or newer, found: Python 3.9.2" in found.stderr


def test_a_machine_without_python_gets_a_sentence(tmp_path: Path) -> None:
    found = find_python(tmp_path)
    assert found.returncode == 1
    assert "needs Python 3.11 or newer, found: no Python 3" in found.stderr


def test_a_python_without_venv_is_told_which_package_to_install(tmp_path: Path) -> None:
    fake_python(tmp_path, 'case "$*" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac')
    found = find_python(tmp_path)
    assert found.returncode == 1
    assert "install the package python3.12-venv" in found.stderr


def test_a_python_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path, "exit 0")
    assert find_python(tmp_path).stdout == "python3\n"


# Whether scripts/run may start


def test_a_taken_port_is_named_before_anything_starts(checkout: Checkout, port: int) -> None:
    asked = checkout.run(sys.executable, "-m", "scripts.ports", PORT=str(port))
    assert asked.returncode == 1
    assert f"Port {port} is taken by another program" in asked.stderr
    assert not (checkout.path / "var" / "run").exists()


@pytest.mark.parametrize("text", ["0", "65536", "abc", "-1", "٣"])
def test_a_wrong_port_number_is_refused_with_a_sentence(checkout: Checkout, text: str) -> None:
    asked = checkout.run(sys.executable, "-m", "scripts.ports", PORT=text)
    assert asked.returncode == 1
    assert "PORT must be a number from 1 to 65535" in asked.stderr


def test_a_second_run_from_the_same_folder_is_refused(checkout: Checkout) -> None:
    first = checkout.start("from scripts import ports; lock = ports.take_lock(); print('up', flush=True); input()")
    assert first.stdout is not None
    assert first.stdout.readline() == "up\n"
    second = checkout.run(sys.executable, "-m", "scripts.ports")
    first.communicate("\n")
    assert second.returncode == 1
    assert f"already runs from this folder (process {first.pid})" in second.stderr


def test_leftovers_of_a_killed_run_are_ended_with_their_orphans(checkout: Checkout) -> None:
    sleepers = "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork(); time.sleep(600)"
    leader = subprocess.Popen([sys.executable, "-c", sleepers], cwd=checkout.path, start_new_session=True)
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    code = """
from scripts import groups
groups.record("web", {leader})
groups.record("app", {stranger})
assert groups.recorded() == [{leader}], groups.recorded()
assert len(groups.members({leader})) == 2
groups.end(groups.recorded(), patience=0)
"""
    assert eventually(lambda: forked(leader.pid))
    ended = checkout.python(code.format(leader=leader.pid, stranger=stranger.pid))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert leader.wait() == -signal.SIGKILL
    assert eventually(lambda: not forked(leader.pid))
    assert stranger.poll() is None
    stranger.communicate(b"\n")


def forked(group: int) -> bool:
    """Whether the group has a living process beside its leader."""
    return any(pid != group and groups.state(pid) not in {"Z", ""} for pid in groups.members(group))


def test_a_child_that_is_killed_is_started_again_without_its_orphans(checkout: Checkout) -> None:
    code = """
import os, signal, sys, time
from scripts.children import Child
child = Child("web", [sys.executable, "-c", "import os, time; os.fork(); print('hello', flush=True); time.sleep(600)"])
child.start()
first = child.process.pid
time.sleep(0.5)
os.kill(first, signal.SIGKILL)
until = time.monotonic() + 15
while (child.process is None or child.process.pid == first) and time.monotonic() < until:
    child.look()
    time.sleep(0.05)
from scripts import groups
assert child.process.pid != first
assert not groups.living(first)
child.kill()
child.end()
assert not groups.living(child.process.pid)
"""
    run = checkout.python(code)
    assert (run.returncode, run.stderr) == (0, "")
    assert "web ended (SIGKILL): starting it again in 1 s" in run.stdout
    assert "web        | hello" in run.stdout
