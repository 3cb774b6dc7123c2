"""The only way out: every outgoing request of the product goes through Http."""

from .answer import Answer
from .client import Http
from .failed import DryRun, Failed
from .letter import Delivery, Letter, MailServer
from .mask import MASK
from .signer import Outgoing, Route, Signer

__all__ = [
    "MASK",
    "Answer",
    "Delivery",
    "DryRun",
    "Failed",
    "Http",
    "Letter",
    "MailServer",
    "Outgoing",
    "Route",
    "Signer",
]
