"""Klientiks (klientiks.ru): the events it can tell of, and the address that makes it tell.

Klientiks calls the address it was given with each `{{variable}}` in it replaced. Names of events, parameters and
variables are those of the guide «klientiks.ru → HTTP-запрос» (24 November 2026), with one brace added that is missing
there (`{appointment.status}}`). What Klientiks' own pages say stays as it is there, in Russian.
"""

import re

from sources.parameters import Event, Parameter, Sender

SETTINGS_URL = "https://klientiks.ru/clientix/admin/eventHandlers"
VARIABLES_URL = (
    "https://klientikscrm.helpdeskeddy.com/ru/knowledge_base/art/569/cat/29/"
    "administrativnaja-panel-dlja-sozdanija-uvedomlenij-webhook-po-sobitijam-v-sisteme"
)


def _event(key: str, title: str, *parameters: tuple[str, str, str]) -> Event:
    return Event(
        key, title, tuple(Parameter(name, "{{" + variable + "}}", text) for name, variable, text in parameters)
    )


EVENTS = (
    _event(
        "client",
        "Добавление клиента",
        ("client_id", "id", "155230"),
        ("client_phone", "phone", "+79161234567"),
        ("client_name", "name", "Петрова Анна Сергеевна"),
        ("client_first_name", "first_name", "Анна"),
        ("client_patron_name", "patron_name", "Сергеевна"),
        ("client_second_name", "second_name", "Петрова"),
        ("client_deleted", "deleted", "0"),
        ("client_email", "email", "anna@example.com"),
    ),
    _event(
        "appointment",
        "Запись клиента на прием",
        ("client_id", "client.id", "155230"),
        ("client_phone", "client.phone", "+79161234567"),
        ("client_name", "client.name", "Петрова Анна Сергеевна"),
        ("appointment_id", "appointment.id", "99123"),
        ("appointment_date", "appointment.date", "2026-11-24"),
        ("appointment.time", "appointment_time", "14:30"),
        ("executor_name", "executor_name", "Соколова Мария"),
        ("executor_phone", "executor_phone", "+79031112233"),
        ("services", "services", "Консультация, массаж"),
        ("appointment_total_cost", "appointment.total_cost", "3500"),
        ("user_position", "user.position", "Администратор"),
    ),
    _event(
        "invoice",
        "Создание счета на оплату",
        ("client_id", "client_id", "155230"),
        ("client_name", "client.name", "Петрова Анна Сергеевна"),
        ("client_phone", "client.phone", "+79161234567"),
        ("appointment_id", "object_id", "99123"),
        ("appointment_amount", "amount", "3500"),
        ("appointment_paid", "paid", "0"),
        ("appointment_name", "name", "Счет № 18"),
        ("appointment_description", "description", "Консультация, массаж"),
        ("appointment_paid_sum", "paid_sum", "0"),
        ("appointment_left_to_pay", "left_to_pay", "3500"),
    ),
    _event(
        "paid",
        "Визит клиента оплачен",
        ("client_id", "client_id", "155230"),
        ("appointment_id", "appointment.id", "99123"),
        ("appointment_account_id", "appointment.account_id", "4711"),
        ("appointment_created", "appointment.created", "2026-11-20 10:15:00"),
        ("appointment_appointment_id", "appointment.appointment_id", "99123"),
        ("appointment_status", "appointment.status", "finished"),
        ("appointment_paid", "appointment.paid", "1"),
    ),
)

_VARIABLE = re.compile(r"\{{1,2}\s*([^{}]+?)\s*\}{1,2}")


def mended(value: str) -> str:
    """A variable that lost one of its braces gets it back."""
    value = value.strip()
    found = _VARIABLE.fullmatch(value)
    return "{{" + found[1] + "}}" if found else value


SENDER = Sender(
    EVENTS,
    variable="{{phone}}",
    mended=mended,
    links={"settings_url": SETTINGS_URL, "variables_url": VARIABLES_URL},
)
