"""«Getcourse - Вебхук при создании покупки»."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from sources.kind import Example
from sources.kinds.getcourse import process
from sources.parameters import Sender
from webjack.config import Config

ROWS: tuple[process.Row, ...] = (
    ("start_at", "start_at", "24.11.2026 10:00", _("Begins")),
    ("finish_at", "finish_at_ago", "24.12.2026 10:00", _("Ends")),
    ("training_link", "training_link", "https://school.getcourse.example/teach/1", _("Link to the training")),
    *process.BUYER,
)


class PurchaseCreated(process.Process):
    key = "getcourse.purchase"
    title = _("Getcourse: webhook when a purchase is created")
    about = _("Purchases of trainings in a school on GetCourse")
    words = "getcourse геткурс покупка тренинг доступ школа"
    sample: ClassVar[Config] = process.sample(ROWS)
    senders: ClassVar[Mapping[str, Sender]] = process.sender("Покупки", ROWS)
    examples: ClassVar[tuple[Example, ...]] = process.examples(senders, title)
    labels: ClassVar[Mapping[str, Any]] = process.labels(ROWS)
