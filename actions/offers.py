"""What an account has for the fields of an action to choose from: asked of its service, kept for a day."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.fields import ConnectionField, LoadedField, LoadedRowsField
from actions.kind import ActionKind, Option
from connections import seen
from connections.checking import strange
from connections.models import Connection, Offer
from connections.opened import Opened
from connections.places import ALL_SECONDS, SECONDS, Busy, place
from tenants import access
from tenants.models import Tenant
from webjack import config as configs
from webjack import kinds
from webjack.config import Config
from webjack.http import Failed, Http

LASTS = timedelta(days=1)
MOST = 2_000
"""Options of one field; what an account has more is typed."""
MOST_QUESTIONS = 200
"""Kept of one connection; those asked longest ago go first."""

Loaded = LoadedField | LoadedRowsField


@dataclass(frozen=True)
class Offered:
    """error: why the service could not be asked now, a sentence; the options are then those of the last time."""

    options: list[Option]
    asked_at: datetime | None = None
    error: str = ""


def loaded(spec: ActionKind) -> dict[str, Loaded]:
    """The form's fields that offer what the account has."""
    return {name: field for name, field in spec.form.base_fields.items() if isinstance(field, Loaded)}


def ask(tenant: Tenant, spec: ActionKind, name: str, config: Config, refresh: bool = False) -> Offered:
    """The options of one of its loaded fields for settings as they stand in a form, whole or not.

    Raises Http404 for a connection that the company does not have, or that is of another kind.
    """
    field = loaded(spec)[name]
    rows = _rows(tenant, spec, config)
    if not rows:
        return Offered([], error=_("Choose a connection first: the list comes from it"))
    row, question = next(iter(rows.values())), _question(spec, name, field, config)
    kept = Offer.objects.filter(_of_now(), connection=row, question=question).first()
    if kept and not refresh and kept.asked_at > timezone.now() - LASTS:
        return _offered(kept)
    opened = {one: Opened(found) for one, found in rows.items()}
    try:
        with place():
            found = _asked(spec, field, config, opened)
    except (Busy, Failed) as failed:
        return _offered(kept, error=str(failed))
    return _offered(_keep(row, question, found))


def invite(tenant: Tenant, spec: ActionKind, name: str, config: Config) -> dict[str, Any]:
    """`code` and `invitation`, or `error`, a sentence. Raises Http404 for a connection that the company has not."""
    field, code = loaded(spec)[name], f"{secrets.randbelow(900_000) + 100_000}"
    rows = _rows(tenant, spec, config)
    if not rows:
        return {"error": _("Choose a connection first: the list comes from it")}
    opened = {one: Opened(found) for one, found in rows.items()}
    http = Http(deadline=SECONDS, whole=ALL_SECONDS)
    try:
        with place():
            signed = http.through(next(iter(opened.values())))
            invitation = spec.invite(field.options, code, configs.nest(_seen(spec, field, config)) | opened, signed)
    except (Busy, Failed) as failed:
        return {"error": http.hidden(str(failed))}
    except Exception:
        return {"error": strange(http, spec.key)}
    return {"code": code, "invitation": invitation}


def found(tenant: Tenant, spec: ActionKind, name: str, config: Config, code: str) -> Option | None:
    """What has sent the code since; the service is asked. Raises Failed where it cannot be, with a sentence."""
    offered = ask(tenant, spec, name, config, refresh=True)
    for id in list(_named(spec, config).values())[:1]:
        if sight := seen.who_said(tenant.pk, id, code):
            return Option(sight.value, sight.label, about=sight.about)
    if offered.error:
        raise Failed(offered.error)
    return None


def show_labels(form: forms.Form, tenant_id: uuid.UUID, kind: str, config: Config) -> None:
    """Lets the form's inputs say what the chosen values are called, as far as that is kept."""
    for name, labels in _labels(tenant_id, kinds.get("action", kind), config).items():
        form.fields[name].widget.labels = labels  # LoadedInput or LoadedRowsWidget


