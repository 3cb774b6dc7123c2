"""A file of rows that a customer uploaded, and how far it has become operations."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant
from webjack.fields import PlainJSONField, uuid7


class State(models.TextChoices):
    RUNNING = "running", _("Is being taken in")
    DONE = "done", _("Taken in")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Could not be taken in")


class Upload(models.Model):
    """name: of the file. columns: names of the fields. content: the file until all is taken. done: rows, of total.

    tries: tasks begun since rows were last taken; touched_at: when the last one was. A company has one that is running.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("company"))
    source = models.ForeignKey("sources.Source", models.CASCADE, related_name="uploads")
    name = models.CharField(_("File"), max_length=200)
    columns = PlainJSONField(default=list)
    content = models.BinaryField(editable=False)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(_("State"), max_length=16, choices=State.choices, default=State.RUNNING)
    tries = models.PositiveIntegerField(default=0, editable=False)
    touched_at = models.DateTimeField(auto_now_add=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        app_label = "sources"
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="upload_one_running", condition=Q(state="running"))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def running(self) -> bool:
        return self.state == State.RUNNING
