"""Random values that are the same for every attempt of one action: a repeated request must not look like a new one."""

import hashlib
import random
import string
import uuid as uuids
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import text, whole
from actions.filters.declared import Argument, Example, Theme

chance = Theme("chance", _("Random values"))

_SIGNS = string.ascii_lowercase + string.digits


def _dice(value: Any, seed: str) -> random.Random:
    """Dice that fall alike whenever seed and value are the same."""
    return random.Random(hashlib.sha256(f"{seed}\0{text(value)}".encode("utf-8", "replace")).digest())  # noqa: S311


@chance.filter(
    "uuid",
    "UUID",
    _("A number of its own, the same when the operation tries again"),
    Example("", "eaff6f34-df5e-4561-b1fd-efeab353c757"),
    fits="any",
)
def uuid(value: Any, *, seed: str) -> str:
    return str(uuids.UUID(int=_dice(value, seed).getrandbits(128), version=4))


@chance.filter(
    "random_number",
    _("Random number"),
    _("Between two whole numbers, the same when the operation tries again"),
    Example("", 5153, [1000, 9999]),
    fits="any",
    least=Argument(_("From"), number=True),
    most=Argument(_("To"), number=True),
)
def random_number(value: Any, least: Any = 1, most: Any = 100, *, seed: str) -> int:
    low, high = sorted((whole(least, -(10**15), 10**15), whole(most, -(10**15), 10**15)))
    return _dice(value, seed).randint(low, high)


@chance.filter(
    "random_text",
    _("Random text"),
    _("Latin letters and digits, the same when the operation tries again"),
    Example("", "z5j1hrn8", [8]),
    fits="any",
    length=Argument(_("Characters"), number=True),
)
def random_text(value: Any, length: Any = 12, *, seed: str) -> str:
    return "".join(_dice(value, seed).choices(_SIGNS, k=whole(length, 1, 200)))
