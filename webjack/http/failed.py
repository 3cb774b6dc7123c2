"""How an action says that it did not succeed."""

from __future__ import annotations

from django.utils.functional import Promise


class Failed(Exception):
    """An action did not succeed.

    message: a sentence for the customer, without secrets; may be a lazy translation.
    retry: whether trying again later is worth it.
    after: seconds to wait at least before that (from Retry-After), or None.
    """

    def __init__(self, message: str | Promise, retry: bool = False, after: float | None = None) -> None:
        super().__init__(message, retry, after)
        self.message = message
        self.retry = retry
        self.after = after

    def __str__(self) -> str:
        return str(self.message)


class DryRun(Exception):
    """A dry Http has recorded the request that it would have sent, and sent nothing."""
