"""Addresses with parameters: a service calls the address it was given with each variable in it replaced."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

_READABLE = "[]._-~:@!$'()*,;/{}"  # stays as it is; what means something in an address, such as & and +, is escaped


@dataclass(frozen=True)
class Parameter:
    """name: chosen by the customer, becomes the field's name. value: what the service replaces. sample: by what."""

    name: str
    value: str
    sample: str


@dataclass(frozen=True)
class Event:
    """title: as it stands in the service's own list."""

    key: str
    title: str
    parameters: tuple[Parameter, ...]

    @property
    def example(self) -> str:
        """The query string of a call."""
        return urlencode({parameter.name: parameter.sample for parameter in self.parameters})


@dataclass(frozen=True)
class Sender:
    """A service that calls such addresses. variable: one of its variables, as a hint. links: for its guide, by name."""

    events: tuple[Event, ...]
    variable: str = ""
    mended: Callable[[str], str] = str.strip
    links: Mapping[str, str] = field(default_factory=dict)

    def event(self, key: str) -> Event:
        """The event with this key, else the first one."""
        return next((event for event in self.events if event.key == key), self.events[0])

    def address(self, url: str, rows: Iterable[tuple[str, str]]) -> str:
        """The whole address: the source's own and `name=variable` for each row that has a name."""
        pairs = [f"{_escaped(name.strip())}={_escaped(self.mended(value))}" for name, value in rows if name.strip()]
        return f"{url}?{'&'.join(pairs)}" if pairs else url


def _escaped(text: str) -> str:
    return quote(text, safe=_READABLE)
