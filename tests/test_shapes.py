"""Every shape of request that senders really send becomes an operation with the right fields."""

import pytest
from django.test import Client

from history import recipe
from history.models import Operation, Status
from processings.models import Processing
from sources.capture import capture
from sources.models import Source
from sources.problems import sentence
from tests.factories import SourceFactory
from tests.shapes import SHAPES, Shape

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@pytest.fixture
def source(processing: Processing) -> Source:
    return SourceFactory(processing=processing, config={"methods": METHODS}, fields=[], sample={})


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_becomes_an_operation_with_its_fields(source: Source, shape: Shape) -> None:
    response = Client().generic(
        shape.method,
        f"/webhooks/http/{source.key}/",
        shape.body,
        content_type=shape.content_type,
        # WSGI gives the bytes of an address as characters, one for each (PEP 3333)
        QUERY_STRING=shape.query.encode().decode("latin-1"),
    )
    assert response.status_code == 200
    operation = Operation.objects.get(pk=response.json()["id"])
    assert operation.status == Status.HELD
    assert bytes(operation.body) == shape.body

    decoded = source.spec.read(operation, source.config)
    assert decoded.data == shape.data
    assert (decoded.problem.code if decoded.problem else None) == shape.problem
    if decoded.problem:
        assert source.spec.problem(decoded) == sentence(decoded.problem)
    stops = recipe.read(operation, recipe.of(source.processing)).problem
    assert bool(stops) == (not source.spec.usable(decoded))

    capture(source)
    source.refresh_from_db()
    assert source.sample == shape.data
    assert all(field["name"] for field in source.fields)
    assert bool(source.fields) == any(shape.data)
