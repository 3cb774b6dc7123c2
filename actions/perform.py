"""Performs one action: fills its config, lets its kind execute, and says how it went. Knows no database."""

import logging
import time
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from actions import marks
from actions.connected import NOTHING, Known
from actions.effects import Found, Look
from actions.fields import grammars
from actions.models import Action
from actions.placeholders import BadTemplate, Context, fill
from connections.opened import DENIED, Opened
from webjack.http import DryRun, Failed, Http
from webjack.kinds import UnknownKind

logger = logging.getLogger(__name__)
JUDGED_BY = ("retry", "after", "unknown", "status", "denied")


@dataclass(frozen=True)
class Outcome:
    """How a step went.

    retry and after (seconds) say whether and when another attempt may help, status what the server answered where that
    decides. unknown: the request may have been received and no whole answer came. asks: it was not executed, since it
    must know this first. connection: the one it went through; denied: the service refused that.
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
    denied: bool = False
    connection: Opened | None = None

    @property
    def ok(self) -> bool:
        return not self.error

    @property
    def answered(self) -> bool:
        """Whether the other side answered, whatever it said."""
        return bool(self.exchanges and self.exchanges[-1]["response"])


def perform(
    action: Action, context: Context, http: Http, found: Found | None = None, known: Known = NOTHING
) -> Outcome:
    """One attempt of one action; every error becomes an Outcome with a sentence, none is raised.

    found: the answer to what it asked before; without it an action that asks does nothing else. known: the connections
    that it may use; in the outcome's config their names stand for them.
    """
    started_at, clock = datetime.now(UTC), time.perf_counter()
    config: dict[str, Any] = {}
    told: dict[str, Any] = {}
    opened: dict[str, Opened] = {}
    try:
        opened = known.opened(action)
        for connection in opened.values():
            http.hide(connection.hidden)
        config = fill(action.config, context, grammars(action.kind))
        asks = action.spec.asks(config)
        if asks and found is None:
            told = {"asks": asks}
        else:
            given = action.spec.knows(action.config, context) | opened | ({"found": found} if asks else {})
            told = {"output": http.hidden(action.spec.execute(config | given, http))}
    except DryRun:
        pass  # the request stands in http.exchanges
    except Failed as failed:
        told = {name: getattr(failed, name) for name in JUDGED_BY} | {"error": http.hidden(str(failed.message))}
    except BadTemplate as bad:
        told = {"error": http.hidden(marks.told(action.spec.form, bad))}
    except UnknownKind:
        told = {"error": _("This kind of action is no longer available: %(kind)s") % {"kind": action.kind}}
    except Exception:  # a bug in one kind must cost one step, not the worker and the operations beside it
        logger.error("action %s (%s) broke\n%s", action.id, action.kind, http.hidden(traceback.format_exc()))
        told = {"error": _("Something broke on our side. We have been told; repeat the operation later")}
    return Outcome(
        started_at=started_at,
        duration_ms=round((time.perf_counter() - clock) * 1000),
        config=http.masked(config) | {name: str(one.row) for name, one in opened.items()},
        exchanges=http.exchanges,
        **told | _account(opened, told),
    )


def _account(opened: dict[str, Opened], told: dict[str, Any]) -> dict[str, Any]:
    """Which connection the attempt tells of, and whether the service refused it; a success tells nothing of that."""
    if not opened:
        return {"denied": False}
    refused = [one for one in opened.values() if one.denied]
    denied = bool(told.get("error")) and bool(refused or told.get("denied") or told.get("status") in DENIED)
    return {"connection": (refused or list(opened.values()))[-1], "denied": denied}
