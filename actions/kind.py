"""The contract of an action kind: what a file in `actions/kinds/<service>/` holds."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from actions.effects import Effect, Found, Look
from actions.placeholders import Context
from webjack.config import Config
from webjack.http import Http
from webjack.kinds import Kind

Data = dict[str, Any]


class Then(Enum):
    """Where an operation goes after an action: on, to the end of the block the action stands in, or to its own end."""

    ON = "on"
    LEAVE = "leave"
    STOP = "stop"


@dataclass(frozen=True)
class Slot:
    """A place inside a block for actions. key: stored with these actions, never changes. about: when it is gone."""

    key: str
    title: str
    about: str = ""


@dataclass(frozen=True)
class Pass:
    """One way through a block: the actions of a slot, once.

    element: its number in a list, from 0, or None where the block is gone through at most once. shown: what the block's
    alias gives while it lasts; None: what its output is. What actions of an element bring is seen inside it only.
    """

    slot: str
    element: int | None = None
    shown: Data | None = None


@dataclass(frozen=True)
class Pasted:
    """Settings out of what a person pasted, and sentences on what could not be taken over or wants attention."""

    config: Config
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Said:
    """How people see a finished step that decided something. status: "met" or "unmet"; word: instead of «Успешно»."""

    status: str
    word: str
    why: str = ""


@dataclass(frozen=True)
class Example:
    """One use of a kind, which its help shows and a test executes. data: the source's fields; output: what it gives.

    found: what a table answers, where it asks one.
    """

    about: Any
    data: Data
    config: Config
    output: Data
    found: Found | None = None


@dataclass(frozen=True)
class Option:
    """One thing that an account has to choose from. value: what is stored and sent; label: what people read.

    group: the heading it stands under; about: small print, such as the type of a field.
    """

    value: str
    label: str
    group: str = ""
    about: str = ""


@dataclass(frozen=True)
class Invitation:
    """steps: sentences on what to do. links: titles and addresses that do it for a person."""

    steps: Sequence[str]
    links: Sequence[tuple[str, str]] = ()


class ActionKind(Kind, ABC):
    """Something to do. `execute` gets its config with the placeholders filled and the HTTP client of this step.

    alias: the short name a first action of this kind gets. answers: makes the answer to the sender.
    network: whether it leaves this machine; a step that does is written down before the next such step begins.
    pastes: from what `pasted` fills the form, such as a command. finds: for names of `options`, what the button that
    shows an invitation is called (`invite`).
    """

    alias: ClassVar[str]
    network: ClassVar[bool] = True
    answers: ClassVar[bool] = False
    pastes: ClassVar[Any] = ""
    finds: ClassVar[Mapping[str, Any]] = {}
    example: ClassVar[Example | None] = None

    @abstractmethod
    def execute(self, config: Config, http: Http) -> Data:
        """Does it; returns the output later actions can use, or raises webjack.http.Failed."""

    def harmless(self, config: Config) -> bool:
        """Whether doing it twice is the same as once; asked when a worker died in the middle of it."""
        return not self.network

    def goes_by_answers(self, config: Config) -> bool:
        """Whether more requests may follow the first, by what it is answered: a dry run cannot know them."""
        return False

    def account(self, config: Config) -> str:
        """The outside account it goes to, such as a host; "" where there is none or only placeholders say where to.

        The config is the stored one, with its placeholders; the same words mean the same account.
        """
        return ""

    def then(self, output: Data) -> Then:
        """Where the operation goes after it; STOP ends it as «Отфильтрована»."""
        return Then.ON

    def pause(self, output: Data) -> datetime | None:
        """Until when the operation waits after it."""
        return None

    def asks(self, config: Config) -> Look | None:
        """What it must know of the company's tables before it executes; then `config["found"]` is the Found."""
        return None

    def options(self, name: str, config: Config, http: Http) -> Sequence[Option]:
        """What the account has for a LoadedField or LoadedRowsField with `options=name` (actions.fields).

        config: the opened connection, and the settings that the field `depends` on, as they stand in the form, with
        their placeholders unfilled and perhaps empty. http: already through the connection. Raises Failed.
        """
        raise NotImplementedError

    def invite(self, name: str, code: str, config: Config, http: Http) -> Invitation:
        """How to make known what the account has no list of, such as a chat: whoever sends the code is met.

        name, config, http: as of `options`; such names stand in `finds`. Raises Failed.
        """
        raise NotImplementedError

    def pasted(self, text: str) -> Pasted:
        """Settings out of a pasted text. Raises ValueError with a sentence."""
        raise NotImplementedError

    def knows(self, config: Config, context: Context) -> Data:
        """What else `execute` finds in its config, and no history shows. config: with its placeholders as they are."""
        return {}

    def effects(self, output: Data) -> Sequence[Effect]:
        """What it leaves in the database, together with its step."""
        return ()

    def told(self, output: Data) -> str:
        """What an output means, in half a sentence, for the form on the sample: «3 elements: haircut, shave»."""
        return ""

    def said(self, output: Data) -> Said | None:
        """What a finished step says of itself, where that it succeeded is not the point."""
        return None

    def summary(self, config: Config) -> str:
        """One line for the card, such as «POST online.bizon365.ru/api/…». Chosen ids come as their labels."""
        return ""


class BlockKind(ActionKind):
    """Holds other actions. `execute` decides which of them run; that is written down before the first of them begins,
    so that after a crash the same ones go on.

    repeats: whether its passes are the elements of a list; then what actions inside bring is not seen behind it.
    """

    network = False
    repeats: ClassVar[bool] = False

    @abstractmethod
    def slots(self, config: Config) -> Sequence[Slot]:
        """The places for actions, in the order people see them."""

    @abstractmethod
    def passes(self, output: Data) -> Sequence[Pass]:
        """The ways through it, one after another."""

    def goes_on(self, output: Data) -> bool:
        """Whether the next pass begins when an action of this one failed for good."""
        return False

    def result(self, output: Data, failed: int) -> Data:
        """What its alias gives to the actions behind it; failed: passes that were given up."""
        return output
