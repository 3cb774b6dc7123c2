"""An owner invites by mail, a new person signs up by its link, and works in two companies."""

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tenants.models import Role, Tenant, User
from tests.conftest import Person
from tests.factories import PASSWORD
from tests.fakes.smtp import smtp_server

NEW = "boris@example.com"


def shown(page: Page) -> Any:
    return page.locator(".top-company")


def test_a_new_person_comes_by_the_link_of_a_mail_and_works_in_two_companies(
    desk: Page, site: str, person: Person, browser: Browser, browser_context_args: dict[str, Any], settings: Any
) -> None:
    settings.PUBLIC_URL = site
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    with smtp_server() as inbox:
        settings.EMAIL_PORT = inbox.port
        desk.goto(f"{site}/company/")
        desk.get_by_role("link", name="Участники и приглашения").click()
        desk.get_by_role("button", name="Пригласить", exact=True).click()
        desk.get_by_label("Почта").fill(NEW)
        desk.get_by_label("Наблюдатель").check()
        desk.get_by_role("button", name="Отправить приглашение").click()
        expect(desk.get_by_text(f"Письмо с приглашением отправлено на {NEW}")).to_be_visible()
        expect(desk.get_by_role("heading", name="Приглашения")).to_be_visible()
        inbox.wait(1)
    link = re.search(r"http\S+/invitations/\S+/", inbox.text())
    assert link

    phone = browser.new_context(**browser_context_args | {"viewport": {"width": 390, "height": 844}}).new_page()
    phone.goto(link[0])
    expect(phone.get_by_role("heading", name="Приглашение в компанию")).to_be_visible()
    expect(phone.get_by_text("Клиника «Ромашка»")).to_be_visible()
    phone.get_by_label("Пароль").fill(PASSWORD)
    phone.get_by_role("button", name="Создать аккаунт и вступить").click()
    expect(shown(phone)).to_have_text("Клиника «Ромашка»")

    phone.get_by_text("Клиника «Ромашка»").first.click()
    phone.get_by_role("link", name="Новая компания").click()
    phone.get_by_label("Название").fill("Студия Бориса")
    phone.get_by_role("button", name="Создать компанию").click()
    expect(shown(phone)).to_have_text("Студия Бориса")
    phone.locator(".top-place > summary").click()
    phone.get_by_role("button", name="Клиника «Ромашка»").click()
    expect(shown(phone)).to_have_text("Клиника «Ромашка»")
    phone.context.close()

    user = User.objects.get(email=NEW)
    assert list(user.memberships.order_by("pk").values_list("role", flat=True)) == [Role.VIEWER, Role.OWNER]
    assert Tenant.objects.get(name="Студия Бориса").memberships.get().user == user

    # The owner hands the company over.
    desk.reload()
    desk.get_by_role("button", name=f"Изменить роль: {NEW}").click()
    dialog = desk.get_by_role("dialog", name=NEW)
    dialog.get_by_label("Владелец").check()
    dialog.get_by_role("button", name="Сохранить").click()
    expect(desk.get_by_text(f"{NEW}: новая роль «Владелец»")).to_be_visible()
    desk.get_by_role("button", name="Покинуть").click()
    desk.get_by_role("dialog").get_by_role("button", name="Покинуть").click()
    expect(desk.get_by_text("Вы вышли из компании Клиника «Ромашка»")).to_be_visible()
    expect(desk.get_by_role("heading", name="Новая компания")).to_be_visible()
    assert list(person.tenant.users.all()) == [user]
