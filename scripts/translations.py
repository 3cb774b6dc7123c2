"""Collects, compiles and checks translations without the gettext programs, which a fresh machine lacks.

python -m scripts.translations extract        writes every text of code and templates to locale/ru/LC_MESSAGES/django.po
python -m scripts.translations compile        makes django.mo of every django.po under locale/
python -m scripts.translations check          lists texts without a Russian translation, and broken translations
python -m scripts.translations merge FILE...  takes over the translations of other .po files
"""

import os
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

BASE_DIR = Path(__file__).resolve().parent.parent
LOCALE = BASE_DIR / "locale"
RUSSIAN = LOCALE / "ru" / "LC_MESSAGES" / "django.po"
SKIPPED = {"node_modules", "var", "static", "tests", "bench", "scripts", "docs", "migrations", "locale"}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# As Django's own Russian catalogue has it.
HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: ru\\n"
"Plural-Forms: nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : \
n%10==0 || n%10>=5 && n%10<=9 || n%100>=11 && n%100<=14 ? 2 : 3);\\n"
"""
PLURALS = 4


def main(command: str = "", *files: str) -> None:
    match command:
        case "extract":
            write(updated())
        case "compile":
            compile_all()
        case "check":
            sys.exit(check())
        case "merge":
            merge([Path(file) for file in files])
        case _:
            sys.exit(__doc__)


def texts() -> Catalog:
    """Every text that code and templates mark for translation."""
    found = Catalog(charset="utf-8")
    for file, source in sources():
        rows = extract(
            "python", BytesIO(source.encode()), KEYWORDS, comment_tags=["Translators:"], options={"encoding": "utf-8"}
        )
        for line, message, comments, context in rows:
            found.add(message, locations=[(file, line)], auto_comments=comments, context=context)
    return found


def sources() -> Iterator[tuple[str, str]]:
    """Name and text of each Python file, and of each template in the form of Python."""
    for directory, folders, files in os.walk(BASE_DIR):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        for file in sorted(Path(directory, name) for name in files):
            name = str(file.relative_to(BASE_DIR))
            if file.suffix == ".py" and not file.name.startswith("test_"):
                yield name, file.read_text()
            elif file.suffix in {".html", ".txt"} and "templates" in file.parts:
                yield name, as_python(file.read_text(), name)


def as_python(template: str, name: str) -> str:
    """The template with all but its translated texts blotted out, as makemessages has it; line numbers stay.

    The indentation goes too: what remains is no valid block structure.
    """
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    return re.sub(r"^[ \t]+", "", templatize(template, origin=name), flags=re.MULTILINE)


def translations() -> Catalog:
    text = RUSSIAN.read_bytes() if RUSSIAN.exists() else HEADER.encode()
    return read_po(BytesIO(text), locale="ru", charset="utf-8")


def updated() -> Catalog:
    """The Russian catalogue with exactly the texts of today, translated where they were."""
    catalog = translations()
    catalog.update(texts(), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    return catalog


def write(catalog: Catalog) -> None:
    """Without line numbers and dates and in the order of the texts: changes by several people seldom meet."""
    messages = [HEADER, *(part for part in rendered(catalog).split("\n\n")[1:])]
    RUSSIAN.parent.mkdir(parents=True, exist_ok=True)
    RUSSIAN.write_text("\n".join(f"{message.rstrip()}\n" for message in messages))


def rendered(catalog: Catalog) -> str:
    out = BytesIO()
    write_po(out, catalog, width=120, no_location=True, sort_output=True, ignore_obsolete=True)
    return out.getvalue().decode()


def compile_all() -> None:
    for source in sorted(LOCALE.rglob("*.po")):
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parent.parent.name, charset="utf-8")
        out = BytesIO()
        write_mo(out, catalog)
        target = source.with_suffix(".mo")
        partial = source.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(out.getvalue())
        partial.replace(target)


def check() -> int:
    """Prints what is missing or broken; 1 if anything is."""
    catalog = translations()
    faults = [fault for wanted in texts() if wanted.id for fault in faults_of(wanted, catalog)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def faults_of(wanted: Message, catalog: Catalog) -> Iterator[str]:
    file, line = wanted.locations[0]
    where = f"{file}:{line}: {wanted.id!r}"
    found = catalog.get(wanted.id if isinstance(wanted.id, str) else wanted.id[0], wanted.context)
    if found is None or not translated(found, plural=not isinstance(wanted.id, str)):
        yield f"{where} has no Russian translation"
        return
    found.flags |= wanted.flags
    for error in found.check(catalog):
        yield f"{where}: {error}"


def translated(message: Message, plural: bool) -> bool:
    if message.fuzzy or plural != message.pluralizable:
        return False
    if message.string is None or isinstance(message.string, str):
        return bool(message.string)
    return len(message.string) == PLURALS and all(message.string)


def merge(files: list[Path]) -> None:
    """Takes over each translation that a file has for a text of today; the last file wins."""
    catalog = updated()
    for file in files:
        text = file.read_bytes()
        with_header = text if b"Plural-Forms" in text else HEADER.encode() + b"\n" + text
        for message in read_po(BytesIO(with_header), locale="ru", charset="utf-8"):
            mine = catalog.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            if message.id and mine is not None and translated(message, mine.pluralizable):
                mine.string = message.string
    write(catalog)


if __name__ == "__main__":
    main(*sys.argv[1:])
