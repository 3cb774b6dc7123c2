"""Saves connections: secrets apart from the other settings, and kept where nothing is entered in their place."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections import vault
from connections.fields import tell_set
from connections.models import Connection, State
from tenants import journal
from webjack import config as configs
from webjack.config import Config
from webjack.http import Failed

STRAYS = _("This would now go to another address: enter it anew")


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    """What every connection has beside its kind's settings."""

    prefix = "own"

    class Meta:
        model = Connection
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off", "class": "form-control"})}
        help_texts = {"name": _("What you call this account, such as “CRM of the sales team”")}


def whole_form(row: Connection, data: Any) -> forms.Form:
    """The kind's form of a new or a saved row, with what was posted, or None; secrets left empty are in it."""
    spec, kept = row.spec, secrets_of(row)
    first = configs.initial(spec.form, None if row._state.adding else row.config)
    if data is not None:
        data = data.copy()
        for name in spec.secrets:
            if not data.get(name) and kept.get(name):
                data[name] = kept[name]
    form = spec.form(data, initial=first)
    tell_set(form, kept)
    return form


def with_kept(row: Connection, config: Config) -> Config:
    """The same for a config that a program sends."""
    kept = secrets_of(row)
    return config | {name: text for name, text in kept.items() if not config.get(name)}


def stay(row: Connection, form: forms.Form, entered: Any) -> bool:
    """Whether a valid form sends no kept secret elsewhere than before; says else which have to be entered anew."""
    gone = strayed(row, configs.nest(form.cleaned_data), entered)
    for name in gone:
        form.add_error(name, STRAYS)
    return not gone


def strayed(row: Connection, config: Config, entered: Any) -> list[str]:
    """The kept secrets that these settings would send elsewhere. entered: what came, by the names of the fields.

    Nobody can read a secret, so nobody may have it sent to a host of his own either.
    """
    if row._state.adding:
        return []
    kept = secrets_of(row)
    moved = set(row.spec.strays(row.config, config))
    return [name for name in kept if name in moved and config.get(name) and not entered.get(name)]


def secrets_of(row: Connection) -> Config:
    """None where they cannot be read any more: they have to be entered again."""
    try:
        return row.secrets
    except Failed:
        return {}


def put(row: Connection, config: Config) -> None:
    """Saves these whole settings in a row whose other fields are set; what was known of it is forgotten.

    Raises Failed when secrets cannot be kept here.
    """
    secret = set(row.spec.secrets)
    fresh = {name: text for name, text in config.items() if name in secret and text}
    plain = {name: value for name, value in config.items() if name not in secret}
    if not row._state.adding and _filled(plain) == _filled(row.config) and fresh == secrets_of(row):
        with journal.noted(row):
            row.save(update_fields=["name"])  # and not the token: a worker may just have renewed it
        return
    row.config, row.sealed = plain, vault.seal(fresh)
    row.token, row.renewing_until = "", None
    row.state, row.reason, row.checked_at = State.WORKS, "", None
    row.since = row.updated_at = timezone.now()
    row.__dict__.pop("secrets", None)
    with journal.noted(row):
        row.save()


def _filled(config: Config) -> Config:
    return {name: value for name, value in config.items() if value not in ("", None)}
