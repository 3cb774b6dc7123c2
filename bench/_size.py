"""How much of everything a run measures."""

from enum import Enum
from typing import TypeVar

Amount = TypeVar("Amount", int, float)


class Size(Enum):
    """TINY proves that a benchmark works; its figures mean nothing. FULL takes as long as it takes."""

    TINY = "tiny"
    USUAL = "usual"
    FULL = "full"

    def of(self, tiny: Amount, usual: Amount, full: Amount | None = None) -> Amount:
        """The amount for this size; what is not given for FULL is as usual."""
        return tiny if self is Size.TINY else full if self is Size.FULL and full is not None else usual
