"""Источник данных: where a processing's data come from, with the address that others call."""

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from history.accept import Gone
from processings.models import Processing
from sources.timed.models import Mark, Timer
from sources.uploads.models import Upload
from sources.version_rows import Version
from tenants.models import Tenant
from webjack import kinds
from webjack.fields import PlainJSONField, uuid7

if TYPE_CHECKING:
    from sources.kind import SourceKind

__all__ = ["Mark", "Source", "Timer", "Upload", "Version"]


def new_key() -> str:
    """The secret part of a webhook address: 32 lower-case hex digits."""
    return uuid.uuid4().hex


class Source(kinds.Titled, models.Model):
    """fields: `[{"name", "sample", "label", "hidden"}]` as kept by «Сохранить» after «Получить».

    sample: the whole decoded data of the captured request, for previews and tests. captured_id: that operation.
    hook: how it stands with a sender that the source itself tells where to call (sources.hooks).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", verbose_name=_("company"))
    processing = models.ForeignKey(Processing, models.CASCADE, related_name="sources", verbose_name=_("processing"))
    kind = models.CharField(_("kind"), max_length=64)
    name = models.CharField(_("Name"), max_length=200, blank=True)
    key = models.CharField(_("key"), max_length=32, unique=True, default=new_key, editable=False)
    config = PlainJSONField(_("settings"), default=dict)
    fields = PlainJSONField(_("fields"), default=list)
    sample = PlainJSONField(_("sample"), default=dict)
    hook = PlainJSONField(_("link with the sender"), default=dict, db_default={}, editable=False)
    captured_id = models.UUIDField(_("sample taken from"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    NOTED = ("name", "config")  # tenants.journal

    class Meta:
        verbose_name = _("data source")
        verbose_name_plural = _("data sources")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.title

    def noted_too(self) -> dict[str, Any]:
        """Its fields without the samples, which are somebody's data."""
        told = [{name: row[name] for name in ("name", "label", "hidden") if row.get(name)} for row in self.fields]
        return {"fields": told}

    def write(self, *names: str) -> None:
        """Saves these fields. Raises Gone when the source was deleted meanwhile: a plain save would bring it back."""
        values = {name: getattr(self, name) for name in names}
        if not Source.objects.filter(pk=self.pk).update(**values, updated_at=timezone.now()):
            raise Gone

    @property
    def spec(self) -> "SourceKind":
        """The kind; raises UnknownKind when its file is gone."""
        found: SourceKind = kinds.get("source", self.kind)
        return found

    @property
    def recent_uploads(self) -> list[Upload]:
        """The last files, without their contents."""
        return list(self.uploads.defer("content")[:10])

    @property
    def takes_in(self) -> bool:
        """Whether rows of an uploaded file are still becoming operations."""
        return self.uploads.filter(state="running").exists()

    @property
    def url(self) -> str:
        """The address to give to the sender; "" where nobody calls one."""
        try:
            if not self.spec.addressed:
                return ""
        except kinds.UnknownKind:
            pass
        return f"{settings.PUBLIC_URL}/webhooks/{self.kind.split('.')[0]}/{self.key}/"

    def want(self, on: bool) -> None:
        """Notes whether the sender shall call, where the source tells it so; asks nobody yet."""
        from sources import hooks  # it needs this module

        hooks.want(self, on)

    def follow(self, on: bool) -> str:
        """Tells the sender where to call, or to call no more, where the source does so; a sentence when that failed."""
        from sources import hooks  # it needs this module

        return hooks.follow(self, on)

    def leave(self) -> str:
        """The same before it is deleted, for good; a sentence when that failed. Raises Busy (connections.places)."""
        from sources import hooks  # it needs this module

        return hooks.leave(self)

    @property
    def ready_url(self) -> str:
        """As it is to be copied: with parameters where the kind has them ready, "" where nobody copies it."""
        try:
            sender = self.spec.senders.get(self.spec.ready)
            if self.spec.intro:
                return ""
        except kinds.UnknownKind:
            sender = None
        if sender is None:
            return self.url
        return sender.address(self.url, ((one.name, one.value) for one in sender.events[0].parameters))
