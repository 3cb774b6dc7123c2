"""«Задержка»: the operation waits: for a time, until a moment, or until people work."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField
from actions.filters.moments import moment, zone_of
from actions.kind import ActionKind, Data, Example
from actions.kinds.flow.clocks import clock, opening, shifted
from actions.values import text
from webjack.config import Config
from webjack.http import Failed, Http

TIME, MOMENT, HOURS = "time", "moment", "hours"
MOST_DAYS = 90
UNITS = [("seconds", _("seconds")), ("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days"))]
SHORT = [("seconds", _("s")), ("minutes", _("min")), ("hours", _("h")), ("days", _("d"))]
WEEK = [
    ("0", _("Mon")), ("1", _("Tue")), ("2", _("Wed")), ("3", _("Thu")), ("4", _("Fri")), ("5", _("Sat")),
    ("6", _("Sun")),
]  # fmt: skip
BEFORE, AFTER = "before", "after"
_BEFORE = _("%(amount)s %(unit)s before %(moment)s")
COMPANY = "{{ company.time_zone }}"


class DelayForm(forms.Form):
    shown_for: ClassVar[dict[str, Any]] = {
        "amount": ("mode", (TIME,)),
        "unit": ("mode", (TIME,)),
        "moment": ("mode", (MOMENT,)),
        "shift": ("mode", (MOMENT,)),
        "shift_unit": ("mode", (MOMENT,)),
        "side": ("mode", (MOMENT,)),
        "days": ("mode", (HOURS,)),
        "since": ("mode", (HOURS,)),
        "till": ("mode", (HOURS,)),
        "zone": ("mode", (MOMENT, HOURS)),
    }

    mode = forms.ChoiceField(
        label=_("How to wait"),
        choices=[(TIME, _("For a time")), (MOMENT, _("Until a date and time")), (HOURS, _("Until working hours"))],
        initial=TIME,
        required=False,
        widget=forms.RadioSelect,
    )
    amount = forms.IntegerField(label=_("Wait"), min_value=1, max_value=100_000, initial=5, required=False)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, initial="minutes", required=False)
    moment = PlaceholderField(
        label=_("Date and time"),
        required=False,
        help_text=_("A field with a date, or a date itself: 24.12.2026 10:00. One that has passed is not waited for"),
    )
    shift = forms.IntegerField(
        label=_("Shifted by"), min_value=0, max_value=100_000, initial=0, required=False, help_text=_("0: exactly then")
    )
    shift_unit = forms.ChoiceField(label=_("Unit of the shift"), choices=UNITS, initial="hours", required=False)
    side = forms.ChoiceField(
        label=_("Before or after"),
        choices=[(BEFORE, _("before this moment")), (AFTER, _("after this moment"))],
        initial=BEFORE,
        required=False,
    )
    days = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=WEEK,
        initial=["0", "1", "2", "3", "4"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    since = forms.CharField(
        label=_("Work begins"), initial="09:00", required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    till = forms.CharField(
        label=_("Work ends"),
        initial="18:00",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("What comes within working hours goes on at once"),
    )
    zone = PlaceholderField(
        label=_("Time zone"),
        initial=COMPANY,
        required=False,
        help_text=_("By default that of the company, set on its page. Another one: Asia/Omsk or +06:00"),
    )

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        cleaned["mode"] = cleaned.get("mode") or TIME
        for name in ("unit", "shift_unit", "side", "zone"):
            cleaned[name] = cleaned.get(name) or self.base_fields[name].initial
        cleaned["shift"] = cleaned.get("shift") or 0
        needed = {TIME: ("amount",), MOMENT: ("moment",), HOURS: ("days", "since", "till")}[cleaned["mode"]]
        for name in needed:
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("This field is required."))
        for name, amount, unit in (
            ("amount", cleaned.get("amount"), "unit"),
            ("shift", cleaned["shift"], "shift_unit"),
        ):
            if amount and shifted(timezone.now(), amount, cleaned[unit], UTC) > _furthest():
                self.add_error(name, _too_far())

    def clean_since(self) -> str:
        return _clock(self.cleaned_data["since"])

    def clean_till(self) -> str:
        return _clock(self.cleaned_data["till"])


class Delay(ActionKind):
    """Its output: `until` in UTC; `passed`: the moment had gone, or it was working time, so nothing was waited for."""

    key = "flow.delay"
    alias = "delay"
    title = _("Delay")
    about = _("Waits and goes on later: in an hour, two hours before a visit, when people work")
    words = "delay пауза подождать wait sleep задержка рабочее время"
    form = DelayForm
    sample: ClassVar[Data] = {"until": "2026-11-24T10:05:00+00:00", "passed": False}
    network = False

    example = Example(
        _("The operation goes on two hours before the visit; restarts do no harm to it"),
        {"visit": "17.03.2026 10:00"},
        {"mode": "moment", "moment": "{{ visit }}", "shift": 2, "shift_unit": "hours", "zone": "Europe/Moscow"},
        {"until": "2026-03-17T05:00:00+00:00", "passed": False},
    )

    def execute(self, config: Config, http: Http) -> Data:
        now = datetime.now(UTC)
        until = {TIME: _for_a_time, MOMENT: _until_moment, HOURS: _until_work}[config.get("mode") or TIME](config, now)
        if until > _furthest():
            raise Failed(_too_far())
        return {"until": until.astimezone(UTC).isoformat(timespec="seconds"), "passed": until <= now}

    def summary(self, config: Config) -> str:
        mode = config.get("mode") or TIME
        if mode == TIME:
            return f"{config.get('amount', '')} {dict(SHORT).get(config.get('unit') or '', '')}"
        if mode == HOURS:
            titles = dict(WEEK)
            days = ", ".join(str(titles.get(day, "")) for day in config.get("days") or [])
            return f"{days} {config.get('since', '')}–{config.get('till', '')}"
        told = gettext("until %(moment)s") % {"moment": config.get("moment", "")}
        if not config.get("shift"):
            return told
        words = _("%(amount)s %(unit)s after %(moment)s") if config.get("side") == AFTER else _BEFORE
        unit = dict(SHORT).get(config.get("shift_unit") or "hours", "")
        return str(words) % {"amount": config["shift"], "unit": unit, "moment": config.get("moment", "")}

    def pause(self, output: Data) -> datetime | None:
        return datetime.fromisoformat(output["until"]) if output.get("until") and not output.get("passed") else None

    def told(self, output: Data) -> str:
        if output.get("passed"):
            return gettext("this moment has passed, or it is working time: the operation goes on at once")
        local = timezone.localtime(datetime.fromisoformat(output["until"]))
        return gettext("waits until %(moment)s") % {"moment": formats.date_format(local, "j E Y, H:i:s")}


def _for_a_time(config: Config, now: datetime) -> datetime:
    return shifted(now, int(config["amount"]), config.get("unit") or "minutes", UTC)


def _until_moment(config: Config, now: datetime) -> datetime:
    zone = _zone(config)
    try:
        read = moment(config.get("moment"), zone, lambda: now)
        if read is None:
            raise Failed(gettext("The date to wait for is empty"))
        amount = int(config.get("shift") or 0)
        sign = 1 if config.get("side") == AFTER else -1
        return shifted(read.when, sign * amount, config.get("shift_unit") or "hours", zone)
    except (ValueError, OverflowError) as bad:
        raise Failed(str(bad)) from bad


def _until_work(config: Config, now: datetime) -> datetime:
    days = [int(day) for day in config.get("days") or []]
    try:
        begins = opening(now, days, clock(config["since"]), clock(config["till"]), _zone(config))
    except ValueError:
        raise Failed(gettext("There are no working days to wait for")) from None
    return begins or now


def _zone(config: Config) -> tzinfo:
    try:
        return zone_of(text(config.get("zone")).strip(), ZoneInfo("Europe/Moscow"))
    except ValueError as bad:
        raise Failed(str(bad)) from bad


def _furthest() -> datetime:
    return datetime.now(UTC) + timedelta(days=MOST_DAYS, hours=1)


def _too_far() -> str:
    return gettext("An operation waits at most %(days)s days") % {"days": MOST_DAYS}


def _clock(written: str) -> str:
    if not written:
        return ""
    try:
        return clock(written).strftime("%H:%M")
    except ValueError:
        raise ValidationError(_("Write the time as 09:00")) from None
