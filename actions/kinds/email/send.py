"""«Почта: письмо»: sends a letter from a company's own mailbox, or from the service's."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import FOLDED, ConnectionField, PlaceholderField, RowsField
from actions.kind import ActionKind, Data, Said
from actions.kinds.email.letter import HTML, READY, TEXT, written
from actions.tree_field import BASE64, FILE
from connections.kinds.email.addresses import Mailbox, mailboxes, one_line
from connections.kinds.email.mailbox import server_of
from webjack.config import Config
from webjack.http import Failed, Http

MOST_BY_SERVICE, MOST_BY_OWN = 10, 100
"""Addresses of one letter; what goes out in the service's name must not look like a mailing."""


def check_addresses(name: str, form: forms.Form) -> None:
    """What is certain before any placeholder."""
    text = str(form.cleaned_data.get(name) or "")
    if "{{" in text or "{%" in text:
        return
    try:
        mailboxes(text)
    except Failed as failed:
        form.add_error(name, str(failed.message))


class LetterForm(forms.Form):
    connection = ConnectionField(
        "email",
        label=gettext_lazy("From whom"),
        required=False,
        help_text=gettext_lazy("Without a mailbox of yours the letter comes from this service's own address"),
    )
    from_name = PlaceholderField(
        label=gettext_lazy("Sender's name"), required=False, help_text=gettext_lazy("Such as your company's name")
    )
    to = PlaceholderField(
        label=gettext_lazy("To whom"),
        help_text=gettext_lazy("One address or several, separated by commas"),
    )
    cc = PlaceholderField(label=gettext_lazy("Copy to"), required=False)
    bcc = PlaceholderField(
        label=gettext_lazy("Hidden copy to"), required=False, help_text=gettext_lazy("The others do not see them")
    )
    reply_to = PlaceholderField(
        label=gettext_lazy("Answers go to"),
        required=False,
        help_text=gettext_lazy("Such as {{ client_email }}: then “Reply” writes to the client"),
    )
    subject = PlaceholderField(label=gettext_lazy("Subject"))
    format = forms.ChoiceField(
        label=gettext_lazy("What the letter is made of"),
        choices=[
            (TEXT, gettext_lazy("Text")),
            (HTML, gettext_lazy("HTML")),
            (READY, gettext_lazy("HTML from a field")),
        ],
        initial=TEXT,
        required=False,
        widget=forms.RadioSelect,
    )
    text = PlaceholderField(
        label=gettext_lazy("Text"),
        lines=8,
        required=False,
        help_text=gettext_lazy("From a field comes HTML as it is, so only from one whose content you trust"),
    )
    html = PlaceholderField(
        label=gettext_lazy("HTML of the letter"),
        lines=10,
        grammar="xml",
        required=False,
        help_text=gettext_lazy("Signs like & and < in values are written so that the letter stays whole"),
    )
    plain = PlaceholderField(
        label=gettext_lazy("The same as text"),
        lines=4,
        required=False,
        help_text=gettext_lazy("For mail programs that show no HTML; empty: it is made from the HTML"),
    )
    attachments = RowsField(
        types=((FILE, gettext_lazy("File or text")), (BASE64, gettext_lazy("File in Base64"))),
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "Name and content: a file that came with the data, an address that begins with https://, or a text that "
            "becomes a file. A name without an extension leaves the file its own"
        ),
    )

    groups: ClassVar[Any] = (
        ("", ("connection", "to", "subject", "format", "text", "html", "plain", "attachments")),
        (gettext_lazy("Copies, answers, sender's name"), ("cc", "bcc", "reply_to", "from_name"), FOLDED),
    )
    shown_for: ClassVar[dict[str, Any]] = {
        "text": ("format", (TEXT, READY)),
        "html": ("format", (HTML,)),
        "plain": ("format", (HTML, READY)),
    }

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        told["format"] = told.get("format") or TEXT
        needed = "html" if told["format"] == HTML else "text"
        if not told.get(needed) and not told.get("attachments") and needed not in self.errors:
            self.add_error(needed, _("Fill this in"))
        for name in ("to", "cc", "bcc", "reply_to"):
            check_addresses(name, self)
        return told


class SendLetter(ActionKind):
    key = "email.send"
    alias = "email"
    title = gettext_lazy("E-mail: letter")
    about = gettext_lazy("Sends a letter with text or HTML and files, from your mailbox or from this service")
    common = True
    words = "почта письмо email e-mail smtp уведомление mail"
    form = LetterForm
    sample: ClassVar[dict[str, Any]] = {
        "message_id": "<1f0c2f4e9b7a4d1c8e5a3b2d6f709812@example.com>",
        "recipients": ["anna@example.com"],
        "refused": [],
        "said": "2.0.0 Ok: queued as 4711",
    }

    def execute(self, config: Config, http: Http) -> Data:
        opened = config.get("connection") or None
        settings = opened.config if opened else {}
        name, spec = (settings.get("sender_name"), settings["sender"]) if opened else http.own_mailbox
        sender = Mailbox(str(spec), one_line(values.text(config.get("from_name"))) or str(name or ""))
        letter = written(config, http, sender, MOST_BY_OWN if opened else MOST_BY_SERVICE)
        told = http.mail(letter, server_of(settings) if opened else None)
        return {
            "message_id": str(letter.message["Message-ID"]),
            "recipients": [one for one in letter.recipients if one not in told.refused],
            "refused": [{"address": one, "reason": why} for one, why in told.refused.items()],
            "said": told.said,
        }

    def said(self, output: Data) -> Said | None:
        """A letter that not everybody got is sent, and who did not wants to be seen."""
        refused = output.get("refused") or []
        if not refused:
            return None
        why = "; ".join(f"{one['address']}: {one['reason']}" for one in refused[:3])
        return Said("unmet", _("Sent, but not to all"), why)

    def summary(self, config: Config) -> str:
        return f"{config.get('to', '')}: {config.get('subject', '')}"[:80]
