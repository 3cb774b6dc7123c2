"""The company's page: who may see it, who may change it, keys for the API."""

import re
from typing import Any

from django.urls import reverse
from django.utils import translation

from tenants.models import ApiKey, Tenant
from tests.conftest import Person

COMPANY = "/company/"


def page(person: Person) -> str:
    answer = person.get(COMPANY)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_owner_sees_the_company_its_people_and_its_keys(owner: Person, viewer: Person) -> None:
    ApiKey.make(owner.tenant, "Бухгалтерия")
    text = page(owner)
    assert owner.tenant.name in text
    assert owner.user.email in text
    assert viewer.user.email in text
    assert "Бухгалтерия" in text
    assert reverse("tenants:change") in text


def test_a_viewer_sees_the_company_but_nothing_to_change(viewer: Person) -> None:
    key, _text = ApiKey.make(viewer.tenant, "Бухгалтерия")
    text = page(viewer)
    assert "Бухгалтерия" in text
    for url in (reverse("tenants:change"), reverse("tenants:add_key"), reverse("tenants:revoke_key", args=[key.id])):
        assert url not in text
        assert viewer.post(url, {"name": "x", "key-name": "x", "time_zone": "UTC"}).status_code == 403
    assert ApiKey.objects.count() == 1


def test_the_company_reads_for_how_long_its_history_is_kept(owner: Person, settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    assert "<dd>30 дней</dd>" in page(owner)
    Tenant.objects.filter(pk=owner.tenant.pk).update(retention_days=2)
    assert "<dd>2 дня</dd>" in page(owner)


def test_nobody_gets_in_without_log_in(client: Person, tenant: Tenant) -> None:
    for url in (COMPANY, "/help/"):
        assert client.get(url).headers["Location"].startswith("/accounts/login/")


def test_the_owner_changes_name_and_time_zone(owner: Person) -> None:
    answer = owner.post(reverse("tenants:change"), {"name": "Орхидея", "time_zone": "Asia/Omsk"}, follow=True)
    assert "Орхидея" in answer.content.decode()
    owner.tenant.refresh_from_db()
    assert (owner.tenant.name, owner.tenant.time_zone) == ("Орхидея", "Asia/Omsk")


def test_a_wrong_time_zone_is_refused_and_the_name_that_was_typed_stays(owner: Person) -> None:
    before = owner.tenant.name
    answer = owner.post(reverse("tenants:change"), {"name": "Новое имя", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'value="Новое имя"' in text
    assert 'id="id_time_zone_error"' in text
    assert f'<span class="top-company cut">{before}</span>' in text
    owner.tenant.refresh_from_db()
    assert owner.tenant.name == before


def test_a_zone_that_the_list_does_not_offer_survives_a_change_of_name(owner: Person) -> None:
    Tenant.objects.filter(id=owner.tenant.id).update(time_zone="Etc/GMT-3")
    assert "Etc/GMT-3" in page(owner)
    owner.post(reverse("tenants:change"), {"name": "Орхидея", "time_zone": "Etc/GMT-3"})
    owner.tenant.refresh_from_db()
    assert (owner.tenant.name, owner.tenant.time_zone) == ("Орхидея", "Etc/GMT-3")


def test_a_key_is_shown_once_and_only_its_hash_is_kept(owner: Person) -> None:
    answer = owner.post(reverse("tenants:add_key"), {"key-name": "Сайт"})
    text = re.search(r'value="(wj_[^"]+)"', answer.content.decode())
    assert text is not None
    key = ApiKey.objects.get(tenant=owner.tenant)
    assert key.name == "Сайт"
    assert key.hash == ApiKey.hash_of(text[1])
    assert "no-store" in answer.headers["Cache-Control"]
    assert text[1] not in page(owner)


def test_a_key_needs_a_name_and_the_dialog_comes_back_open(owner: Person) -> None:
    answer = owner.post(reverse("tenants:add_key"), {"key-name": " "})
    assert answer.status_code == 200
    assert "data-opened" in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_the_owner_revokes_a_key_after_a_question_that_names_it(owner: Person) -> None:
    key, _text = ApiKey.make(owner.tenant, "Сайт")
    with translation.override("ru"):
        assert re.search(r"<h2[^>]*>[^<]*Сайт[^<]*</h2>", page(owner))
    owner.post(reverse("tenants:revoke_key", args=[key.id]))
    assert not ApiKey.objects.exists()


def test_a_stranger_cannot_revoke_a_key(owner: Person, stranger: Person) -> None:
    key, _text = ApiKey.make(owner.tenant, "Сайт")
    assert stranger.post(reverse("tenants:revoke_key", args=[key.id])).status_code == 404
    assert ApiKey.objects.filter(id=key.id).exists()


def test_a_change_by_get_is_refused(owner: Person) -> None:
    assert owner.get(reverse("tenants:add_key")).status_code == 405


def test_the_guide_names_the_buttons_as_the_pages_do(owner: Person) -> None:
    assert owner.get("/help/").status_code == 200
