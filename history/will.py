"""What a worker process holds, and what of it has begun: told to those who come after it when it is killed.

Each process writes it into a file of its own that is mapped into its memory: a few bytes for an operation, no call to
the kernel, nothing in the database. When the process dies, however it dies, the kernel keeps what was written and lets
go of the file's lock. Then the broker gives back at once what had not begun, and nobody need wonder (broker.py).

One thing must never be: that something counts as not begun that was sent. So a thread writes its mark before it
begins; nobody reads the marks of a process that lives, for it has the lock; the fence (claim_sql.py) guards what was
claimed anew; and a power cut, which may lose what was written last, makes all files void: their folder bears the
machine's boot in its name. Where there is no file, or no mark, the lease runs out as ever.
"""

import atexit
import fcntl
import hashlib
import logging
import mmap
import os
import shutil
import struct
import uuid
from collections.abc import Generator
from contextlib import suppress
from functools import cache
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)
Claim = tuple[uuid.UUID, int]
Left = Generator[tuple[list[Claim], list[Claim]], None, None]

BOOT = Path("/proc/sys/kernel/random/boot_id")
ENTRY = struct.Struct("=16sIB")  # an operation's key, its `attempts`, the state
STATE = 20  # where in an entry the state is
FREE, HELD, BEGUN = 0, 1, 2
ROOM = 4096  # entries: some times as many as a worker holds; 84 KB
HIDDEN = "."  # begins the name of a file that is not locked yet


class Will:
    """room: for so many operations; nothing is told of what is beyond it. To be made after forking."""

    def __init__(self, room: int) -> None:
        self.slots: dict[Claim, int] = {}
        self.free: list[int] = []
        try:
            self._create(room)
        except OSError as error:  # a read-only disk, or no Linux: it goes without
            logger.warning("of killed workers nothing will be known: %s", error)

    def _create(self, room: int) -> None:
        folder().mkdir(parents=True, exist_ok=True)
        self.path = folder() / uuid.uuid4().hex
        hidden = self.path.with_name(HIDDEN + self.path.name)
        self.number = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self.number, fcntl.LOCK_EX)
        os.ftruncate(self.number, room * ENTRY.size)
        self.memory = mmap.mmap(self.number, room * ENTRY.size)
        hidden.rename(self.path)
        self.free = list(range(room))
        atexit.register(self.path.unlink, missing_ok=True)

    def hold(self, claim: Claim) -> None:
        """This process has it, and no thread has begun it. Before any may."""
        if self.free and claim not in self.slots:
            slot = self.slots[claim] = self.free.pop()
            operation, attempts = claim
            ENTRY.pack_into(self.memory, slot * ENTRY.size, operation.bytes, attempts, FREE)
            self.memory[slot * ENTRY.size + STATE] = HELD

    def begin(self, claim: Claim) -> None:
        """A thread is about to begin it: from now on nobody can say that nothing was sent."""
        if claim in self.slots:
            self.memory[self.slots[claim] * ENTRY.size + STATE] = BEGUN

    def clear(self) -> None:
        """Forgets what a drain that broke has left: the leases decide."""
        for claim in list(self.slots):
            self.forget(claim)

    def forget(self, claim: Claim) -> None:
        """What became of it is on disk."""
        slot = self.slots.pop(claim, None)
        if slot is not None:
            self.memory[slot * ENTRY.size + STATE] = FREE
            self.free.append(slot)


@cache
def will() -> Will:
    """This process's; made after forking."""
    return Will(ROOM)


def left() -> Left:
    """Of each process of this machine that is dead: what it held and had not begun, and what it had begun.

    When the caller asks for the next, the one before is done with and told no more.
    """
    try:
        paths = list(folder().iterdir())
    except OSError:  # none was ever written
        return
    for path in paths:
        if not path.name.startswith(HIDDEN):
            yield from _told(path)


def _told(path: Path) -> Left:
    try:
        file = path.open("rb+")
    except OSError:  # somebody else was quicker
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # its process lives
            return
        held: dict[int, list[Claim]] = {FREE: [], HELD: [], BEGUN: []}
        for operation, attempts, state in ENTRY.iter_unpack(file.read()):
            held[state].append((uuid.UUID(bytes=operation), attempts))
        yield held[HELD], held[BEGUN]
        path.unlink(missing_ok=True)


def sweep() -> None:
    """Takes away what was written before the machine was started anew."""
    with suppress(OSError):
        for other in folder().parent.iterdir():
            if not other.name.startswith(_boot()):
                shutil.rmtree(other, ignore_errors=True)


@cache
def folder() -> Path:
    """Of this boot of the machine and this database. Raises OSError where a boot has no name."""
    database = settings.DATABASES["default"]
    name = " ".join(str(database.get(part, "")) for part in ("HOST", "PORT", "NAME"))
    return settings.VAR_DIR / "run" / "wills" / f"{_boot()}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _boot() -> str:
    return BOOT.read_text().strip()
