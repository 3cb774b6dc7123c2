"""Where an account of amoCRM (or of Kommo, its twin abroad) is, out of whatever people paste."""

import re
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from webjack.services import base

ZONES = ("amocrm.ru", "amocrm.com", "kommo.com")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NOT_ACCOUNTS = ("www", "api")


def host_of(pasted: str) -> str:
    """`clinic.amocrm.ru` for «clinic», «Clinic.amocrm.ru» or an address of any page there.

    Raises ValueError with a sentence.
    """
    text = pasted.strip().strip("<>«»\"'").lower()
    if not text:
        return ""
    try:
        host = (urlsplit(text if "//" in text else f"//{text}").hostname or "").strip(".")
    except ValueError:
        host = ""
    name, _dot, zone = host.partition(".")
    if "@" in text or not LABEL.fullmatch(name) or name in NOT_ACCOUNTS or (zone and zone not in ZONES):
        raise ValueError(_("This is no address of an account: copy it from the browser, such as clinic.amocrm.ru"))
    return f"{name}.{zone or ZONES[0]}"


def subdomain_of(host: str) -> str:
    return host.partition(".")[0]


def root(host: str) -> str:
    """What the account's addresses begin with. AMOCRM_URL: where all accounts are instead, by their subdomain."""
    elsewhere = base("AMOCRM_URL", "")
    return f"{elsewhere}/{subdomain_of(host)}" if elsewhere else f"https://{host}"


def page(host: str, path: str) -> str:
    """A page of the account as people open it."""
    return f"https://{host}/{path}"


def consent_page(host: str) -> str:
    """Where a person lets an integration in."""
    zone = host.partition(".")[2]
    usual = "https://www.kommo.com" if zone == "kommo.com" else "https://www.amocrm.ru"
    return f"{base('AMOCRM_URL', usual)}/oauth"
