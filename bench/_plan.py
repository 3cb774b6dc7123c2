"""From what one operation costs to what so many a day need: arithmetic, no measuring."""

from dataclasses import dataclass

DAY = 24 * 60 * 60
PEAK = 5.0  # the busiest minute beside the mean of the day: people work by day, and campaigns go out on the hour
BUSY = 0.6  # of a core or a process that is planned for; the rest is for bursts, backups, vacuum
RETENTION = 30  # days
WEB_THREADS = 8
SPARE = 10  # connections: schedules, listeners, operators


@dataclass(frozen=True)
class Costs:
    """Of one operation with one request. web, worker, postgres: seconds of a core. disk, wal: bytes.

    commits_limit: committed INSERTs that one PostgreSQL makes in a second on the disk that was measured.
    """

    web: float
    worker: float
    postgres: float
    disk: float
    wal: float
    commits_limit: float


@dataclass(frozen=True)
class Need:
    """What a day of `operations` needs. The cores are those of the peak at BUSY, each part by itself."""

    operations: int
    mean: float
    peak: float
    web_cores: float
    worker_cores: float
    postgres_cores: float
    web_processes: int
    workers: int
    connections: int
    disk: float
    wal: float
    limit: str

    @property
    def cores(self) -> float:
        return self.web_cores + self.worker_cores + self.postgres_cores


def plan(costs: Costs, operations: int) -> Need:
    """A Python process has one core's worth of work in it, so processes follow from cores."""
    mean = operations / DAY
    peak = PEAK * mean
    web, worker, postgres = (peak * cost / BUSY for cost in (costs.web, costs.worker, costs.postgres))
    web_processes, workers = max(2, _up(web)), max(2, _up(worker))
    return Need(
        operations=operations,
        mean=mean,
        peak=peak,
        web_cores=web,
        worker_cores=worker,
        postgres_cores=postgres,
        web_processes=web_processes,
        workers=workers,
        connections=web_processes * (WEB_THREADS + 1) + 2 * workers + SPARE,
        disk=operations * RETENTION * costs.disk,
        wal=peak * costs.wal,
        limit=_limit(costs, peak, web + worker + postgres),
    )


def _limit(costs: Costs, peak: float, cores: float) -> str:
    """What gives out first."""
    if peak > BUSY * costs.commits_limit:
        return "commits of one PostgreSQL: split by company"
    if cores <= 2:
        return "nothing: one machine with 2 cores carries it all"
    return "cores of one machine" if cores <= 8 else "cores: more machines for web and workers"


def _up(cores: float) -> int:
    return int(-(-cores // 1))


def most(costs: Costs, cores: int) -> float:
    """Operations a second that one PostgreSQL with so many cores of its own carries at the peak."""
    return BUSY * min(cores / costs.postgres, costs.commits_limit)
