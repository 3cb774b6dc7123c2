"""«Изменения» of a processing: a version after each change, and two of them beside each other."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from actions import arrange
from connections.models import Connection
from processings.models import Processing
from sources import upkeep, versions
from sources.models import Version
from tenants import journal
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, ConnectionFactory, SourceFactory
from webjack.fields import first_uuid7

pytestmark = pytest.mark.django_db


def kept(processing: Processing) -> list[Version]:
    return list(processing.versions.order_by("pk"))


def compared(person: Person, processing: Processing, old: Version, new: Version) -> str:
    query = {"old": str(old.pk), "new": str(new.pk)}
    return person.get(reverse("sources:compare_versions", args=[processing.pk]), query).content.decode()


def test_each_change_of_the_settings_keeps_a_version(owner: Person, processing: Processing) -> None:
    owner.post(reverse("processings:rename", args=[processing.pk]), {"name": "Лиды"})
    owner.post(reverse("sources:add", args=[processing.pk]) + "?kind=http", {"methods": ["GET", "POST"], "answer": ""})
    action = arrange.add(processing, "http.request", {"method": "POST", "url": "https://example.com/a"})
    arrange.turn(action, on=False)
    arrange.turn(action, on=False)  # nothing changes
    arrange.remove(action)
    found = kept(processing)
    assert [version.who for version in found][:1] == [owner.user.email]
    assert [len(version.settings["actions"]) for version in found][-3:] == [1, 1, 0]
    assert len(found) == 4 + processing.sources.count()
    page = owner.get(reverse("sources:versions", args=[processing.pk])).content.decode()
    assert "Лиды" in page
    assert owner.user.email in page


def test_start_and_stop_make_no_version(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    owner.post(reverse("processings:start", args=[processing.pk]))
    before = len(kept(processing))
    owner.post(reverse("processings:stop", args=[processing.pk]))
    owner.post(reverse("processings:delete", args=[processing.pk]))
    assert len(kept(processing)) == before


def test_two_versions_stand_beside_each_other(owner: Person, processing: Processing) -> None:
    account = ConnectionFactory(tenant=owner.tenant, name="Наша CRM")
    config = {
        "method": "POST",
        "url": "https://example.com/old",
        "headers": [{"name": "X-Api-Key", "value": "s3cret-one"}],
    }
    action = arrange.add(processing, "http.request", config)
    action.config = action.config | {"url": "https://example.com/new", "connection": str(account.pk)}
    arrange.change(action)
    old, new = kept(processing)
    page = compared(owner, processing, new, old)  # whichever is older stands left
    assert page.index("<del>old</del>" if "<del>old</del>" in page else "old") < page.index("Наша CRM")
    assert "Наша CRM" in page
    assert "s3cret" not in page


def test_a_version_says_what_led_to_it(owner: Person, processing: Processing) -> None:
    owner.post(reverse("processings:rename", args=[processing.pk]), {"name": "Лиды"})
    owner.post(reverse("processings:order", args=[processing.pk]), {"ordering": "strict"})
    rows: Any = owner.get(reverse("sources:versions", args=[processing.pk])).context["rows"]
    assert [[change.details[0]["field"] for change, _ in row["entries"]] for row in rows] == [["ordering"], ["name"]]


def test_versions_of_others_are_not_there(owner: Person, stranger: Person, processing: Processing) -> None:
    for name in ("Первая", "Вторая"):
        owner.post(reverse("processings:rename", args=[processing.pk]), {"name": name})
    old, new = kept(processing)
    theirs = reverse("sources:compare_versions", args=[processing.pk])
    assert stranger.get(theirs, {"old": str(old.pk), "new": str(new.pk)}).status_code == 404
    assert owner.get(theirs, {"old": "x"}).status_code == 404


def test_an_import_is_one_version(program: Program, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    made = program.send("processings/import/", program.read(f"processings/{processing.pk}/export/"), 201)
    assert Version.objects.filter(processing=made["id"]).count() == 1


def test_old_versions_go_and_the_newest_stays(processing: Processing, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Раз", "Два", "Три"):
        with journal.noted(processing):
            Processing.objects.filter(pk=processing.pk).update(name=name)
    days = settings.AUDIT_DAYS
    for number, version in enumerate(kept(processing)[:2]):
        old = first_uuid7(timezone.now() - timedelta(days=days + 2 - number))
        Version.objects.filter(pk=version.pk).update(id=old)
    upkeep.hour()
    assert [version.settings["name"] for version in kept(processing)] == ["Три"]
    monkeypatch.setattr(versions, "MOST", 2)
    for name in ("Четыре", "Пять"):
        with journal.noted(processing):
            Processing.objects.filter(pk=processing.pk).update(name=name)
    assert [version.settings["name"] for version in kept(processing)] == ["Четыре", "Пять"]


def test_a_version_goes_back_with_its_change(processing: Processing) -> None:
    with transaction.atomic():
        with journal.noted(processing):
            Processing.objects.filter(pk=processing.pk).update(name="Другая")
        transaction.set_rollback(True)
    assert not Version.objects.exists()


def test_what_there_was_before_versions_is_the_first(processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    import_module("sources.migrations.0006_version").keep_first(apps, None)
    versions.keep(processing.pk)  # finds nothing new
    assert len(kept(processing)) == 1
    assert Connection.objects.count() == 0
