"""Performs one action: fills its config, lets its kind execute, and says how it went. Knows no database."""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from actions.effects import Found, Look
from actions.models import Action
from actions.placeholders import BadTemplate, Context, fill
from webjack.http import DryRun, Failed, Http
from webjack.kinds import UnknownKind

logger = logging.getLogger(__name__)
JUDGED_BY = ("retry", "after", "unknown", "status")


@dataclass(frozen=True)
class Outcome:
    """How a step went.

    retry and after (seconds) say whether and when another attempt may help, status what the server answered where that
    decides. unknown: the request may have been received and no whole answer came. asks: it was not executed, since it
    must know this first.
    """

    started_at: datetime
    duration_ms: int
    config: dict[str, Any] = field(default_factory=dict)
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    output: dict[str, Any] | None = None
    error: str = ""
    retry: bool = False
    after: float | None = None
    unknown: bool = False
    status: int | None = None
    asks: Look | None = None

    @property
    def ok(self) -> bool:
        return not self.error

    @property
    def answered(self) -> bool:
        """Whether the other side answered, whatever it said."""
        return bool(self.exchanges and self.exchanges[-1]["response"])


def perform(action: Action, context: Context, http: Http, found: Found | None = None) -> Outcome:
    """One attempt of one action; every error becomes an Outcome with a sentence, none is raised.

    found: the answer to what it asked before; without it an action that asks does nothing else.
    """
    started_at, clock = datetime.now(UTC), time.perf_counter()
    config: dict[str, Any] = {}
    told: dict[str, Any] = {}
    try:
        config = fill(action.config, context)
        asks = action.spec.asks(config)
        if asks and found is None:
            told = {"asks": asks}
        else:
            told = {"output": action.spec.execute(config | ({"found": found} if asks else {}), http)}
    except DryRun:
        pass  # the request stands in http.exchanges
    except Failed as failed:
        told = {"error": str(failed.message)} | {name: getattr(failed, name) for name in JUDGED_BY}
    except BadTemplate as bad:
        told = {"error": str(bad.message)}
    except UnknownKind:
        told = {"error": _("This kind of action is no longer available: %(kind)s") % {"kind": action.kind}}
    except Exception:  # a bug in one kind must cost one step, not the worker and the operations beside it
        logger.exception("action %s (%s) broke", action.id, action.kind)
        told = {"error": _("Something broke on our side. We have been told; repeat the operation later")}
    return Outcome(
        started_at=started_at,
        duration_ms=round((time.perf_counter() - clock) * 1000),
        config=http.masked(config),
        exchanges=http.exchanges,
        **told,
    )
