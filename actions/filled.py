"""Settings of an action whose placeholders are filled, as services take them: texts, whole numbers, several of one.

What a service would not take is refused here with a sentence.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from actions import values
from webjack.http import Failed

Filled = Mapping[str, Any]

MOST = 20
"""Phones or e-mails of one person; services are asked for each."""

_WHOLE = re.compile(r"[0-9]{1,15}")
_BETWEEN = re.compile(r"[,;\n]")


def text(config: Filled, name: str) -> str:
    """Without blanks around it; "" where nothing stands."""
    return values.text(config.get(name)).strip()


def texts(config: Filled, names: Iterable[str]) -> dict[str, str]:
    """The texts of these settings that are not empty."""
    return {name: told for name in names if (told := text(config, name))}


def needed(config: Filled, name: str, label: Any) -> str:
    """Raises Failed: a placeholder may have turned out empty."""
    told = text(config, name)
    if not told:
        raise Failed(_("“%(field)s” is empty: the data brought nothing for it") % {"field": label})
    return told


def whole(value: Any) -> int | None:
    """The number that a text of at most 15 digits is; None when it is none."""
    told = values.text(value).strip()
    return int(told) if _WHOLE.fullmatch(told) else None


def number(config: Filled, name: str, label: Any) -> int | None:
    """The number of a record, a user, a funnel; None where nothing stands. Raises Failed."""
    told = text(config, name)
    found = whole(told)
    if told and found is None:
        raise Failed(_("“%(label)s” must be a number, and it is “%(value)s”") % {"label": label, "value": told[:60]})
    return found


def several(value: Any, most: int | None = MOST) -> list[str]:
    """The texts of a list, or of a text where commas, semicolons or lines part them.

    most: different ones; None where one request takes them all. Raises Failed when there are more, before any is read.
    """
    pieces = value if isinstance(value, list | tuple) else _BETWEEN.split(values.text(value))
    found = [told for one in pieces if (told := values.text(one).strip())]
    if most is not None and len(set(found)) > most:
        names = {"most": most, "count": len(set(found))}
        raise Failed(_("At most %(most)s values are taken here, and these are %(count)s") % names)
    return found
