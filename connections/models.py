"""Outside accounts as the queue sees them: what may be under way there, how fast, and whether they answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant
from webjack.fields import uuid7


class Lane(models.Model):
    """One company's way to one outside account: a host, or later a connection. All workers share its budget.

    key: the host, with its port where that is not the usual one. most_in_flight, per_second: limits set by operators,
    null for the usual ones. failures: attempts in a row that the account did not answer or broke. closed_until: no
    attempt begins before. probes: how often it was tried again in vain since it fell silent. waiting: operations may be
    parked for it. tokens: what of the rate was left at tokens_at.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="lanes", verbose_name=_("company"))
    key = models.CharField(_("outside account"), max_length=300)
    most_in_flight = models.PositiveIntegerField(_("most operations at once"), null=True, blank=True)
    per_second = models.FloatField(_("requests per second"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    probes = models.PositiveIntegerField(_("probes in vain"), default=0, editable=False)
    closed_until = models.DateTimeField(_("closed until"), null=True, editable=False)
    waiting = models.BooleanField(_("operations wait"), default=False, editable=False)
    tokens = models.FloatField(default=0, editable=False)
    tokens_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("outside account")
        verbose_name_plural = _("outside accounts")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="lane_once")]
        indexes = [models.Index(fields=["id"], name="lane_waiting", condition=Q(waiting=True))]

    def __str__(self) -> str:
        return self.key
