"""Regular expressions, by RE2: its work grows with the text and never explodes."""

from functools import lru_cache
from typing import Any

import re2
from django.utils.translation import gettext as _

from actions.conditions.shortened import short

LONGEST = 500  # characters of a pattern
_MEMORY = 1 << 19  # bytes of a compiled pattern with what its searches remember
_MOST_WORK = 5_000_000  # instructions times bytes; RE2 at its slowest takes some 10 ns for each


def found(pattern: str, sought: str) -> bool:
    """Whether the pattern is anywhere in the text. Raises ValueError with a sentence."""
    expression, plain = compiled(pattern), _plain(sought)
    if expression.programsize * len(plain) > _MOST_WORK:
        raise ValueError(_("the text is too long for this pattern"))
    return expression.search(plain) is not None


@lru_cache(maxsize=24)
def compiled(source: str) -> Any:
    """The pattern as re2 has it. Raises ValueError with a sentence when it is none, or too large."""
    if len(source) > LONGEST:
        raise ValueError(_("the pattern is longer than %(size)s characters") % {"size": LONGEST})
    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY, False
    try:
        return re2._Regexp(_plain(source), options)  # not re2.compile: it keeps 128 of them, whatever their size
    except re2.error as problem:
        raise ValueError(_("“%(pattern)s” is no pattern") % {"pattern": short(source)}) from problem


def _plain(text: str) -> str:
    """Half a surrogate pair becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
