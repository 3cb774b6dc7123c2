"""«Bizon365: ученик курса»: adds a pupil by student/add (version 1) or grantAccess (version 2)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions import values
from actions.fields import ConnectionField, PlaceholderField
from actions.kind import Data, Said
from actions.kinds.bizon365 import pupil
from actions.kinds.bizon365.action import BizonAction
from connections.kinds.bizon365 import client
from webjack.config import Config
from webjack.http import Http


class StudentForm(forms.Form):
    connection = ConnectionField("bizon365", label=_("Bizon365 account"))
    email = PlaceholderField(label=_("E-mail"), initial="{{ client_email }}")
    name = PlaceholderField(label=pgettext_lazy("person", "Name"), initial="{{ client_name }}")
    phone = PlaceholderField(label=_("Phone"), required=False, help_text=_("Only with a project in the connection"))
    city = PlaceholderField(label=_("City"), required=False, help_text=_("Only with a project in the connection"))
    password = PlaceholderField(
        label=_("Password"),
        required=False,
        help_text=_("Only without a project in the connection. Empty: Bizon365 makes one and mails it"),
    )

    groups = (("", ("connection", "email", "name")), (_("Additional"), ("phone", "city", "password")))


class AddStudent(BizonAction):
    key = "bizon365.student"
    alias = "bizon365"
    title = _("Bizon365: pupil of a course")
    about = _("Adds a pupil; Bizon365 mails them how to get in")
    words = "бизон365 бизон ученик курс студент доступ bizon"
    form = StudentForm
    sample: ClassVar[dict[str, Any]] = {"created": True, "details": "Пользователю отправлено письмо", "done": True}

    def execute(self, config: Config, http: Http) -> Data:
        account, signed = config["connection"].config, http.through(config["connection"])
        person = pupil.person(config)
        if account.get("project"):
            return pupil.grant(signed, account, {"students": [person], "autoCreate": True, "script": []})
        asked = {"email": person["email"], "username": person.get("username", "")}
        password = values.text(config.get("password"))
        told = client.saved(signed, account, "course/student/add", asked | ({"pwd": password} if password else {}))
        return {"created": bool(told.get("studentCreated")), "details": str(told.get("details") or ""), "done": True}

    def said(self, output: Data) -> Said | None:
        return pupil.said(output)

    def goes_by_answers(self, config: Config) -> bool:
        return True

    def summary(self, config: Config) -> str:
        return str(config.get("email", ""))
