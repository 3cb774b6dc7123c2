"""«Telegram»: a bot, by the token that @BotFather gives."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.fields import SecretField
from connections.kind import ConnectionKind, Token
from connections.kinds.telegram import client
from webjack.config import Config
from webjack.http import Http, Outgoing

TOKEN = re.compile(r"[1-9][0-9]{0,19}:[A-Za-z0-9_-]{10,80}")


class BotForm(forms.Form):
    token = SecretField(
        label=gettext_lazy("Bot token"),
        help_text=gettext_lazy("Write /newbot or /token to @BotFather in Telegram; it looks like 123456789:AAE…"),
    )

    def clean_token(self) -> str:
        token = str(self.cleaned_data["token"]).strip()
        if token and not TOKEN.fullmatch(token):
            raise ValidationError(_("This is no token of a bot: it is digits, a colon and letters, without spaces"))
        return token

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        if not told.get("token") and "token" not in self.errors:
            self.add_error("token", _("Fill this in"))
        return told


class Bot(ConnectionKind):
    key = "telegram"
    title = gettext_lazy("Telegram: bot")
    about = gettext_lazy("Sends messages to people, groups and channels")
    words = "телеграм бот telegram bot"
    form = BotForm

    def authorise(self, config: Config, request: Outgoing, token: Token | None) -> None:
        """The token is part of the address (client.address)."""

    def check(self, config: Config, http: Http) -> str:
        bot = client.call(http, str(config["token"]), "getMe", {})
        return _("The bot @%(name)s") % {"name": bot.get("username") or bot.get("first_name")}
