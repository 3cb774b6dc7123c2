"""«Klientiks»: the generic webhook with the events of klientiks.ru at hand."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from sources.kind import Guides
from sources.kinds.http.webhook import Webhook


class Klientiks(Webhook):
    """Everything but the names is the webhook's; examples and address with parameters come with it."""

    key = "klientiks"
    title: ClassVar[Any] = "Klientiks"
    about = _("Clients, visits, invoices and payments of klientiks.ru")
    words = "klientiks клиентикс клиент запись визит счет оплата"
    guides: ClassVar[Guides] = (("klientiks", "Klientiks"), ("curl", "curl"))
    labels: ClassVar[Mapping[str, Any]] = {
        "client_id": _("Id of the client"),
        "client_phone": _("Phone"),
        "client_name": _("Full name"),
        "client_first_name": _("First name"),
        "client_patron_name": _("Patronymic"),
        "client_second_name": _("Last name"),
        "client_deleted": _("Deleted"),
        "client_email": _("E-mail"),
        "appointment_id": _("Id of the visit"),
        "appointment_date": _("Date of the visit"),
        "appointment.time": _("Time of the visit"),
        "executor_name": _("Who serves"),
        "executor_phone": _("Phone of who serves"),
        "services": _("Services"),
        "appointment_total_cost": _("Cost of the visit"),
        "user_position": _("Position of the employee"),
        "appointment_amount": _("Amount of the invoice"),
        "appointment_paid": _("Paid"),
        "appointment_name": _("Title of the invoice"),
        "appointment_description": _("Description"),
        "appointment_paid_sum": _("Paid amount"),
        "appointment_left_to_pay": _("Left to pay"),
        "appointment_account_id": _("Id of the account"),
        "appointment_created": _("When the visit was made"),
        "appointment_status": _("Status of the visit"),
    }
