"""«GetCourse: пользователь»: adds or changes a user, puts them into groups (users, action=add)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.fields import RowsField
from actions.kind import ActionKind, Data
from actions.kinds.getcourse import pupil
from connections.kinds.getcourse import client
from webjack.config import Config
from webjack.http import Http


class UserForm(pupil.VisitForm):
    connection = pupil.connection_field()
    email = pupil.text_field(_("E-mail"), "{{ client_email }}", required=True)
    phone = pupil.text_field(_("Phone"), "{{ client_phone }}")
    first_name = pupil.text_field(_("First name"), "{{ client_name }}")
    last_name = pupil.text_field(_("Last name"))
    city = pupil.text_field(_("City"))
    country = pupil.text_field(_("Country"))
    refresh = forms.BooleanField(label=_("Change the user when there is one"), required=False, initial=True)
    user_groups = RowsField(
        label=_("Groups"), help_text=_("The group's name; on the right until when, for example 2026-10-01 21:00")
    )
    user_fields = pupil.extra_field(_("Additional fields of the user"))

    groups = (
        ("", ("connection", "email", "phone", "first_name", "last_name", "refresh", "user_groups")),
        (_("Additional"), ("city", "country", "user_fields")),
        pupil.CAME_FROM,
    )


class SaveUser(ActionKind):
    key = "getcourse.user"
    alias = "user"
    title = _("GetCourse: user")
    about = _("Adds a user or changes one, puts them into groups")
    words = "getcourse геткурс пользователь ученик группа"
    form = UserForm
    sample: ClassVar[dict[str, Any]] = {"user_id": 123456, "user_status": "added"}

    def execute(self, config: Config, http: Http) -> Data:
        told = {
            "user": pupil.user(config),
            "system": {"refresh_if_exists": 1 if config.get("refresh") else 0},
            **pupil.visit(config),
        }
        opened = config["connection"]
        result = client.sent(http.through(opened), opened.config, "users", "add", told)
        return {"user_id": result.get("user_id"), "user_status": result.get("user_status")}

    def harmless(self, config: Config) -> bool:
        return True

    def summary(self, config: Config) -> str:
        return str(config.get("email", ""))
