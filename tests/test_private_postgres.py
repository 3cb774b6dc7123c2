"""The private PostgreSQL of scripts/run and scripts/test, and what else a local start has of its own."""

import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.db import connection

from scripts import postgres_binaries
from tests.checkouts import Checkout
from webjack import local


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path / "a check out")
    yield made
    made.python("from scripts.postgres import Server\nfor name in 'postgres', 'postgres-test': Server(name).stop()")


def test_the_server_is_reached_by_a_socket_that_only_its_owner_gets_to(checkout: Checkout) -> None:
    run = checkout.python(
        """
import psycopg
from scripts.postgres import Server
from webjack.local import socket_directory
with Server("postgres-test").used("webjack") as url:
    print(psycopg.connect(url).execute("SELECT lower('ЖЁ'), current_setting('listen_addresses') = ''").fetchone())
    print(oct(socket_directory("postgres-test").stat().st_mode & 0o777))
print(socket_directory("postgres-test").exists())
"""
    )
    assert (run.stdout, run.stderr) == ("('жё', True)\n0o700\nFalse\n", "")


def test_the_last_user_stops_the_server(checkout: Checkout) -> None:
    run = checkout.python(
        """
from scripts.postgres import Server
first, second = Server("postgres-test"), Server("postgres-test")
first.join("one")
second.join("two")
print(first.process() == second.process() != None)
first.leave()
print(second.process() is not None)
second.leave()
print(second.process())
"""
    )
    assert (run.stdout, run.stderr) == ("True\nTrue\nNone\n", "")


def test_data_survive_a_kill_of_the_server_and_of_its_user(checkout: Checkout) -> None:
    join = "import os, psycopg\nfrom scripts.postgres import Server\nserver = Server()\nserver.join()\n"
    connect = "connection = psycopg.connect(server_url, autocommit=True)\n"
    url = "from webjack.local import database_url\nserver_url = database_url()\n"
    wrote = checkout.python(
        join
        + url
        + connect
        + "connection.execute('CREATE TABLE kept AS SELECT 7 AS number')\n"
        + "os.kill(server.process(), 9)\nos.kill(os.getpid(), 9)\n"
    )
    assert wrote.returncode == -signal.SIGKILL
    read = checkout.python(
        join + url + connect + "print(connection.execute('SELECT number FROM kept').fetchone())\nserver.leave()"
    )
    assert (read.stdout, read.stderr) == ("(7,)\n", "")


def test_data_of_a_version_that_is_not_here_are_left_alone_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(postgres_binaries.Trouble, match="was made by PostgreSQL 9, which is not here"):
        postgres_binaries.choose(tmp_path)


def test_an_installed_postgresql_goes_before_the_packages_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer, packaged = (postgres_binaries.Binaries(tmp_path, version) for version in (14, 16, 18))
    monkeypatch.setattr(postgres_binaries, "installed", lambda: [newer, older])
    monkeypatch.setattr(postgres_binaries, "packaged", lambda: [packaged])
    assert postgres_binaries.choose(tmp_path) == newer
    (tmp_path / "PG_VERSION").write_text("18\n")
    assert postgres_binaries.choose(tmp_path) == packaged


def test_the_package_brings_a_postgresql_that_starts() -> None:
    (binaries,) = postgres_binaries.packaged()
    assert binaries.version >= postgres_binaries.OLDEST


def test_the_address_is_read_alike_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "BASE_DIR", Path("/a b/ж&c"))
    read = environ.Env().db_url_config(local.database_url())
    assert (read["NAME"], read["USER"]) == ("webjack", "webjack")
    assert read["OPTIONS"] == {"host": "/a b/ж&c/var/postgres-socket"}


def test_a_long_path_gets_a_short_socket_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr(local, "BASE_DIR", tmp_path / ("я" * 60))
    first = local.socket_directory()
    assert len(f"{first}{local.SOCKET_FILE}") <= local.LONGEST_SOCKET_PATH
    monkeypatch.setattr(local, "BASE_DIR", tmp_path / ("ю" * 60))
    assert local.socket_directory() != first


def test_the_secret_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    key = local.secret_key(tmp_path / "var")
    assert len(key) >= 50
    assert local.secret_key(tmp_path / "var") == key
    (file,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_production_without_a_key_of_all_processes_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="SECRET_KEY is not set"):
        local.secret_key(tmp_path / "var", allowed=False)
    assert not (tmp_path / "var").exists()


def test_the_databases_host_is_where_dbshell_looks_and_none_is_waited_for_without_end() -> None:
    database: dict[str, Any] = {"OPTIONS": {"host": "/a socket", "sslmode": "disable", "connect_timeout": 9}}
    local.complete(database)
    assert database["HOST"] == "/a socket"
    assert (database["OPTIONS"]["connect_timeout"], database["OPTIONS"]["sslmode"]) == (9, "disable")
    assert "host" not in database["OPTIONS"]


def test_what_an_address_says_of_a_session_comes_after_what_ends_silent_ones() -> None:
    database: dict[str, Any] = {"OPTIONS": {"options": "-c idle_in_transaction_session_timeout=4000 -c search_path=it"}}
    local.complete(database)
    ours, _, theirs = database["OPTIONS"]["options"].partition(" -c idle_in_transaction_session_timeout=4000 ")
    assert f"-c tcp_user_timeout={local.SESSION['tcp_user_timeout']}" in ours
    assert theirs == "-c search_path=it"


@pytest.mark.django_db
def test_postgresql_gives_up_a_client_that_falls_silent_in_a_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'")
        (milliseconds,) = cursor.fetchone()
    assert 5_000 <= milliseconds <= 30_000
