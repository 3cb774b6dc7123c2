"""What a set-up builds: front-end files and translations."""

from pathlib import Path

import pytest

from scripts import assets, translations
from tests.checkouts import BASE_DIR

# Front-end files


def test_a_copied_script_points_at_no_source_map(tmp_path: Path) -> None:
    for text in (b"let a;\n//# sourceMappingURL=a.js.map", b"let a;\n/*# sourceMappingURL=a.css.map */\n"):
        (tmp_path / "in").write_bytes(text)
        assets.copy(tmp_path / "in", tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == b"let a;\n"


def test_an_unknown_icon_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "icons.txt").write_text("no-such-icon\n")
    monkeypatch.setattr(assets, "ICONS", tmp_path / "icons.txt")
    with pytest.raises(SystemExit, match="'no-such-icon', which is no icon of Tabler"):
        assets.copy_icons(tmp_path)


def test_the_lock_of_front_end_packages_names_no_registry() -> None:
    assert '"resolved"' not in (BASE_DIR / "package-lock.json").read_text()


# Translations


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one module and one template to translate."""
    (tmp_path / "shop" / "templates").mkdir(parents=True)
    (tmp_path / "shop" / "views.py").write_text(
        'x = _("Hello %(name)s") % y\nz = ngettext("%(n)s row", "%(n)s rows", n)\n'
    )
    (tmp_path / "shop" / "templates" / "page.html").write_text(
        '<p title="{% translate "Close" %}">\n'
        "{% blocktranslate with name=a %}Dear {{ name }}{% endblocktranslate %}</p>"
    )
    monkeypatch.setattr(translations, "BASE_DIR", tmp_path)
    monkeypatch.setattr(translations, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(translations, "RUSSIAN", tmp_path / "locale" / "ru" / "LC_MESSAGES" / "django.po")
    return tmp_path


RUSSIAN = """
msgid "Hello %(name)s"
msgstr "Здравствуйте, %(name)s"

msgid "%(n)s row"
msgid_plural "%(n)s rows"
msgstr[0] "%(n)s строка"
msgstr[1] "%(n)s строки"
msgstr[2] "%(n)s строк"
msgstr[3] "%(n)s строки"

msgid "Close"
msgstr "Закрыть"

msgid "Dear %(name)s"
msgstr "Уважаемый %(name)s"
"""


def test_untranslated_texts_of_code_and_templates_are_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.check() == 1
    listed = capsys.readouterr().out
    for where in (
        "views.py:1: 'Hello",
        "views.py:2: ('%(n)s row'",
        "page.html:1: 'Close'",
        "page.html:2: 'Dear %(name)s'",
    ):
        assert where in listed


def test_merged_translations_are_kept_checked_and_compiled(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "new.po").write_text(RUSSIAN)
    translations.merge([project / "new.po"])
    assert translations.check() == 0, capsys.readouterr().out
    kept = translations.RUSSIAN.read_text()
    translations.main("extract")
    assert translations.RUSSIAN.read_text() == kept
    translations.compile_all()
    assert "Уважаемый %(name)s".encode() in translations.RUSSIAN.with_suffix(".mo").read_bytes()


def test_a_translation_that_lost_its_placeholder_is_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "new.po").write_text(RUSSIAN.replace("Здравствуйте, %(name)s", "Здравствуйте, %(imya)s"))
    translations.merge([project / "new.po"])
    assert translations.check() == 1
    assert "'Hello %(name)s': " in capsys.readouterr().out
