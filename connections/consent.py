"""A code flow: a person leaves for the service's page, lets us in there, and comes back with a code.

What they bring back counts once, within an hour, in the session, for the person and the company that left, and for the
settings as they were then.
"""

import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import vault
from connections.kind import Token
from connections.models import Connection, State
from connections.opened import Opened
from connections.places import SECONDS, Busy, place
from tenants import journal
from tenants.models import Verb
from webjack.http import Failed, Http

SESSION_KEY = "consents"
GOOD_SECONDS = 3600
MOST = 10  # under way in one session: the oldest is forgotten


def back() -> str:
    """The page of ours that people come back to: one for all, so that it can be told before anything is saved."""
    return str(settings.PUBLIC_URL) + reverse("connections:authorised")


def leave(request: Any, row: Connection) -> str:
    """The address of the service's page. Raises Failed."""
    url = row.spec.consent_url(row.whole, state := secrets.token_urlsafe(32), back())
    told = {
        "connection": str(row.pk), "company": str(request.tenant.pk), "person": str(request.user.pk),
        "settings": row.updated_at.isoformat(), "at": time.time(),
    }  # fmt: skip
    kept = sorted(_kept(request).items(), key=lambda pair: pair[1].get("at", 0))
    request.session[SESSION_KEY] = dict([*kept[1 - MOST :], (state, told)])
    return url


def left(request: Any) -> Mapping[str, Any] | None:
    """What the state that came back stands for; after that it stands for nothing any more."""
    kept = dict(_kept(request))
    told = kept.pop(request.GET.get("state", ""), None)
    if told is None:
        return None
    request.session[SESSION_KEY] = kept
    mine = told["company"] == str(request.tenant.pk) and told["person"] == str(request.user.pk)
    return told if mine and time.time() < told["at"] + GOOD_SECONDS else None


def agree(row: Connection, told: Mapping[str, Any], brought: Mapping[str, str]) -> None:
    """Takes the first token, and keeps it. Raises Failed: then everything is as it was."""
    http = Http(deadline=SECONDS)
    opened = Opened(row)
    http.hide(opened.hidden)
    http.hide([brought.get("code", "")] if brought.get("code") else [])
    try:
        if row.updated_at.isoformat() != told["settings"]:
            raise Failed(_("The settings were changed meanwhile: connect once more"))
        with place():
            token = row.spec.agreed(opened.config, brought, back(), http)
    except Busy as busy:
        raise Failed(str(busy)) from None
    except Failed as failed:
        raise Failed(http.hidden(str(failed.message))) from None
    if not keep(row.pk, told["settings"], token):
        raise Failed(_("The settings were changed meanwhile: connect once more"))


def keep(id: uuid.UUID, version: str, token: Token) -> bool:
    """Whether the settings are still those that it was got by. Whoever renews the one before does so in vain."""
    sealed = vault.seal(asdict(replace(token, issued=time.time())))
    with transaction.atomic():
        row = Connection.objects.select_for_update().filter(pk=id).first()
        if row is None or row.updated_at.isoformat() != version:
            return False
        now = timezone.now()
        changed = {"token": sealed, "renewing_until": None, "state": State.WORKS, "reason": "", "updated_at": now}
        since = now if row.state != State.WORKS else F("since")
        Connection.objects.filter(pk=id).update(**changed, since=since)
        journal.note(row, Verb.CONNECTED)
    return True


def _kept(request: Any) -> dict[str, dict[str, Any]]:
    found = request.session.get(SESSION_KEY)
    return found if isinstance(found, dict) else {}
