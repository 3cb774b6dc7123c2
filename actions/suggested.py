"""What a new action's form suggests, by the fields that its sources really have."""

import re
from collections.abc import Sequence
from typing import Any

PLACEHOLDER = re.compile(r"\{\{ ([a-z_]+) \}\}")
# What people call the fields that suggestions use, in any system. A company's or a form's name is no person's.
ALSO_CALLED = {
    "client_name": r"((client|customer|user|contact|lead|your|full|first)[_ .-]?)*(name|имя|фио|fio)",
    "client_phone": r"([a-zа-я]+[_ .-])*(phone|telephone|tel|mobile|телефон)",
    "client_email": r"([a-zа-я]+[_ .-])*(e-?mail|mail|почта)",
}


def fitted(suggested: Any, items: Sequence[dict[str, str]]) -> Any:
    """The form's suggestions with the names of these fields (picker.source_items), as far as those can be told.

    One that is no more than a field which is not there is left out; a sentence keeps it, to show what is meant.
    """
    if not items:
        return suggested
    if isinstance(suggested, dict):
        return {name: fitted(value, items) for name, value in suggested.items()}
    if isinstance(suggested, list):
        return [fitted(value, items) for value in suggested]
    if not isinstance(suggested, str):
        return suggested
    only = PLACEHOLDER.fullmatch(suggested)
    return PLACEHOLDER.sub(lambda found: _meant(found[1], items) or ("" if only else found[0]), suggested)


def _meant(name: str, items: Sequence[dict[str, str]]) -> str:
    """The placeholder of the field of this name, or of the first that is called so elsewhere; "" for none."""
    exact = next((item["placeholder"] for item in items if item["name"] == name), "")
    if exact or name not in ALSO_CALLED:
        return exact
    called = re.compile(ALSO_CALLED[name])
    return next(
        (
            item["placeholder"]
            for item in items
            if any(called.fullmatch(item[key].lower()) for key in ("name", "label"))
        ),
        "",
    )
