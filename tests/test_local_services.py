"""`scripts/fakes`: the local services are served until they are told to end, with what a person needs to use them."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.fakes.service import services


def free() -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", services()["telegram"].port)) != 0


@pytest.mark.skipif(not free(), reason="somebody serves them on this machine already")
def test_a_service_is_served_with_all_that_a_person_needs() -> None:
    command = [sys.executable, "-m", "scripts.local_services", "telegram"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = until(process, "Ctrl-C")
            environment, token = re.search(r"TELEGRAM_API_URL=(\S+)", said), re.search(r"token: (\S+)", said)
            assert environment
            assert token
            assert "EGRESS_ALLOW=127.0.0.1" in said
            with urllib.request.urlopen(f"{environment[1]}/bot{token[1]}/getMe", b"") as answer:
                assert b"clinic_bot" in answer.read()
            assert until(process, "→ 200").startswith("Telegram")
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def until(process: subprocess.Popen[str], words: str) -> str:
    """What it says up to these words."""
    assert process.stdout
    said = ""
    while words not in said:
        line = process.stdout.readline()
        assert line, "it ended"
        said += line
    return said.strip()


def test_a_wrong_name_is_told_which_there_are() -> None:
    command = [sys.executable, "-m", "scripts.local_services", "nonsense"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "telegram" in ended.stderr
