"""The only way out: every outgoing request of the product goes through Http."""

from .answer import Answer
from .client import Http
from .failed import DryRun, Failed
from .mask import MASK
from .signer import Outgoing, Route, Signer

__all__ = ["MASK", "Answer", "DryRun", "Failed", "Http", "Outgoing", "Route", "Signer"]
