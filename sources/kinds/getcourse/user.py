"""«Getcourse - Вебхук при создании пользователя»."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from sources.kind import Example
from sources.kinds.getcourse import process
from sources.parameters import Sender
from webjack.config import Config

ROWS: tuple[process.Row, ...] = (
    *process.PERSON,
    ("avatar_url", "avatar_url", "https://fs.getcourse.example/avatar.jpg", _("Link to the photo")),
    ("manager", "personal_manager", "Соколова Мария", _("Manager")),
    ("manager_email", "personal_manager_email", "maria@example.com", _("E-mail of the manager")),
    ("manager_phone", "personal_manager_phone", "+79031112233", _("Phone of the manager")),
)


class UserCreated(process.Process):
    key = "getcourse.user"
    title = _("Getcourse: webhook when a user is created")
    about = _("New users of a school on GetCourse")
    words = "getcourse геткурс пользователь ученик школа регистрация"
    sample: ClassVar[Config] = process.sample(ROWS)
    senders: ClassVar[Mapping[str, Sender]] = process.sender("Пользователи", ROWS)
    examples: ClassVar[tuple[Example, ...]] = process.examples(senders, title)
    labels: ClassVar[Mapping[str, Any]] = process.labels(ROWS)
