"""«Авторизация HTTP»: what each way adds to a request, the proxy and the certificate, what the form insists on."""

import base64
import hashlib
import hmac
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connections.kinds.http.form import HttpForm
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.proxy import Proxy, proxy_server
from tests.fakes.target import Target, target_server
from tests.raw_servers import certificate, ok, raw_server, says
from webjack.config import bind, errors
from webjack.http import MASK, DryRun, Failed, Http
from webjack.http.ways import close, tls_context


@pytest.fixture(autouse=True)
def _local_servers_are_open(settings: Any) -> Iterator[None]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    yield
    close()


@pytest.fixture
def target() -> Iterator[Target]:
    with target_server() as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxy_server() as server:
        yield server


def signing(http: Http | None = None, **config: Any) -> Http:
    return (http or Http()).through(Opened(Connection(kind="http", config=config)))


def faults(**config: Any) -> dict[str, list[str]]:
    return errors(bind(HttpForm, config))


def test_user_and_password_go_as_basic_and_are_masked_in_every_form(target: Target) -> None:
    coded = base64.b64encode("Иван:pass:w&rd".encode()).decode()
    target.answer = lambda request: (200, f"pass:w&rd {coded} pass%3Aw%26rd".encode())
    http = signing(auth="basic", user="Иван", password="pass:w&rd")
    answer = http.request("POST", target.url + "/?p=pass:w%26rd", body=b"pass:w&rd")
    assert target.requests[0].headers["Authorization"] == f"Basic {coded}"
    record = str(http.exchanges)
    assert "w&rd" not in record
    assert "w%26rd" not in record
    assert coded not in record
    assert http.exchanges[0]["response"]["body"] == f"{MASK} {MASK} {MASK}"
    assert http.hidden(answer.text) == f"{MASK} {MASK} {MASK}"


def test_a_token_goes_as_bearer_in_place_of_the_actions_own_header(target: Target) -> None:
    http = signing(auth="bearer", bearer="abcdef")
    http.request("GET", target.url, headers=[("authorization", "Bearer old"), ("X-A", "1")])
    assert target.requests[0].headers.get_all("Authorization") == ["Bearer abcdef"]
    assert target.requests[0].headers["X-A"] == "1"


def test_a_key_goes_into_a_header_or_into_the_query(target: Target) -> None:
    http = signing(auth="key", key_place="header", key_name="X-Пароль".encode().hex(), key="k&y value")
    http.request("GET", target.url + "/a?b=1")
    signing(http, auth="key", key_place="query", key_name="code", key="k&y value").request("GET", target.url + "/a?b=1")
    assert target.requests[0].headers["X-Пароль".encode().hex()] == "k&y value"
    assert target.requests[1].path == "/a?b=1&code=k%26y%20value"
    assert [one["request"]["url"] for one in http.exchanges][1] == f"{target.url}/a?b=1&code={MASK}"
    assert "k&y" not in str(http.exchanges)


def test_a_key_is_not_sent_on_to_another_server(target: Target) -> None:
    with raw_server(says(ok(b"", f"Location: {target.url}/b", status="307 Same"))) as first:
        http = signing(auth="key", key_place="header", key_name="X-Code", key="code-1234")
        http.request("POST", first.url, body=b"x", follow_redirects=True)
    assert b"X-Code: code-1234" in first.requests[0]
    assert target.requests[0].headers["X-Code"] is None


def test_a_signature_covers_what_the_settings_say(target: Target) -> None:
    signed: Any = {"hmac_signed": "{timestamp}.{method}.{path}?{query}.{body}", "hmac_timestamp_header": "X-Time"}
    http = signing(auth="hmac", hmac_secret="key-1", hmac_header="X-Sign", hmac_prefix="v1=", **signed)
    http.request("POST", target.url + "/путь", query=[("a", "1 2")], body="тело".encode())
    request = target.requests[0]
    text = f"{request.headers['X-Time']}.POST.{request.path}.".encode() + request.body
    assert request.headers["X-Sign"] == "v1=" + hmac.new(b"key-1", text, hashlib.sha256).hexdigest()


