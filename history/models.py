"""История операций: what came in, what was done with it, and the queue of what is still to do.

The operation table is the queue. `due_at` says when an open operation may be claimed: of one that waits, when it may
start; of one that runs, when its lease ends, so that the work of a dead worker becomes due again by itself.
"""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from processings.models import Processing
from tenants.models import Tenant
from webjack.fields import PlainJSONField, uuid7


class Status(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("In progress")
    WAITING = "waiting", _("Waiting")
    SUCCEEDED = "succeeded", _("Succeeded")
    FILTERED = "filtered", _("Filtered out")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Outcome unknown")
    HELD = "held", _("Not started")
    REJECTED = "rejected", _("Rejected")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = (Status.QUEUED, Status.RUNNING, Status.WAITING)
BLOCKING = (*OPEN, Status.UNKNOWN)  # those behind it in the same order wait for it
USUAL = (Status.QUEUED, Status.RUNNING, Status.SUCCEEDED)
# Few are queued or run, and none for long: without them the indexes by status cost accepting nothing.
AT_REST = ~Q(status__in=(Status.QUEUED, Status.RUNNING))


class Operation(models.Model):
    """One received request's whole journey.

    query is the raw query string, body the raw bytes; `data` are the decoded fields, written by the worker.
    run: which journey this is; «Повторить сначала» begins the next. attempts: how often it was claimed, and the fence:
    a worker writes results only where it still matches. tries: the most attempts that one action took in this run.
    losses: how many workers in a row died with it. forced: started by hand, so it runs in a stopped processing too.
    lane_id: the outside account (connections.Lane) that its next action goes to, as of the last claim or result.
    order_key: operations with the same one go in turn, by id. waits_for: the lane or the order key that it is parked
    for; a parked operation is not due until whatever frees the place says so.
    error: a sentence for the customer.
    test: a person tries the settings; it is no event of the customer's and makes no noise.
    decoding: how the request is read (sources.kind), where a person chose another way than its source's.
    Foreign keys have no database constraint: accepting is one INSERT, and history outlives what it names.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False, verbose_name=_("company")
    )
    processing = models.ForeignKey(
        Processing,
        models.DO_NOTHING,
        related_name="operations",
        db_constraint=False,
        db_index=False,
        verbose_name=_("processing"),
    )
    source_id = models.UUIDField(_("data source"), null=True)
    kind = models.CharField(_("kind of source"), max_length=64)
    status = models.CharField(_("Status"), max_length=16, choices=Status.choices, default=Status.QUEUED)
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    method = models.CharField(_("Method"), max_length=16)
    query = models.TextField(_("query string"), blank=True)
    headers = PlainJSONField(_("headers"), default=dict)
    content_type = models.TextField(_("content type"), blank=True)
    body = models.BinaryField(_("body"), default=b"")
    address = models.GenericIPAddressField(_("sender's address"), null=True)

    data = PlainJSONField(_("data"), null=True)
    run = models.PositiveSmallIntegerField(_("run"), default=1)
    attempts = models.PositiveIntegerField(_("claims"), default=0)
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    losses = models.PositiveSmallIntegerField(_("lost workers"), default=0)
    forced = models.BooleanField(_("by hand"), default=False)
    test = models.BooleanField(_("test"), default=False, db_default=False)
    decoding = PlainJSONField(_("decoding"), null=True, blank=True)
    lane_id = models.UUIDField(_("outside account"), null=True)
    order_key = models.UUIDField(_("order"), null=True)
    waits_for = models.UUIDField(_("parked for"), null=True)
    due_at = models.DateTimeField(_("due"), null=True, default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    duration_ms = models.PositiveIntegerField(_("duration, ms"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["tenant", "processing", "due_at"], name="operation_open", condition=Q(status__in=OPEN)
            ),
            models.Index(fields=["due_at"], name="operation_due", condition=Q(status__in=OPEN)),
            models.Index(fields=["tenant", "lane_id"], name="operation_running", condition=Q(status=Status.RUNNING)),
            models.Index(
                fields=["order_key", "id"],
                name="operation_order",
                condition=Q(status__in=BLOCKING, order_key__isnull=False),
            ),
            models.Index(fields=["waits_for", "id"], name="operation_parked", condition=Q(waits_for__isnull=False)),
            models.Index(fields=["tenant", "-id"], name="operation_list"),
            models.Index(fields=["processing", "-id"], name="operation_processing"),
            models.Index(fields=["source_id", "-id"], name="operation_source"),
            models.Index(fields=["tenant", "status", "-id"], name="operation_status", condition=AT_REST),
            models.Index(fields=["processing", "status", "-id"], name="operation_processing_status", condition=AT_REST),
            models.Index(fields=["source_id", "status", "-id"], name="operation_source_status", condition=AT_REST),
            models.Index(fields=["status", "-id"], name="operation_trouble", condition=~Q(status__in=USUAL)),
            models.Index(fields=["tenant", "-id"], name="operation_test", condition=Q(test=True)),
            models.Index(fields=["processing", "-id"], name="operation_processing_test", condition=Q(test=True)),
            models.Index(fields=["source_id", "-id"], name="operation_source_test", condition=Q(test=True)),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def parked_for(self) -> str:
        """ "order" or "account" while it waits for one of these to free a place, else nothing."""
        if self.waits_for is None or self.due_at is not None or self.status not in (Status.QUEUED, Status.WAITING):
            return ""
        return "order" if self.waits_for == self.order_key else "account"


class Step(models.Model):
    """One attempt of one action. config: what the placeholders became; exchanges: each HTTP request with its answer.

    place: of what stands inside «Для каждого», the number of the element, from 0; "2.0" in a list inside a list. A
    block has one more step, given up, for each element that failed for good while the others go on.
    """

    class Status(models.TextChoices):
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Outcome unknown")
        SKIPPED = "skipped", _("Skipped")
        ACCEPTED = "accepted", _("Considered done")
        GIVEN_UP = "given_up", _("Given up")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    operation = models.ForeignKey(Operation, models.CASCADE, related_name="steps", db_constraint=False, db_index=False)
    run = models.PositiveSmallIntegerField(_("run"))
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    position = models.PositiveSmallIntegerField(_("position"))
    place = models.CharField(_("element"), max_length=64, blank=True, default="", db_default="")
    action_id = models.UUIDField(_("action"))
    kind = models.CharField(_("kind"), max_length=64)
    alias = models.CharField(_("Short name"), max_length=64)
    title = models.CharField(_("title"), max_length=200)
    status = models.CharField(_("Status"), max_length=16, choices=Status.choices)
    started_at = models.DateTimeField(_("started"))
    duration_ms = models.PositiveIntegerField(_("duration, ms"))
    config = PlainJSONField(_("settings"), default=dict)
    exchanges = PlainJSONField(_("exchanges"), default=list)
    output = PlainJSONField(_("output"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["started_at", "id"]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"


class Notice(models.Model):
    """A kind of error that somebody is told of: one row for each processing, action and cause.

    The first error is mailed at once; those that follow within the hour are counted and mailed as one summary.
    pending: errors not yet mailed. due_at: when the next mail may go; null while nothing is pending.
    """

    QUIET: ClassVar[datetime.timedelta] = datetime.timedelta(hours=1)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("company"))
    processing = models.ForeignKey(Processing, models.CASCADE, related_name="notices", verbose_name=_("processing"))
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    action_title = models.CharField(_("action"), max_length=200, blank=True)
    final = models.BooleanField(_("no more attempts"))
    cause = models.TextField(_("cause"))
    operation_id = models.UUIDField(_("last operation"))
    retry_at = models.DateTimeField(_("next attempt"), null=True)
    pending = models.PositiveIntegerField(_("not yet mailed"), default=0)
    total = models.PositiveIntegerField(_("in all"), default=0)
    first_at = models.DateTimeField(_("first error"), default=timezone.now)
    due_at = models.DateTimeField(_("mail due"), null=True)
    sent_at = models.DateTimeField(_("last mail"), null=True)
    failures = models.PositiveSmallIntegerField(_("mail failures"), default=0)
    failure = models.TextField(_("why the mail failed"), blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["processing", "fingerprint"], name="notice_once")]
        indexes = [models.Index(fields=["due_at"], name="notice_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return self.cause


class Duplicate(models.Model):
    """A key that requests of a source are known by, and the operation that stands for all of them until it expires.

    key: a hash of 32 bytes. operation_id: may be gone when its history was deleted first.
    """

    source_id = models.UUIDField()
    key = models.BinaryField(max_length=32)
    operation_id = models.UUIDField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("key of repeated requests")
        verbose_name_plural = _("keys of repeated requests")
        constraints = [models.UniqueConstraint(fields=["source_id", "key"], name="duplicate_once")]

    def __str__(self) -> str:
        return str(self.operation_id)


class Tally(models.Model):
    """Operations of a processing that came in one hour and ended, as one database session has counted them.

    The sum over the sessions is what is so; one alone may be negative: what another counted was repeated.
    """

    processing = models.ForeignKey(
        Processing, models.DO_NOTHING, related_name="tallies", db_constraint=False, db_index=False
    )
    hour = models.DateTimeField()
    session = models.IntegerField()
    good = models.IntegerField()
    bad = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["processing", "hour", "session"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.hour:%d.%m %H}: {self.good} + {self.bad}"


class Heartbeat(models.Model):
    """That a cluster of a host works: its workers write the time every few seconds. cluster: "operations" or "app"."""

    host = models.CharField(max_length=200)
    cluster = models.CharField(max_length=20, default="operations")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "cluster"], name="heartbeat_once")]
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.host


class Answer(models.Model):
    """What the sender of a request was told who waited for the actions' answer.

    told: `{"status", "headers", "body", "size"}`, the body maybe cut. in_time: an action's answer, else the usual
    one of its source after waiting in vain.
    """

    operation_id = models.UUIDField(primary_key=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("company"))
    told = PlainJSONField(_("answer"), default=dict)
    in_time = models.BooleanField(_("made by an action"))
    waited_ms = models.PositiveIntegerField(_("waited, ms"))

    class Meta:
        verbose_name = _("answer to a sender")
        verbose_name_plural = _("answers to senders")
        indexes = [models.Index(fields=["tenant", "operation_id"], name="answer_by_tenant")]

    def __str__(self) -> str:
        return f"{self.operation_id}"
