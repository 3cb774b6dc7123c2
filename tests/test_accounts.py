"""Signing up, logging in and out, a forgotten password."""

import re

from django.core import mail
from django.test import Client
from pytest_django import Settings

from tenants.models import Role, User
from tests.conftest import Person
from tests.factories import PASSWORD, UserFactory

NEW_PASSWORD = "another battery staple"


def log_in(client: Client, email: str, password: str) -> bool:
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code == 302


def test_signing_up_asks_e_mail_and_password_and_makes_a_company(client: Client, db: None) -> None:
    answer = client.post("/accounts/signup/", {"email": "Anna@example.com", "password1": PASSWORD})
    assert answer.status_code == 302
    place = User.objects.get(email="anna@example.com").memberships.get()
    assert place.role == Role.OWNER
    assert client.get("/company/").status_code == 200


def test_a_password_too_simple_is_refused_at_its_field_and_the_e_mail_stays(client: Client, db: None) -> None:
    answer = client.post("/accounts/signup/", {"email": "anna@example.com", "password1": "12345678"})
    text = answer.content.decode()
    assert 'id="id_password1_error"' in text
    assert 'value="anna@example.com"' in text
    assert not User.objects.exists()


def test_a_wrong_password_says_so_and_keeps_the_e_mail(client: Client, db: None) -> None:
    UserFactory(email="anna@example.com")
    answer = client.post("/accounts/login/", {"login": "anna@example.com", "password": "wrong"})
    assert 'class="form-errors" role="alert"' in answer.content.decode()
    assert 'value="anna@example.com"' in answer.content.decode()


def test_logging_out_asks_once_and_leads_to_log_in(owner: Person) -> None:
    assert 'action="/accounts/logout/"' in owner.get("/accounts/logout/").content.decode()
    assert owner.post("/accounts/logout/").headers["Location"] == "/accounts/login/"
    assert owner.get("/company/").status_code == 302


def test_a_forgotten_password_is_set_anew_by_the_link_in_the_mail(client: Client, db: None) -> None:
    UserFactory(email="anna@example.com")
    assert client.post("/accounts/password/reset/", {"email": "anna@example.com"}).status_code == 302
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    assert client.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).status_code == 302
    assert log_in(client, "anna@example.com", NEW_PASSWORD)


def test_an_old_link_offers_a_new_one(client: Client, db: None) -> None:
    text = client.get("/accounts/password/reset/key/1-abc/", follow=True).content.decode()
    assert 'href="/accounts/password/reset/"' in text


def test_pages_that_send_mail_say_where_it_goes_while_no_server_is_set(
    client: Client, db: None, settings: Settings
) -> None:
    settings.MAIL_OUTBOX = "/srv/webjack/var/outbox"
    assert "/srv/webjack/var/outbox" in client.get("/accounts/password/reset/").content.decode()
    settings.MAIL_OUTBOX = ""
    assert "outbox" not in client.get("/accounts/password/reset/").content.decode()


def test_the_password_and_the_e_mail_can_be_changed(owner: Person) -> None:
    assert owner.get("/accounts/email/").status_code == 200
    answer = owner.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )
    assert answer.status_code == 302
    assert log_in(Client(), owner.user.email, NEW_PASSWORD)


def test_the_language_is_switched_in_the_footer(client: Client, db: None) -> None:
    assert '<html lang="ru"' in client.get("/accounts/login/").content.decode()
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/accounts/login/"}, follow=True)
    assert '<html lang="en"' in answer.content.decode()


def test_the_longest_address_makes_a_company_too(client: Client, db: None) -> None:
    email = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.ru"
    form = {"email": email, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/accounts/signup/", form).status_code == 302
    assert User.objects.get(email=email).memberships.count() == 1


def test_people_behind_our_proxy_are_limited_each_by_himself(db: None, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    wrong = {"login": "nobody@example.com", "password": "wrong"}

    def code(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return Client().post("/accounts/login/", wrong, REMOTE_ADDR="10.0.0.1", headers=headers).status_code

    codes = [code("203.0.113.7") for _ in range(40)]
    assert codes[-1] == 429
    assert code("203.0.113.8") == 200