def labelled(tenant_id: uuid.UUID, spec: ActionKind, config: Config) -> Config:
    """The config with labels in the place of chosen ids, for people to read."""
    flat = configs.flatten(config, list(spec.form.base_fields))
    found = _labels(tenant_id, spec, config)
    named = {name: labels.get(flat[name].strip()) for name, labels in found.items() if isinstance(flat.get(name), str)}
    return (
        configs.nest(flat | {name: label for name, label in named.items() if label}) if any(named.values()) else config
    )


def _labels(tenant_id: uuid.UUID, spec: ActionKind, config: Config) -> dict[str, dict[str, str]]:
    """The labels of all options, by field and value, of fields in which something stands."""
    flat = configs.flatten(config, list(spec.form.base_fields))
    asked = {name: _question(spec, name, field, config) for name, field in loaded(spec).items() if flat.get(name)}
    named = list(_named(spec, config).values())
    if not asked or not named:
        return {}
    kept = Offer.objects.filter(
        _of_now(), connection__tenant_id=tenant_id, connection_id=named[0], question__in=asked.values()
    )
    by_question = {offer.question: {one["value"]: one["label"] for one in offer.options} for offer in kept}
    return {name: by_question[question] for name, question in asked.items() if question in by_question}


def _of_now() -> Q:
    """Whoever enters another key may be in another account."""
    return Q(asked_at__gt=F("connection__updated_at"))


def _named(spec: ActionKind, config: Config) -> dict[str, str]:
    """The ids of the connections that stand in the settings, by field; nothing that is no id at all."""
    flat = configs.flatten(config, list(spec.form.base_fields))
    return {name: str(flat[name]) for name in _connecting(spec) if _is_id(flat.get(name))}


def _connecting(spec: ActionKind) -> dict[str, ConnectionField]:
    return {name: field for name, field in spec.form.base_fields.items() if isinstance(field, ConnectionField)}


def _rows(tenant: Tenant, spec: ActionKind, config: Config) -> dict[str, Connection]:
    fields = _connecting(spec)
    return {
        one: access.row(tenant, Connection.objects.filter(kind=fields[one].connection), id)
        for one, id in _named(spec, config).items()
    }


def _is_id(text: Any) -> bool:
    try:
        return bool(uuid.UUID(str(text)))
    except ValueError:
        return False


def _seen(spec: ActionKind, field: Loaded, config: Config) -> Config:
    """The settings that the answer may depend on."""
    flat = configs.flatten(config, list(spec.form.base_fields))
    return {name: flat.get(name) or "" for name in field.depends}


def _question(spec: ActionKind, name: str, field: Loaded, config: Config) -> str:
    seen = _seen(spec, field, config)
    if not seen:
        return f"{spec.key} {field.options}"
    text = json.dumps(seen, ensure_ascii=True, sort_keys=True, default=str)
    return f"{spec.key} {field.options} {hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _asked(spec: ActionKind, field: Loaded, config: Config, opened: dict[str, Opened]) -> list[Option]:
    """Raises Failed, with no secrets in its words."""
    http = Http(deadline=SECONDS, whole=ALL_SECONDS)
    try:
        for one in opened.values():
            http.hide(one.hidden)
        http = http.through(next(iter(opened.values())))
        found = spec.options(field.options, configs.nest(_seen(spec, field, config)) | opened, http)
        return [_short(http.hidden(asdict(option))) for option in list(found)[:MOST]]
    except Failed as failed:
        raise Failed(http.hidden(str(failed.message))) from None
    except Exception:
        raise Failed(strange(http, spec.key)) from None


def _short(told: dict[str, Any]) -> Option:
    cut = {name: str(text)[:300] for name, text in told.items() if name != "value"}
    return Option(value=str(told["value"])[:1000], **cut)


def _keep(row: Connection, question: str, options: Iterable[Option]) -> Offer:
    told = {"options": [asdict(option) for option in options], "asked_at": timezone.now()}
    offer, _fresh = Offer.objects.update_or_create(connection=row, question=question, defaults=told)
    old = row.offers.order_by("-asked_at").values_list("pk", flat=True)[MOST_QUESTIONS:]
    Offer.objects.filter(pk__in=list(old)).delete()
    return offer


def _offered(kept: Offer | None, error: str = "") -> Offered:
    if kept is None:
        return Offered([], error=error)
    return Offered([Option(**one) for one in kept.options], kept.asked_at, error)
