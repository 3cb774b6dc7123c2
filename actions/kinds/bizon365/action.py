"""What all actions of Bizon365 do the same way."""

from actions.kind import ActionKind
from actions.kinds.http.request import account_of
from connections.kinds.bizon365 import client
from webjack.config import Config


class BizonAction(ActionKind):
    def account(self, config: Config) -> str:
        return account_of(client.address({}, ""))
