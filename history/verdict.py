"""An operation's state in words: what happened, why, and what to do now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from history.elements import numbered
from history.models import Operation, Status, Step
from history.run import DONE
from processings import policy
from webjack.templatetags.webjack import duration


@dataclass(frozen=True)
class Verdict:
    """text: what happened. advice: what to do, maybe nothing.

    attempt: number of the next one, 0 if there is none; attempts: how many there are at most.
    """

    text: str
    advice: str = ""
    attempt: int = 0
    attempts: int = 0


def last_of(steps: Iterable[Step]) -> Step | None:
    """The step of a run that was written last.

    Where there are lists only the time tells; else the order of the actions, however the clocks of two workers differ.
    """
    steps = list(steps)
    if any(step.place for step in steps):
        return max(steps, key=lambda step: (step.started_at, step.position, step.attempt, step.pk))
    return max(steps, key=lambda step: (step.position, step.attempt, step.pk), default=None)


def verdict(operation: Operation, last: Step | None, total: int, attempts: int = policy.USUAL.attempts) -> Verdict:
    """last: step of the run it is in; total: how many actions that run has; attempts: at most, of the last action."""
    say = {
        Status.QUEUED: _queued,
        Status.RUNNING: _running,
        Status.WAITING: _waiting,
        Status.SUCCEEDED: _succeeded,
        Status.FAILED: _failed,
        Status.UNKNOWN: _unknown,
        Status.HELD: _held,
        Status.REJECTED: _rejected,
        Status.FILTERED: _filtered,
        Status.CANCELLED: _cancelled,
    }
    told = say[Status(operation.status)](operation, last, total)
    return replace(told, attempts=max(attempts, told.attempt))  # the policy may have been changed meanwhile


def _broke(last: Step | None) -> bool:
    return last is not None and last.status not in DONE


def _at(operation: Operation, last: Step, total: int) -> dict[str, Any]:
    return {
        "number": last.position,
        "total": max(total, last.position),
        "title": _("%(title)s, element %(number)s") % {"title": last.title, "number": numbered(last.place)}
        if last.place
        else last.title,
        "error": operation.error or last.error,
    }


def _queued(operation: Operation, last: Step | None, total: int) -> Verdict:
    if operation.waits_for:
        return Verdict(_("Waiting for its turn"))
    return Verdict(_("In the queue: it starts as soon as a worker is free"))


def _running(operation: Operation, last: Step | None, total: int) -> Verdict:
    number = min(_finished(last) + 1, total)
    return Verdict(
        _("In progress: step %(number)s of %(total)s") % {"number": number, "total": total}
        if total
        else _("In progress")
    )


def _finished(last: Step | None) -> int:
    if last is None:
        return 0
    return last.position if last.status in DONE else last.position - 1


def _waiting(operation: Operation, last: Step | None, total: int) -> Verdict:
    if last is None or not _broke(last):
        if last is not None:
            told = _("Waits after step %(number)s of %(total)s: %(title)s")
            return Verdict(told % _at(operation, last, total))
        return Verdict(_("Waiting for its time"))
    text = _("Step %(number)s of %(total)s has not succeeded yet: %(title)s. %(error)s")
    return Verdict(text % _at(operation, last, total), attempt=last.attempt + 1)


def _succeeded(operation: Operation, last: Step | None, total: int) -> Verdict:
    if not total:
        return Verdict(
            _("The processing has no actions, so nothing was done"), _("Add an action and repeat the operation")
        )
    done = ngettext("%(n)s step done in %(time)s", "%(n)s steps done in %(time)s", total)
    return Verdict(done % {"n": total, "time": duration(operation.duration_ms)})


def _failed(operation: Operation, last: Step | None, total: int) -> Verdict:
    if last is None or not _broke(last):
        return Verdict(operation.error or _("The operation failed"), _("Remove the cause and repeat"))
    text = _("Error at step %(number)s of %(total)s: %(title)s. %(error)s") % _at(operation, last, total)
    if last.status == Step.Status.UNKNOWN:
        return Verdict(text, _("Look in the service whether the request has arrived. If not, repeat from the error"))
    return Verdict(text, _("Remove the cause and repeat from the error: steps that are done are not made again"))


def _unknown(operation: Operation, last: Step | None, total: int) -> Verdict:
    text = _("It is not known whether the request has arrived")
    if last is not None:
        text = _("The outcome of step %(number)s of %(total)s is unknown: %(title)s. %(error)s")
        text %= _at(operation, last, total)
    return Verdict(text, _("Look in the service whether the request has arrived, and choose"))


def _held(operation: Operation, last: Step | None, total: int) -> Verdict:
    text = _("It came while the processing was stopped. The request is kept, nothing has been done with it")
    return Verdict(text, _("Process it now, or keep it as a sample"))


def _rejected(operation: Operation, last: Step | None, total: int) -> Verdict:
    return Verdict(
        operation.error or _("The request was refused"),
        _("Check what the sender sends, or change the data source's settings"),
    )


def _filtered(operation: Operation, last: Step | None, total: int) -> Verdict:
    return Verdict(operation.error or _("It did not meet the conditions, so it was not processed further"))


def _cancelled(operation: Operation, last: Step | None, total: int) -> Verdict:
    if last is not None and last.status == Step.Status.UNKNOWN:
        return Verdict(
            _("It was cancelled by hand. The outcome of step %(number)s stays unknown: %(title)s")
            % _at(operation, last, total)
        )
    return Verdict(operation.error or _("It was cancelled by hand"))
