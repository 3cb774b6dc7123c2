"""Operations that have ended as the engine ends them: claimed, and their result written."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from history.claim import Claimer, journeys
from history.finish import finish
from history.models import Operation, Status
from history.run import Progress
from tests.factories import OperationFactory


def ended(status: Status, count: int = 1, **told: Any) -> list[Operation]:
    """Makes so many operations and ends them with this status."""
    due = timezone.now() - timedelta(days=1)
    made = OperationFactory.create_batch(count, status=Status.QUEUED, due_at=due, data=None, **told)
    end(status, count)
    for operation in made[:10]:
        operation.refresh_from_db()
        assert operation.status == status
    return made


def end(status: Status, count: int = 1) -> None:
    """Ends so many of those that are due."""
    journeys_ = journeys(Claimer().claim(count))
    assert len(finish([Progress(journey, status) for journey in journeys_])) == count
