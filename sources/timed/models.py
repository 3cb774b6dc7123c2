"""When a source that asks by itself does so next, and what it has seen."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant
from webjack.fields import PlainJSONField


class Timer(models.Model):
    """next_at: of the next run; null where there is none. planned: the settings it was set by; planned_at: the
    source's time of change that was last looked at.

    run: of the one under way, the fence of its result; busy_until: it is given up then. ran_at, found, said: of the
    last run, how many were new, and why it failed; failures: in a row.
    """

    source = models.OneToOneField("sources.Source", models.CASCADE, primary_key=True, related_name="timer")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("company"))
    next_at = models.DateTimeField(_("next run"), null=True)
    planned = PlainJSONField(default=dict, editable=False)
    planned_at = models.DateTimeField(editable=False)
    run = models.UUIDField(null=True, editable=False)
    busy_until = models.DateTimeField(null=True, editable=False)
    ran_at = models.DateTimeField(_("last run"), null=True)
    found = models.PositiveIntegerField(default=0)
    said = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "sources"
        verbose_name = _("timer")
        verbose_name_plural = _("timers")
        indexes = [models.Index(fields=["next_at"], name="timer_next", condition=Q(next_at__isnull=False))]

    def __str__(self) -> str:
        return str(self.source)


class Mark(models.Model):
    """An element that a source has taken. digest: SHA-256 of its mark. seen_at: when its list last held it."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    source = models.ForeignKey("sources.Source", models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "sources"
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="mark_once")]
        indexes = [models.Index(fields=["seen_at"], name="mark_old")]

    def __str__(self) -> str:
        return str(self.source_id)
