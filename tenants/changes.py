"""The rows of the journal of changes; written by tenants.journal."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from webjack.fields import PlainJSONField, uuid7


class By(models.TextChoices):
    PERSON = "person", _("Person")
    KEY = "key", _("API key")
    OPERATOR = "operator", pgettext_lazy("journal", "Operator")
    SYSTEM = "system", pgettext_lazy("journal", "System")


class Verb(models.TextChoices):
    ADDED = "added", pgettext_lazy("journal", "Added")
    CHANGED = "changed", pgettext_lazy("journal", "Changed")
    REMOVED = "removed", pgettext_lazy("journal", "Deleted")
    RESTORED = "restored", pgettext_lazy("journal", "Brought back")
    STARTED = "started", pgettext_lazy("journal", "Started")
    STOPPED = "stopped", pgettext_lazy("journal", "Stopped")
    MOVED = "moved", pgettext_lazy("journal", "Moved")
    COPIED = "copied", pgettext_lazy("journal", "Copied")
    IMPORTED = "imported", pgettext_lazy("journal", "Imported")
    CONNECTED = "connected", pgettext_lazy("journal", "Connected")


class Change(models.Model):
    """Запись журнала: what somebody did to one row of a company's settings.

    what: the model as "app.model"; kind: of a row that has one. row: its id. name: as it was called then.
    processing_id: the processing it is or belongs to. details: `[{"field", "old", "new"}]`, or `{"field", "secret":
    true}` where the values are nobody's to read. user: null for programs, the system and people who are gone; `who`
    stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        "tenants.Tenant", models.CASCADE, related_name="changes", verbose_name=_("company"), editable=False
    )
    at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    by = models.CharField(_("by whom"), max_length=16, choices=By.choices, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user"), editable=False
    )
    who = models.CharField(_("who"), max_length=300, blank=True, editable=False)
    verb = models.CharField(_("what was done"), max_length=16, choices=Verb.choices, editable=False)
    what = models.CharField(_("to what"), max_length=64, editable=False)
    kind = models.CharField(_("kind"), max_length=64, blank=True, editable=False)
    row = models.CharField("id", max_length=36, editable=False)
    name = models.CharField(_("Name"), max_length=300, blank=True, editable=False)
    processing_id = models.UUIDField(_("processing"), null=True, editable=False)
    details = PlainJSONField(_("details"), default=list, editable=False)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("journal of changes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="change_list"),
            models.Index(fields=["tenant", "who", "-id"], name="change_who"),
            models.Index(fields=["tenant", "row", "-id"], name="change_row"),
            models.Index(fields=["processing_id", "-id"], name="change_processing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.name}"
