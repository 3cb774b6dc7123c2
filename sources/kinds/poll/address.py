"""«Опрос адреса»: asks an address again and again, and takes what is new in its list."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import ConnectionField, RowsField
from actions.kinds.http.answer_path import find_in
from sources.timed.kind import Element, TimedKind
from webjack.config import Config
from webjack.decode import read_answer
from webjack.http import Failed, Http
from webjack.http.address import parse

INTERVALS = (
    ("1", gettext_lazy("every minute")),
    ("5", gettext_lazy("every 5 minutes")),
    ("15", gettext_lazy("every 15 minutes")),
    ("30", gettext_lazy("every 30 minutes")),
    ("60", gettext_lazy("every hour")),
    ("360", gettext_lazy("every 6 hours")),
    ("1440", gettext_lazy("once a day")),
)
REMEMBER, TAKE = "remember", "take"
WHICH = ("url", "method", "query", "body", "items", "mark")
"""The settings that say which list it is and how its elements are known."""


class PollForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
    )
    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=INTERVALS, initial="15", required=False)
    items = forms.CharField(
        label=gettext_lazy("Where the list is in the answer"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For example data.items. Empty: the whole answer is the list, or one single element"),
    )
    mark = forms.CharField(
        label=gettext_lazy("Field that elements are known by"),
        max_length=300,
        required=False,
        initial="id",
        help_text=gettext_lazy("An element comes once for each value of it. Empty: it comes again whenever it changed"),
    )
    first = forms.ChoiceField(
        label=gettext_lazy("What is there the first time"),
        choices=[
            (REMEMBER, gettext_lazy("Remember it and take what comes new")),
            (TAKE, gettext_lazy("Take all of it")),
        ],
        initial=REMEMBER,
        required=False,
    )
    connection = ConnectionField("http", label=gettext_lazy("Authorisation"), required=False)
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), choices=[("GET", "GET"), ("POST", "POST")], initial="GET", required=False
    )
    query = RowsField(label=gettext_lazy("Query string parameters"))
    headers = RowsField(label=gettext_lazy("Headers"))
    body = forms.CharField(
        label=gettext_lazy("Body"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "form-control mono"}),
    )

    groups = (
        (gettext_lazy("Basic settings"), ("url", "every", "items", "mark", "first")),
        (gettext_lazy("The request"), ("connection", "method", "query", "headers", "body")),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            parse(url)
        except Failed as failed:
            raise forms.ValidationError(str(failed.message)) from failed
        return url


class Address(TimedKind):
    key = "poll"
    title = gettext_lazy("Polling of an address")
    about = gettext_lazy("Asks an address again and again and takes what is new in its list")
    words = "опрос адрес api poll список новые проверять"
    form = PollForm
    network = True
    sample: ClassVar[Config] = {"id": 1024, "name": "Анна Петрова", "phone": "+79161234567"}

    def following(self, config: Config, moment: datetime, zone: tzinfo) -> datetime:
        """At the minute: the task that runs it comes once in each, a little later or earlier."""
        later = moment.astimezone(UTC) + timedelta(minutes=int(config.get("every") or 15))
        return later.replace(second=0, microsecond=0)

    def gather(self, config: Config, moment: datetime, zone: tzinfo, http: Http) -> Sequence[Element]:
        sender = http.through(config.get("connection") or None)
        headers = [(row["name"], values.text(row["value"])) for row in config.get("headers") or []]
        body = values.encoded(config["body"]) if config.get("body") and config.get("method") == "POST" else None
        if body is not None and "content-type" not in {name.lower() for name, _value in headers}:
            headers.append(("Content-Type", "application/json"))
        answer = sender.request(
            config.get("method") or "GET",
            config["url"],
            query=[(row["name"], values.text(row["value"])) for row in config.get("query") or []],
            headers=headers,
            body=body,
            follow_redirects=True,
        )
        if not 200 <= answer.status < 300:
            raise answer.failure()
        told = read_answer(answer.headers.get("Content-Type", ""), answer.body, answer.text).value
        return elements(told, str(config.get("items") or ""), str(config.get("mark") or ""))

    def same_list(self, before: Config, now: Config) -> bool:
        return all(before.get(name) == now.get(name) for name in WHICH)

    def takes_first(self, config: Config) -> bool:
        return config.get("first") == TAKE


def elements(told: Any, where: str, mark: str) -> list[Element]:
    """The elements of an answer, the oldest first as far as the list tells: in its order. Raises Failed."""
    found = find_in({"body": told}, where) if where else told
    if where and found is None:
        raise Failed(_("The answer has no list at “%(path)s”: check where it is") % {"path": where})
    if isinstance(found, dict) and where and all(isinstance(each, dict) for each in found.values()):
        found = list(found.values())  # {"17": {…}, "18": {…}}
    each = found if isinstance(found, list) else [found]
    return [Element(data, _mark(data, mark)) for data in map(_data, each) if data]


def _data(element: Any) -> Config:
    return element if isinstance(element, dict) else {} if element in (None, "") else {"value": element}


def _mark(data: Config, name: str) -> str:
    """The value of the field; of an element that has none, or where none is named, a digest of all it holds."""
    value = find_in({"body": data}, name) if name else None
    if value is not None and value != "":
        return values.text(value)
    return "#" + hashlib.sha256(values.encoded(values.json_text(data))).hexdigest()
