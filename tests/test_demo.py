import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sources.models import Source
from tenants.models import ApiKey, User


def demo(*arguments: str) -> dict[str, str]:
    out = StringIO()
    call_command("demo", "--json", *arguments, stdout=out)
    found: dict[str, str] = json.loads(out.getvalue())
    return found


@pytest.fixture(autouse=True)
def debug(settings: Any) -> None:
    settings.DEBUG = True


def test_a_second_call_finds_what_the_first_made(db: None) -> None:
    assert demo() == demo()
    assert (User.objects.count(), Source.objects.count(), ApiKey.objects.count()) == (2, 1, 1)


def test_another_company_has_its_own_key_and_address(db: None) -> None:
    first, second = demo(), demo("--company", "Другая", "--email", "Other@example.com")
    assert second["email"] == "other@example.com"
    assert first["api_key"] != second["api_key"]
    assert first["webhook_url"] != second["webhook_url"]
    assert first["admin_email"] == second["admin_email"]


def test_the_password_printed_lets_in(db: None) -> None:
    told = demo()
    assert User.objects.get(email=told["email"]).check_password(told["password"])


def test_production_is_not_given_known_passwords(db: None, settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--force"):
        demo()
    assert demo("--force")["url"] == settings.PUBLIC_URL
