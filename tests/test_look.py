"""What all pages are made of: tags, filters, form rendering, and what the content policy forbids."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django import forms
from django.conf import settings
from django.template import engines
from django.utils import timezone, translation

from webjack import jsontree

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ICONS = set((Path(settings.BASE_DIR) / "static" / "icons.txt").read_text().split())
NOW = datetime(2025, 3, 10, 11, 5, 31, tzinfo=UTC)
# Mails are no pages, and the operators' admin has a policy of its own.
OWN_PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if not {"admin", "unfold", "mail"} & set(path.parts)]


@pytest.fixture(autouse=True)
def english_in_moscow() -> Any:
    with translation.override("en"), timezone.override("Europe/Moscow"):
        yield


def draw(text: str, **context: Any) -> str:
    return engines["django"].from_string(text).render(context)


def test_every_icon_that_a_page_names_is_on_the_list_of_icons() -> None:
    named = {
        name
        for page in OWN_PAGES
        for name in re.findall(r"""\{% icon ["']([a-z0-9-]+)["']|shape="([a-z0-9-]+)\"""", page.read_text())
        for name in name
        if name
    }
    assert named
    assert named <= ICONS


@pytest.mark.parametrize("template", OWN_PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_holds_what_the_content_policy_forbids(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=[\"']|hx-on|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", text)


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (None, "—"),
        (0, "0 ms"),
        (38, "38 ms"),
        (999, "999 ms"),
        (2412, "2.4 s"),
        (5000, "5 s"),
        (59_960, "1 min"),
        (65_000, "1 min 5 s"),
        (7_380_000, "2 h 3 min"),
    ],
)
def test_a_duration_is_read_in_words(ms: int | None, words: str) -> None:
    assert draw("{{ ms|duration }}", ms=ms) == words


def test_seconds_have_a_comma_in_russian() -> None:
    with translation.override("ru"):
        assert draw("{{ 2412|duration }}").startswith("2,4")


@time_machine.travel(NOW, tick=False)
def test_a_time_of_today_has_no_date_and_the_exact_one_on_hover() -> None:
    drawn = draw("{{ moment|clock }}", moment=NOW)
    assert ">14:05:31</time>" in drawn
    assert 'datetime="2025-03-10T14:05:31+03:00"' in drawn
    assert "14:05:31 (Europe/Moscow, UTC+03:00)" in drawn


@time_machine.travel(NOW, tick=False)
def test_a_time_of_another_day_says_which() -> None:
    assert ">Mar 9, 23:59:59</time>" in draw("{{ m|clock }}", m=datetime(2025, 3, 9, 20, 59, 59, tzinfo=UTC))
    assert ">Dec 31 2024, 14:05:31</time>" in draw("{{ m|clock }}", m=datetime(2024, 12, 31, 11, 5, 31, tzinfo=UTC))


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=40), "40 s ago"),
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=2), "Mar 8"),
    ],
)
def test_how_long_ago_is_said_roughly(passed: timedelta, words: str) -> None:
    assert f">{words}</time>" in draw("{{ m|ago }}", m=NOW - passed)


@time_machine.travel(NOW, tick=False)
def test_how_long_until_is_said_and_now_when_it_has_come() -> None:
    assert ">in 4 min</time>" in draw("{{ m|ahead }}", m=NOW + timedelta(minutes=4))
    assert ">now</time>" in draw("{{ m|ahead }}", m=NOW - timedelta(seconds=1))


def test_thousands_stand_apart_by_a_thin_space() -> None:
    assert draw("{{ n|thousands }}", n=1234567) == "1\u202f234\u202f567"
    assert draw("{{ n|thousands }}", n=None) == "—"


@pytest.mark.parametrize(
    "status",
    ["queued", "running", "waiting", "succeeded", "filtered", "failed", "unknown", "held", "rejected", "cancelled"],
)
def test_a_status_is_a_word_and_a_shape_besides_its_colour(status: str) -> None:
    drawn = draw("{% status status %}", status=status)
    assert f"op-status-{status}" in drawn
    assert "<svg" in drawn
    assert re.search(r"</svg>[A-Z]", drawn)


def test_the_shapes_of_all_statuses_are_on_the_list_of_icons() -> None:
    from webjack.templatetags.webjack import STATUSES

    assert {shape for _word, shape in STATUSES.values()} <= ICONS


def test_json_is_drawn_as_text_whatever_it_holds() -> None:
    drawn = draw("{{ value|json_tree }}", value={"<b>": "<script>", "list": [1, True, None, {}], "empty": []})
    assert "<script>" not in drawn
    assert "&lt;b&gt;" in drawn
    assert '<span class="json-word">null</span>' in drawn
    assert drawn.count("<details") == 2


def test_json_too_large_for_a_page_is_cut_and_says_so() -> None:
    drawn = draw("{{ value|json_tree }}", value=list(range(jsontree.MOST_NODES + 500)))
    assert "… 500 more" in drawn
    assert draw("{{ value|json_tree }}", value="x" * 5000).count("x") == jsontree.LONGEST_TEXT


def test_json_nested_a_thousand_deep_is_cut_and_not_an_error() -> None:
    value: Any = "bottom"
    for _ in range(900):
        value = [value]
    assert "… 1 more" in draw("{{ value|json_tree }}", value=value)


def test_the_icon_of_a_kind_is_drawn_in_our_size_and_hidden_from_screen_readers(tmp_path: Path) -> None:
    class Kind:
        icon_path = tmp_path / "icon.svg"

    Kind.icon_path.write_text(
        '<?xml version="1.0"?><svg width="500" height="500" style="x" viewBox="0 0 9 9"><path/></svg>'
    )
    drawn = draw("{% kind_icon kind %}", kind=Kind())
    assert drawn.startswith('<svg class="kind-icon" aria-hidden="true"')
    assert 'viewBox="0 0 9 9"' in drawn
    assert "500" not in drawn
    assert "style" not in drawn


def test_a_kind_without_an_icon_gets_a_general_one() -> None:
    assert "kind-icon" in draw('{% kind_icon kind "world" %}', kind=None)


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="How people call it")
    agree = forms.BooleanField(label="Agree", required=False)
    way = forms.MultipleChoiceField(label="Way", choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_an_error_stands_at_its_field_and_what_was_typed_stays() -> None:
    form = SampleForm({"name": "", "way": ["b"], "secret": "kept"})
    form.add_error(None, "All wrong")
    drawn = draw('{% include "_form.html" %}', form=form)
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'id="id_name_error" role="alert"' in drawn
    assert 'id="id_name_helptext"' in drawn
    assert "All wrong" in drawn
    assert 'value="kept"' in drawn


def test_a_control_gets_the_usual_class_unless_it_brings_its_own() -> None:
    class Styled(forms.Form):
        plain = forms.CharField()
        own = forms.CharField(widget=forms.TextInput(attrs={"class": "mono"}))

    drawn = draw('{% include "_form.html" %}', form=Styled())
    assert 'name="plain" class="form-control"' in " ".join(drawn.split())
    assert "form-control mono" not in drawn


def test_a_single_checkbox_stands_inside_its_label() -> None:
    drawn = draw('{% include "_form.html" %}', form=SampleForm())
    assert re.search(r'<label class="check" for="id_agree"><input type="checkbox"', drawn)
