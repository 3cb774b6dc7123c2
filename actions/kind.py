"""The contract of an action kind: what a file in `actions/kinds/<service>/` holds."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from webjack.config import Config
from webjack.http import Http
from webjack.kinds import Kind

Data = dict[str, Any]


class ActionKind(Kind, ABC):
    """Something to do. `execute` gets its config with the placeholders filled and the HTTP client of this step.

    alias: the short name a first action of this kind gets. network: whether it leaves this machine; a step that does
    is written down before the next such step begins.
    """

    alias: ClassVar[str]
    network: ClassVar[bool] = True

    @abstractmethod
    def execute(self, config: Config, http: Http) -> Data:
        """Does it; returns the output later actions can use, or raises webjack.http.Failed."""

    def harmless(self, config: Config) -> bool:
        """Whether doing it twice is the same as once; asked when a worker died in the middle of it."""
        return not self.network

    def account(self, config: Config) -> str:
        """The outside account it goes to, such as a host; "" where there is none or only placeholders say where to.

        The config is the stored one, with its placeholders; the same words mean the same account.
        """
        return ""

    def summary(self, config: Config) -> str:
        """One line for the card, such as «POST online.bizon365.ru/api/…»."""
        return ""
