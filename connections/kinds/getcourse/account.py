"""«GetCourse»: a school, by its address and secret key."""

import re
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.getcourse import client
from webjack.config import Config
from webjack.http import Failed, Http, Outgoing


class SchoolForm(forms.Form):
    account = forms.CharField(
        label=gettext_lazy("School's address"),
        max_length=253,
        help_text=gettext_lazy("For example myschool.getcourse.ru; a domain of your own will do as well"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    key = SecretField(
        label=gettext_lazy("Secret key"),
        help_text=gettext_lazy("GetCourse → Profile → Account settings → API: “Generate” and copy"),
    )

    def clean_account(self) -> str:
        """A name, a host, or any address inside the school."""
        pasted: str = self.cleaned_data["account"].strip().lower()
        try:
            host = urlsplit(pasted if "//" in pasted else "//" + pasted).netloc
        except ValueError:  # as of "http://["
            host = ""
        if re.fullmatch(r"[a-z0-9-]+", host):
            host += ".getcourse.ru"
        if not re.fullmatch(r"[a-z0-9а-яё.-]+(:\d{1,5})?", host):
            raise ValidationError(_("This is no address of a school: it is like myschool.getcourse.ru"))
        return host

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        told["key"] = str(told.get("key") or "").strip()
        if not told["key"] and "key" not in self.errors:
            self.add_error("key", _("Fill this in"))
        return told


class School(ConnectionKind):
    key = "getcourse"
    title = "GetCourse"
    about = gettext_lazy("Pupils and orders of a school on GetCourse")
    words = "getcourse геткурс гет курс школа"
    form = SchoolForm
    bound = ("account",)

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        """The key is a field of each request (client.sent)."""

    def check(self, config: Config, http: Http) -> str:
        """By the list of groups, which changes nothing. A wish for a filter there still means that the key fits."""
        try:
            info = client.asked(http, config, "groups")
        except client.NotReady:
            info = None
        except Failed as failed:
            if failed.denied or not re.search(r"фильтр|filter", str(failed), re.IGNORECASE):
                raise
            info = None
        if isinstance(info, list):
            return _("The school %(account)s, groups: %(count)s") % {"account": config["account"], "count": len(info)}
        return _("The school %(account)s: the key fits") % {"account": config["account"]}
