"""From an error of the network to a sentence for the customer: the cause and what to do, no internals."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator

import urllib3.exceptions
from django.utils.translation import gettext as _
from ssrfguard import BlockedAddressError, BlockedURLError, SSRFGuardError

from .failed import Failed

# What sending a request and reading its answer may raise; anything else is a defect of ours.
ERRORS = (
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    SSRFGuardError,
    OSError,
    UnicodeError,
)

# X509_V_ERR_*, https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_EXPIRED = {10}
_OTHER_HOST = {62, 64}
_UNTRUSTED = {18, 19, 20, 21}


class Broken(Failed):
    """The connection ended before the answer did."""


def failed(error: BaseException, host: str, seconds: float, *, connected: bool, over: bool = False) -> Failed:
    """The Failed for an error.

    seconds: the deadline it had; over: that has passed. connected: the request was on its way, so nobody knows whether
    it arrived; before that it certainly has not.
    """
    names = {"host": host, "seconds": f"{seconds:.3g}"}
    problem = _explained(error, names, _RULES if connected or over else _CONNECTING)
    problem.unknown = connected
    return problem


def _explained(error: BaseException, names: Names, rules: list[Rule]) -> Failed:
    causes = list(_causes(error))
    for kinds, explain in rules:
        for cause in causes:
            if isinstance(cause, kinds):
                return explain(cause, names)
    return _broken(error, names)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps: urllib3 passes causes as arguments, Python as __cause__."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        each = todo.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            todo += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]


Names = dict[str, str]


def _internal(_cause: BaseException, names: Names) -> Failed:
    return Failed(
        _("%(host)s leads into an internal network, and requests there are forbidden: enter a public address") % names
    )


def _bad_address(_cause: BaseException, names: Names) -> Failed:
    return Failed(_("The address with the host “%(host)s” is not valid: check how it is written") % names)


def _unknown_host(cause: BaseException, names: Names) -> Failed:
    if isinstance(cause, OSError) and cause.errno == socket.EAI_AGAIN:
        return Failed(_("The address %(host)s could not be looked up just now") % names, retry=True)
    # Worth another try: a domain's name servers are sometimes out of order for minutes.
    return Failed(_("The address %(host)s was not found: check it for a typo") % names, retry=True)


def _certificate(cause: BaseException, names: Names) -> Failed:
    code = getattr(cause, "verify_code", None)
    if code in _EXPIRED:
        return Failed(_("The certificate of %(host)s has expired: the server's owner must renew it") % names)
    if code in _OTHER_HOST:
        return Failed(_("The certificate of %(host)s was issued for another address: check the address") % names)
    if code in _UNTRUSTED:
        return Failed(
            _("The certificate of %(host)s is self-signed or from an unknown authority: the server needs a trusted one")
            % names
        )
    return Failed(_("The certificate of %(host)s did not pass the check: the server's owner must correct it") % names)


def _silent(_cause: BaseException, names: Names) -> Failed:
    return Failed(
        _("The server %(host)s does not respond to the connection: check the address and the port") % names,
        retry=True,
    )


def _late(_cause: BaseException, names: Names) -> Failed:
    return Failed(_("The server %(host)s did not answer within %(seconds)s s") % names, retry=True)


def _proxy(_cause: BaseException, _names: Names) -> Failed:
    return Failed(
        _("The proxy did not let the request through: check its address, its user and its password"), retry=True
    )


def _refused(_cause: BaseException, names: Names) -> Failed:
    return Failed(
        _("The server %(host)s refused the connection: check the address and the port") % names,
        retry=True,
    )


def _unreachable(_cause: BaseException, names: Names) -> Failed:
    return Failed(_("There is no way to the server %(host)s just now") % names, retry=True)


def _no_tls(_cause: BaseException, names: Names) -> Failed:
    return Failed(
        _("No secure connection to %(host)s could be made: check the port and whether https:// is right here") % names,
        retry=True,
    )


def _broken(_cause: BaseException, names: Names) -> Failed:
    return Broken(_("The server %(host)s broke the connection off") % names, retry=True)


def _garbled(_cause: BaseException, names: Names) -> Failed:
    # No retry: the request was taken, and a server that speaks something else will do so again.
    return Failed(
        _("The answer of %(host)s could not be understood: check the address, the port and https:// or http://") % names
    )


Rule = tuple[tuple[type[BaseException], ...], Callable[[BaseException, Names], Failed]]

# The first rule that fits any of the causes decides, so the particular ones come first.
_CONNECTING: list[Rule] = [
    ((BlockedAddressError,), _internal),
    ((BlockedURLError, UnicodeError, urllib3.exceptions.LocationValueError), _bad_address),
    ((urllib3.exceptions.ProxyError,), _proxy),
    ((socket.gaierror,), _unknown_host),
    ((ssl.SSLCertVerificationError,), _certificate),
    ((TimeoutError, urllib3.exceptions.TimeoutError), _silent),
    ((ConnectionRefusedError,), _refused),
    ((ssl.SSLError,), _no_tls),
    ((ConnectionError,), _broken),
    ((urllib3.exceptions.NewConnectionError,), _unreachable),
]
_RULES: list[Rule] = [
    ((TimeoutError, urllib3.exceptions.TimeoutError), _late),
    # RemoteDisconnected is a ConnectionError and a BadStatusLine too.
    ((ConnectionError, ssl.SSLError, http.client.IncompleteRead), _broken),
    ((http.client.HTTPException, urllib3.exceptions.DecodeError, urllib3.exceptions.HTTPError), _garbled),
]
