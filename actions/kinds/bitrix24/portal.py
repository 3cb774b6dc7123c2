"""What the actions of Bitrix24 share: a portal as one attempt speaks to it, and what forms offer of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import LoadedRowsField
from actions.filled import text, whole
from actions.kind import ActionKind, Data, Option
from actions.kinds.bitrix24 import offers
from actions.placeholder_context import around
from actions.placeholders import Context
from connections.kinds.bitrix24 import client
from webjack.config import Config
from webjack.http import DryRun, Failed, Http

Commands = dict[str, tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Portal:
    """config: of the connection. key: the same for every attempt of an action, or "". zone: the company's."""

    http: Http
    config: Config
    key: str
    zone: tzinfo

    @classmethod
    def of(cls, config: Config, http: Http) -> "Portal":
        opened = config["connection"]
        return cls(http.through(opened), opened.config, http.key, config.get("zone") or UTC)

    def read(self, commands: Commands) -> dict[str, Any]:
        """Several answers at once; none of them in a dry run, which shows what would be written. Raises Failed."""
        return {} if self.http.dry else client.several(self.http, self.config, commands)

    def write(self, method: str, parameters: dict[str, Any]) -> Any:
        """Raises Failed, DryRun."""
        return client.call(self.http, self.config, method, parameters).result

    def before(self, method: str, parameters: dict[str, Any]) -> Any:
        """A write that another one follows: a dry run goes on to show that too."""
        try:
            return self.write(method, parameters)
        except DryRun:
            return 0

    def link(self, path: str) -> str:
        return client.link(self.config, path)


class PortalAction(ActionKind):
    """offered: what the form's fields may ask for (offers), by the name of their options."""

    offered: ClassVar[dict[str, offers.Offer]] = {}

    def goes_by_answers(self, config: Config) -> bool:
        return True

    def knows(self, config: Config, context: Context) -> Data:
        return {"zone": around(context).zone}

    def options(self, name: str, config: Config, http: Http) -> Sequence[Option]:
        return self.offered[name](http, config["connection"].config, config)


def other_fields(depends: tuple[str, ...] = ()) -> LoadedRowsField:
    """Any field of the record, offered under "fields"; a new one for each form."""
    told = gettext_lazy("Dates, numbers and words of lists are written as Bitrix24 takes them. Empty ones are not sent")
    return LoadedRowsField(options="fields", depends=depends, label=gettext_lazy("Other fields"), help_text=told)


def amount(config: Config, name: str, label: Any) -> int | float | None:
    """A filled setting as a sum: `12,5`, `1 200`. Raises Failed."""
    if not text(config, name):
        return None
    try:
        return values.number(config[name])
    except ValueError as bad:
        raise Failed(_("“%(label)s”: %(problem)s") % {"label": label, "problem": bad}) from None


def id_of(told: Any) -> int:
    """The number of a record in an answer, which is a text or a number. Raises Failed."""
    found = whole(told)
    if found is None:
        raise Failed(_("Bitrix24 gave an unexpected answer"))
    return found
