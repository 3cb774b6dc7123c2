"""One guarded session per thread: connections are kept between requests, and nothing else is."""

from __future__ import annotations

import os
import ssl
import threading
from functools import cache
from typing import Any

import certifi
import requests
from requests.adapters import BaseAdapter
from ssrfguard import Policy
from ssrfguard.requests import SafeAdapter, Session
from urllib3 import BaseHTTPResponse

from .address import Address
from .egress import Egress, egress
from .wire import TlsSocket, Wire, timed

# Hosts to which a thread keeps a connection. Threads are many (up to 256 in a worker), open files are not.
HOSTS_KEPT = 4


@cache
def tls_context() -> ssl.SSLContext:
    """Certificates are always checked: against the system's authorities (SSL_CERT_FILE adds some) and certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = TlsSocket
    return context


class Adapter(SafeAdapter):
    """ssrfguard's adapter with a deadline, with one TLS context for all, and without cookies."""

    def __init__(self, policy: Policy, wire: Wire) -> None:
        self.wire = wire
        super().__init__(policy=policy, resolver=wire.lookup, pool_connections=HOSTS_KEPT, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=tls_context(), **pool_kwargs)
        classes = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {scheme: timed(pool, self.wire) for scheme, pool in classes.items()}

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """The context has the authorities. The inherited method makes each connection load certifi's file again."""

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """The bare answer. The inherited method also reads cookies, and no request here may carry another's."""
        response = requests.Response()
        response.raw = resp
        response.status_code = resp.status
        response.reason = resp.reason or ""
        response.request = req
        return response


class Sessions:
    """A thread's sessions under one set of egress rules."""

    def __init__(self, rules: Egress) -> None:
        self.rules = rules
        self.wire = Wire()
        self._public = self._session(rules.public)
        self._opened = self._session(rules.opened) if rules.hosts else None

    def _session(self, policy: Policy) -> Session:
        session = Session(policy=policy)
        session.trust_env = False
        adapter = Adapter(policy, self.wire)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    def adapter(self, address: Address) -> BaseAdapter:
        """The adapter for an address, which the guard has checked. Raises ssrfguard's errors.

        Its send() is used and not the session's, which would keep cookies, and prepare a redirect that is not followed.
        """
        session = self._opened if self._opened and self.rules.is_opened(address) else self._public
        return session.get_adapter(address.url)

    def close(self) -> None:
        self._public.close()
        if self._opened:
            self._opened.close()


class _Local(threading.local):
    sessions: Sessions | None = None


_local = _Local()


def sessions() -> Sessions:
    """This thread's sessions; new ones when EGRESS_ALLOW has changed."""
    rules = egress()
    kept = _local.sessions
    if kept is None or kept.rules is not rules:
        close()
        kept = _local.sessions = Sessions(rules)
    return kept


def close() -> None:
    """Close this thread's connections."""
    if _local.sessions:
        _local.sessions.close()
        _local.sessions = None


def _forget() -> None:
    _local.sessions = None


# A forked worker must not speak on the connections of its parent.
os.register_at_fork(after_in_child=_forget)
