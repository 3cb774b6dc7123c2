"""Tokens of amoCRM (amocrm.ru/developers, oauth/step-by-step, read in January 2026).

The access token lives a day; the refresh token three months, works once, and comes with a new one.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.kind import Token
from connections.kinds.amocrm.address import root, subdomain_of
from webjack.config import Config
from webjack.http import Answer, Failed, Http


def first(config: Config, told: Mapping[str, str], back: str, http: Http) -> Token:
    """The token for the code that a person brought back. The secret goes to the connection's own account only."""
    if told.get("error"):
        raise Failed(_("Access was refused in amoCRM: nothing was changed. Press “Connect” again and choose “Allow”"))
    code, chosen = told.get("code", ""), told.get("referer", "")
    if not code:
        raise Failed(_("amoCRM sent no code: try to connect once more"))
    if chosen and subdomain_of(chosen.lower()) != subdomain_of(config["address"]):
        raise Failed(
            _("In amoCRM you chose the account %(chosen)s, but this connection is to %(own)s: choose that one")
            % {"chosen": chosen, "own": config["address"]}
        )
    return _asked(config, {"grant_type": "authorization_code", "code": code}, back, http)


def renewed(config: Config, token: Token, http: Http) -> Token:
    return _asked(config, {"grant_type": "refresh_token", "refresh_token": token.refresh}, token.back, http)


def _asked(config: Config, grant: dict[str, str], back: str, http: Http) -> Token:
    asked = {"client_id": config["client_id"], "client_secret": config["client_secret"], **grant, "redirect_uri": back}
    answer = http.request(
        "POST",
        f"{root(config['address'])}/oauth2/access_token",
        headers=[("Content-Type", "application/json")],
        body=json.dumps(asked).encode(),
    )
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise answer.failure()
    told = _told(answer)
    if answer.status >= 400:
        raise Failed(_why(answer.status, told), denied=True)
    access, refresh, lasts = told.get("access_token"), told.get("refresh_token"), told.get("expires_in")
    if not isinstance(access, str) or not access or not isinstance(refresh, str) or not refresh:
        raise Failed(_("amoCRM issued no token: check the account's address"))
    token = Token(access, float(lasts) if isinstance(lasts, int | float) else None, refresh)
    return replace(token, back=back)


def _told(answer: Answer) -> dict[str, Any]:
    try:
        told = answer.json()
    except Failed:
        if answer.status < 400:
            raise
        return {}
    return told if isinstance(told, dict) else {}


def _why(status: int, told: Mapping[str, Any]) -> str:
    said = " ".join(str(told.get(name) or "") for name in ("hint", "title", "detail")).strip()
    for part, words in WORDS:
        if part in said.lower():
            return str(words)
    return _("amoCRM issued no token (%(status)s): %(said)s") % {"status": status, "said": said or "—"}


WORDS = [
    ("code has expired", gettext_lazy("The code of amoCRM is older than 20 minutes: press “Connect” again")),
    ("authorization code", gettext_lazy("amoCRM does not take this code any more: press “Connect” again")),
    (
        "token has been revoked",
        gettext_lazy("amoCRM does not take our token any more: open the connection and press “Connect amoCRM”"),
    ),
    ("некорректный клиент", gettext_lazy("amoCRM does not know this integration: check its ID and its secret key")),
    (
        "redirect",
        gettext_lazy("The redirect address in the integration is another one: copy it from the connection's page"),
    ),
]
