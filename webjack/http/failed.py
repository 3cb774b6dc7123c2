"""How an action says that it did not succeed."""

from __future__ import annotations

from django.utils.functional import Promise


class Failed(Exception):
    """An action did not succeed.

    message: a sentence for the customer on what happened, without secrets; may be a lazy translation. It promises no
    other attempt: whether and when there is one the retry policy says.
    retry: whether trying again later is worth it.
    after: seconds to wait at least before that (from Retry-After), or None.
    unknown: the request may have been received and no whole answer came, so it may be done or not.
    status: the HTTP status that is all there is to judge by; whether there is another attempt is then decided by the
    codes of the retry policy and not by retry.
    denied: the account itself was refused (a wrong key, an unpaid portal), so nothing helps but mending the connection.
    """

    def __init__(
        self,
        message: str | Promise,
        retry: bool = False,
        after: float | None = None,
        *,
        unknown: bool = False,
        status: int | None = None,
        denied: bool = False,
    ) -> None:
        super().__init__(message, retry, after)
        self.message = message
        self.retry = retry
        self.after = after
        self.unknown = unknown
        self.status = status
        self.denied = denied

    def __str__(self) -> str:
        return str(self.message)


class DryRun(Exception):
    """A dry Http has recorded the request that it would have sent, and sent nothing."""
