"""Действие: one configured thing to do, at a position in its processing."""

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from actions import offers
from actions.kind import ActionKind, BlockKind, Slot
from actions.tables.models import Table, TableRow
from processings.models import Processing
from tenants.models import Tenant
from webjack import kinds
from webjack.config import Config
from webjack.fields import PlainJSONField, uuid7

__all__ = ["Action", "OnUnknown", "Table", "TableRow"]


class OnUnknown(models.TextChoices):
    """What to do when the connection broke and nobody knows whether the other side did it."""

    REPEAT = "repeat", _("Repeat with the same key")
    STOP = "stop", _("Stop and ask")


class Action(kinds.Titled, models.Model):
    """alias: the name its output has in placeholders (`{{ steps.<alias>.… }}`). config: the filled-in form.

    parent and slot: the block it stands in and where in it; position counts through all actions of the processing, what
    is inside a block right behind it (actions/tree.py).

    retries: the action's own policy of repeated attempts (processings/policy.py), or null for its processing's.
    sample: what «Получить» brought, masked and cut (actions.captured), at `sampled_at`; null: nothing yet.
    lane_id: the outside account that it goes to (connections.Lane), or null where nothing leaves this machine or only
    placeholders say where to.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("company"))
    processing = models.ForeignKey(Processing, models.CASCADE, related_name="actions", verbose_name=_("processing"))
    kind = models.CharField(_("kind"), max_length=64)
    name = models.CharField(_("Name"), max_length=200, blank=True)
    alias = models.SlugField(_("Short name"), max_length=64)
    parent = models.ForeignKey(
        "self", models.CASCADE, related_name="inner", null=True, blank=True, verbose_name=_("block")
    )
    slot = models.CharField(_("place in the block"), max_length=64, blank=True)
    position = models.PositiveSmallIntegerField(_("position"))
    config = PlainJSONField(_("settings"), default=dict)
    on_unknown = models.CharField(
        _("When the connection breaks"), max_length=16, choices=OnUnknown.choices, default=OnUnknown.REPEAT
    )
    retries = PlainJSONField(_("Repeated attempts"), null=True, blank=True)
    lane_id = models.UUIDField(_("outside account"), null=True, editable=False)
    enabled = models.BooleanField(_("switched on"), default=True)
    sample = PlainJSONField(_("sample of the answer"), null=True, blank=True, editable=False)
    sampled_at = models.DateTimeField(_("sample taken"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    NOTED = ("name", "alias", "config", "on_unknown", "retries", "enabled")  # tenants.journal
    NOTED_TEXT = {"retries": "processings.policy_form.promised"}

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["processing", "alias"], name="action_alias_once"),
            models.UniqueConstraint(
                fields=["processing", "position"],
                name="action_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def spec(self) -> ActionKind:
        """The kind; raises UnknownKind when its file is gone."""
        found: ActionKind = kinds.get("action", self.kind)
        return found

    @property
    def block(self) -> BlockKind | None:
        """The kind of an action that holds others; None of any other."""
        try:
            spec = self.spec
        except kinds.UnknownKind:
            return None
        return spec if isinstance(spec, BlockKind) else None

    @property
    def slots(self) -> Sequence[Slot]:
        """The places for actions inside it."""
        block = self.block
        return block.slots(self.config) if block else ()

    @property
    def readable(self) -> Config:
        """The config as people read it: what was chosen by its label instead of its id, where that is known."""
        try:
            return offers.labelled(self.tenant_id, self.spec, self.config)
        except kinds.UnknownKind:
            config: Config = self.config
            return config

    @property
    def harmless(self) -> bool:
        """Whether doing it twice is the same as once."""
        try:
            return self.spec.harmless(self.config)
        except kinds.UnknownKind:
            return True

    @property
    def asks(self) -> bool:
        """Whether a person decides what to do after an attempt of unknown outcome."""
        return self.on_unknown == OnUnknown.STOP and not self.harmless

    @property
    def leaves_machine(self) -> bool:
        """Whether performing it sends something to the outside."""
        try:
            return self.spec.network
        except kinds.UnknownKind:
            return False
