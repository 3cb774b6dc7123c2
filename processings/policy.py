"""When a failed attempt is made again. Knows neither database nor clock.

A policy is stored as `{"attempts": 8, "delays": [10, 60, …], "codes": "408, 5**"}`, with delays in seconds.
"""

import random
from dataclasses import dataclass
from typing import Any

from webjack import status_codes

MOST_ATTEMPTS = 20
LONGEST_DELAY = 7 * 24 * 60 * 60  # seconds
JITTER = 0.1
# Answers that say "not now". Any other 4** is a judgement of the request, and not believed only so many times.
NOT_NOW = (408, 425, 429)
DOUBTED = 3  # attempts
GONE = 410


@dataclass(frozen=True)
class Policy:
    """attempts: the first one included. delays: seconds before attempt 2, 3, …; the last one goes for all that follow.

    codes: patterns of the answers that are worth another attempt. Of failures without an answer the kind decides.
    """

    attempts: int
    delays: tuple[int, ...]
    codes: tuple[str, ...]

    def wait(self, attempt: int, retry: bool, status: int | None = None, after: float | None = None) -> float | None:
        """Seconds to wait after this failed attempt (1, 2, …), or None when it was the last.

        What the target asked for by Retry-After (`after`, seconds) wins over the table. The table is spread by a tenth,
        so that operations that failed together do not come back together.
        """
        if attempt >= self.most(status) or not self.worth(retry, status):
            return None
        if after is not None:
            return max(after, 0.0)
        delay = self.delays[min(attempt, len(self.delays)) - 1]
        return delay * random.uniform(1, 1 + JITTER)  # noqa: S311 (no secret)

    def worth(self, retry: bool, status: int | None) -> bool:
        """Whether another attempt may help: by the status where the server judged, else by what failed."""
        if status is None:
            return retry
        return status != GONE and status_codes.matches(self.codes, status)

    def most(self, status: int | None) -> int:
        """How many attempts there are when the server goes on answering so."""
        stubborn = status is not None and status // 100 == 4 and status not in NOT_NOW
        return min(self.attempts, DOUBTED) if stubborn else self.attempts

    @property
    def table(self) -> tuple[int, ...]:
        """The delays of all repeats, as they are promised to people."""
        repeats = self.attempts - 1
        return (self.delays + self.delays[-1:] * repeats)[:repeats]

    def within(self, seconds: float) -> tuple[int, ...]:
        """Those of the table that are over before a deadline, if attempts take no time."""
        return tuple(delay for number, delay in enumerate(self.table, 1) if sum(self.table[:number]) <= seconds)

    @property
    def stored(self) -> dict[str, Any]:
        return {"attempts": self.attempts, "delays": list(self.delays), "codes": ", ".join(self.codes)}


USUAL = Policy(
    attempts=8,
    delays=(10, 60, 5 * 60, 15 * 60, 60 * 60, 3 * 60 * 60, 6 * 60 * 60),
    codes=("408", "409", "425", "429", "5**"),
)


def read(stored: dict[str, Any]) -> Policy:
    """The policy that was stored; what is missing is as usual. Raises ValueError for codes that are none."""
    delays = tuple(stored.get("delays") or USUAL.delays)
    codes = status_codes.parse(stored["codes"]) if "codes" in stored else USUAL.codes
    return Policy(stored.get("attempts") or len(delays) + 1, delays, codes)


def chosen(*stored: dict[str, Any] | None) -> Policy:
    """The first that is set, the usual one when none is: `chosen(action.retries, processing.retries)`."""
    return next((read(one) for one in stored if one is not None), USUAL)
