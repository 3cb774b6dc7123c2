"""Which addresses a request may reach: public ones, and those that the operator opens by EGRESS_ALLOW."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network

import idna
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from ssrfguard import DEFAULT_DENIED, AddressTable, Block, Policy, Reach

from .address import LONGEST_URL, Address

# What a host name in EGRESS_ALLOW opens: the networks of a company and of a machine. Link-local addresses and the
# metadata services of clouds stay closed (longer prefixes in the guard's table); they open only by their own network.
_PRIVATE = frozenset(
    map(ip_network, ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"])
)
# Not in the guard's table: the agent of Azure's hosts, which gives a machine its certificates
# (learn.microsoft.com, "What is IP address 168.63.129.16?", 2025-01), and IPv4 addresses in another dress (RFC 7915).
_MORE = tuple(
    Block(ip_network(network), name, rfc, Reach.DENIED, "")
    for network, name, rfc in [
        ("168.63.129.16/32", "Azure's host agent", ""),
        ("::ffff:0:0:0/96", "IPv4-translated", "RFC7915"),
    ]
)
_DENIED = AddressTable((*DEFAULT_DENIED.blocks, *_MORE))
_WITHOUT_PRIVATE = AddressTable(tuple(block for block in _DENIED.blocks if block.network not in _PRIVATE))
_ANY_PORT = frozenset(range(1, 65536))


@dataclass(frozen=True)
class Egress:
    """public: the policy for all hosts. opened: the policy for the named ones. hosts: (name, port or None for any)."""

    public: Policy
    opened: Policy
    hosts: frozenset[tuple[str, int | None]]

    def is_opened(self, address: Address) -> bool:
        host = address.host.rstrip(".")
        return (host, None) in self.hosts or (host, address.port) in self.hosts


def egress() -> Egress:
    """The rules of the present settings."""
    return _egress(tuple(settings.EGRESS_ALLOW))


@cache
def anywhere() -> Policy:
    """For where the operator's own settings lead, and nothing else."""
    return _policy(_DENIED, {"0.0.0.0/0", "::/0"})


@lru_cache(maxsize=8)
def _egress(entries: tuple[str, ...]) -> Egress:
    networks: set[str] = set()
    hosts: set[tuple[str, int | None]] = set()
    for entry in filter(None, map(str.strip, entries)):
        try:
            networks.add(str(ip_network(entry.strip("[]"), strict=False)))
        except ValueError:
            hosts.add(_host_and_port(entry))
    literals = {f"{host}/{ip_address(host).max_prefixlen}" for host, _port in hosts if _is_ip(host)}
    try:
        return Egress(
            public=_policy(_DENIED, networks),
            opened=_policy(_WITHOUT_PRIVATE, networks | literals | {"::1/128"}),
            hosts=frozenset(hosts),
        )
    except ValueError as error:
        raise ImproperlyConfigured(f"EGRESS_ALLOW: {error}") from error


def _policy(denied: AddressTable, networks: set[str]) -> Policy:
    return Policy(
        denied_networks=denied,
        allowed_networks=tuple(map(ip_network, sorted(networks))),
        allowed_ports=_ANY_PORT,
        # Safe, since the connection goes to an address that was checked; "reject" would refuse localhost, which is
        # 127.0.0.1 and ::1, to an operator who opened one of them.
        on_partial_block="drop",
        max_connection_attempts=3,
        max_url_length=LONGEST_URL,
    )


def _host_and_port(entry: str) -> tuple[str, int | None]:
    host, colon, port = entry.rpartition(":")
    if not colon:
        host, port = entry, ""
    host = host.strip("[]").rstrip(".").lower()
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode()
        number = int(port) if port else None
    except ValueError:
        name, number = "", None
    if not name or any(sign in name for sign in "/*@ "):
        raise ImproperlyConfigured(f"EGRESS_ALLOW: {entry!r} is no network and no host name")
    return name, number


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
