"""Fingerprints of a text, and signatures with a secret."""

import base64
import hashlib
import hmac as hmacs
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import encoded, text
from actions.filters.declared import Argument, Example, Theme

hashes = Theme("hashes", _("Hashes and signatures"))

ALGORITHMS = [("sha256", "SHA-256"), ("sha1", "SHA-1"), ("sha512", "SHA-512"), ("md5", "MD5")]
FORMS = [("hex", _("hexadecimal")), ("base64", "Base64")]


@hashes.filter(
    "md5",
    "MD5",
    _("Fingerprint of 32 signs; old, yet some services ask for it"),
    Example("15;paid", "ed911ea7f9c7f12cfecfa861c700f952"),
    weight=4,
)
def md5(value: Any) -> str:
    return hashlib.md5(encoded(value), usedforsecurity=False).hexdigest()


@hashes.filter(
    "sha1",
    "SHA-1",
    _("Fingerprint of 40 signs"),
    Example("15;paid", "9363e66b2e1ae0cad02d0bb121d3c2d961187a83"),
    weight=4,
)
def sha1(value: Any) -> str:
    return hashlib.sha1(encoded(value), usedforsecurity=False).hexdigest()


@hashes.filter(
    "sha256",
    "SHA-256",
    _("Fingerprint of 64 signs"),
    Example("15;paid", "0d99c740feab6a28519f886bad3f7186938b4fbeb9d935624a95c8b72f5f739a"),
    weight=4,
)
def sha256(value: Any) -> str:
    return hashlib.sha256(encoded(value)).hexdigest()


@hashes.filter(
    "hmac",
    _("Signature (HMAC)"),
    _("Signs a text with a secret, as many services ask"),
    Example("15;paid", "d8573ebc81b4924427b687aa3288563d59a153df9e048a0d1e9dc0aa764d2f25", ["secret"]),
    weight=8,
    key=Argument(_("Secret")),
    algorithm=Argument(_("Algorithm"), ALGORITHMS),
    form=Argument(_("Form"), FORMS),
)
def hmac(value: Any, key: Any, algorithm: Any = "sha256", form: Any = "hex") -> str:
    name = algorithm if algorithm in dict(ALGORITHMS) else "sha256"
    signed = hmacs.new(encoded(key), encoded(value), text(name))
    return base64.b64encode(signed.digest()).decode() if form == "base64" else signed.hexdigest()
