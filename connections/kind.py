"""The contract of a connection kind: what a file in `connections/kinds/` holds."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from connections.fields import SecretField
from webjack.config import Config
from webjack.http import Http, Outgoing
from webjack.kinds import Kind


@dataclass(frozen=True)
class Token:
    """What a service gave for the credentials, for a while.

    lasts: seconds from `issued` (Unix time, set by who keeps it), or None. refresh: what the next one is asked for by.
    back: of a code flow, the page of ours that the code was given to; some services want to hear it at each renewal.
    """

    access: str = field(repr=False)
    lasts: float | None = None
    refresh: str = field(default="", repr=False)
    issued: float = 0.0
    back: str = ""

    def fresh(self, now: float) -> bool:
        """Whether it will still be good when a request arrives."""
        return self.lasts is None or now < self.issued + self.lasts - min(60.0, self.lasts / 10)


class ConnectionKind(Kind, ABC):
    """An account at a service. It imports no model, no clock, no settings; the config comes with its secrets.

    A service with OAuth2 needs `uses_token` and `renew` on top: tokens are kept, shared and renewed outside of it
    (connections.tokens), one renewal at a time, whatever the grant. The first token of a code flow, where a person lets
    us in at the service's own page, needs `consent_when`, `consent_url` and `agreed` too (connections.consent).

    consent_when: the setting, and its values, with which a person has to do so. per_second: requests that the service
    takes from one account, None where it names no bound; all workers together keep to it (connections.pace). burst: how
    many may come at once after a rest. bound: the settings that name the host that the secrets go to, if it may be any.
    """

    consent_when: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    per_second: ClassVar[float | None] = None
    burst: ClassVar[int] = 1
    bound: ClassVar[tuple[str, ...]] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The fields of the form that are encrypted and never shown again."""
        return tuple(name for name, each in self.form.base_fields.items() if isinstance(each, SecretField))

    def strays(self, before: Config, after: Config) -> tuple[str, ...]:
        """The secrets that these settings would send where those before did not: they must be entered anew."""
        moved = any((before.get(name) or "") != (after.get(name) or "") for name in self.bound)
        return self.secrets if moved else ()

    def hidden(self, config: Config) -> list[str]:
        """Texts made of the secrets that must not show either, such as "user:password"."""
        return []

    def uses_token(self, config: Config) -> bool:
        return False

    def renew(self, config: Config, token: Token | None, http: Http) -> Token:
        """A new token; `token` is the one before. Raises Failed, with `denied` when the credentials are refused."""
        raise NotImplementedError

    def asks_consent(self, config: Config) -> bool:
        return self.consent_when is not None and config.get(self.consent_when[0]) in self.consent_when[1]

    def consent_url(self, config: Config, state: str, back: str) -> str:
        """The service's page where a person lets us in. state: comes back with them. back: our page they come to."""
        raise NotImplementedError

    def agreed(self, config: Config, told: Mapping[str, str], back: str, http: Http) -> Token:
        """The first token, for what the person brought back: the parameters of the address. Raises Failed."""
        raise NotImplementedError

    @abstractmethod
    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        """Changes a request of an action so that the service lets it in. Raises Failed."""

    @abstractmethod
    def check(self, config: Config, http: Http) -> str:
        """Asks the service who it is, and returns that as a sentence. Raises Failed, also when rights are missing.

        `http` signs its requests as those of actions.
        """
