"""One person in several companies: members, their roles, invitations, leaving, switching."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from history import notices
from history.models import Notice
from processings.models import Processing
from tenants import invite
from tenants.models import Change, Invitation, Membership, Role, Tenant, User, Verb
from tenants.place import Refused
from tests.api import Program
from tests.conftest import Person
from tests.factories import PASSWORD, MembershipFactory, OperationFactory
from tests.fakes.smtp import Inbox, smtp_server

MEMBERS = "/company/members/"
NEW = "new@example.com"


def ask(owner: Person, email: str = NEW, role: str = Role.EDITOR) -> Any:
    return owner.post(reverse("tenants:invite"), {"invite-email": email, "invite-role": role}, follow=True)


def link(number: int = -1) -> str:
    """The path of the link in a mail that was sent."""
    found = re.search(r"https?://[^/]+(/invitations/\S+/)", str(mail.outbox[number].body))
    assert found
    return found[1]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def roles(tenant: Tenant) -> dict[str, str]:
    return dict(tenant.memberships.values_list("user__email", "role"))


def place_of(person: Person) -> Membership:
    return Membership.objects.get(tenant=person.tenant, user=person.user)


# Members and roles


def test_the_page_shows_everybody_and_to_owners_what_can_be_done(owner: Person, viewer: Person) -> None:
    ask(owner)
    page, looked = text(owner.get(MEMBERS)), text(viewer.get(MEMBERS))
    assert all(person.user.email in one for person in (owner, viewer) for one in (page, looked))
    assert NEW in page
    assert NEW not in looked
    assert reverse("tenants:remove", args=[place_of(viewer).pk]) in page
    assert reverse("tenants:invite") not in looked


def test_an_owner_changes_a_role_and_it_counts_at_once(owner: Person, viewer: Person) -> None:
    owner.post(reverse("tenants:change_role", args=[place_of(viewer).pk]), {"role": Role.EDITOR})
    assert place_of(viewer).role == Role.EDITOR
    assert Change.objects.get(tenant=owner.tenant).details == [{"field": "role", "old": "viewer", "new": "editor"}]
    assert viewer.post("/processings/create/", {"name": "Заявки"}).status_code == 302


def test_a_role_that_there_is_not_changes_nothing(owner: Person, viewer: Person) -> None:
    owner.post(reverse("tenants:change_role", args=[place_of(viewer).pk]), {"role": "god"})
    assert place_of(viewer).role == Role.VIEWER


def test_who_is_removed_is_out_at_once(owner: Person, viewer: Person) -> None:
    answer = owner.post(reverse("tenants:remove", args=[place_of(viewer).pk]), follow=True)
    assert viewer.user.email in text(answer)
    assert viewer.get("/company/").status_code == 404
    assert "/company/new/" in text(viewer.get("/"))


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER, Role.HISTORY])
def test_only_owners_change_people(owner: Person, role: str) -> None:
    ask(owner)
    other = Person(owner.tenant, role)
    invitation, place = owner.tenant.invitations.get().pk, place_of(owner).pk
    before = roles(owner.tenant)
    for name, ids in (
        ("change_role", [place]),
        ("remove", [place]),
        ("invite", []),
        ("resend", [invitation]),
        ("revoke_invitation", [invitation]),
    ):
        told = {"role": "viewer", "invite-email": "x@example.com", "invite-role": "owner"}
        assert other.post(reverse(f"tenants:{name}", args=ids), told).status_code == 403, name
    assert (roles(owner.tenant), owner.tenant.invitations.count()) == (before, 1)


def test_an_owner_of_another_company_finds_nobody(owner: Person, viewer: Person, stranger: Person) -> None:
    ask(owner)
    invitation, place = owner.tenant.invitations.get().pk, place_of(viewer).pk
    for name, id in (
        ("change_role", place),
        ("remove", place),
        ("resend", invitation),
        ("revoke_invitation", invitation),
    ):
        assert stranger.post(reverse(f"tenants:{name}", args=[id]), {"role": "viewer"}).status_code == 404, name
    assert stranger.post(reverse("tenants:switch", args=[owner.tenant.pk])).status_code == 404
    assert place_of(viewer).role == Role.VIEWER
    assert owner.tenant.invitations.count() == 1


def test_the_last_owner_stays_one_and_is_told_why(owner: Person, viewer: Person) -> None:
    place = place_of(owner)
    for name, ids in (("change_role", [place.pk]), ("remove", [place.pk]), ("leave", [])):
        answer = owner.post(reverse(f"tenants:{name}", args=ids), {"role": Role.VIEWER}, follow=True)
        assert "сначала сделайте владельцем" in text(answer).lower(), name
    assert roles(owner.tenant) == {owner.user.email: Role.OWNER, viewer.user.email: Role.VIEWER}


def test_an_owner_who_cannot_log_in_does_not_count(owner: Person) -> None:
    MembershipFactory(tenant=owner.tenant, role=Role.OWNER, user__is_active=False)
    owner.post(reverse("tenants:leave"))
    assert place_of(owner).is_owner


def test_a_company_is_handed_over_by_changing_two_roles(owner: Person, viewer: Person) -> None:
    owner.post(reverse("tenants:change_role", args=[place_of(viewer).pk]), {"role": Role.OWNER})
    owner.post(reverse("tenants:change_role", args=[place_of(owner).pk]), {"role": Role.EDITOR})
    assert roles(owner.tenant) == {owner.user.email: Role.EDITOR, viewer.user.email: Role.OWNER}


def test_a_member_leaves_and_works_on_in_the_other_company(owner: Person, viewer: Person) -> None:
    other = MembershipFactory(user=viewer.user, tenant__name="Вторая компания").tenant
    answer = viewer.post(reverse("tenants:leave"), follow=True)
    assert "Вторая компания" in text(answer)
    assert [place.tenant for place in viewer.user.memberships.all()] == [other]


# «Только история»


def test_who_sees_the_history_alone_is_led_there_and_gets_no_further(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing)
    reader = Person(owner.tenant, Role.HISTORY)
    assert reader.get("/")["Location"] == "/history/"
    page = text(reader.get(f"/history/{operation.pk}/"))
    assert processing.name in page
    assert f"/processings/{processing.pk}/" not in page
    assert f"/history/{operation.pk}/decode/" not in page
    for path in (f"/processings/{processing.pk}/", "/connections/", "/tables/", f"/history/{operation.pk}/decode/"):
        assert reader.get(path).status_code == 403, path
    refused = text(reader.get("/connections/"))
    assert "К истории операций" in refused
    assert 'href="/connections/"' not in text(reader.get("/history/"))
    assert reader.get("/company/").status_code == reader.get("/help/").status_code == 200
    assert reader.post(f"/history/{operation.pk}/repeat/", {"from": "start"}).status_code == 403


# Several companies


def test_a_person_switches_between_companies_in_the_header(owner: Person) -> None:
    other = MembershipFactory(user=owner.user, role=Role.VIEWER, tenant__name="Вторая компания").tenant
    page = text(owner.get("/company/"))
    assert f'<span class="top-company cut">{owner.tenant.name}</span>' in page
    assert reverse("tenants:switch", args=[other.pk]) in page
    assert owner.post(reverse("tenants:switch", args=[other.pk]))["Location"] == "/"
    for path in ("/company/", "/accounts/email/"):
        assert '<span class="top-company cut">Вторая компания</span>' in text(owner.get(path)), path
    assert owner.post(reverse("tenants:change"), {"name": "x", "time_zone": "UTC"}).status_code == 403


def test_anybody_makes_another_company_and_works_in_it(viewer: Person) -> None:
    assert viewer.get("/company/new/").status_code == 200
    answer = viewer.post("/company/new/", {"name": "Моя", "time_zone": "Asia/Omsk"}, follow=True)
    assert '<span class="top-company cut">Моя</span>' in text(answer)
    made = Tenant.objects.get(name="Моя")
    assert (made.time_zone, roles(made)) == ("Asia/Omsk", {viewer.user.email: Role.OWNER})


def test_a_company_needs_a_name(viewer: Person) -> None:
    answer = viewer.post("/company/new/", {"name": " ", "time_zone": "Asia/Omsk"})
    assert 'id="id_name_error"' in text(answer)
    assert viewer.user.memberships.count() == 1


def test_errors_are_mailed_to_owners_of_this_company_and_not_of_others(processing: Processing) -> None:
    looks = MembershipFactory(tenant=processing.tenant, role=Role.VIEWER).user
    MembershipFactory(user=looks, role=Role.OWNER)
    owns = MembershipFactory(tenant=processing.tenant, role=Role.OWNER).user
    assert notices.recipients(Notice(processing=processing)) == [owns.email]


# Invitations


def test_an_invitation_is_mailed_and_only_the_hash_of_its_link_is_kept(owner: Person, settings: Any) -> None:
    answer = ask(owner, "New@Example.com")
    assert NEW in text(answer)
    made = owner.tenant.invitations.get()
    assert (made.email, made.role, made.invited_by) == (NEW, Role.EDITOR, owner.user)
    assert made.sent_at
    assert timedelta(days=6, hours=23) < made.expires_at - timezone.now() <= timedelta(days=7)
    letter = mail.outbox[0]
    assert letter.to == [NEW]
    assert owner.tenant.name in letter.subject
    assert owner.user.email in str(letter.body)
    token = link().split("/")[2]
    assert f"{settings.PUBLIC_URL}/invitations/{token}/" in str(letter.body)
    assert made.hash == invite.hash_of(token)
    assert token not in str(Invitation.objects.values())
    assert token not in text(answer)


def test_a_company_s_name_breaks_neither_the_subject_nor_the_html(owner: Person) -> None:
    Tenant.objects.filter(pk=owner.tenant.pk).update(name="<b>Рога</b>\r\nBcc: all@example.com")
    ask(owner)
    assert "\n" not in mail.outbox[0].subject
    html = mail.outbox[0].alternatives[0][0]  # type: ignore[attr-defined]
    assert "<b>Рога" not in html


def test_who_has_no_account_signs_up_by_the_link_with_a_password_alone(owner: Person) -> None:
    ask(owner)
    path, newcomer = link(), Client()
    page = text(newcomer.get(path))
    assert owner.tenant.name in page
    assert 'name="password"' in page
    weak = text(newcomer.post(f"{path}sign-up/", {"password": "12345678"}))
    assert 'id="id_password_error"' in weak
    assert not User.objects.filter(email=NEW).exists()
    answer = newcomer.post(f"{path}sign-up/", {"password": PASSWORD}, follow=True)
    assert f'<span class="top-company cut">{owner.tenant.name}</span>' in text(answer)
    user = User.objects.get(email=NEW)
    assert user.check_password(PASSWORD)
    assert [(place.tenant, place.role) for place in user.memberships.all()] == [(owner.tenant, Role.EDITOR)]
    assert list(EmailAddress.objects.filter(user=user).values_list("email", "verified", "primary")) == [
        (NEW, True, True)
    ]
    assert len(mail.outbox) == 1  # nothing is left to confirm
    joined, invited = Change.objects.filter(tenant=owner.tenant).order_by("-id")
    assert (joined.who, joined.verb, joined.name) == (NEW, Verb.ADDED, NEW)
    assert (invited.who, invited.verb, invited.name) == (owner.user.email, Verb.ADDED, NEW)
    assert not Invitation.objects.exists()
    assert Client().get(path).status_code == 404


def test_the_session_of_before_is_not_the_one_of_the_new_account(owner: Person) -> None:
    ask(owner)
    newcomer = Client()
    newcomer.get("/accounts/login/")
    session = newcomer.session
    session["planted"] = "yes"
    session.save()
    newcomer.cookies["sessionid"] = before = session.session_key or ""
    newcomer.post(f"{link()}sign-up/", {"password": PASSWORD})
    assert newcomer.cookies["sessionid"].value != before


def test_who_has_an_account_logs_in_and_accepts(owner: Person, stranger: Person) -> None:
    ask(owner, stranger.user.email, Role.HISTORY)
    path = link()
    page = text(Client().get(path))
    assert f"/accounts/login/?next={path}" in page
    assert 'name="password"' not in page
    assert f"{path}accept/" in text(stranger.get(path))
    answer = stranger.post(f"{path}accept/", follow=True)
    assert f'<span class="top-company cut">{owner.tenant.name}</span>' in text(answer)
    assert roles(owner.tenant)[stranger.user.email] == Role.HISTORY
    assert EmailAddress.objects.get(user=stranger.user).verified
    assert stranger.post(f"{path}accept/").status_code == 404


def test_nobody_signs_up_over_an_account_that_there_is(owner: Person, stranger: Person) -> None:
    ask(owner, stranger.user.email)
    assert Client().post(f"{link()}sign-up/", {"password": PASSWORD}).status_code == 302
    assert User.objects.filter(email=stranger.user.email).count() == 1
    assert stranger.user.email not in roles(owner.tenant)


def test_a_confirmed_second_address_is_mine_too_and_an_unconfirmed_one_is_not(owner: Person, stranger: Person) -> None:
    ask(owner)
    path = link()
    address = EmailAddress.objects.create(user=stranger.user, email=NEW, verified=False)
    assert stranger.post(f"{path}accept/")["Location"] == path
    assert stranger.user.email not in roles(owner.tenant)
    address.verified = True
    address.save()
    stranger.post(f"{path}accept/")
    assert stranger.user.email in roles(owner.tenant)


def test_an_invitation_is_for_nobody_else(owner: Person, stranger: Person) -> None:
    ask(owner)
    path = link()
    page = text(stranger.get(path))
    assert f"{path}accept/" not in page
    assert stranger.user.email in page
    assert stranger.post(f"{path}accept/")["Location"] == path
    assert stranger.post(f"{path}sign-up/", {"password": PASSWORD})["Location"] == path
    assert (owner.tenant.memberships.count(), owner.tenant.invitations.count()) == (1, 1)


def test_who_is_a_member_by_now_keeps_the_role(owner: Person, stranger: Person) -> None:
    ask(owner, stranger.user.email, Role.VIEWER)
    Membership.objects.create(tenant=owner.tenant, user=stranger.user, role=Role.EDITOR)
    stranger.post(f"{link()}accept/")
    assert roles(owner.tenant)[stranger.user.email] == Role.EDITOR
    assert not Invitation.objects.exists()


def test_an_invitation_runs_out(owner: Person) -> None:
    ask(owner)
    Invitation.objects.update(expires_at=timezone.now())
    for answer in (Client().get(link()), Client().post(f"{link()}sign-up/", {"password": PASSWORD})):
        assert answer.status_code == 404
        assert owner.tenant.name not in text(answer)
    assert not User.objects.filter(email=NEW).exists()
    assert "истекло" in text(owner.get(MEMBERS))


def test_an_invitation_is_taken_back(owner: Person) -> None:
    ask(owner)
    owner.post(reverse("tenants:revoke_invitation", args=[owner.tenant.invitations.get().pk]))
    assert Client().get(link()).status_code == 404
    assert not Invitation.objects.exists()


def test_an_invitation_sent_again_has_a_new_link_and_the_old_one_is_dead(owner: Person) -> None:
    ask(owner)
    made = owner.tenant.invitations.get()
    again = reverse("tenants:resend", args=[made.pk])
    assert "минуту" in text(owner.post(again, follow=True))
    assert len(mail.outbox) == 1
    Invitation.objects.update(expires_at=timezone.now(), sent_at=timezone.now() - timedelta(minutes=2))
    owner.post(again)
    assert Client().get(link(0)).status_code == 404
    assert Client().get(link(1)).status_code == 200


def test_two_resends_at_once_send_one_mail(owner: Person) -> None:
    ask(owner)
    Invitation.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    one, other = (owner.tenant.invitations.select_related("tenant").get() for _ in range(2))
    invite.again(one)
    with pytest.raises(Refused):
        invite.again(other)
    assert len(mail.outbox) == 2
    assert Client().get(link()).status_code == 200


def test_nobody_is_invited_twice_nor_a_member_and_the_dialog_says_so(owner: Person, viewer: Person) -> None:
    ask(owner)
    for email in (NEW, viewer.user.email.upper()):
        page = text(ask(owner, email))
        assert "data-opened" in page
        assert 'id="id_invite-email_error"' in page
    assert (len(mail.outbox), owner.tenant.invitations.count()) == (1, 1)


def test_the_answer_does_not_tell_whether_there_is_an_account(owner: Person, stranger: Person) -> None:
    known, unknown = text(ask(owner, stranger.user.email)), text(ask(owner))
    for page, email in ((known, stranger.user.email), (unknown, NEW)):
        assert f"Письмо с приглашением отправлено на {email}" in page
    assert str(mail.outbox[0].body).replace(link(0), "") == str(mail.outbox[1].body).replace(link(1), "")


def test_a_company_sends_only_so_many_mails_a_day(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invite, "MOST_MAILS", 2)
    for number in range(3):
        page = text(ask(owner, f"new{number}@example.com"))
    assert "завтра" in page
    assert len(mail.outbox) == 2
    Tenant.objects.update(invited_on=timezone.now() - timedelta(days=1))
    ask(owner, "next@example.com")
    assert len(mail.outbox) == 3


def test_a_company_has_only_so_many_open_invitations(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invite, "MOST_OPEN", 1)
    ask(owner)
    assert "Отзовите ненужные" in text(ask(owner, "other@example.com"))
    assert owner.tenant.invitations.count() == 1


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    with smtp_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_a_mail_server_that_is_away_leaves_an_invitation_to_send_again(owner: Person, inbox: Inbox) -> None:
    inbox.refuse = "451 later"
    assert "сейчас не отправилось" in text(ask(owner))
    assert "письмо не отправлено" in text(owner.get(MEMBERS))
    inbox.refuse = ""
    owner.post(reverse("tenants:resend", args=[owner.tenant.invitations.get().pk]))
    assert inbox.envelopes == [[NEW]]
    assert "/invitations/" in inbox.html()
    assert owner.tenant.invitations.get().sent_at


# The API


def test_programs_list_and_change_members(program: Program, owner: Person, viewer: Person) -> None:
    first, second = program.read("members/")
    assert (first["email"], first["role"]) == (owner.user.email, Role.OWNER)
    assert program.read(f"members/{second['id']}/") == second
    assert program.change(f"members/{second['id']}/", {"role": "history"})["role"] == Role.HISTORY
    assert "role" in program.change(f"members/{second['id']}/", {"role": "god"}, 400)["errors"]
    program.change(f"members/{first['id']}/", {"role": "viewer"}, 409)
    assert program.delete(f"members/{first['id']}/").status_code == 409
    assert program.delete(f"members/{second['id']}/").status_code == 204
    assert roles(owner.tenant) == {owner.user.email: Role.OWNER}


def test_programs_invite_resend_and_take_back(program: Program, owner: Person) -> None:
    made = program.send("invitations/", {"email": "New@example.com", "role": "viewer"}, 201)
    assert (made["email"], made["role"], made["invited_by"]) == (NEW, Role.VIEWER, None)
    assert made["sent_at"]
    assert "hash" not in made
    program.send("invitations/", {"email": NEW, "role": "viewer"}, 409)
    program.send("invitations/", {"email": owner.user.email, "role": "viewer"}, 409)
    program.send("invitations/", {"email": "no address", "role": "viewer"}, 400)
    program.send(f"invitations/{made['id']}/resend/", code=409)
    Invitation.objects.update(sent_at=None)
    program.send(f"invitations/{made['id']}/resend/")
    assert len(mail.outbox) == 2
    assert program.delete(f"invitations/{made['id']}/").status_code == 204
    assert Client().get(link()).status_code == 404


def test_programs_find_nobody_of_another_company(program: Program, stranger: Person) -> None:
    ask(stranger)
    place, invitation = place_of(stranger).pk, stranger.tenant.invitations.get().pk
    program.read(f"members/{place}/", code=404)
    program.change(f"members/{place}/", {"role": "viewer"}, 404)
    program.send(f"invitations/{invitation}/resend/", code=404)
    assert program.delete(f"members/{place}/").status_code == 404
    assert program.delete(f"invitations/{invitation}/").status_code == 404
