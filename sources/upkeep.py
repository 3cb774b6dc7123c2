"""What sources do by themselves: scheduled tasks of the cluster for schedules and mails."""

from sources import versions
from sources.timed import run
from sources.uploads import taking


def minute() -> int:
    """Sources that ask by themselves, and files whose taking in was lost; returns how many runs there were."""
    done = run.tick()
    taking.resume()
    return done


def hour() -> int:
    versions.forget()
    return run.forget()
