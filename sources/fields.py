"""Form fields of source kinds."""

import hashlib
import hmac
import re
import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections.fields import SecretInput

SHORTEST, LONGEST = 8, 512
"""Of a secret: a shorter one is no secret, and looking for a longer one in a large call takes seconds."""
_KEPT = re.compile(r"sha256\$[0-9a-f]{16}\$[0-9a-f]{64}")


def _hash(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}${text}".encode("utf-8", "surrogatepass")).hexdigest()


def kept(text: str) -> str:
    """What of a shared secret is stored: enough to know it again, not to tell it."""
    salt = secrets.token_hex(8)
    return f"sha256${salt}${_hash(salt, text)}"


def matches(stored: str, text: str) -> bool:
    """Whether this is the secret that is stored so; never where none is stored."""
    if not _KEPT.fullmatch(stored):
        return False
    _name, salt, digest = stored.split("$")
    return hmac.compare_digest(digest, _hash(salt, text))


def secret(*texts: str) -> tuple[str, ...]:
    """Those of the texts in a call that may be secrets, so that no trace of them is kept (Met.hidden)."""
    return tuple(text for text in map(str.strip, texts) if SHORTEST <= len(text) <= LONGEST)


class SharedSecretField(forms.CharField):
    """What a sender shows to be let in. Only its hash is stored; left empty, the one that is stored stays (`keep`)."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(widget=SecretInput(), **options)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text or _KEPT.fullmatch(text):
            return text
        if len(text) < SHORTEST:
            raise ValidationError(_("At least %(count)s characters") % {"count": SHORTEST})
        return kept(text)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "writeOnly": True}


def keep(form: forms.Form, name: str) -> str:
    """The cleaned secret of a form, or the one that it was opened with."""
    return str(form.cleaned_data.get(name) or form.initial.get(name) or "")


def tell_kept(form: forms.Form, name: str) -> None:
    """Shows at the field that there is one."""
    if form.initial.get(name):
        form.fields[name].widget.attrs["placeholder"] = str(_("set; leave it empty to keep it"))
