"""What a kind with conditions must know beside its filled config: the names of the fields, the company's zone."""

from typing import Any

from actions.conditions.asks import Here
from actions.conditions.names import named
from actions.filters.moments import zone_of
from actions.kind import Data
from actions.placeholders import Context
from webjack.config import Config


class Knowing:
    """For a kind of action that judges: `config["here"]` is the Here, and `known` gives rules with their names."""

    def knows(self, config: Config, context: Context) -> Data:
        return {"raw": config, "here": Here(zone_of(context.company.get("time_zone"))), "labels": context.labels}

    def known(self, config: Config, name: str) -> Any:
        """The filled rules of a setting, each with the `name` of what it looks at."""
        raw, labels = config.get("raw", config).get(name) or {}, config.get("labels")
        if isinstance(raw, list):
            pairs = zip(raw, config[name], strict=True)
            return [filled | {"rules": named(one["rules"], filled["rules"], labels)} for one, filled in pairs]
        return named(raw, config.get(name) or {}, labels)
