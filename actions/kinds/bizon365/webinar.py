"""«Bizon365: запись на вебинар»: registers by webinars/subpages/addSubscriber."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from actions.fields import ConnectionField, PlaceholderField
from actions.filled import needed, texts
from actions.kind import Data
from actions.kinds.bizon365 import pupil
from actions.kinds.bizon365.action import BizonAction
from connections.kinds.bizon365 import client
from webjack.config import Config
from webjack.http import Http

MARKS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")


class WebinarForm(forms.Form):
    connection = ConnectionField("bizon365", label=gettext_lazy("Bizon365 account"))
    page = PlaceholderField(
        label=gettext_lazy("Registration page"), help_text=gettext_lazy("Its identifier, for example 1234:webinar")
    )
    time = PlaceholderField(
        label=gettext_lazy("Session"), help_text=gettext_lazy("When it begins, for example 2026-12-01T17:00:00.000Z")
    )
    email = PlaceholderField(label=gettext_lazy("E-mail"), initial="{{ client_email }}")
    name = PlaceholderField(label=pgettext_lazy("person", "Name"), required=False, initial="{{ client_name }}")
    phone = PlaceholderField(label=gettext_lazy("Phone"), required=False, initial="{{ client_phone }}")
    confirm = forms.BooleanField(
        label=gettext_lazy("Ask for confirmation by e-mail"), required=False, help_text=gettext_lazy("Bizon365 asks")
    )
    url_marker = PlaceholderField(label=gettext_lazy("Partner's mark"), required=False)
    utm_source = PlaceholderField(label="utm_source", required=False)
    utm_medium = PlaceholderField(label="utm_medium", required=False)
    utm_campaign = PlaceholderField(label="utm_campaign", required=False)
    utm_content = PlaceholderField(label="utm_content", required=False)
    utm_term = PlaceholderField(label="utm_term", required=False)

    groups = (
        ("", ("connection", "page", "time", "email", "name", "phone", "confirm")),
        (gettext_lazy("Where the person came from"), ("url_marker", *MARKS)),
    )


class RegisterForWebinar(BizonAction):
    key = "bizon365.webinar"
    alias = "webinar"
    title = gettext_lazy("Bizon365: webinar registration")
    about = gettext_lazy("Registers a person for a session of a webinar; gives the personal link")
    words = "бизон365 бизон вебинар запись регистрация bizon"
    form = WebinarForm
    sample: ClassVar[dict[str, Any]] = {"hash": "abc", "link": "https://online.bizon365.ru/click/abc"}

    def execute(self, config: Config, http: Http) -> Data:
        person = pupil.person(config)
        asked: dict[str, Any] = {"pageId": _needed(config, "page"), "time": _needed(config, "time"), **person}
        if config.get("confirm"):
            asked["confirm"] = 1
        asked |= texts(config, ("url_marker", *MARKS))
        opened = config["connection"]
        told = client.saved(http.through(opened), opened.config, "webinars/subpages/addSubscriber", asked)
        link = told.get("url_userdomain") or told.get("url_default")
        return {"hash": str(told.get("hash") or ""), "link": str(link or "")}

    def summary(self, config: Config) -> str:
        return f"{config.get('email', '')} → {config.get('page', '')}"


def _needed(config: Config, name: str) -> str:
    return needed(config, name, WebinarForm.base_fields[name].label)
