"""«Расписание»: an operation at set times, by the clocks of a place."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sources.timed.kind import Element, TimedKind
from webjack.config import Config
from webjack.http import Http

DAYS = (
    ("1", gettext_lazy("Monday")), ("2", gettext_lazy("Tuesday")), ("3", gettext_lazy("Wednesday")),
    ("4", gettext_lazy("Thursday")), ("5", gettext_lazy("Friday")), ("6", gettext_lazy("Saturday")),
    ("7", gettext_lazy("Sunday")),
)  # fmt: skip
MINUTES, HOURS, WEEK, MONTH, CRON = "minutes", "hours", "week", "month", "cron"
WAYS = (
    (WEEK, gettext_lazy("On days of the week")),
    (MONTH, gettext_lazy("On a day of the month")),
    (HOURS, gettext_lazy("Every hour")),
    (MINUTES, gettext_lazy("Every few minutes")),
    (CRON, gettext_lazy("By a cron expression")),
)
STEPS = [(str(count), str(count)) for count in (1, 2, 5, 10, 15, 20, 30)]
LAST = 31
"""The day of a month that stands for its last one."""
ONCE, SKIP = "once", "skip"


class ScheduleForm(forms.Form):
    way = forms.ChoiceField(label=gettext_lazy("When"), choices=WAYS, initial=WEEK, required=False)
    days = forms.MultipleChoiceField(
        label=gettext_lazy("Days"),
        choices=DAYS,
        initial=["1", "2", "3", "4", "5"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        min_value=1,
        max_value=LAST,
        initial=1,
        required=False,
        help_text=gettext_lazy("31 is the last day of any month"),
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        initial="09:00",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    minute = forms.IntegerField(
        label=gettext_lazy("Minute of the hour"), min_value=0, max_value=59, initial=0, required=False
    )
    step = forms.ChoiceField(label=gettext_lazy("How many minutes"), choices=STEPS, initial="15", required=False)
    cron = forms.CharField(
        label=gettext_lazy("Cron expression"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Minute, hour, day, month, day of the week: 0 9 * * 1-5"),
        widget=forms.TextInput(attrs={"spellcheck": "false", "class": "form-control mono"}),
    )
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("For example Europe/Moscow. Empty: that of the company"),
    )
    missed = forms.ChoiceField(
        label=gettext_lazy("When a run was missed"),
        choices=[(ONCE, gettext_lazy("Run once as soon as possible")), (SKIP, gettext_lazy("Wait for the next time"))],
        initial=ONCE,
        required=False,
        help_text=gettext_lazy("Because the processing was stopped or the service was being updated"),
    )

    groups = ((gettext_lazy("Basic settings"), tuple(base for base in (
        "way", "days", "day", "time", "minute", "step", "cron")),),
        (gettext_lazy("Additional"), ("zone", "missed")))  # fmt: skip
    shown_for: ClassVar[dict[str, Any]] = {
        "days": ("way", (WEEK,)),
        "day": ("way", (MONTH,)),
        "time": ("way", (WEEK, MONTH)),
        "minute": ("way", (HOURS,)),
        "step": ("way", (MINUTES,)),
        "cron": ("way", (CRON,)),
    }

    def clean_time(self) -> str:
        """As the config keeps it: `09:00`."""
        told = self.cleaned_data["time"]
        return told.strftime("%H:%M") if told else "09:00"

    def clean_zone(self) -> str:
        zone: str = self.cleaned_data["zone"].strip()
        if zone and zone not in available_timezones():
            raise ValidationError(_("There is no time zone “%(name)s”"), params={"name": zone})
        return zone

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        told["way"] = told.get("way") or WEEK
        if told["way"] == WEEK and not told.get("days"):
            self.add_error("days", _("Choose at least one day"))
        if told["way"] == CRON and "cron" not in self.errors:
            parts = (told.get("cron") or "").split()
            try:
                CronSim(" ".join(parts) if len(parts) == 5 else "", datetime(2026, 1, 1, tzinfo=UTC))
            except CronSimError:
                self.add_error("cron", _("This is no cron expression: it is five parts, such as 0 9 * * 1-5"))
        return told


class Clock(TimedKind):
    key = "schedule"
    title = gettext_lazy("Schedule")
    about = gettext_lazy("Starts the actions at set times: every morning, on the first of the month, every hour")
    words = "расписание cron крон таймер schedule по времени ежедневно"
    form = ScheduleForm
    sample: ClassVar[Config] = {
        "moment": "2026-12-01T09:00:00+03:00", "date": "2026-12-01", "time": "09:00", "weekday": 2, "day": 1,
        "month": 12, "year": 2026,
    }  # fmt: skip

    def following(self, config: Config, moment: datetime, zone: tzinfo) -> datetime:
        try:
            return next(CronSim(expression(config), moment.astimezone(_zone(config, zone))))
        except (CronSimError, StopIteration):
            raise ValueError(_("This cron expression never comes true: check its day and month")) from None

    def gather(self, config: Config, moment: datetime, zone: tzinfo, http: Http) -> Sequence[Element]:
        local = moment.astimezone(_zone(config, zone))
        data = {
            "moment": local.isoformat(timespec="seconds"),
            "date": local.date().isoformat(),
            "time": local.strftime("%H:%M"),
            "weekday": local.isoweekday(),
            "day": local.day,
            "month": local.month,
            "year": local.year,
        }
        return [Element(data)]

    def missed(self, config: Config) -> bool:
        return config.get("missed") != SKIP


def _zone(config: Config, usual: tzinfo) -> tzinfo:
    return ZoneInfo(config["zone"]) if config.get("zone") else usual


def expression(config: Config) -> str:
    """The five parts of cron that mean what was chosen."""
    hour, minute = (str(int(part)) for part in (config.get("time") or "09:00").split(":")[:2])
    match config.get("way"):
        case "minutes":
            return f"*/{int(config.get('step') or 15)} * * * *"
        case "hours":
            return f"{int(config.get('minute') or 0)} * * * *"
        case "month":
            day = int(config.get("day") or 1)
            return f"{minute} {hour} {'L' if day >= LAST else day} * *"
        case "cron":
            return str(config.get("cron") or "")
        case _:
            return f"{minute} {hour} * * {','.join(config.get('days') or ['1'])}"
