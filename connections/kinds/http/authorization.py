"""«Авторизация HTTP»: the usual ways to be let in by any API, a proxy and a client's certificate."""

from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.kind import ConnectionKind, Token
from connections.kinds.http.form import BASIC, IN_BODY, KEYS, OAUTH2, QUERY, HttpForm
from connections.kinds.http.signing import basic, check_host, hosts_of, pem, proxy_of, put, sign, token_of
from webjack.config import Config
from webjack.http import Failed, Http, Outgoing, Route
from webjack.http.address import parse


class HttpAuthorization(ConnectionKind):
    key = "http"
    title = gettext_lazy("HTTP authorization")
    about = gettext_lazy(
        "User and password, token, API key, signature or OAuth2 for any service; proxy and certificate"
    )
    common = True
    words = "basic bearer api key hmac oauth oauth2 токен ключ подпись прокси сертификат"
    form = HttpForm

    def strays(self, before: Config, after: Config) -> tuple[str, ...]:
        moved: list[str] = []
        named, now = hosts_of(before), hosts_of(after)
        if named and not (now and now <= named):
            moved += KEYS
        if _origin(before.get("token_url")) != _origin(after.get("token_url")):
            moved.append("client_secret")
        if (before.get("proxy") or "") != (after.get("proxy") or ""):
            moved.append("proxy_password")
        return tuple(moved)

    def hidden(self, config: Config) -> list[str]:
        texts = [basic(config.get("user"), config.get("password"))] if config.get("auth") == BASIC else []
        if config.get("auth") == OAUTH2:
            texts.append(basic(config["client_id"], config["client_secret"]))
        if config.get("proxy_user"):
            texts.append(basic(config["proxy_user"], config.get("proxy_password")))
        return texts

    def uses_token(self, config: Config) -> bool:
        return bool(config.get("auth") == OAUTH2)

    def renew(self, config: Config, token: Token | None, http: Http) -> Token:
        """RFC 6749, section 4.4, with the client's name and secret as in section 2.3.1."""
        asked = {"grant_type": "client_credentials"} | ({"scope": config["scope"]} if config.get("scope") else {})
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        if config.get("client_place") == IN_BODY:
            asked |= {"client_id": config["client_id"], "client_secret": config["client_secret"]}
        else:
            headers.append(("Authorization", f"Basic {basic(config['client_id'], config['client_secret'])}"))
        answer = http.request("POST", config["token_url"], headers=headers, body=urlencode(asked).encode())
        return token_of(answer)

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        check_host(config, request)
        request.route = Route(proxy_of(config), pem(config) if config.get("certificate") else "")
        match config.get("auth"):
            case "basic":
                put(request, "Authorization", f"Basic {basic(config.get('user'), config.get('password'))}")
            case "bearer":
                put(request, "Authorization", f"Bearer {config['bearer']}")
            case "key" if config.get("key_place") == QUERY:
                request.query.append((config["key_name"], config["key"]))
            case "key":
                put(request, config["key_name"], config["key"])
            case "hmac":
                sign(config, request)
            case "oauth2":
                assert token is not None
                put(request, "Authorization", f"Bearer {token.access}")

    def check(self, config: Config, http: Http) -> str:
        if not config.get("check_url"):
            if self.uses_token(config):
                return _("The service has issued a token")
            return _("The settings are complete. To try them at the service, enter an address for the check")
        answer = http.request("GET", config["check_url"], follow_redirects=True)
        if answer.status >= 400:
            raise answer.failure()
        return _("The service answered with the status %(status)s") % {"status": answer.status}


def _origin(url: str | None) -> tuple[str, str, int] | None:
    try:
        found = parse(url or "")
    except Failed:
        return None
    return found.scheme, found.host, found.port
