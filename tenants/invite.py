"""Asks people by mail to join a company, and lets them in by the link of that mail.

The row is written first and mailed then, outside of any transaction; a mail server that is away leaves an invitation
that can be sent again.
"""

import hashlib
import logging
import secrets
from datetime import UTC, datetime, timedelta

import css_inline
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tenants import acting, journal
from tenants.models import Invitation, Membership, Tenant, User, Verb, expiry
from tenants.place import Refused

logger = logging.getLogger(__name__)

MOST_OPEN = 100  # invitations of a company that wait for an answer
MOST_MAILS = 100  # of a company in a day: nobody shall use us to write to strangers
PAUSE = timedelta(minutes=1)  # between two mails of one invitation


class Closed(Exception):
    """The link leads nowhere: taken back, run out, already used, or never given."""


def send(tenant: Tenant, email: str, role: str, by: User | None) -> Invitation:
    """Invites this address and mails it the link; `sent_at` stays None where the mail server did not take it.

    Says nothing of whether there is an account with the address. Raises Refused where it is a member already, is
    invited already, or the company has invited too many.
    """
    email = email.lower()
    if _is_in(tenant, email):
        raise Refused(_("%(email)s is a member of the company already") % {"email": email})
    if tenant.invitations.filter(email__iexact=email).exists():
        raise Refused(_("%(email)s is invited already: the invitation can be sent again") % {"email": email})
    if tenant.invitations.count() >= MOST_OPEN:
        raise Refused(_("Too many invitations wait for an answer. Take back those that are not needed."))
    _count(tenant)
    token = secrets.token_urlsafe(32)
    made = Invitation(tenant=tenant, email=email, role=role, invited_by=by, hash=hash_of(token))
    try:
        with journal.noted(made):
            made.save()
    except IntegrityError as twice:
        raise Refused(_("%(email)s is invited already: the invitation can be sent again") % {"email": email}) from twice
    _mail(made, token)
    return made


def again(invitation: Invitation) -> Invitation:
    """Mails a new link, good for another seven days; the old one leads nowhere any more.

    Raises Refused shortly after the last mail, Invitation.DoesNotExist when it was answered meanwhile.
    """
    just_sent = _("The mail was sent a moment ago. Wait a minute before the next one.")
    if invitation.sent_at and invitation.sent_at > timezone.now() - PAUSE:
        raise Refused(just_sent)
    _count(invitation.tenant)
    token = secrets.token_urlsafe(32)
    told = {"hash": hash_of(token), "expires_at": expiry(), "sent_at": None}
    changed = Invitation.objects.filter(pk=invitation.pk, hash=invitation.hash).update(**told)
    invitation.refresh_from_db()
    if not changed:
        raise Refused(just_sent)
    _mail(invitation, token)
    return invitation


def hash_of(token: str) -> str:
    """SHA-256 in hex; enough, since tokens are 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str) -> Invitation:
    """The invitation of a link. Raises Closed."""
    found = Invitation.objects.select_related("tenant", "invited_by").filter(hash=hash_of(token)).first()
    if found is None or found.expired:
        raise Closed
    return found


def meant_for(invitation: Invitation, user: User) -> bool:
    """Whether it was sent to this person: to the address of the account, or to another that was confirmed."""
    known = Q(email__iexact=invitation.email, verified=True)
    return user.email.lower() == invitation.email.lower() or EmailAddress.objects.filter(known, user=user).exists()


def has_account(invitation: Invitation) -> bool:
    """Whether the invited address belongs to somebody. To be told only to who holds the link."""
    return _account(invitation.email) is not None


def accept(token: str, user: User) -> Tenant:
    """Makes the person a member; who is one already keeps the role. Raises Closed, also for somebody else's link."""
    with transaction.atomic():
        invitation = _take(token)
        if not meant_for(invitation, user):
            raise Closed
        _let_in(invitation, user)
    return invitation.tenant


