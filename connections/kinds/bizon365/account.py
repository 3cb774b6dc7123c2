"""«Bizon365»: an account, by its token and, in version 2 of the API, a project."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.bizon365 import client
from webjack.config import Config
from webjack.http import Failed, Http, Outgoing


class AccountForm(forms.Form):
    token = SecretField(
        label=gettext_lazy("API token"),
        help_text=gettext_lazy("Bizon365 → Settings → Staff: open an employee and make a token there"),
    )
    project = forms.CharField(
        label=gettext_lazy("Project"),
        required=False,
        max_length=64,
        help_text=gettext_lazy(
            "The project's identifier: it stands in the address of the account's pages. "
            "Leave it empty only when the account was made before 22 August 2025 and has one project"
        ),
    )

    def clean_project(self) -> str:
        project: str = self.cleaned_data["project"].strip()
        if not re.fullmatch(r"[A-Za-z0-9_-]*", project):
            raise ValidationError(_("An identifier is Latin letters and digits, without spaces"))
        return project

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        if not str(told.get("token") or "").strip() and "token" not in self.errors:
            self.add_error("token", _("Fill this in"))
        return told


class Account(ConnectionKind):
    key = "bizon365"
    title = "Bizon365"
    about = gettext_lazy("Webinars and courses: pupils and registrations")
    words = "бизон365 бизон bizon вебинар курсы"
    form = AccountForm

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        request.headers.append(("X-Token", str(config["token"]).strip()))

    def check(self, config: Config, http: Http) -> str:
        project = config.get("project")
        if not project:
            told = client.get(http, config, "webinars/subpages/getSubpages", {"skip": 0, "limit": 1})
            return _("Version 1 of the API, registration pages: %(count)s") % {"count": told.get("total", 0)}
        known = client.get(http, config, "/v2/user/getProjects").get("projects") or []
        titles = {str(each.get("id")): str(each.get("title") or each.get("id")) for each in known}
        if project not in titles:
            there = ", ".join(f"{title} — {id}" for id, title in titles.items()) or "—"
            raise Failed(_("The account has no such project. There are: %(projects)s") % {"projects": there})
        return _("The project “%(title)s”") % {"title": titles[project]}
