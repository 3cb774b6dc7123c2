"""What Tilda sends when somebody fills in a form of a site (help-ru.tilda.cc/forms/webhook, read in November 2026)."""

import json
from typing import Any
from urllib.parse import unquote

PROBE = {"test": "test"}
"""Sent by POST when the webhook is added to a site; Tilda expects 200."""

COOKIES = "COOKIES"

FORM = {
    "Name": "Анна Петрова",
    "Phone": "+7 (916) 123-45-67",
    "Email": "anna@example.com",
    "Comments": "Перезвоните после обеда",
    "tranid": "467251:8442970",
    "formid": "form789012345",
    "formname": "Обратный звонок",
    COOKIES: "_ym_uid=1690000000; TILDAUTM=utm_source%3Dvk%7C%7C%7Cutm_medium%3Dsocial%7C%7C%7Cutm_campaign%3Dautumn",
}
ORDER = {
    "Name": "Анна Петрова",
    "Phone": "+7 (916) 123-45-67",
    "Email": "anna@example.com",
    "payment[orderid]": "1793250621",
    "payment[amount]": "7400",
    "payment[subtotal]": "7400",
    "payment[sys]": "cash",
    "payment[products][0][name]": "Курс «Основы»",
    "payment[products][0][quantity]": "1",
    "payment[products][0][price]": "4900",
    "payment[products][0][amount]": "4900",
    "payment[products][0][sku]": "base-1",
    "payment[products][1][name]": "Тетрадь",
    "payment[products][1][quantity]": "2",
    "payment[products][1][price]": "1250",
    "payment[products][1][amount]": "2500",
    "tranid": "467251:8442971",
    "formid": "form789012346",
    "formname": "Корзина",
}


def marks(cookies: Any) -> dict[str, str]:
    """The visit's utm marks out of the cookie TILDAUTM: `utm_source=vk|||utm_medium=social`, percent-encoded."""
    if not isinstance(cookies, str):
        return {}
    pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
    told = next((unquote(value) for name, _sign, value in pairs if name == "TILDAUTM"), "")
    found = (mark.partition("=") for mark in told.split("|||"))
    return {name: value for name, _sign, value in found if name.startswith("utm_") and value}


def order(payment: Any) -> Any:
    """The order; some senders write it as one JSON text."""
    if isinstance(payment, str) and payment.lstrip().startswith("{"):
        try:
            return json.loads(payment)
        except (ValueError, RecursionError):
            return payment
    return payment
