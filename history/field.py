"""A name with its value, as the operation's page shows it."""

from dataclasses import dataclass
from typing import Any

from webjack.fields import storable

LONGEST = 2000  # characters of one value on the page


@dataclass(frozen=True)
class Field:
    """name: as in the data; label: what people call it, maybe nothing."""

    name: str
    label: str
    value: Any

    @property
    def title(self) -> str:
        return storable(self.label or self.name)

    @property
    def is_tree(self) -> bool:
        return isinstance(self.value, dict | list) and bool(self.value)

    @property
    def text(self) -> str:
        """The value in one text, NUL and lone surrogates as escapes; nothing for what is empty."""
        if self.value in (None, "", [], {}):
            return ""
        text = storable(str(self.value))
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"
