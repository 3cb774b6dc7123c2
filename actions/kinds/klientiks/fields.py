"""Values as Klientiks takes them: phones in digits, days and times written its way, only what was filled in."""

import re
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from actions import values
from actions.filled import several, text, whole
from actions.filters.moments import moment
from actions.filters.phones import e164
from webjack.config import Config
from webjack.http import Failed

MOST_NUMBERS = 100
DAY, SECOND = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"


def phone(config: Config) -> str:
    """Digits with the country's code. Raises Failed."""
    written = text(config, "phone")
    digits = re.sub(r"\D", "", e164(written) or written)
    if not digits:
        raise Failed(_("The phone is empty: Klientiks knows clients by it"))
    return digits


def number(config: Config, name: str, what: Any) -> str:
    """An identifier. Raises Failed. what: the field's label."""
    told = text(config, name)
    if whole(told) is None:
        raise Failed(
            _("“%(field)s”: a number was expected, and there is “%(value)s”") % {"field": what, "value": told[:60]}
        )
    return told


def numbers(config: Config, name: str, what: Any) -> list[str]:
    """Identifiers from a list or from a text with commas. Raises Failed, also when there is none."""
    told = config.get(name)
    each = several(told if isinstance(told, list) else values.text(told).strip("[] "), MOST_NUMBERS)
    return [number({name: one.strip("\"' ")}, name, what) for one in each or [""]]


def time(config: Config, name: str, what: Any) -> datetime:
    """A moment in the company's zone, which is the one of the place: Klientiks keeps none. Raises Failed."""
    return _moment(config, name, what).astimezone(_zone(config))


def birth(config: Config, name: str, what: Any) -> str:
    """A day as it was written, whatever its zone. Raises Failed."""
    return _moment(config, name, what).strftime("%d.%m.%Y")


def _zone(config: Config) -> tzinfo:
    zone: tzinfo = config.get("zone") or ZoneInfo("Europe/Moscow")
    return zone


def _moment(config: Config, name: str, what: Any) -> datetime:
    try:
        told = moment(config.get(name), _zone(config))
        if told and not 1 < told.when.year < 9999:  # no room for another zone, or for an end
            raise ValueError(_("“%(value)s” is not a date") % {"value": values.short(config[name])})
    except ValueError as bad:
        raise Failed(_("“%(field)s”: %(problem)s") % {"field": what, "problem": bad}) from bad
    if told is None:
        raise Failed(_("“%(field)s” is empty: the data brought nothing for it") % {"field": what})
    return told.when
