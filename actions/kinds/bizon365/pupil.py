"""A pupil as Bizon365 takes one, and access to classes by grantAccess (https://blog.bizon365.ru/api/v2/)."""

from typing import Any

from django.utils.translation import gettext as _

from actions.filled import text
from actions.filters.emails import is_email
from actions.kind import Data, Said
from connections.kinds.bizon365 import client
from webjack.config import Config
from webjack.http import Failed, Http


def person(config: Config) -> dict[str, str]:
    """What is known of the pupil. Raises Failed without an e-mail: that is whom Bizon365 knows pupils by."""
    found = {name: text(config, name) for name in ("email", "name", "phone", "city")}
    email = found["email"]
    if not is_email(email):
        raise Failed(_("“%(email)s” is no e-mail address: Bizon365 needs one") % {"email": email[:100]})
    told = {"email": email, "username": found["name"], "phone": found["phone"], "city": found["city"]}
    return {name: one for name, one in told.items() if one}


def grant(http: Http, account: Config, asked: dict[str, Any]) -> Data:
    """Has the task done and waits for its end, for as long as client.finished does. Raises Failed."""
    told = client.saved(http, account, "student/grantAccess", asked)
    task = str(told.get("task_id") or "")
    done = client.finished(http, account, task) if task else True
    return {"task_id": task, "done": done}


def said(output: Data) -> Said | None:
    """That a task is not yet done, which is no failure."""
    if output.get("done"):
        return None
    why = _("Bizon365 took the task and had not finished it yet: look into its account")
    return Said("unmet", _("Still under way"), why)
