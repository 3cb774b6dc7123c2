"""Keeps secrets unreadable in the database: the first of ENCRYPTION_KEYS encrypts, any of them reads."""

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from webjack.http import Failed


def seal(values: dict[str, Any]) -> str:
    """Text for the database; nothing for nothing. Raises Failed when the operator has given no key."""
    if not values:
        return ""
    return _fernet().encrypt(json.dumps(values).encode()).decode()


def unseal(text: str) -> dict[str, Any]:
    """What was sealed. Raises Failed when none of the keys fits."""
    if not text:
        return {}
    try:
        found: dict[str, Any] = json.loads(_fernet().decrypt(text))
    except InvalidToken:
        raise Failed(
            _("The secrets of this connection cannot be read any more: enter them again"), denied=True
        ) from None
    return found


def resealed(text: str) -> str:
    """The same under the first key. Raises Failed when none of the keys fits."""
    if not text:
        return ""
    try:
        return _fernet().rotate(text).decode()
    except InvalidToken:
        raise Failed(_("The secrets of this connection cannot be read any more: enter them again")) from None


def _fernet() -> MultiFernet:
    if not settings.ENCRYPTION_KEYS:
        raise Failed(_("Secrets cannot be kept: the operator of this service must set ENCRYPTION_KEYS"))
    return _of(tuple(settings.ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    """A Fernet key out of any long random text."""
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"webjack connections").derive(key.strip().encode())
    return base64.urlsafe_b64encode(made)
