"""«GetCourse: заказ»: adds or changes an order of a user (deals, action=add)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.filled import texts
from actions.kind import ActionKind, Data
from actions.kinds.getcourse import pupil
from connections.kinds.getcourse import client
from webjack.config import Config
from webjack.http import Failed, Http

STATUSES = (
    ("", gettext_lazy("By GetCourse's own settings")),
    ("new", gettext_lazy("New order")),
    ("in_work", gettext_lazy("In work")),
    ("payment_waiting", gettext_lazy("Waiting for payment")),
    ("part_payed", gettext_lazy("Paid in part")),
    ("payed", gettext_lazy("Finished")),
    ("not_confirmed", gettext_lazy("Not confirmed")),
    ("pending", gettext_lazy("Postponed")),
    ("waiting_for_return", gettext_lazy("Waiting for a refund")),
    ("cancelled", gettext_lazy("Order is cancelled")),
    ("false", gettext_lazy("False")),
)
DEAL = (
    "deal_number", "offer_code", "offer_id", "product_title", "product_description", "deal_cost", "deal_currency",
    "deal_status", "manager_email", "deal_created_at", "deal_finished_at", "deal_comment", "payment_type",
    "payment_status", "partner_email", "funnel_id", "funnel_stage_id",
)  # fmt: skip
OFFER = ("offer_code", "offer_id", "product_title")


class DealForm(pupil.VisitForm):
    connection = pupil.connection_field()
    email = pupil.text_field(gettext_lazy("E-mail"), "{{ client_email }}", required=True)
    phone = pupil.text_field(gettext_lazy("Phone"), "{{ client_phone }}")
    first_name = pupil.text_field(gettext_lazy("First name"), "{{ client_name }}")
    last_name = pupil.text_field(gettext_lazy("Last name"))
    deal_number = pupil.text_field(
        gettext_lazy("Order number"),
        "{{ operation.id }}",
        required=True,
        help_text=gettext_lazy("An order with the same number is changed and not added again"),
    )
    offer_code = pupil.text_field(gettext_lazy("Code of the offer"))
    offer_id = pupil.text_field(gettext_lazy("Number of the offer"))
    product_title = pupil.text_field(gettext_lazy("Name of the product"))
    product_description = pupil.text_field(gettext_lazy("Description of the product"))
    quantity = pupil.text_field(gettext_lazy("Quantity"))
    deal_cost = pupil.text_field(gettext_lazy("Cost"))
    deal_currency = pupil.text_field(gettext_lazy("Currency"), help_text=gettext_lazy("RUB, USD, EUR… Empty: roubles"))
    deal_status = forms.ChoiceField(label=gettext_lazy("Status of the order"), choices=STATUSES, required=False)
    deal_is_paid = forms.BooleanField(label=gettext_lazy("The order is paid"), required=False)
    payment_type = pupil.text_field(
        gettext_lazy("Way of payment"), help_text=gettext_lazy("CARD, CASH, SBER, tinkoff, yandex_kassa, OTHER…")
    )
    payment_status = pupil.text_field(
        gettext_lazy("Status of the payment"), help_text=gettext_lazy("expected, accepted, returned…")
    )
    manager_email = pupil.text_field(gettext_lazy("Manager's e-mail"))
    partner_email = pupil.text_field(gettext_lazy("Partner's e-mail"))
    deal_created_at = pupil.text_field(gettext_lazy("Made on"), help_text=gettext_lazy("For example 2026-12-01 10:00"))
    deal_finished_at = pupil.text_field(gettext_lazy("Finished on"))
    deal_comment = pupil.text_field(gettext_lazy("Comment"), lines=3)
    funnel_id = pupil.text_field(gettext_lazy("Number of the funnel"))
    funnel_stage_id = pupil.text_field(gettext_lazy("Number of the stage"))
    deal_fields = pupil.extra_field(gettext_lazy("Additional fields of the order"))
    user_fields = pupil.extra_field(gettext_lazy("Additional fields of the user"))
    payment_link = forms.BooleanField(label=gettext_lazy("Get a link for payment"), required=False)
    refresh = forms.BooleanField(label=gettext_lazy("Change the user when there is one"), required=False, initial=True)

    groups = (
        ("", ("connection", "email", "phone", "first_name", "last_name", "refresh")),
        (
            gettext_lazy("What is ordered"),
            ("deal_number", "offer_code", "offer_id", "product_title", "quantity", "deal_cost", "deal_currency",
             "deal_status", "deal_is_paid", "payment_link"),
        ),
        (
            gettext_lazy("Additional"),
            ("product_description", "payment_type", "payment_status", "manager_email", "partner_email",
             "deal_created_at", "deal_finished_at", "deal_comment", "funnel_id", "funnel_stage_id", "deal_fields",
             "user_fields"),
        ),
        pupil.CAME_FROM,
    )  # fmt: skip

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        if not any(told.get(name) for name in OFFER):
            self.add_error("offer_code", _("Say what is ordered: the offer's code or number, or the product's name"))
        return told


class SaveDeal(ActionKind):
    key = "getcourse.deal"
    alias = "deal"
    title = gettext_lazy("GetCourse: order")
    about = gettext_lazy("Adds an order or changes one; adds its user too")
    words = "getcourse геткурс заказ оплата сделка"
    form = DealForm
    sample: ClassVar[dict[str, Any]] = {
        "deal_id": 456789,
        "deal_number": "1001",
        "user_id": 123456,
        "user_status": "added",
        "payment_link": "https://school.getcourse.ru/sales/shop/dealPay/id/456789/hash/1a2b",
    }

    def execute(self, config: Config, http: Http) -> Data:
        told = {"user": pupil.user(config), "system": system(config), "deal": deal(config), **pupil.visit(config)}
        opened = config["connection"]
        result = client.sent(http.through(opened), opened.config, "deals", "add", told)
        return {name: result.get(name) for name in self.sample if result.get(name) is not None}

    def harmless(self, config: Config) -> bool:
        """The number makes a second order with it the same one."""
        return True

    def summary(self, config: Config) -> str:
        offer = next((config[name] for name in OFFER if config.get(name)), "")
        return f"{config.get('email', '')} → {offer}"


def system(config: Config) -> Data:
    return {
        "refresh_if_exists": 1 if config.get("refresh") else 0,
        "return_deal_number": 1,
        "return_payment_link": 1 if config.get("payment_link") else 0,
    }


def deal(config: Config) -> Data:
    """Raises Failed."""
    told: Data = dict(texts(config, DEAL))
    if not told.get("deal_number"):
        raise Failed(_("The order number is empty: without it a repeat would make a second order"))
    if not any(told.get(name) for name in OFFER):
        raise Failed(_("Say what is ordered: the offer's code or number, or the product's name"))
    for name in ("quantity", "deal_cost"):
        if values.text(config.get(name)).strip():
            told[name] = _number(config, name)
    told["deal_is_paid"] = 1 if config.get("deal_is_paid") else 0
    extra = pupil.rows(config, "deal_fields")
    return told | ({"addfields": extra} if extra else {})


def _number(config: Config, name: str) -> str | int:
    """Money goes as a text, a quantity as a number."""
    try:
        read = values.number(config[name])
    except ValueError as bad:
        label = DealForm.base_fields[name].label
        raise Failed(_("“%(field)s”: %(problem)s") % {"field": label, "problem": bad}) from bad
    return int(read) if name == "quantity" else str(read)
