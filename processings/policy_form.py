"""The policy of repeated attempts as people see and write it, on the pages of a processing and of an action."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from processings import delays, policy
from processings.models import LONGEST_DEADLINE, SHORTEST_DEADLINE, Processing
from processings.policy import LONGEST_DELAY, MOST_ATTEMPTS, Policy
from tenants import journal
from webjack import status_codes

USUAL, OWN = "usual", "own"


class ReadField(forms.CharField):
    """A text that stands for something else. parse: raises ValueError with a sentence; write: the way back."""

    def __init__(self, parse: Callable[[str], Any], write: Callable[[Any], str], **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(**options)
        self.parse, self.write = parse, write

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else self.write(value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return self.parse(text) if text else None
        except ValueError as bad:
            raise ValidationError(str(bad)) from bad


def bounded(seconds: int, least: int, most: int) -> int:
    """Raises ValueError with a sentence when it is too short or too long."""
    if seconds < least:
        raise ValueError(_("At least %(time)s") % {"time": delays.written(least)})
    if seconds > most:
        raise ValueError(_("At most %(time)s") % {"time": delays.written(most)})
    return seconds


def _delays(text: str) -> list[int]:
    found = [bounded(seconds, 1, LONGEST_DELAY) for seconds in delays.parse_list(text)]
    if len(found) >= MOST_ATTEMPTS:
        raise ValueError(_("There may be at most %(count)s repeats") % {"count": MOST_ATTEMPTS - 1})
    return found


class PolicyForm(forms.Form):
    """`policy` is what is to be stored once the form is valid: null where it is as usual.

    stored: what is stored now. usual: what then holds, under the words of `label`.
    """

    prefix = "retries"
    parts = ("repeats", "delays", "codes")

    choice = forms.ChoiceField(label=gettext_lazy("Repeats"), required=False, widget=forms.RadioSelect)
    repeats = forms.IntegerField(
        label=gettext_lazy("How many times to repeat"),
        required=False,
        min_value=0,
        max_value=MOST_ATTEMPTS - 1,
        error_messages={"max_value": gettext_lazy("At most %(limit_value)s"), "min_value": gettext_lazy("At least 0")},
        widget=forms.NumberInput(attrs={"class": "form-control short", "autocomplete": "off"}),
    )
    delays = ReadField(
        _delays,
        delays.written_list,
        label=gettext_lazy("After how long"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Before the first repeat, the second and so on; the last one goes for all that follow"),
    )
    codes = ReadField(
        status_codes.parse,
        ", ".join,
        label=gettext_lazy("After which answers"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Status codes, * is any digit. 410 is never repeated, other 4** but 408, 425 and 429 twice at most. "
            "When no answer came, it is repeated anyway"
        ),
    )

    def __init__(self, data: Any, stored: dict[str, Any] | None, usual: Policy, label: Any) -> None:
        self.stored = stored
        self.usual = usual
        now = usual if stored is None else policy.read(stored)
        initial = {"repeats": now.attempts - 1, "delays": list(now.delays), "codes": list(now.codes)}
        super().__init__(data, initial={"choice": USUAL if stored is None else OWN} | initial)
        told = {"label": label, "promise": promise(usual)}
        self.fields["choice"].choices = [  # type: ignore[attr-defined]
            (USUAL, _("%(label)s: %(promise)s") % told),
            (OWN, _("Own ones")),
        ]

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("choice") != OWN:
            for name in self.parts:  # what is not shown is not wrong
                self.errors.pop(name, None)
            self.policy = None if told.get("choice") == USUAL else self.stored
            return told
        for name in ("repeats", "delays"):
            if name not in self.errors and told.get(name) is None and told.get("repeats") != 0:
                self.add_error(name, self.fields[name].error_messages["required"])
        if not self.errors:
            self.policy = self._read(told)
        return told

    def _read(self, told: dict[str, Any]) -> dict[str, Any]:
        after = tuple(told["delays"] or self.usual.delays)[: max(told["repeats"], 1)]
        return Policy(told["repeats"] + 1, after, tuple(told["codes"] or ())).stored


class RetriesForm(PolicyForm):
    """The same of a processing, with its deadline."""

    deadline = ReadField(
        lambda text: bounded(delays.parse(text), SHORTEST_DEADLINE, LONGEST_DEADLINE),
        delays.written,
        label=gettext_lazy("Time for an operation"),
        max_length=40,
        help_text=gettext_lazy("From its first attempt. After that no new attempt begins, and it ends with an error"),
    )

    def __init__(self, data: Any, processing: Processing) -> None:
        super().__init__(data, processing.retries, policy.USUAL, _("As usual"))
        self.processing = processing
        self.initial["deadline"] = processing.deadline_seconds

    def save(self) -> None:
        """Writes these and nothing else: somebody may start, stop or delete the processing just now."""
        chosen = {"retries": self.policy, "deadline_seconds": self.cleaned_data["deadline"]}
        with journal.noted(self.processing):
            Processing.objects.filter(pk=self.processing.pk).update(**chosen, updated_at=timezone.now())


def promise(chosen: Policy) -> str:
    """The table in words: after 10 s, 1 min, 5 min."""
    if not chosen.table:
        return _("no repeats")
    return _("after %(delays)s") % {"delays": delays.written_list(chosen.table)}


def promised(stored: dict[str, Any]) -> str:
    """A stored policy in words, with the answers that it repeats after."""
    found = policy.read(stored)
    return _("%(delays)s; answers: %(codes)s") % {"delays": promise(found), "codes": ", ".join(found.codes) or "—"}