def test_a_signature_of_the_body_may_be_base64_by_another_algorithm(target: Target) -> None:
    more: Any = {"hmac_algorithm": "sha1", "hmac_coding": "base64", "hmac_signed": "{body}"}
    signing(auth="hmac", hmac_secret="key-1", hmac_header="X-Sign", **more).request(
        "POST", target.url, body=b"{timestamp}"
    )
    digest = hmac.new(b"key-1", b"{timestamp}", hashlib.sha1).digest()
    assert target.requests[0].headers["X-Sign"] == base64.b64encode(digest).decode()


def test_a_connection_for_some_hosts_gives_its_key_to_no_other(target: Target) -> None:
    http = signing(auth="bearer", bearer="abcdef", hosts="api.example.com, 127.0.0.1:1")
    with pytest.raises(Failed, match=r"127\.0\.0\.1"):
        http.request("GET", target.url)
    assert target.requests == []
    port = target.url.rpartition(":")[2]
    signing(auth="bearer", bearer="abcdef", hosts=f"127.0.0.1:{port}").request("GET", target.url)
    assert len(target.requests) == 1


def test_a_dry_request_shows_that_there_would_be_a_key() -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        signing(http, auth="oauth2", token_url="http://127.0.0.1:9/", client_id="a", client_secret="bcde").request(
            "GET", "http://127.0.0.1:9/"
        )
    assert [one["request"]["url"] for one in http.exchanges] == ["http://127.0.0.1:9/"]
    assert {"name": "Authorization", "value": MASK} in http.exchanges[0]["request"]["headers"]


# Proxy and certificate


