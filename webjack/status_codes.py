"""Which answers of an outside server are meant: «2**, 304»."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

SUCCESS = ("2**",)

_PATTERN = re.compile(r"[1-5*][0-9*]{2}", re.ASCII)
_SEPARATORS = re.compile(r"[,\s]+")


def parse(text: str) -> tuple[str, ...]:
    """Read a list such as ``2**, 404`` into patterns, each once.

    Raises ValueError with a sentence for the reader when an entry is no code.
    """
    codes = tuple(dict.fromkeys(filter(None, _SEPARATORS.split(text))))
    for code in codes:
        if not _PATTERN.fullmatch(code):
            raise ValueError(
                _("“%(code)s” does not look like a code: three characters are needed, for example 2** or 404")
                % {"code": code[:40]}
            )
    return codes


def matches(patterns: Iterable[str], status: int) -> bool:
    """Tell whether an HTTP status fits one of the parsed patterns."""
    code = str(status)
    return any(_fits(pattern, code) for pattern in patterns)


def _fits(pattern: str, code: str) -> bool:
    return len(pattern) == len(code) and all(want in ("*", got) for want, got in zip(pattern, code, strict=True))
