"""What «Авторизация HTTP» adds to a request, and what it reads of a service's tokens."""

import base64
import hmac
import re
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from connections.kind import Token
from webjack.config import Config
from webjack.http import Answer, Failed, Outgoing
from webjack.http.address import DEFAULT_PORTS, parse

ALGORITHMS = ("sha256", "sha512", "sha1", "md5")
PARTS = re.compile(rb"\{(method|url|path|query|timestamp|body)\}")
REFUSED = {400, 401, 403}  # RFC 6749, section 5.2: a wrong client is 400 or 401


def basic(user: str | None, password: str | None) -> str:
    """RFC 7617, in UTF-8."""
    return base64.b64encode(f"{user or ''}:{password or ''}".encode()).decode()


def put(request: Outgoing, name: str, value: str) -> None:
    """In place of a header of that name, which the action may bring."""
    request.headers = [pair for pair in request.headers if pair[0].strip().lower() != name.lower()] + [(name, value)]


def hosts_of(config: Config) -> set[str]:
    """The only ones that get the key; none: any does."""
    return {host.strip() for host in (config.get("hosts") or "").split(",") if host.strip()}


def check_host(config: Config, request: Outgoing) -> None:
    """Raises Failed when the key is not for the host that the request goes to."""
    hosts = hosts_of(config)
    if not hosts:
        return
    address = parse(request.url)
    port = "" if address.port == DEFAULT_PORTS[address.scheme] else f":{address.port}"
    if not {address.host, f"{address.host}{port}", f"{address.host}:{address.port}"} & hosts:
        raise Failed(
            _("The connection is not for the host %(host)s: its settings name the hosts that get its key")
            % {"host": address.host}
        )


def sign(config: Config, request: Outgoing) -> None:
    """Puts the signature of what the settings say into its header."""
    if config.get("hmac_timestamp_header"):
        put(request, config["hmac_timestamp_header"], str(request.at))
    address = parse(request.url, request.query)
    parts = urlsplit(address.url)
    found = {
        "method": request.method.upper().encode(),
        "url": address.url.encode(),
        "path": parts.path.encode(),
        "query": parts.query.encode(),
        "timestamp": str(request.at).encode(),
        "body": request.body or b"",
    }
    signed = PARTS.sub(lambda part: found[part[1].decode()], (config.get("hmac_signed") or "{body}").encode())
    algorithm = config.get("hmac_algorithm") or ALGORITHMS[0]
    digest = hmac.new(config["hmac_secret"].encode(), signed, algorithm).digest()
    text = base64.b64encode(digest).decode() if config.get("hmac_coding") == "base64" else digest.hex()
    put(request, config["hmac_header"], f"{config.get('hmac_prefix') or ''}{text}")


def pem(config: Config) -> str:
    """The client's certificate with its key, as the TLS layer takes them."""
    return f"{config.get('certificate') or ''}\n{config.get('certificate_key') or ''}\n"


def proxy_of(config: Config) -> str:
    """The proxy's address with the user and the password that it asks for."""
    proxy = (config.get("proxy") or "").strip()
    if not proxy or not config.get("proxy_user"):
        return proxy
    user, password = (quote(config.get(name) or "", safe="") for name in ("proxy_user", "proxy_password"))
    return f"http://{user}:{password}@{proxy[len('http://') :]}"


def token_of(answer: Answer) -> Token:
    """RFC 6749, section 5.1. Raises Failed."""
    if answer.status >= 400:
        failed = answer.failure()
        words = _("No token was issued. %(reason)s") % {"reason": failed}
        raise Failed(words, failed.retry, failed.after, denied=answer.status in REFUSED)
    told = answer.json()
    access = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(access, str) or not access:
        raise Failed(_("No token was issued: there is no access_token in the answer. Check the address for tokens"))
    refresh = told.get("refresh_token")
    return Token(access, _seconds(told.get("expires_in")), refresh if isinstance(refresh, str) else "")


def _seconds(value: Any) -> float | None:
    try:
        return max(float(value), 0.0) or None
    except (TypeError, ValueError):
        return None
