"""«Отправить тестовый запрос»: puts an example into a source as if its sender had called."""

from urllib.parse import urlencode

from history.accept import Call, Gone, accept, tell
from sources.door import find
from sources.kind import Example
from sources.models import Source
from sources.peek import order_key
from webjack.fields import uuid7

USER_AGENT = "Webjack test"


def examples(source: Source) -> tuple[Example, ...]:
    """Those of the source's kind, else one made of the kind's sample."""
    kind = source.spec
    if not kind.addressed:
        return ()
    texts = {name: value for name, value in kind.sample.items() if isinstance(value, str)}
    return kind.examples or (Example("sample", kind.title, urlencode(texts)),)


def send(source: Source, key: str) -> None:
    """Accepts the example like any request, so that it can be captured and, if the processing runs, is processed.

    Raises Gone when the processing was deleted meanwhile.
    """
    offered = examples(source)
    if not offered:
        raise Gone
    example = next((one for one in offered if one.key == key), offered[0])
    methods = source.spec.methods(source.config)
    wanted = "POST" if example.body else "GET"
    call = Call(
        method=wanted if wanted in methods else methods[0],
        query=example.query,
        headers={"User-Agent": USER_AGENT},
        content_type=example.content_type,
        body=example.body,
    )
    door = find(source.spec.service, source.key)
    if door is None:
        raise Gone
    tell(accept(uuid7(), door.place, call, order_key=order_key(door, call)))
