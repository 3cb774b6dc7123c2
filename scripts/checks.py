"""Runs every check, also after one failed, so that one run tells all there is to mend."""

import subprocess
import sys

PYTHON = sys.executable
CHECKS = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "style": [PYTHON, "-m", "ruff", "check", "."],
    "types": [PYTHON, "-m", "mypy"],
    "imports": [
        PYTHON,
        "-c",
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())",
    ],
    # No database runs here: Django would warn that it cannot compare the migrations with one.
    "migrations": [
        *(PYTHON, "-W", "ignore:Got an error checking a consistent migration history:RuntimeWarning"),
        *("manage.py", "makemigrations", "--check", "--dry-run"),
    ],
    "translations": [PYTHON, "-m", "scripts.translations", "check"],
}


def main(names: list[str]) -> int:
    """Runs the checks named, all without a name; 1 if one failed."""
    if unknown := set(names) - set(CHECKS):
        sys.exit(f"There is no check {', '.join(sorted(unknown))}; there are: {', '.join(CHECKS)}.")
    failed = []
    for name in names or CHECKS:
        print(f"── {name}", flush=True)
        if subprocess.run(CHECKS[name], check=False).returncode != 0:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
