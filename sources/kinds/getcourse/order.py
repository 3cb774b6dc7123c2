"""«Getcourse - Вебхук при создании заказа»."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from sources.kind import Example
from sources.kinds.getcourse import process
from sources.parameters import Sender
from webjack.config import Config

ROWS: tuple[process.Row, ...] = (
    ("id", "id", "257310945", _("Id of the order")),
    ("number", "number", "10481", _("Number of the order")),
    ("positions", "positions", "Курс «Основы»", _("What is in the order")),
    ("offers", "offers", "3150277", _("Ids of the offers")),
    ("cost", "cost_money_value", "9900", _("Cost")),
    ("cost_text", "cost_money", "9 900 руб.", _("Cost in words")),
    ("payed", "payed_money", "0 руб.", _("Paid")),
    ("left", "left_cost_money", "9 900 руб.", _("Left to pay")),
    ("status", "status", "Новый", _("Status")),
    ("payment_link", "payment_link", "https://school.getcourse.example/pay/1", _("Link for paying")),
    ("promocode", "promocode", "", _("Promo code")),
    *process.BUYER,
)


class OrderCreated(process.Process):
    key = "getcourse.order"
    title = _("Getcourse: webhook when an order is created")
    about = _("New orders of a school on GetCourse")
    words = "getcourse геткурс заказ сделка школа оплата"
    sample: ClassVar[Config] = process.sample(ROWS)
    senders: ClassVar[Mapping[str, Sender]] = process.sender("Заказы", ROWS)
    examples: ClassVar[tuple[Example, ...]] = process.examples(senders, title)
    labels: ClassVar[Mapping[str, Any]] = process.labels(ROWS)
