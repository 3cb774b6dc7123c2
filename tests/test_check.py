"""«Проверить» for real must leave the web process its threads."""

import threading
from typing import Any

import pytest

from actions.check import check
from actions.perform import Outcome
from actions.preview import sample_context
from connections.places import MOST_AT_ONCE
from tests.factories import ActionFactory, SourceFactory
from tests.fakes.target import Received, target_server

pytestmark = pytest.mark.django_db


def test_targets_that_hang_do_not_take_every_thread(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    let_go = threading.Event()

    def hang(request: Received) -> tuple[int, bytes]:
        let_go.wait(30)
        return 200, b"{}"

    with target_server() as target:
        target.answer = hang
        source = SourceFactory()
        action = ActionFactory(processing=source.processing, config={"method": "POST", "url": target.url})
        context = sample_context(action.processing, action)
        outcomes: list[Outcome] = []
        busy = [
            threading.Thread(target=lambda: outcomes.append(check(action, send=True, context=context)))
            for _ in range(MOST_AT_ONCE)
        ]
        for thread in busy:
            thread.start()
        target.wait(MOST_AT_ONCE)

        refused = check(action, send=True, context=context)
        dry = check(action, send=False, context=context)

        let_go.set()
        for thread in busy:
            thread.join()
        assert "полминуты" in refused.error
        assert refused.exchanges == []
        assert dry.ok
        assert [outcome.ok for outcome in outcomes] == [True] * MOST_AT_ONCE
        assert check(action, send=True, context=context).ok
        assert len(target.requests) == MOST_AT_ONCE + 1