def test_a_proxy_forwards_http_and_is_told_its_password_alone(target: Target, proxy: Proxy, settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    proxy.leads_to = ("127.0.0.1", int(target.url.rpartition(":")[2]))
    proxy.wants = "Basic " + base64.b64encode("me:пароль@".encode()).decode()
    http = signing(auth="none", proxy=proxy.url, proxy_user="me", proxy_password="пароль@")
    assert http.request("GET", "http://inside.example/a").status == 200
    assert proxy.heads[0].startswith("GET http://inside.example/a HTTP/1.1")
    assert "Host: inside.example" in proxy.heads[0]
    assert "пароль" not in str(http.exchanges)


def test_a_proxy_makes_a_tunnel_for_https_whose_certificate_is_checked(
    tmp_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, context = certificate(tmp_path, "shop.example")
    trust(monkeypatch, file)
    with raw_server(says(ok()), tls=context) as server:
        proxy.leads_to = ("127.0.0.1", server.port)
        http = signing(auth="bearer", bearer="abcdef", proxy=proxy.url)
        assert http.request("GET", "https://shop.example/a").status == 200
        assert proxy.heads[0].startswith("CONNECT shop.example:443")
        assert "abcdef" not in "".join(proxy.heads)
        assert b"Authorization: Bearer abcdef" in server.requests[0]
        with pytest.raises(Failed, match=r"other\.example"):
            signing(auth="none", proxy=proxy.url).request("GET", "https://other.example/")
    tls_context.cache_clear()


@pytest.mark.parametrize("url", ["http://shop.example/", "https://shop.example/"])
def test_a_proxy_that_refuses_is_named_in_the_error(proxy: Proxy, target: Target, url: str) -> None:
    proxy.wants = "Basic nothing"
    http = signing(auth="none", proxy=proxy.url, proxy_user="me", proxy_password="secret-1")
    if url.startswith("http:"):
        assert http.request("GET", url).status == 407
        return
    with pytest.raises(Failed) as caught:
        http.request("GET", url)
    assert "прокси" in str(caught.value).lower()
    assert "secret-1" not in str(caught.value)
    assert not caught.value.unknown


def test_a_proxy_inside_our_network_and_internal_addresses_behind_one_are_refused(proxy: Proxy, settings: Any) -> None:
    with pytest.raises(Failed, match="внутренн"):
        signing(auth="none", proxy=proxy.url).request("GET", "http://10.0.0.1/")
    with pytest.raises(Failed, match="внутренн"):
        signing(auth="none", proxy=proxy.url).request("GET", "https://169.254.169.254/")
    settings.EGRESS_ALLOW = []
    with pytest.raises(Failed):
        signing(auth="none", proxy=proxy.url).request("GET", "http://shop.example/")
    assert proxy.heads == []


def test_a_clients_certificate_is_shown_to_the_server_that_asks_and_to_no_other_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("server", "client"):
        (tmp_path / name).mkdir()
    file, context = certificate(tmp_path / "server", "127.0.0.1")
    ours, _context = certificate(tmp_path / "client", "client.example")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ours)
    trust(monkeypatch, file)
    shown: Any = {"certificate": ours.read_text(), "certificate_key": (tmp_path / "client" / "key.pem").read_text()}
    with raw_server(says(ok()), tls=context) as server:
        url = server.url.replace("http:", "https:")
        assert signing(auth="none", **shown).request("GET", url).status == 200
        with pytest.raises(Failed):
            Http().request("GET", url)
        assert len(server.requests) == 1
    assert faults(**shown) == {}
    assert list(faults(**shown | {"certificate_key": "-----BEGIN"})) == ["certificate"]
    tls_context.cache_clear()


def test_connections_never_share_a_way_by_a_proxy_or_with_a_certificate(
    tmp_path: Path, proxy: Proxy, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.leads_to = ("127.0.0.1", int(target.url.rpartition(":")[2]))
    way = {"auth": "none", "proxy": proxy.url}
    first, second = (Opened(Connection(kind="http", config=way)) for _ in range(2))
    for opened in (first, second, first, second):
        assert Http().through(opened).request("GET", "http://inside.example/").status == 200
    assert len(proxy.peers) == 2

    file, context = certificate(tmp_path, "127.0.0.1")
    trust(monkeypatch, file)
    shown = {"auth": "none", "certificate": file.read_text(), "certificate_key": (tmp_path / "key.pem").read_text()}
    with raw_server(says(ok()), tls=context) as server:
        url = server.url.replace("http:", "https:")
        first, second = (Opened(Connection(kind="http", config=shown)) for _ in range(2))
        for http in (Http().through(first), Http().through(second), Http(), Http().through(first), Http()):
            assert http.request("GET", url).status == 200
        assert server.connections == 3
    tls_context.cache_clear()


# The form


@pytest.mark.parametrize(
    ("config", "fields"),
    [
        ({}, []),
        ({"auth": "basic", "user": "a"}, []),
        ({"auth": "basic"}, ["user"]),
        ({"auth": "bearer"}, ["bearer"]),
        ({"auth": "key", "key_name": ""}, ["key", "key_name"]),
        ({"auth": "hmac"}, ["hmac_secret"]),
        ({"auth": "oauth2", "token_url": "nonsense"}, ["client_id", "client_secret", "token_url"]),
        ({"proxy": "https://a.example"}, ["proxy"]),
        ({"proxy": "http://u:p@a.example:1"}, ["proxy"]),
        ({"proxy": "http://a.example:3128/x"}, ["proxy"]),
        ({"hosts": "https://a.example"}, ["hosts"]),
        ({"check_url": "a.example"}, ["check_url"]),
        ({"auth": "magic"}, ["auth"]),
    ],
)
def test_what_a_way_needs_is_asked_for_at_its_field(config: dict[str, Any], fields: list[str]) -> None:
    assert sorted(faults(**config)) == fields


def test_secrets_of_another_way_are_not_kept() -> None:
    form = bind(HttpForm, {"auth": "bearer", "bearer": "abc", "password": "old", "proxy_password": "x"})
    assert form.is_valid()
    assert (form.cleaned_data["bearer"], form.cleaned_data["password"], form.cleaned_data["proxy_password"]) == (
        "abc",
        "",
        "",
    )


def trust(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    tls_context.cache_clear()
    close()
