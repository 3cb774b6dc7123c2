"""When a failed attempt is made again. Knows neither database nor clock."""

import random

# Before attempt 2, 3, …: a promise to customers, shown to them as it stands here.
DELAYS = (
    10,
    60,
    5 * 60,
    15 * 60,
    60 * 60,
    3 * 60 * 60,
    6 * 60 * 60,
)  # seconds
ATTEMPTS = len(DELAYS) + 1
JITTER = 0.1


def delay(attempt: int, after: float | None = None) -> float | None:
    """Seconds to wait after this failed attempt (1, 2, …), or None when it was the last.

    What the target asked for by Retry-After (`after`, seconds) wins over the table. The table is spread by a tenth,
    so that operations that failed together do not come back together.
    """
    if attempt >= ATTEMPTS:
        return None
    if after is not None:
        return max(after, 0.0)
    return DELAYS[attempt - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311 (no secret)
