"""E-mail addresses as people type them."""

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.filters.bounds import blank, elements, text
from actions.filters.declared import Example, Theme
from actions.values import short

emails = Theme("emails", _("E-mail"))

_ADDRESS = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ONE = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")  # RFC 5321, and Cyrillic
_LONGEST = 254  # RFC 3696, erratum 1690
_AROUND_AT = re.compile(r"[ \t]{0,9}@[ \t]{0,9}")
_SLIPS = {"gmail.ru": "gmail.com", "gmail.con": "gmail.com", "gmial.com": "gmail.com", "gmai.com": "gmail.com",
          "mail.ry": "mail.ru", "mail.ur": "mail.ru", "mail,ru": "mail.ru", "yandex.ry": "yandex.ru",
          "yndex.ru": "yandex.ru", "yandex,ru": "yandex.ru", "bk.ry": "bk.ru", "inbox.ry": "inbox.ru"}  # fmt: skip


def found(value: Any) -> list[str]:
    """All addresses in a text, each once, in small letters, with frequent slips of the keyboard mended."""
    addresses: dict[str, None] = {}
    for one in elements(value):
        written = _AROUND_AT.sub("@", text(one)).replace(",ru", ".ru").replace(",com", ".com")
        for match in _ADDRESS.finditer(written):
            name, _at, host = match[0].strip(".").lower().partition("@")
            addresses[f"{name}@{_SLIPS.get(host, host)}"] = None
    return list(addresses)


@emails.filter(
    "email",
    _("Clean e-mail address"),
    _("Small letters, no spaces, frequent slips mended; takes the first one"),
    Example(" Anna.Petrova @Gmail.con ", "anna.petrova@gmail.com"),
    fits="text email",
    weight=30,
)
def email(value: Any) -> str | None:
    if blank(value):
        return None
    addresses = found(value)
    if not addresses:
        raise ValueError(gettext("there is no e-mail address in “%(value)s”") % {"value": short(value)})
    return addresses[0]


@emails.filter(
    "emails",
    _("All e-mail addresses"),
    _("A list of all addresses in a text"),
    Example("Анна <anna@mail.ru>; oleg@ya.ru", ["anna@mail.ru", "oleg@ya.ru"]),
    fits="text list email",
    weight=30,
)
def emails_in(value: Any) -> list[str]:
    return found(value)


@emails.filter(
    "email_domain",
    _("Domain of the address"),
    _("What stands behind the @"),
    Example("Anna@Mail.ru", "mail.ru"),
    fits="email",
    weight=30,
)
def email_domain(value: Any) -> str | None:
    address = email(value)
    return address.partition("@")[2] if address else None


@emails.filter(
    "is_email",
    _("Is it an e-mail address?"),
    _("Yes or no: whether the value is one address"),
    Example("anna(at)mail.ru", False),
    fits="text email",
    weight=30,
)
def is_email(value: Any) -> bool:
    written = text(value).strip()
    return len(written) <= _LONGEST and _ONE.fullmatch(written) is not None
