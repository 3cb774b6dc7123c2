"""What a portal's errors mean: what to do, whether to try again, and whether the webhook itself is refused.

By the code first: the HTTP statuses of the documentation and of Bitrix24's own client differ
(b24restdocs, _includes/system-errors.md; b24pysdk/errors, both in 2026). Old methods have no code, only words.
"""

import re
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webjack.http import Answer, Failed

WINDOW = 600.0
"""Seconds after which time that methods have used up is surely given back."""
OVERLOADED = 900.0
"""Seconds; a block that Bitrix24's support sets by hand and takes away by hand."""


class Meaning(NamedTuple):
    """retry: it may pass. denied: the account is refused. after: seconds to wait at least."""

    words: str | Promise = ""
    retry: bool = False
    denied: bool = False
    after: float | None = None


_WRONG_KEY = Meaning(
    gettext_lazy("Bitrix24 does not know this webhook: copy its address anew into the connection"), denied=True
)
_UNPAID = Meaning(
    gettext_lazy("Bitrix24 has closed its REST: the portal's subscription is over or does not include it"), denied=True
)
_NOT_ALLOWED = Meaning(gettext_lazy("The webhook's employee has no right to do this in Bitrix24: %(said)s"))

CODES: dict[str, Meaning] = {
    "query_limit_exceeded": Meaning(gettext_lazy("Bitrix24 asks to wait: too many requests at once"), True, after=2.0),
    "operation_time_limit": Meaning(
        gettext_lazy("Bitrix24 has blocked this method for some minutes: it used up its time"), True, after=WINDOW
    ),
    "overload_limit": Meaning(
        gettext_lazy("Bitrix24 has blocked the portal's REST because of overload: write to its support"),
        True,
        after=OVERLOADED,
    ),
    "internal_server_error": Meaning(retry=True),
    "error_unexpected_answer": Meaning(retry=True),
    "no_auth_found": _WRONG_KEY,
    "invalid_credentials": _WRONG_KEY,
    "invalid_token": _WRONG_KEY,
    "expired_token": Meaning(gettext_lazy("The webhook has expired in Bitrix24: make a new one"), denied=True),
    "authorization_error": Meaning(
        gettext_lazy("The employee who made the webhook is dismissed: make a new one"), denied=True
    ),
    "insufficient_scope": Meaning(
        gettext_lazy(
            "The webhook lacks a right: open it in Bitrix24 and tick CRM, Tasks, Chat and notifications, Users"
        ),
        denied=True,
    ),
    "payment_required": _UNPAID,
    "application_not_found": _UNPAID,
    "error_oauth": _WRONG_KEY,
    "portal_deleted": Meaning(gettext_lazy("The portal was deleted from Bitrix24"), denied=True),
    "user_access_error": _NOT_ALLOWED,
    "allowed_only_intranet_user": _NOT_ALLOWED,
    "wrong_auth_type": Meaning(gettext_lazy("Bitrix24 does not let webhooks call this method")),
    "method_confirm_waiting": Meaning(
        gettext_lazy("An administrator of the portal must first allow this method: %(said)s")
    ),
    "method_confirm_denied": Meaning(gettext_lazy("An administrator of the portal does not allow this method")),
    "error_method_not_found": Meaning(gettext_lazy("Bitrix24 has no such method: check its name")),
    "error_batch_method_not_allowed": Meaning(gettext_lazy("This method cannot be called in a batch")),
    "error_batch_length_exceeded": Meaning(gettext_lazy("There are too many commands in the batch: at most 50")),
    "user_id_empty": Meaning(gettext_lazy("The number of the user is missing or wrong")),
    "message_empty": Meaning(gettext_lazy("The text is empty: there is nothing to send")),
}
SAID: list[tuple[str, Meaning]] = [
    (r"\bplans?\b|subscription|тариф", _UNPAID),
    (r"https required", Meaning(gettext_lazy("Bitrix24 takes requests by https only"))),
    (r"access denied|доступ запрещ", _NOT_ALLOWED),
    (r"^not found|не найден", Meaning(gettext_lazy("Bitrix24 does not find the record: %(said)s"))),
]


def failure(
    status: int | None, told: dict[str, Any], time: dict[str, Any] | None = None, after: float | None = None
) -> Failed:
    """status: None for a command of a batch. told: `error` and `error_description`. after: seconds, of Retry-After."""
    code, said = str(told.get("error") or ""), _plain(told.get("error_description"))
    meaning = _meaning(code.lower(), said, status)
    words = str(meaning.words) % {"said": said or code} if meaning.words else _usual(status, said or code)
    wait = after if after is not None else meaning.after
    if code.lower() == "operation_time_limit":
        wait = _reset(time, wait)
    return Failed(words, meaning.retry, wait, denied=meaning.denied)


def _meaning(code: str, said: str, status: int | None) -> Meaning:
    known = CODES.get(code)
    if known is not None:
        return known
    for pattern, meaning in SAID:
        if re.search(pattern, said, re.IGNORECASE):
            return meaning
    return Meaning(retry=status is not None and (status >= 500 or status == 429), denied=status == 401)


def _usual(status: int | None, said: str) -> str:
    if said:
        return _("Bitrix24 refused: %(said)s") % {"said": said}
    return str(Answer(status or 0, "", {}, b"", False, "").failure().message)


def _plain(text: Any) -> str:
    """Descriptions hold tags, such as `Task title is not specified<br>`."""
    return " ".join(strip_tags(str(text or "").replace("<br>", " ")).split())[:500]


def _reset(time: dict[str, Any] | None, usual: float | None) -> float | None:
    """Seconds until the method is let in again, by the portal's own clock."""
    told = time if isinstance(time, dict) else {}
    until, now = told.get("operating_reset_at"), told.get("finish") or told.get("start")
    if not isinstance(until, int | float) or not isinstance(now, int | float):
        return usual
    return min(max(float(until) - float(now), 1.0), WINDOW)
