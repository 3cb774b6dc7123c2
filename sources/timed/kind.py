"""The contract of a source that nobody calls: it asks by itself, by the clock."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar

from sources.kind import Guides, SourceKind
from webjack.config import Config
from webjack.http import Http

MOST_ELEMENTS = 1000
"""Operations that one run may make; a list may hold more, the rest waits for the next run."""


@dataclass(frozen=True)
class Element:
    """What a run found; it becomes one operation. mark: what it is known by, "" where nothing is remembered."""

    data: Config
    mark: str = ""


class TimedKind(SourceKind, ABC):
    """network: whether a run asks an address."""

    addressed = False
    default_methods: ClassVar[tuple[str, ...]] = ()
    guides: ClassVar[Guides] = ()
    intro = "sources/intros/timed.html"
    network: ClassVar[bool] = False

    @abstractmethod
    def following(self, config: Config, moment: datetime, zone: tzinfo) -> datetime:
        """When it runs next behind this moment. Raises ValueError with a sentence where that is never."""

    @abstractmethod
    def gather(self, config: Config, moment: datetime, zone: tzinfo, http: Http) -> Sequence[Element]:
        """What a run for this moment finds; the connection in the config is opened. Raises Failed."""

    def missed(self, config: Config) -> bool:
        """Whether a run whose time has passed long ago is made up for, once."""
        return True

    def same_list(self, before: Config, now: Config) -> bool:
        """Whether what it finds by changed settings is the list it found before; else the next run is a first one."""
        return True

    def takes_first(self, config: Config) -> bool:
        """Whether what the first run finds becomes operations, or is only remembered."""
        return True
