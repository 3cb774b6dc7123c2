"""Changes who is in a company and as what. At least one owner who can log in always stays."""

from django.db import transaction
from django.utils.translation import gettext as _

from tenants import journal
from tenants.models import Membership, Role, Tenant, User


class Refused(Exception):
    """Cannot be done now; its text tells people why."""


def found(user: User, name: str, time_zone: str = "") -> Tenant:
    """A new company with this person as its owner."""
    with transaction.atomic():
        tenant = Tenant.objects.create(name=name, **({"time_zone": time_zone} if time_zone else {}))
        Membership.objects.create(tenant=tenant, user=user, role=Role.OWNER)
    return tenant


def change(place: Membership, role: str) -> None:
    """Gives a member another role. Raises Refused for the last owner; Membership.DoesNotExist when he is gone."""
    with transaction.atomic():
        now = _alone(place)
        if role != Role.OWNER:
            _spare(now, _("The last owner stays an owner. Make somebody else an owner first."))
        with journal.noted(now):
            Membership.objects.filter(pk=now.pk).update(role=role)


def remove(place: Membership) -> None:
    """Takes a member out of the company, by an owner or by himself. Raises the same."""
    with transaction.atomic():
        now = _alone(place)
        _spare(now, _("The last owner cannot leave the company. Make somebody else an owner first."))
        with journal.noted(now):
            now.delete()


def _alone(place: Membership) -> Membership:
    """The place as it is, while nobody else can change this company's people: two owners leaving at once wait here.

    Not even FOR UPDATE: that would also hold up every operation that is received, whose row points at the company.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=place.tenant_id)
    return Membership.objects.get(pk=place.pk)


def _spare(place: Membership, sentence: str) -> None:
    if place.role != Role.OWNER:
        return
    others = Membership.objects.filter(tenant=place.tenant_id, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=place.pk).exists():
        raise Refused(sentence)
