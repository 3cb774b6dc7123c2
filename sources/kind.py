"""The contract of a source kind: what a file in `sources/kinds/<service>/` holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from connections.seen import Sight
from sources.decoding import CONFIG, wish
from sources.inflate import inflate
from sources.parameters import Sender
from sources.problems import sentence
from webjack.config import Config
from webjack.decode import Decoded, Raw, decode
from webjack.http import Http
from webjack.kinds import Kind

FORM = "application/x-www-form-urlencoded"
MINOR = {"charset", "cut"}


class Request(Protocol):
    """A request as it was kept: an Operation, or anything that has these."""

    @property
    def method(self) -> Any: ...

    @property
    def query(self) -> Any: ...

    @property
    def content_type(self) -> Any: ...

    @property
    def headers(self) -> Any: ...

    @property
    def body(self) -> Any: ...


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


def form_example(key: str, title: Any, fields: Mapping[str, Any]) -> Example:
    """One that comes as a form."""
    return Example(key, title, content_type=FORM, body=form_body(fields))


def form_body(fields: Mapping[str, Any]) -> bytes:
    return urlencode(fields).encode()


@dataclass(frozen=True)
class Met:
    """What a kind says of a call at the door.

    refused: a sentence; the call is answered 401 and kept as rejected. probe: a sentence; it only tried the address, so
    it is answered as usual, kept, and never runs. seen: what of the kind's connection it shows. hidden: texts in it
    that are secrets and must not be kept.
    """

    refused: str = ""
    probe: str = ""
    seen: Sight | None = None
    hidden: tuple[str, ...] = ()


LET_IN = Met()


class SourceKind(Kind):
    """A way in. The first part of `key` is part of the webhook address.

    addressed: whether requests come at a webhook address. default_methods: those that are accepted there unless the
    config says otherwise. watches: `meet` must see each call, which costs it the quick way (sources.quick).

    hooks: the setting that names the connection through which the source itself tells its sender the address
    (sources.hooks). intro: the template that says how data come where nobody copies an address, because there is none
    or because of `hooks`.

    guides: keys and titles of the tabs «Как подключить», each a template `sources/guides/<key>.html`. senders: of the
    tabs that show an address with parameters, by the tab's key. ready: the tab whose address, with the parameters of
    its first event, is the one to copy; "" for the bare one.

    examples: requests to try the source with; the first one is offered first. labels: what people call a field, by its
    name.
    """

    addressed: ClassVar[bool] = True
    intro: ClassVar[str] = ""
    default_methods: ClassVar[tuple[str, ...]] = ("GET", "POST")
    guides: ClassVar[Guides] = (("other", _("Another system")), ("curl", "curl"))
    examples: ClassVar[tuple[Example, ...]] = ()
    senders: ClassVar[Mapping[str, Sender]] = {}
    labels: ClassVar[Mapping[str, Any]] = {}
    ready: ClassVar[str] = ""
    hooks: ClassVar[str] = ""
    watches: ClassVar[bool] = False

    def methods(self, config: Config) -> tuple[str, ...]:
        """Methods that are accepted; anything else is answered 405 and kept as rejected."""
        return tuple(config.get("methods") or self.default_methods)

    def meet(self, request: Request, headers: Mapping[str, str], config: Config) -> Met:
        """Looks at a call before it is taken. headers: as they came, secrets included; any case of a name finds one."""
        return LET_IN

    def attach(self, url: str, secret: str, config: Config, http: Http) -> str:
        """Makes the sender call the address and show the secret; returns who it is, such as "@clinic_bot".

        config: with the connection opened; http: already through it. `meet` finds `hook.secrets` in its config, hashes
        as of sources.fields. Raises Failed.
        """
        raise NotImplementedError

    def detach(self, url: str, config: Config, http: Http) -> None:
        """Makes the sender call the address no more; nothing happens where it does not. Raises Failed."""
        raise NotImplementedError

    def repeats(self, config: Config) -> Config:
        """How repeated calls are known (sources.duplicates): `{"by", "name", "minutes"}`, or nothing."""
        return config.get("duplicates") or {}

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


class Watched(SourceKind):
    """Of a service that posts its calls, each of which `meet` must see: whether it shows the secret, what it is for."""

    watches = True
    default_methods = ("POST",)
