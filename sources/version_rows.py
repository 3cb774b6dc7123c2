"""The rows of a processing's versions; kept by sources.versions."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from processings.models import Processing
from tenants.models import By, Tenant
from webjack.fields import PlainJSONField, uuid7


class Version(models.Model):
    """The settings of a processing after a change. by, who: as of tenants.models.Change, whose entries say what it was.

    settings: what export/ gives, with the ids of the sources and actions.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("company"))
    processing = models.ForeignKey(Processing, models.CASCADE, related_name="versions", verbose_name=_("processing"))
    made_at = models.DateTimeField(_("time"), default=timezone.now)
    by = models.CharField(_("by whom"), max_length=16, choices=By.choices)
    who = models.CharField(_("who"), max_length=300, blank=True)
    settings = PlainJSONField(_("settings"))

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-id"]
        indexes = [models.Index(fields=["processing", "-id"], name="version_list")]

    def __str__(self) -> str:
        return f"{self.processing_id} {self.pk}"
