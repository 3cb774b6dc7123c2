"""The catalogue of kinds, found by words."""

from typing import Any

from webjack import kinds


def search(family: str, words: str = "") -> list[Any]:
    """Kinds of a family whose title, text or words hold all the words: the common ones first, then by title."""
    wanted = words.casefold().split()
    found = [kind for kind in kinds.catalogue(family).values() if all(word in _text(kind) for word in wanted)]
    return sorted(found, key=lambda kind: (not kind.common, str(kind.title).casefold()))


def _text(kind: Any) -> str:
    return f"{kind.title} {kind.about} {kind.words} {kind.key}".casefold()
