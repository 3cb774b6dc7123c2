"""Who owns what: companies, the people in them, the keys of their programs."""

import hashlib
import secrets
import zoneinfo
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.changes import By, Change, Verb
from webjack.fields import uuid7

__all__ = ["ApiKey", "By", "Change", "Invitation", "Membership", "Role", "Tenant", "User", "Verb"]


def check_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("There is no time zone “%(name)s”"), params={"name": name})


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in by e-mail; may belong to several companies."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("operator"), default=False, help_text=_("May open the operators' pages"))
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("signed up"), default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_once", violation_error_message=_("This e-mail is taken")
            )
        ]

    def __str__(self) -> str:
        return self.email


class Tenant(models.Model):
    """The owner of everything: every row of a customer names one.

    most_in_flight: how many of its operations may run at once, null for what the others leave it. retention_days: how
    long its history is kept, null for what the installation keeps (RETENTION_DAYS). invited_on, invited: the day of the
    last invitation and how many mails went out on it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("Name"), max_length=200)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="Europe/Moscow", validators=[check_zone])
    most_in_flight = models.PositiveIntegerField(_("most operations at once"), null=True, blank=True)
    retention_days = models.PositiveSmallIntegerField(_("days that history is kept"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    invited_on = models.DateField(null=True, editable=False)
    invited = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    users = models.ManyToManyField(User, through="Membership", related_name="tenants")

    NOTED = ("name", "time_zone", "most_in_flight", "retention_days")  # tenants.journal

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name

    @property
    def days_kept(self) -> int:
        """For how many days its history is kept."""
        return int(settings.RETENTION_DAYS) if self.retention_days is None else self.retention_days


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")
    HISTORY = "history", _("History only")


class Membership(models.Model):
    """A person's place in a company.

    Owners also manage people and keys, editors change settings, viewers look, and some see nothing but the history.
    """

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships", verbose_name=_("company"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("Role"), max_length=16, choices=Role.choices, default=Role.OWNER)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    NOTED = NOTED_WHOLE = ("role",)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def noted_name(self) -> str:
        return str(self.user)

    @property
    def may_edit(self) -> bool:
        return self.role in (Role.OWNER, Role.EDITOR)

    @property
    def sees_settings(self) -> bool:
        """Whether processings, connections and tables are open to this person, and not the history alone."""
        return self.role != Role.HISTORY

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER


def expiry() -> datetime:
    return timezone.now() + Invitation.LASTS


class Invitation(models.Model):
    """Somebody is asked by mail to join a company; the row is gone when that was accepted or taken back.

    Only the hash of the link's token is stored, so that nobody who reads the database can join. sent_at: when the mail
    server took the mail, null while it has not.
    """

    LASTS = timedelta(days=7)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="invitations", verbose_name=_("company"))
    email = models.EmailField(_("E-mail"))
    role = models.CharField(_("Role"), max_length=16, choices=Role.choices)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    expires_at = models.DateTimeField(_("good until"), default=expiry)

    NOTED = NOTED_WHOLE = ("role",)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.UniqueConstraint("tenant", Lower("email"), name="invitation_once")]

    def __str__(self) -> str:
        return self.email

    @property
    def expired(self) -> bool:
        return self.expires_at <= timezone.now()


class ApiKey(models.Model):
    """A key of a company for the REST API. Only its hash is stored; the text is shown once, when it is made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="api_keys", verbose_name=_("company"))
    name = models.CharField(_("Name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=16, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    NOTED = ("name",)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def hash_of(text: str) -> str:
        """SHA-256 in hex; enough, since keys are 256 random bits and not chosen by people."""
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def make(cls, tenant: Tenant, name: str) -> tuple["ApiKey", str]:
        """A new key and its text, which nobody can see again."""
        text = "wj_" + secrets.token_urlsafe(32)
        return cls.objects.create(tenant=tenant, name=name, prefix=text[:8], hash=cls.hash_of(text)), text
