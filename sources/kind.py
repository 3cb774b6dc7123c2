"""The contract of a source kind: what a file in `sources/kinds/<service>/` holds."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.utils.translation import gettext_lazy as _

from sources.decoding import CONFIG, wish
from sources.inflate import inflate
from sources.problems import sentence
from webjack.config import Config
from webjack.decode import Decoded, Raw, decode
from webjack.kinds import Kind

MINOR = {"charset", "cut"}


class Request(Protocol):
    """A request as it was kept: an Operation, or anything that has these."""

    method: Any
    query: Any
    content_type: Any
    headers: Any
    body: Any


def raw(request: Request) -> Raw:
    """The request as decoding takes it: its body unpacked if the sender compressed it."""
    encoding = next((value for name, value in request.headers.items() if name.lower() == "content-encoding"), "")
    body = bytes(request.body)
    return Raw(request.method, request.query, request.content_type, inflate(body, encoding) if encoding else body)


Guides = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Example:
    """A request that «Отправить тестовый запрос» sends to the source, as this sender would."""

    key: str
    title: Any
    query: str = ""
    content_type: str = ""
    body: bytes = b""


class SourceKind(Kind):
    """A way in. The first part of `key` is part of the webhook address.

    addressed: whether it is called at a webhook address; intro: the template that says how data come where it is not.
    default_methods: what is accepted unless the config says otherwise. guides: keys and titles of the tabs «Как
    подключить», each a template `sources/guides/<key>.html`. examples: the first one is offered first.
    """

    addressed: ClassVar[bool] = True
    intro: ClassVar[str] = ""
    default_methods: ClassVar[tuple[str, ...]] = ("GET", "POST")
    guides: ClassVar[Guides] = (("other", _("Another system")), ("curl", "curl"))
    examples: ClassVar[tuple[Example, ...]] = ()

    def methods(self, config: Config) -> tuple[str, ...]:
        """Methods that are accepted; anything else is answered 405 and kept as rejected."""
        return tuple(config.get("methods") or self.default_methods)

    def read(self, request: Request, config: Config) -> Decoded:
        """The fields of a request; never raises: what could not be read is said in `problem`.

        What was chosen for this request, or else for its source, says how.
        """
        return decode(raw(request), wish(getattr(request, "decoding", None), config.get(CONFIG)))

    def problem(self, decoded: Decoded) -> str:
        """A sentence about what could not be read, or nothing."""
        return sentence(decoded.problem) if decoded.problem else ""

    def usable(self, decoded: Decoded) -> bool:
        """Whether the fields can be worked with: a damaged letter or a cut file is no reason to stop."""
        return decoded.problem is None or decoded.problem.code in MINOR
