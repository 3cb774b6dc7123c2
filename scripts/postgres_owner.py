"""As whom the private PostgreSQL runs: as we are, or for root, which it refuses, in one of two other ways."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.postgres_binaries import Trouble

# Inside, root is an ordinary user (one with a name: initdb looks it up); outside nothing changes: files stay root's own
# and the parent folders stay closed.
NOBODY = pwd.getpwnam("nobody")
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY.pw_uid}")
REFUSED = (
    "PostgreSQL refuses to run as root, and here neither a user namespace (unshare) nor the user {name} can be used. "
    "Run this as an ordinary user, or set DATABASE_URL."
)


@dataclass(frozen=True)
class Owner:
    """The user that owns a data directory and the way to run a program as that user."""

    uid: int
    prefix: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Path) -> "Owner":
        """Who runs the server of an existing data directory: its owner, as PostgreSQL demands."""
        uid = data.stat().st_uid
        if os.getuid() not in {0, uid}:
            raise Trouble(f"{data} belongs to another user: run this as that user, or from a checkout of your own.")
        if uid != 0:
            return cls(uid)
        if not namespaces_work():
            raise Trouble(REFUSED.format(name=NOBODY.pw_name))
        return cls(uid, NAMESPACE)

    @classmethod
    def for_new(cls, data: Path, program: Path) -> "Owner":
        """Who shall own a new, empty data directory; the program is what that user must be able to reach and run."""
        if os.getuid() != 0:
            return cls(os.getuid())
        if namespaces_work():
            return cls(0, NAMESPACE)
        owner = cls(NOBODY.pw_uid)
        owner.take(data)
        if not (owner.can(program, "--version") and owner.can("ls", data)):
            raise Trouble(REFUSED.format(name=NOBODY.pw_name))
        return owner

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Runs a program as the owner, whatever our environment says about PostgreSQL and languages."""
        other: dict[str, Any] = (
            {"user": self.uid, "group": pwd.getpwuid(self.uid).pw_gid, "extra_groups": []} if self.is_other() else {}
        )
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        return subprocess.run(
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=environment,
            **other,
        )

    def can(self, *command: str | Path) -> bool:
        try:
            return self.run(*command).returncode == 0
        except OSError:
            return False

    def take(self, path: Path) -> None:
        if self.is_other():
            os.chown(path, self.uid, pwd.getpwuid(self.uid).pw_gid)

    def is_other(self) -> bool:
        return self.uid != os.getuid()


def namespaces_work() -> bool:
    try:
        return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
