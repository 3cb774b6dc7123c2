"""What all actions of Klientiks do the same way."""

from actions.kind import ActionKind, Data
from actions.kinds.http.request import account_of
from actions.placeholder_context import around
from actions.placeholders import Context
from connections.kinds.klientiks import client
from webjack.config import Config


class KlientiksAction(ActionKind):
    """Knows the company's time zone, which is the one that Klientiks keeps its times in."""

    def account(self, config: Config) -> str:
        return account_of(client.address({}, "", ""))

    def knows(self, config: Config, context: Context) -> Data:
        return {"zone": around(context).zone}
