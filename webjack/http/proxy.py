"""Other ways out: by a customer's proxy, with a customer's certificate."""

from __future__ import annotations

import base64
import os
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from urllib3 import ProxyManager
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ProxyError

from .address import parse
from .failed import Failed


class ProxiedConnection(HTTPConnection):
    """Mixed in before a connection class of the guard: its socket leads to the proxy, whose address is checked."""

    def _new_conn(self) -> socket.socket:
        # The guard refuses a tunnel, since it sees only the proxy's address. That is the one to be checked here: where
        # the tunnel leads is looked up and reached by the proxy, outside of our network.
        tunnel, self._tunnel_host = self._tunnel_host, None
        try:
            return super()._new_conn()
        finally:
            self._tunnel_host = tunnel

    def _tunnel(self) -> None:
        try:
            super()._tunnel()
        except TimeoutError:
            raise
        except OSError as error:
            raise ProxyError("no tunnel", error) from error


def proxied(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    """A pool class like pool whose connections go to a proxy."""
    connection = type("ProxiedConnection", (ProxiedConnection, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


def manager(proxy: str, connections: int, maxsize: int, block: bool, **options: Any) -> ProxyManager:
    address = parse(proxy)
    return ProxyManager(
        address.url,
        num_pools=connections,
        maxsize=maxsize,
        block=block,
        proxy_headers=proxy_headers(proxy),
        **options,
    )


def proxy_headers(proxy: str) -> dict[str, str]:
    """The authorization that a proxy asks for, none without a user in its address."""
    credentials = parse(proxy).credentials
    if credentials is None:
        return {}
    return {"Proxy-Authorization": f"Basic {base64.b64encode(':'.join(credentials).encode()).decode()}"}


def check_proxy(proxy: str) -> None:
    """Raises Failed unless it is the address of an HTTP proxy."""
    if not proxy.strip().lower().startswith("http://"):
        raise Failed(_("The address of a proxy must begin with http://"))
    address = parse(proxy)
    if urlsplit(address.url).path not in ("", "/") or "?" in address.url:
        raise Failed(_("The address of a proxy is a host and a port: http://proxy.example.com:3128"))


def identity(context: ssl.SSLContext, certificate: str) -> None:
    """Gives a TLS context a client's certificate and key. Raises Failed when they are no pair.

    The file that Python insists on lives in memory only.
    """
    file = os.memfd_create("certificate")
    try:
        os.write(file, certificate.encode())
        context.load_cert_chain(f"/proc/self/fd/{file}", password=_no_password)
    except (ssl.SSLError, ValueError, OSError):
        raise Failed(
            _("The certificate and the key do not fit together: both are needed as PEM, the key without a password")
        ) from None
    finally:
        os.close(file)


def check_certificate(certificate: str) -> None:
    """Raises Failed unless it can be shown to a server."""
    identity(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificate)


def _no_password() -> str:
    raise ValueError("password")  # else OpenSSL asks at the terminal
