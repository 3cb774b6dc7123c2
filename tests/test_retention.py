from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from history import retention
from history.models import Operation, Step
from tests.factories import OperationFactory, StepFactory
from webjack.fields import first_uuid7

pytestmark = pytest.mark.django_db


def old(**told: Any) -> Operation:
    return OperationFactory(
        id=first_uuid7(timezone.now() - timedelta(days=31, minutes=Operation.objects.count())), **told
    )


def test_old_history_goes_and_what_is_young_or_open_stays(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RETENTION_DAYS = 30
    monkeypatch.setattr(retention, "STEP", 2)
    for _ in range(5):
        StepFactory(operation=old())
    waiting = old(status="waiting", due_at=timezone.now())
    young = OperationFactory()
    kept_step = StepFactory(operation=young)

    assert retention.forget() == 5

    assert set(Operation.objects.all()) == {waiting, young}
    assert list(Step.objects.all()) == [kept_step]
