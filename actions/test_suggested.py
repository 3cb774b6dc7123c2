"""What a new action's form suggests: the fields of whatever system sends, or nothing, never one that is not there."""

from typing import Any

import pytest

from actions.suggested import fitted

TILDA = ["Name", "Email", "Phone", "formname", "tranid"]


def items(*names: str, **labels: str) -> list[dict[str, str]]:
    return [{"name": name, "label": labels.get(name, name), "placeholder": f"{{{{ {name} }}}}"} for name in names]


@pytest.mark.parametrize(
    ("names", "suggested", "expected"),
    [
        (["client_name"], "{{ client_name }}", "{{ client_name }}"),
        (TILDA, "{{ client_name }}", "{{ Name }}"),
        (TILDA, "{{ client_email }}", "{{ Email }}"),
        (TILDA, "{{ client_phone }}", "{{ Phone }}"),
        (TILDA, "Заявка от {{ client_name }}", "Заявка от {{ Name }}"),
        (["user_name", "name"], "{{ client_name }}", "{{ user_name }}"),
        (["телефон", "фио"], "{{ client_name }}: {{ client_phone }}", "{{ фио }}: {{ телефон }}"),
        (["company_name", "product.name", "formname"], "{{ client_name }}", ""),
        (["a"], "Заявка от {{ client_name }}", "Заявка от {{ client_name }}"),
        (["a"], "{{ company_name }}", ""),
        (["a"], "{{ steps.lead.id }}", "{{ steps.lead.id }}"),
        (["a"], "{{ client_name|upper }}", "{{ client_name|upper }}"),
        (TILDA, [{"name": "{{ client_name }}", "value": 1}], [{"name": "{{ Name }}", "value": 1}]),
        ([], "{{ client_email }}", "{{ client_email }}"),
    ],
)
def test_suggestions_take_the_fields_that_are_there(names: list[str], suggested: Any, expected: Any) -> None:
    assert fitted(suggested, items(*names)) == expected


def test_a_field_is_known_by_what_people_call_it_as_well() -> None:
    assert fitted("{{ client_phone }}", items("f_17", f_17="Телефон")) == "{{ f_17 }}"
