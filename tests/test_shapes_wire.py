"""The same shapes over the wire, through the real web server."""

import json
import socket

import pytest

from history.models import Operation
from tests.factories import ProcessingFactory, SourceFactory
from tests.gunicorn_server import gunicorn
from tests.shapes import SHAPES, Shape

pytestmark = pytest.mark.django_db(transaction=True)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def sent(port: int, key: str, shape: Shape) -> str:
    """Sends the bytes as a sender does, and returns the operation's id."""
    target = f"/webhooks/http/{key}/" + (f"?{shape.query}" if shape.query else "")
    head = f"{shape.method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
    if shape.content_type:
        head += f"Content-Type: {shape.content_type}\r\n".encode()
    if shape.body or shape.method != "GET":
        head += f"Content-Length: {len(shape.body)}\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as asking:
        asking.sendall(head + b"\r\n" + shape.body)
        answer = b"".join(iter(lambda: asking.recv(65536), b""))
    status, _, rest = answer.partition(b"\r\n")
    assert b" 200 " in status, (shape.name, answer[:300])
    told: dict[str, str] = json.loads(rest.partition(b"\r\n\r\n")[2])
    return told["id"]


def test_all_shapes_become_operations_with_their_fields_also_the_second_time() -> None:
    """Twice, because a web process that knows a source may go a shorter way."""
    source = SourceFactory(processing=ProcessingFactory(), config={"methods": METHODS}, fields=[], sample={})
    wrong = []
    with gunicorn() as port:
        ids = [(shape, sent(port, source.key, shape)) for shape in SHAPES * 2]
    for shape, id in ids:
        operation = Operation.objects.get(pk=id)
        decoded = source.spec.read(operation, source.config)
        problem = decoded.problem.code if decoded.problem else None
        if (bytes(operation.body), decoded.data, problem) != (shape.body, shape.data, shape.problem):
            wrong.append(shape.name)
    assert wrong == []
