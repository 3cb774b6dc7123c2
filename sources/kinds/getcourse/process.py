"""What the GetCourse sources share: a process of the school calls the address, with each variable in it replaced.

All data travel in the address, whether by GET or by POST. Variables: getcourse.ru/blog/276215 and
getcourse.io/blog/759199, read in November 2026. What stands in GetCourse's own pages is told in Russian, as there.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sources.kind import Example, Guides
from sources.kinds.http.webhook import Webhook
from sources.parameters import Event, Parameter, Sender

HELP_URL = "https://getcourse.ru/blog/276215"

Row = tuple[str, str, str, Promise]
"""The field's name, GetCourse's variable, an example, what people call it."""

PERSON: tuple[Row, ...] = (
    ("id", "id", "318204511", _("Id of the user")),
    ("name", "name", "Анна Петрова", _("Full name")),
    ("first_name", "first_name", "Анна", _("First name")),
    ("last_name", "last_name", "Петрова", _("Last name")),
    ("email", "email", "anna@example.com", _("E-mail")),
    ("phone", "phone", "+79161234567", _("Phone")),
    ("city", "city", "Казань", _("City")),
)
"""Of a user."""

BUYER: tuple[Row, ...] = tuple(
    (f"user_{name}", f"user.{variable}", text, label) for name, variable, text, label in PERSON
)
"""The same of whoever ordered."""


def event(object_type: str, rows: tuple[Row, ...]) -> Event:
    """object_type: as it stands in GetCourse's list «Тип объекта»."""
    parameters = tuple(Parameter(name, f"{{object.{variable}}}", text) for name, variable, text, _label in rows)
    return Event("created", object_type, parameters)


def sender(object_type: str, rows: tuple[Row, ...]) -> Mapping[str, Sender]:
    told = event(object_type, rows)
    return {"getcourse": Sender((told,), variable="{object.phone}", links={"variables_url": HELP_URL})}


def examples(told: Mapping[str, Sender], title: Any) -> tuple[Example, ...]:
    return tuple(Example(one.key, title, one.example) for one in told["getcourse"].events)


def labels(rows: tuple[Row, ...]) -> Mapping[str, Any]:
    return {name: label for name, _variable, _text, label in rows}


def sample(rows: tuple[Row, ...]) -> dict[str, str]:
    return {name: text for name, _variable, text, _label in rows}


class Process(Webhook):
    """Takes whatever a process sends: the parameters of the address can be changed there."""

    guides: ClassVar[Guides] = (("getcourse", "GetCourse"), ("curl", "curl"))
    ready: ClassVar[str] = "getcourse"
