"""Обработка: sources and ordered actions under one name, running or stopped."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant
from webjack.fields import PlainJSONField, uuid7

SHORTEST_DEADLINE, LONGEST_DEADLINE = 10, 30 * 24 * 60 * 60  # seconds


class State(models.TextChoices):
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")


class Ordering(models.TextChoices):
    """How the operations of a processing go: side by side, one after another, or so for each value of a field."""

    PARALLEL = "parallel", _("Side by side")
    STRICT = "strict", _("Strictly in turn")
    KEY = "key", _("In turn by a field")


class LiveManager(models.Manager["Processing"]):
    """Hides deleted processings, whose history still names them."""

    def get_queryset(self) -> models.QuerySet["Processing"]:
        return super().get_queryset().filter(deleted_at=None)


class Processing(models.Model):
    """notify: mail on errors at all. notice_emails: whom besides the owners. deleted_at: its history outlives it.

    ordering_field: the name of the field whose equal values go in turn. retries: the policy of repeated attempts
    (policy.py), or null for the usual one. deadline_seconds: how long after its first start attempts may begin.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="processings", verbose_name=_("company"))
    name = models.CharField(_("Name"), max_length=200)
    state = models.CharField(_("State"), max_length=16, choices=State.choices, default=State.STOPPED)
    notify = models.BooleanField(_("Mail on errors"), default=True)
    notice_emails = PlainJSONField(_("Also mail to"), default=list, blank=True)
    ordering = models.CharField(_("Order"), max_length=16, choices=Ordering.choices, default=Ordering.PARALLEL)
    ordering_field = models.CharField(_("Field"), max_length=200, blank=True)
    retries = PlainJSONField(_("Repeated attempts"), null=True, blank=True)
    deadline_seconds = models.PositiveIntegerField(_("deadline, s"), default=24 * 60 * 60)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    NOTED = (
        *("name", "state", "notify", "notice_emails", "ordering", "ordering_field", "retries", "deadline_seconds"),
        "deleted_at",
    )  # tenants.journal
    NOTED_TEXT = {"retries": "processings.policy_form.promised"}

    objects: ClassVar[LiveManager] = LiveManager()
    everything: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        verbose_name = _("processing")
        verbose_name_plural = _("processings")
        ordering = ["-created_at"]
        base_manager_name = "everything"
        indexes = [models.Index(fields=["tenant", "-created_at"], name="processing_list")]

    def __str__(self) -> str:
        return self.name

    @property
    def running(self) -> bool:
        return self.state == State.RUNNING