def take_back(invitation: Invitation) -> None:
    """Its link leads nowhere any more."""
    with journal.noted(invitation):
        invitation.delete()


def sign_up(token: str, password: str) -> tuple[User, Tenant]:
    """Makes an account with the invited address, confirmed by the link, and its place. Raises Closed.

    Raises Refused when there has come to be an account with this address.
    """
    taken = _("There is an account with this e-mail already. Log in to accept the invitation.")
    try:
        with transaction.atomic():
            invitation = _take(token)
            if has_account(invitation):
                raise Refused(taken)
            user = User.objects.create_user(invitation.email, password)
            _let_in(invitation, user)
    except IntegrityError as twice:
        raise Refused(taken) from twice
    return user, invitation.tenant


def _take(token: str) -> Invitation:
    """The invitation of a link, kept from everybody else until the transaction's end."""
    found = find(token)
    mine = Invitation.objects.select_for_update().filter(pk=found.pk, hash=found.hash).first()
    if mine is None:
        raise Closed
    return found


def _let_in(invitation: Invitation, user: User) -> None:
    told = {"defaults": {"role": invitation.role}}
    place, joined = Membership.objects.get_or_create(tenant=invitation.tenant, user=user, **told)
    if joined:
        with acting.person(user):
            journal.note(place, Verb.ADDED, journal.differences({}, {"role": place.role}))
    if user.email.lower() == invitation.email.lower():  # the link has come to this address
        _confirm(user)
    invitation.delete()


def _confirm(user: User) -> None:
    """The address of the account is this person's, unless somebody else has confirmed it before."""
    if EmailAddress.objects.filter(email__iexact=user.email, verified=True).exists():
        return
    if not EmailAddress.objects.filter(user=user, email__iexact=user.email).update(verified=True):
        first = not EmailAddress.objects.filter(user=user, primary=True).exists()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=first)


def _is_in(tenant: Tenant, email: str) -> bool:
    return tenant.users.filter(email__iexact=email).exists()


def _account(email: str) -> User | None:
    """Whose address it is: the account's own, or a confirmed other one."""
    own = User.objects.filter(email__iexact=email).first()
    other = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    return own or (other.user if other else None)


def _count(tenant: Tenant) -> None:
    """Counts a mail of the company's day (in UTC); raises Refused for one too many."""
    today = datetime.now(UTC).date()
    free = ~Q(invited_on=today) | Q(invited_on=None) | Q(invited__lt=MOST_MAILS)
    count = Case(When(invited_on=today, then=F("invited") + 1), default=1)
    if not Tenant.objects.filter(free, pk=tenant.pk).update(invited_on=today, invited=count):
        raise Refused(_("Too many invitations were sent today. Go on tomorrow."))


def _mail(invitation: Invitation, token: str) -> None:
    try:
        message(invitation, token).send()
    except OSError as error:  # smtplib's errors are OSErrors too
        logger.warning("invitation %s was not mailed: %s", invitation.pk, error)
        return
    invitation.sent_at = timezone.now()
    Invitation.objects.filter(pk=invitation.pk, hash=invitation.hash).update(sent_at=invitation.sent_at)


def message(invitation: Invitation, token: str) -> EmailMultiAlternatives:
    """The mail as text and HTML, in the company's zone."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(invitation.tenant.time_zone):
        values = {
            "invitation": invitation,
            "company": invitation.tenant.name,
            "role": invitation.get_role_display(),
            "url": settings.PUBLIC_URL + reverse("tenants:invitation", args=[token]),
        }
        text = render_to_string("tenants/mail/invitation.txt", values)
        html = css_inline.inline(render_to_string("tenants/mail/invitation.html", values))
        subject = _("Invitation to “%(company)s” in Webjack") % {"company": invitation.tenant.name}
    mail = EmailMultiAlternatives(" ".join(subject.split())[:180], text, to=[invitation.email])
    mail.attach_alternative(html, "text/html")
    return mail
