"""Outside accounts: how to get in (Connection), what is to choose from (Offer), how the queue sees them (Lane)."""

from functools import cached_property
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections import vault
from tenants.journal import Hidden
from tenants.models import Tenant
from webjack import kinds
from webjack.config import Config
from webjack.fields import PlainJSONField, uuid7
from webjack.http import Failed

if TYPE_CHECKING:
    from connections.kind import ConnectionKind


class State(models.TextChoices):
    WORKS = "works", _("Works")
    ATTENTION = "attention", _("Needs attention")


class Connection(kinds.Titled, models.Model):
    """Подключение: a company's account at a service, entered once and used by many actions.

    config: the filled-in form without its secrets, which are in `sealed`, encrypted. token: what the service gave for
    them, encrypted (connections.tokens); renewing_until: somebody asks for the next one. since, reason: of the state.
    checked_at: when it was last seen to work or not. updated_at: when its settings were last changed; results of
    requests that began before that do not count.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="connections", verbose_name=_("company"))
    kind = models.CharField(_("kind"), max_length=64)
    name = models.CharField(_("Name"), max_length=200)
    config = PlainJSONField(_("settings"), default=dict)
    sealed = models.TextField(blank=True, editable=False)
    token = models.TextField(blank=True, editable=False)
    renewing_until = models.DateTimeField(null=True, editable=False)
    state = models.CharField(_("State"), max_length=16, choices=State.choices, default=State.WORKS, editable=False)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    reason = models.TextField(_("reason"), blank=True, editable=False)
    checked_at = models.DateTimeField(_("checked"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    NOTED = ("name", "config")  # tenants.journal

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["tenant", "name"], name="connection_list")]

    def __str__(self) -> str:
        return self.title

    @property
    def spec(self) -> "ConnectionKind":
        """The kind; raises UnknownKind when its file is gone."""
        found: ConnectionKind = kinds.get("connection", self.kind)
        return found

    @property
    def kind_title(self) -> str:
        try:
            return str(self.spec.title)
        except kinds.UnknownKind:
            return self.kind

    @cached_property
    def secrets(self) -> Config:
        """Raises Failed when they cannot be read."""
        return vault.unseal(self.sealed)

    @property
    def whole(self) -> Config:
        """The settings with their secrets. Raises Failed."""
        config: Config = self.config
        return config | self.secrets

    def noted_too(self) -> dict[str, Hidden]:
        """That a secret changed, and which one, never what it is."""
        try:
            return {f"config.{name}": Hidden(text) for name, text in self.secrets.items()}
        except Failed:
            return {}

    @property
    def works(self) -> bool:
        return self.state == State.WORKS

    @property
    def consents(self) -> bool:
        """Whether a person lets us in at the service's own page."""
        try:
            return self.spec.asks_consent(self.config)
        except kinds.UnknownKind:
            return False

    @property
    def awaited(self) -> bool:
        """Whether nobody has done so yet."""
        return self.consents and not self.token


class Offer(models.Model):
    """What an account has for a field of an action to choose from, as it was last asked (actions.offers).

    question: which field of which kind, and by what other choices. options: of actions.kind.Option, as JSON.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="offers")
    question = models.CharField(max_length=200)
    options = PlainJSONField(default=list)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "question"], name="offer_once")]

    def __str__(self) -> str:
        return self.question


class Seen(models.Model):
    """Something of an account that was met, such as a chat of a bot (connections.seen.Sight)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="seen")
    what = models.CharField(max_length=32)
    value = models.CharField(max_length=200)
    label = models.CharField(max_length=200)
    about = models.CharField(max_length=200, blank=True)
    said = models.CharField(max_length=200, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "what", "value"], name="seen_once")]

    def __str__(self) -> str:
        return self.label


class Lane(models.Model):
    """One company's way to one outside account: through a connection, or to a host. All workers share its budget.

    key: the host, with its port where that is not the usual one, and the connection's id where there is one.
    most_in_flight, per_second: limits set by operators, null for the usual ones; usual_per_second: the rate that the
    connection's kind says, or null. failures: attempts in a row that the account did not answer or broke. closed_until:
    no attempt begins before. probes: how often it was tried again in vain since it fell silent. waiting: operations may
    be parked for it. tokens: what of the rate was left at tokens_at. paced_until: when the next request may go
    (connections.pace).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="lanes", verbose_name=_("company"))
    key = models.CharField(_("outside account"), max_length=300)
    connection = models.ForeignKey(
        Connection, models.SET_NULL, null=True, editable=False, related_name="lanes", verbose_name=_("connection")
    )
    most_in_flight = models.PositiveIntegerField(_("most operations at once"), null=True, blank=True)
    per_second = models.FloatField(_("requests per second"), null=True, blank=True)
    usual_per_second = models.FloatField(null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    probes = models.PositiveIntegerField(_("probes in vain"), default=0, editable=False)
    closed_until = models.DateTimeField(_("closed until"), null=True, editable=False)
    waiting = models.BooleanField(_("operations wait"), default=False, editable=False)
    tokens = models.FloatField(default=0, editable=False)
    tokens_at = models.DateTimeField(null=True, editable=False)
    paced_until = models.DateTimeField(null=True, editable=False)

    NOTED = ("most_in_flight", "per_second")

    class Meta:
        verbose_name = _("outside account")
        verbose_name_plural = _("outside accounts")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="lane_once")]
        indexes = [models.Index(fields=["id"], name="lane_waiting", condition=Q(waiting=True))]

    def __str__(self) -> str:
        return f"{self.connection} ({self.host})" if self.connection else self.host

    @property
    def host(self) -> str:
        """The key without the connection."""
        return self.key.partition(" ")[0]

    @property
    def rate(self) -> float | None:
        """Requests per second, None where there is no bound."""
        return self.per_second or self.usual_per_second
