"""What is told of a killed worker: only once it is dead, and nothing that was begun counts as unbegun."""

import os
import uuid
from pathlib import Path

import pytest

from history import will as wills
from history.will import Claim, Will

HELD, BEGUN, DONE = ((uuid.UUID(int=number), number) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wills, "folder", lambda: tmp_path)
    return tmp_path


def written() -> Will:
    will = Will(room=3)
    for claim in (HELD, BEGUN, DONE):
        will.hold(claim)
    will.begin(BEGUN)
    will.begin(DONE)
    will.forget(DONE)
    return will


def dies(will: Will) -> None:
    """As the kernel does it for a process that is killed."""
    will.memory.close()
    os.close(will.number)


def test_nothing_is_told_of_a_process_that_lives() -> None:
    will = written()
    assert list(wills.left()) == []
    dies(will)


def test_of_a_dead_one_is_told_what_it_held_and_what_it_had_begun() -> None:
    dies(written())
    assert list(wills.left()) == [([HELD], [BEGUN])]
    assert list(wills.left()) == [], "it was told before"


def test_what_was_told_to_somebody_who_failed_is_told_again() -> None:
    dies(written())
    told = wills.left()
    next(told)
    told.close()
    assert list(wills.left()) == [([HELD], [BEGUN])]


def test_a_place_that_became_free_says_nothing_of_who_had_it_before() -> None:
    will = Will(room=1)
    will.hold(BEGUN)
    will.begin(BEGUN)
    will.forget(BEGUN)
    will.hold(HELD)
    dies(will)
    assert list(wills.left()) == [([HELD], [])]


def test_what_is_held_already_is_not_held_twice_nor_as_unbegun() -> None:
    will = Will(room=2)
    will.hold(BEGUN)
    will.begin(BEGUN)
    will.hold(BEGUN)
    dies(will)
    assert list(wills.left()) == [([], [BEGUN])]


def test_more_than_there_is_room_for_is_not_told(folder: Path) -> None:
    will = Will(room=1)
    claims: list[Claim] = [HELD, BEGUN]
    for claim in claims:
        will.hold(claim)
        will.begin(claim)
        will.forget(BEGUN)
    dies(will)
    assert list(wills.left()) == [([], [HELD])]


def test_without_a_place_to_write_work_goes_on(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wills, "folder", lambda: folder / "file" / "none")
        will = Will(room=1)
        will.hold(HELD)
        will.begin(HELD)
        will.forget(HELD)
        assert list(wills.left()) == []


def test_what_an_earlier_boot_wrote_is_swept_away(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, before = tmp_path / f"{wills.BOOT.read_text().strip()}-db", tmp_path / "before-db"
    here.mkdir()
    before.mkdir()
    monkeypatch.setattr(wills, "folder", lambda: here)
    wills.sweep()
    assert here.exists()
    assert not before.exists()
