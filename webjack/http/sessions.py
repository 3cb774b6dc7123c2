"""One guarded session per thread: connections are kept between requests, and nothing else is."""

from __future__ import annotations

import os
import ssl
import threading
from collections import OrderedDict
from functools import cache
from typing import Any

import certifi
import requests
from requests.adapters import BaseAdapter
from ssrfguard import Policy
from ssrfguard.requests import SafeAdapter, Session
from urllib3 import BaseHTTPResponse

from .address import Address, parse
from .egress import Egress, egress
from .proxy import identity, manager, proxied
from .signer import DIRECT, Route
from .wire import TlsSocket, Wire, timed

# Hosts to which a thread keeps a connection. Threads are many (up to 256 in a worker), open files are not.
HOSTS_KEPT = 4
ROUTES_KEPT = 4  # other ways than the direct one


@cache
def tls_context() -> ssl.SSLContext:
    """Certificates are always checked: against the system's authorities (SSL_CERT_FILE adds some) and certifi's."""
    return _tls_context()


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = TlsSocket
    return context


class Adapter(SafeAdapter):
    """ssrfguard's adapter with a deadline, with one TLS context for all, and without cookies."""

    def __init__(self, policy: Policy, wire: Wire, route: Route = DIRECT) -> None:
        self.wire = wire
        self.route = route
        super().__init__(policy=policy, resolver=wire.lookup, pool_connections=HOSTS_KEPT, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        context = tls_context()
        if self.route.certificate:
            context = _tls_context()
            identity(context, self.route.certificate)
        super().init_poolmanager(connections, maxsize, block, ssl_context=context, **pool_kwargs)
        classes = self.poolmanager.pool_classes_by_scheme
        pools: Any = {scheme: timed(pool, self.wire) for scheme, pool in classes.items()}
        if self.route.proxy:
            self.poolmanager = manager(self.route.proxy, connections, maxsize, block, ssl_context=context)
            pools = {scheme: proxied(pool) for scheme, pool in pools.items()}
        self.poolmanager.pool_classes_by_scheme = pools

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """A proxy is given the whole address, but of https, for which it makes a tunnel."""
        url = request.url or ""
        return url if self.route.proxy and url.startswith("http://") else super().request_url(request, proxies)

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
        self._ways: OrderedDict[tuple[Route, bool], Adapter] = OrderedDict()

    def _session(self, policy: Policy) -> Session:
        session = Session(policy=policy)
        session.trust_env = False
        adapter = Adapter(policy, self.wire)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    def adapter(self, address: Address, route: Route = DIRECT) -> BaseAdapter:
        """The adapter for an address, which the guard has checked. Raises ssrfguard's errors.

        Its send() is used and not the session's, which would keep cookies, and prepare a redirect that is not followed.
        """
        if route != DIRECT:
            return self._way(address, route)
        session = self._opened if self._opened and self.rules.is_opened(address) else self._public
        return session.get_adapter(address.url)

    def _way(self, address: Address, route: Route) -> Adapter:
        """Connections by a proxy or with a certificate are for nobody else."""
        first = parse(route.proxy) if route.proxy else address
        opened = bool(self._opened and self.rules.is_opened(first))
        if route.proxy:
            self._target(address).check_url(address.url)
        adapter = self._ways.pop((route, opened), None)
        if adapter is None:
            adapter = Adapter(self.rules.opened if opened else self.rules.public, self.wire, route)
        self._ways[route, opened] = adapter
        if len(self._ways) > ROUTES_KEPT:
            self._ways.popitem(last=False)[1].close()
        return adapter

    def _target(self, address: Address) -> Policy:
        """What a proxy may be asked for. It looks names up itself: only addresses by number can be refused here."""
        return self.rules.opened if self._opened and self.rules.is_opened(address) else self.rules.public

    def close(self) -> None:
        for adapter in self._ways.values():
            adapter.close()
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
