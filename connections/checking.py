"""«Проверить подключение»: asks the service whether it lets us in, and writes down what it says."""

import logging
import traceback
from dataclasses import dataclass

from django.db.models import Case, F, When
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from connections.models import Connection, State
from connections.opened import Opened
from connections.places import ALL_SECONDS, SECONDS, place
from webjack.http import Failed, Http
from webjack.kinds import UnknownKind

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """text: who the service says we are, or what is wrong."""

    ok: bool
    text: str


def check(row: Connection) -> Verdict:
    """Raises Busy."""
    with place():
        verdict = _asked(row)
    state = State.WORKS if verdict.ok else State.ATTENTION
    same = When(state=state, then=F("since"))
    Connection.objects.filter(pk=row.pk, updated_at=row.updated_at).update(
        since=Case(same, default=Now()), state=state, reason="" if verdict.ok else verdict.text, checked_at=Now()
    )
    return verdict


def _asked(row: Connection) -> Verdict:
    http = Http(deadline=SECONDS, whole=ALL_SECONDS)
    try:
        opened = Opened(row)
        http = http.through(opened)
        if opened.spec.uses_token(opened.config) and not opened.spec.asks_consent(opened.config):
            opened.held.renew(http)  # the one that is kept would only tell that the credentials were good once
        return Verdict(True, http.hidden(opened.spec.check(opened.config, http)))
    except Failed as failed:
        return Verdict(False, http.hidden(str(failed.message)))
    except UnknownKind:
        return Verdict(False, _("This kind of connection is no longer available: %(kind)s") % {"kind": row.kind})
    except Exception:
        return Verdict(False, strange(http, row.kind))


def strange(http: Http, kind: str) -> str:
    """The sentence for an answer that broke the code that reads it; to be called while that error is handled."""
    logger.error("the answers for %s were not understood\n%s", kind, http.hidden(traceback.format_exc()))
    return _("The service gave an unexpected answer. We have been told")
