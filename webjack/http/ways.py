"""The ways out of this process: connections are kept between requests, for all threads, and nothing else is kept."""

from __future__ import annotations

import os
import ssl
import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from typing import Any

import certifi
from ssrfguard import Policy
from ssrfguard.requests import SafeAdapter
from urllib3 import BaseHTTPResponse, Retry

from .address import Address, parse
from .egress import Egress, egress
from .idle import Idle
from .proxy import identity, manager, proxied
from .signer import DIRECT, Route
from .wire import TlsSocket, timed, wire

HOSTS_KEPT = 500  # pools of a way; a pool without connections is small
ROUTES_KEPT = 50  # other ways than the direct one
ONCE = Retry(0, read=False)


@cache
def tls_context() -> ssl.SSLContext:
    """Certificates are always checked: against the system's authorities (SSL_CERT_FILE adds some) and certifi's."""
    return _tls_context()


def _tls_context() -> ssl.SSLContext:
    context = trusting()
    context.set_alpn_protocols(["http/1.1"])
    return context


def trusting() -> ssl.SSLContext:
    """Trusts those authorities; its sockets keep the wire's deadline."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.sslsocket_class = TlsSocket
    return context


class Way(SafeAdapter):
    """Connections that go one way, by ssrfguard's pools: with a deadline, with one TLS context for all.

    Of requests' adapter only the pools are used: its send() would keep nothing more and costs a third of a request.
    """

    def __init__(self, policy: Policy, idle: Idle, route: Route = DIRECT) -> None:
        self.idle = idle
        self.route = route
        super().__init__(policy=policy, resolver=wire.lookup, pool_connections=HOSTS_KEPT, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        context = tls_context()
        if self.route.certificate:
            context = _tls_context()
            identity(context, self.route.certificate)
        super().init_poolmanager(connections, maxsize, block, ssl_context=context, **pool_kwargs)
        classes = self.poolmanager.pool_classes_by_scheme
        pools: Any = {scheme: timed(pool, self.idle) for scheme, pool in classes.items()}
        if self.route.proxy:
            self.poolmanager = manager(self.route.proxy, connections, maxsize, block, ssl_context=context)
            pools = {scheme: proxied(pool) for scheme, pool in pools.items()}
        self.poolmanager.pool_classes_by_scheme = pools

    def begin(self, method: str, address: Address, headers: Mapping[str, str], body: bytes | None) -> BaseHTTPResponse:
        """Sends a request; the answer's body is still to be read. Raises urllib3's and ssrfguard's errors, OSError."""
        pool = self.poolmanager.connection_from_host(address.host, address.port, address.scheme)
        # A proxy is given the whole address, but of https, for which it makes a tunnel.
        whole = self.route.proxy and address.scheme == "http"
        answer: BaseHTTPResponse = pool.urlopen(
            method,
            address.url if whole else address.target,
            body=body,
            headers=headers,
            retries=ONCE,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        return answer


class Ways:
    """This process's ways out under one set of egress rules."""

    def __init__(self, rules: Egress) -> None:
        self.rules = rules
        self.idle = Idle()
        self._lock = threading.Lock()
        self._public = Way(rules.public, self.idle)
        self._opened = Way(rules.opened, self.idle)
        self._others: OrderedDict[tuple[Route, bool], Way] = OrderedDict()

    def way(self, address: Address, route: Route = DIRECT) -> Way:
        """The one that leads to an address, which the guard has checked. Raises ssrfguard's errors.

        What a proxy may be asked for is checked too; it looks names up itself, so only addresses by number can be.
        """
        self._policy(address).check_url(address.url)
        opened = self.rules.is_opened(parse(route.proxy) if route.proxy else address)
        if route == DIRECT:
            return self._opened if opened else self._public
        with self._lock:
            return self._other(route, opened)

    def _policy(self, address: Address) -> Policy:
        return self.rules.opened if self.rules.is_opened(address) else self.rules.public

    def _other(self, route: Route, opened: bool) -> Way:
        """Connections by a proxy or with a certificate are for nobody else (Route.owner)."""
        way = self._others.pop((route, opened), None)
        if way is None:
            way = Way(self.rules.opened if opened else self.rules.public, self.idle, route)
        self._others[route, opened] = way
        if len(self._others) > ROUTES_KEPT:
            self._others.popitem(last=False)[1].close()
        return way

    def close(self) -> None:
        with self._lock:
            for way in (self._public, self._opened, *self._others.values()):
                way.close()


_kept: list[Ways] = []
_lock = threading.Lock()


def ways() -> Ways:
    """This process's; new ones when EGRESS_ALLOW has changed."""
    rules = egress()
    with _lock:
        if not _kept or _kept[0].rules is not rules:
            _kept[:] = [Ways(rules)]
        return _kept[0]


def close() -> None:
    """Close all connections that are not in use."""
    with _lock:
        kept = _kept[:]
        _kept.clear()
    for each in kept:
        each.close()


def _forget() -> None:
    """A forked worker must not speak on the connections of its parent, nor wait for its threads."""
    global _lock
    _lock = threading.Lock()
    for each in _kept:
        each.idle.lock = threading.RLock()
    _kept.clear()


os.register_at_fork(after_in_child=_forget)
