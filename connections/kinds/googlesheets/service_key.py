"""The key of a service account: the JSON file that Google gives, and the assertion that it signs.

https://developers.google.com/identity/protocols/oauth2/service-account (read in May 2026).
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils.translation import gettext as _

from webjack.http import Failed
from webjack.services import base

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
# Google's own library puts this one in whatever the file says of `token_uri`.
AUDIENCE = "https://oauth2.googleapis.com/token"
LASTS = 3600
LONGEST = 4_000
"""Signs of a private key: Google's have 2048 bits, in 1,700. To load one of many more takes minutes and all threads."""


@dataclass(frozen=True)
class ServiceKey:
    """email: who it is; tables are shared with it. private: RSA, PEM. id: of the key."""

    email: str
    private: str = field(repr=False)
    id: str = ""

    @property
    def token_url(self) -> str:
        return base("GOOGLE_TOKEN_URI", AUDIENCE)

    def assertion(self, now: int) -> str:
        """A JWT that is exchanged for a token. now: Unix time. Raises Failed."""
        head = {"alg": "RS256", "typ": "JWT"} | ({"kid": self.id} if self.id else {})
        claims = {"iss": self.email, "scope": SCOPE, "aud": AUDIENCE, "iat": now, "exp": now + LASTS}
        signed = f"{_part(head)}.{_part(claims)}"
        return f"{signed}.{_base64(self.loaded().sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def loaded(self) -> RSAPrivateKey:
        """It is checked thoroughly, which takes its time. Raises Failed."""
        try:
            key = load_pem_private_key(self.private.encode(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, RSAPrivateKey):
            raise Failed(_("The private key inside the file cannot be read: download a new key in Google's console"))
        return key


def read(text: str) -> ServiceKey:
    """Out of the file's text. Raises Failed with what is wrong with it."""
    try:
        told: Any = json.loads(text.strip().lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise Failed(_("This is no JSON: paste the whole file, from the first brace to the last")) from None
    if not isinstance(told, dict) or told.get("type") != "service_account":
        if isinstance(told, dict) and ("installed" in told or "web" in told):
            raise Failed(_("This is the key of an OAuth client. What is needed is the key of a service account"))
        raise Failed(_('This is no key of a service account: there must be "type": "service_account" in it'))
    email, private = told.get("client_email"), told.get("private_key")
    if not (isinstance(email, str) and "@" in email and isinstance(private, str)):
        raise Failed(_("The key is not whole: client_email or private_key is missing"))
    if len(private) > LONGEST:
        raise Failed(_("The private key inside the file is longer than those that Google gives"))
    return ServiceKey(email, private, str(told.get("private_key_id") or ""))


def _part(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
