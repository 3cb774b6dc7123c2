"""Who sent a request: the address of the sender behind the proxies that we trust."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings

Address = IPv4Address | IPv6Address


def sender(environ: dict[str, Any]) -> str | None:
    """The nearest address that is none of TRUSTED_PROXIES; what stands before it in X-Forwarded-For may be made up."""
    proxies = tuple(settings.TRUSTED_PROXIES)
    return _sender(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", "") if proxies else "", proxies)


@lru_cache(maxsize=1024)
def _sender(remote: str, forwarded: str, proxies: tuple[str, ...]) -> str | None:
    trusted = _networks(proxies)
    found = _address(remote)
    if trusted and (found is None or _among(found, trusted)):  # None: a Unix socket, whose other end is the proxy
        for text in reversed(forwarded.split(",")):
            address = _address(text)
            if address is None:
                break
            found = address
            if not _among(address, trusted):
                break
    return str(found) if found else None


@lru_cache(maxsize=8)
def _networks(names: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(name.strip(), strict=False) for name in names if name.strip())


def _among(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """Reads 203.0.113.7, 203.0.113.7:51234, 2001:db8::1 and [2001:db8::1]:51234."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
