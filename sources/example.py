"""«Отправить тестовый запрос»: puts an example into a source as if its sender had called."""

from urllib.parse import urlencode

from history.accept import Call, Place, accept, tell
from sources.kind import Example
from sources.models import Source
from webjack.fields import uuid7

USER_AGENT = "Webjack test"


def examples(source: Source) -> tuple[Example, ...]:
    """Those of the source's kind, else one made of the kind's sample."""
    kind = source.spec
    texts = {name: value for name, value in kind.sample.items() if isinstance(value, str)}
    return kind.examples or (Example("sample", kind.title, urlencode(texts)),)


def send(source: Source, key: str) -> None:
    """Accepts the example like any request, so that it can be captured and, if the processing runs, is processed."""
    offered = examples(source)
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
    tell(accept(uuid7(), Place(source.pk, source.processing_id, source.kind), call))
