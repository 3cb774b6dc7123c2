"""Makes a letter: headers that no value can break out of, text and HTML, files."""

import hashlib
import uuid
from collections.abc import Iterable
from email import policy
from email.message import EmailMessage

from django.utils.translation import gettext as _

from actions import values
from actions.kinds.email import headers
from actions.kinds.email.attachments import files_of
from actions.kinds.email.plain_text import text_of
from actions.kinds.http.multipart import Part
from connections.kinds.email.addresses import Mailbox, mailboxes, one_line
from webjack.config import Config
from webjack.http import Failed, Http, Letter

TEXT, HTML, READY = "text", "html", "ready"
LONGEST_TEXT = 1024 * 1024
_POLICY = policy.SMTP.clone(cte_type="7bit")


def written(config: Config, http: Http, sender: Mailbox, most: int) -> Letter:
    """most: recipients. Raises Failed when there is nobody or nothing to send to, or too much of it."""
    to, copies, hidden = (mailboxes(config.get(name)) for name in ("to", "cc", "bcc"))
    recipients = tuple(dict.fromkeys(one.spec for one in (*to, *copies, *hidden)))
    if not recipients:
        raise Failed(_("There is no recipient: the field “To whom” is empty"))
    if len(recipients) > most:
        told = {"most": most, "count": len(recipients)}
        raise Failed(_("A letter goes to at most %(most)s addresses, and these are %(count)s") % told)
    plain, html = _bodies(config)
    files = files_of(config.get("attachments") or [], http)
    if not (plain.strip() or html.strip() or files):
        raise Failed(_("The letter is empty: there is nothing to send"))
    message = EmailMessage(policy=_POLICY)
    people = {"From": [sender], "To": to, "Cc": copies, "Reply-To": _answers(config, (sender.spec, *recipients))}
    people = {name: who for name, who in people.items() if who}
    for name, who in people.items():
        message.set_raw(name, headers.addresses(who))
    if not to:  # some servers refuse a letter without this header, though it may be missing
        message["To"] = "undisclosed-recipients:;"
    subject = one_line(values.text(config.get("subject")))
    message.set_raw("Subject", headers.subject(subject))
    message["Message-ID"] = message_id(http.key, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in return
    message.set_content(plain or "\n", charset="utf-8")
    if html:
        message.add_alternative(html, subtype="html", charset="utf-8")
    for file in files:
        _attach(message, file)
    shown = [*((name, ", ".join(map(str, who))) for name, who in people.items()), ("Subject", subject)]
    shown.append(("Message-ID", str(message["Message-ID"])))
    return Letter(message, sender.spec, recipients, tuple(shown), _shown(plain, html, files))


def message_id(key: str, sender: Mailbox) -> str:
    """The same whenever the same step is tried again: mail programs show what came twice as one letter."""
    digest = hashlib.sha256((key or uuid.uuid4().hex).encode()).hexdigest()
    return f"<{digest[:32]}@{sender.spec.rpartition('@')[2]}>"


def _answers(config: Config, envelope: Iterable[str]) -> list[Mailbox]:
    """Where answers go. An address such as анна@x.ru is left out, unless one like it sends or gets the letter and asks
    the server to know them (RFC 6531): else a letter could not be written that needs it for nothing else."""
    latin = all(map(str.isascii, envelope))
    return [one for one in mailboxes(config.get("reply_to")) if one.spec.isascii() or not latin]


def _bodies(config: Config) -> tuple[str, str]:
    if config.get("format") in (HTML, READY):
        html = _bounded(values.text(config.get("html" if config["format"] == HTML else "text")))
        plain = _clean(values.text(config.get("plain"))) or text_of(html)
    else:
        plain, html = values.text(config.get("text")), ""
    return _bounded(plain, len(html)), html


def _bounded(text: str, beside: int = 0) -> str:
    if len(text) + beside > LONGEST_TEXT:
        raise Failed(_("The text of the letter is longer than a million characters"))
    return _clean(text)


def _clean(text: str) -> str:
    return values.encoded(text).decode().replace("\x00", "")


def _attach(message: EmailMessage, file: Part) -> None:
    main, slash, sub = one_line(file.type).split(";")[0].strip().lower().partition("/")
    if not (slash and main.isalpha() and sub and sub.isascii()) or main in ("message", "multipart"):
        main, sub = "application", "octet-stream"
    name = _clean(file.filename or "file")[:200]
    message.add_attachment(file.content, maintype=main, subtype=sub, filename=name)
    if main == "text":
        list(message.iter_attachments())[-1].set_param("charset", "utf-8")


def _shown(plain: str, html: str, files: list[Part]) -> str:
    """What history keeps of it: the texts, and of the files their names and sizes."""
    told = [plain] if plain else []
    told += [f"--- HTML ---\n{html}"] if html else []
    told += [f"--- {file.filename} ({file.type}, {len(file.content)}) ---" for file in files]
    return "\n\n".join(told)
