"""«SMSC.ru: SMS»: sends an SMS by send.php (https://smsc.ru/api/http/), or asks what it would cost."""

import hashlib
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import ConnectionField, PlaceholderField
from actions.filled import several
from actions.filters.phones import COUNTRIES, e164
from actions.kind import ActionKind, Data, Said
from actions.kinds.http.request import account_of
from connections.kinds.smsc import client
from webjack.config import Config
from webjack.http import Failed, Http

MOST_PHONES = 100
ONLY_PRICE, WITH_PRICE_AND_BALANCE = 1, 3
NOT_FOUND = -3
"""What status.php says of a message that it has never seen."""


class MessageForm(forms.Form):
    connection = ConnectionField("smsc", label=gettext_lazy("SMSC.ru account"))
    phone = PlaceholderField(
        label=gettext_lazy("Phone"),
        initial="{{ client_phone }}",
        help_text=gettext_lazy("However it is written; several by commas"),
    )
    text = PlaceholderField(label=gettext_lazy("Text"), lines=4)
    sender = PlaceholderField(
        label=gettext_lazy("Sender's name"),
        required=False,
        help_text=gettext_lazy("One that SMSC.ru has confirmed for you; empty: the usual one of the account"),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country of numbers without a code"), choices=COUNTRIES, initial="RU", required=False
    )
    translit = forms.BooleanField(
        label=gettext_lazy("In Latin letters"),
        required=False,
        help_text=gettext_lazy("More text fits into one SMS, so it is cheaper"),
    )
    only_price = forms.BooleanField(
        label=gettext_lazy("Only ask for the price"),
        required=False,
        help_text=gettext_lazy("Nothing is sent; later actions get the price"),
    )

    groups = (
        ("", ("connection", "phone", "text", "sender")),
        (gettext_lazy("Country, letters, price"), ("country", "translit", "only_price")),
    )


class SendMessage(ActionKind):
    key = "smsc.message"
    alias = "sms"
    title = gettext_lazy("SMSC.ru: SMS")
    about = gettext_lazy("Sends an SMS to a phone, and says what it cost")
    words = "смс sms смсц smsc сообщение телефон"
    form = MessageForm
    sample: ClassVar[dict[str, Any]] = {
        "id": "1034",
        "sent": True,
        "phones": ["+79161234567"],
        "parts": 1,
        "price": 3.4,
        "balance": 100.5,
        "refused": [],
    }

    def execute(self, config: Config, http: Http) -> Data:
        text = values.text(config.get("text")).strip()
        if not text:
            raise Failed(_("The text is empty: there is nothing to send"))
        phones = phones_of(config.get("phone"), str(config.get("country") or "RU"))
        signed, only_price = http.through(config["connection"]), bool(config.get("only_price"))
        asked = {
            "phones": ",".join(phones),
            "mes": text,
            "sender": values.text(config.get("sender")).strip(),
            "translit": 1 if config.get("translit") else "",
            "cost": ONLY_PRICE if only_price else WITH_PRICE_AND_BALANCE,
            "op": 1,
            "id": "" if only_price else own_id(http.key),
        }
        try:
            told = client.call(signed, "send", **asked)
        except client.Refused as refused:
            if refused.code != client.REPEATED or not went_out(signed, phones, asked["id"]):
                raise
            told = {"id": asked["id"]}
        return output(told, phones, only_price)

    def harmless(self, config: Config) -> bool:
        return bool(config.get("only_price"))

    def account(self, config: Config) -> str:
        return account_of(client.address("send"))

    def said(self, output: Data) -> Said | None:
        refused = output.get("refused") or []
        if not refused:
            return None
        why = "; ".join(f"{one['phone']}: {one['reason']}" for one in refused[:3])
        return Said("unmet", _("Sent, but not to all"), why)

    def summary(self, config: Config) -> str:
        return f"{config.get('phone', '')}: {' '.join(str(config.get('text', '')).split())}"[:80]


def phones_of(value: Any, country: str) -> list[str]:
    """The digits of each number, with the country's code. Raises Failed."""
    written = several(value, None)
    if len(set(written)) > MOST_PHONES:
        raise Failed(_("An SMS goes to at most %(most)s numbers at once") % {"most": MOST_PHONES})
    found = {one: e164(one, country) for one in written}
    wrong = [one for one, number in found.items() if number is None]
    if wrong:
        raise Failed(_("“%(text)s” is no phone number") % {"text": wrong[0][:60]})
    numbers = list(dict.fromkeys(str(number).lstrip("+") for number in found.values()))
    if not numbers:
        raise Failed(_("There is no phone number: there is nobody to send to"))
    return numbers


def own_id(key: str) -> int | str:
    """The same for each attempt of a step, so that one can ask whether an earlier attempt went out."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) % 2_000_000_000 + 1 if key else ""


def went_out(http: Http, phones: list[str], id: Any) -> bool:
    """Whether what looks like a repeat is one: the service knows the message by our id."""
    if id == "":
        return False
    try:
        told = client.call(http, "status", phone=phones[0], id=id)
        return int(told["status"]) != NOT_FOUND
    except (Failed, KeyError, TypeError, ValueError):
        return False


def output(told: Data, phones: list[str], only_price: bool) -> Data:
    """Raises Failed when no number was taken."""
    each = [one for one in told.get("phones") or [] if isinstance(one, dict)]
    refused = [{"phone": f"+{one.get('phone')}", "reason": str(one["error"])} for one in each if one.get("error")]
    if refused and len(refused) >= len(phones):
        raise Failed(_("SMSC.ru takes none of the numbers: %(said)s") % {"said": refused[0]["reason"]})
    gone = {one["phone"] for one in refused}
    return {
        "id": str(told.get("id") or ""),
        "sent": not only_price,
        "phones": [f"+{phone}" for phone in phones if f"+{phone}" not in gone],
        "parts": told.get("cnt"),
        "price": money(told.get("cost")),
        "balance": money(told.get("balance")),
        "refused": refused,
    }


def money(value: Any) -> float | None:
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return None
