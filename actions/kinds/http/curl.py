"""A curl command, as documentations give it and browsers copy it, to the settings of «HTTP-запрос»."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from actions.kind import Pasted
from actions.kinds.http import curl_body, curl_options
from actions.kinds.http.curl_words import words
from actions.kinds.http.form import METHODS
from actions.tree_field import FILE
from webjack.http.mask import secret_header, secret_parameter

LONGEST = 200_000
OURS = ("content-length", "host", "connection", "accept-encoding", "transfer-encoding")
_OF_BROWSERS = re.compile(r"sec-|dnt$|priority$|upgrade-insecure-requests$|pragma$|cache-control$", re.I)
_VARIABLE = re.compile(r"\$\{?[A-Za-z_]\w*\}?")


@dataclass
class _Command:
    """What has been read so far."""

    method: str = ""
    url: str = ""
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    get: bool = False
    redirects: bool = False
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


Taking = Callable[[_Command, str], None]


def read(text: str) -> Pasted:
    """Raises ValueError with a sentence when there is no command that could be understood."""
    if len(text) > LONGEST:
        raise ValueError(_("The command is too long"))
    try:
        first, *rest = words(text) or [""]
    except ValueError:
        raise ValueError(_("A quote of the command is not closed: copy it whole")) from None
    if PurePosixPath(first.replace("\\", "/")).name.lower() not in ("curl", "curl.exe"):
        raise ValueError(_("This is no curl command: it must begin with the word curl"))
    command = _Command()
    try:
        options = curl_options.parse(rest)
    except ValueError as lost:
        raise ValueError(_("The command breaks off: %(option)s has no value") % {"option": f"--{lost}"}) from None
    for name, value in options:
        _take(command, name, value)
    if not command.url:
        raise ValueError(_("The command names no address"))
    if _VARIABLE.search(" ".join(value for _name, value in options)):
        command.note(_("What stands for variables of the command line, such as $TOKEN, is not known here: replace it"))
    return Pasted(_config(command), command.notes)


def _take(command: _Command, name: str, value: str) -> None:
    taking = _TAKING.get(name)
    if taking is None or (name == "cookie" and "=" not in value):
        _say(command, name, value)
    else:
        taking(command, value)


def _say(command: _Command, name: str, value: str) -> None:
    """What is not taken over, and why."""
    option = {"option": f"--{name}"}
    if name == "insecure":
        command.note(_("-k was left out: the certificate of a server is always checked, else keys could be stolen"))
    elif name in curl_options.IN_CONNECTION:
        command.note(_("%(option)s was left out: proxy and certificate are entered in a connection") % option)
    elif name in curl_options.TIMES:
        command.note(_("%(option)s was left out: time limits and repeats are settings of the processing") % option)
    elif name in ("upload-file", "config", "cookie"):
        _no_file(command, value)
    elif name not in curl_options.MEANINGLESS:
        command.note(_("%(option)s was left out: there is no such setting here") % option)


def _no_file(command: _Command, name: str) -> None:
    command.note(_("The file %(name)s is on your computer and was left out") % {"name": name or "-"})


def _take_address(command: _Command, value: str) -> None:
    if command.url:
        command.note(_("The command has several addresses, the first one was taken"))
        return
    address = value if re.match(r"[a-z][a-z0-9+.-]*://", value, re.I) or value.startswith("{{") else f"http://{value}"
    try:
        parts = urlsplit(address)
    except ValueError:
        command.url = address
        return
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if parts.query and not pairs:
        command.url = address
        return
    command.url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    command.query = pairs + command.query


def _take_header(command: _Command, text: str) -> None:
    if text.startswith("@"):
        _no_file(command, text[1:])
        return
    name, sign, value = text.partition(":")
    if not sign and text.endswith(";"):
        command.headers.append((text[:-1].strip(), ""))
    elif value.strip() and name.strip():
        command.headers.append((name.strip(), value.strip()))


def _take_user(command: _Command, value: str) -> None:
    pair = value if ":" in value else f"{value}:"
    command.headers.append(("Authorization", f"Basic {b64encode(pair.encode()).decode()}"))


def _take_json(command: _Command, value: str) -> None:
    if value.startswith("@"):
        _no_file(command, value[1:])
        return
    command.data.append(value)
    present = {name.lower() for name, _value in command.headers}
    wanted = [("Content-Type", "application/json"), ("Accept", "application/json")]
    command.headers += [(name, text) for name, text in wanted if name.lower() not in present]


def _take_encoded(command: _Command, value: str) -> None:
    """https://curl.se/docs/manpage.html#--data-urlencode"""
    name, sign, content = value.partition("=")
    if "@" in name:
        _no_file(command, value.partition("@")[2])
    elif sign:
        command.data.append(f"{name}={quote(content, safe='')}" if name else quote(content, safe=""))
    else:
        command.data.append(quote(value, safe=""))


def _encoded_pair(value: str) -> tuple[str, str]:
    name, _sign, content = value.removeprefix("+").partition("=")
    return name, content


def _take_part(command: _Command, value: str, *, literal: bool) -> None:
    """https://curl.se/docs/manpage.html#-F"""
    name, _sign, content = value.partition("=")
    if literal or not content.startswith(("@", "<")):
        command.parts.append({"name": name, "value": content if literal else content.strip('"'), "type": "auto"})
        return
    path, *told = content[1:].split(";")
    file = PurePosixPath(path.strip('"').replace("\\", "/")).name
    told = [one.strip() for one in told]
    if not any(one.startswith("filename=") for one in told):
        told = [f"filename={file}", *told]
    command.parts.append({"name": ";".join([name, *told]), "value": "", "type": FILE})
    command.note(
        _("The file %(name)s is on your computer: say in its row where it comes from, an address or a field")
        % {"name": file}
    )


def _take_method(command: _Command, value: str) -> None:
    command.method = value.upper()


def _take_head(command: _Command, _value: str) -> None:
    command.method = command.method or "HEAD"


def _take_get(command: _Command, _value: str) -> None:
    command.get = True


def _take_redirects(command: _Command, _value: str) -> None:
    command.redirects = True


def _take_data(command: _Command, value: str) -> None:
    if value.startswith("@"):
        _no_file(command, value[1:])
    else:
        command.data.append(value)


def _header(name: str, before: str = "") -> Taking:
    return lambda command, value: command.headers.append((name, before + value))


_TAKING: dict[str, Taking] = {
    "url": _take_address,
    "request": _take_method,
    "head": _take_head,
    "get": _take_get,
    "location": _take_redirects,
    "location-trusted": _take_redirects,
    "header": _take_header,
    "user-agent": _header("User-Agent"),
    "referer": _header("Referer"),
    "cookie": _header("Cookie"),
    "oauth2-bearer": _header("Authorization", "Bearer "),
    "user": _take_user,
    "url-query": lambda command, value: command.query.append(_encoded_pair(value)),
    "data": _take_data,
    "data-ascii": _take_data,
    "data-binary": _take_data,
    "data-raw": lambda command, value: command.data.append(value),
    "json": _take_json,
    "data-urlencode": _take_encoded,
    "form": lambda command, value: _take_part(command, value, literal=False),
    "form-string": lambda command, value: _take_part(command, value, literal=True),
}


def _config(command: _Command) -> dict[str, Any]:
    sent = "&".join(command.data)
    if command.get and sent:
        command.query += parse_qsl(sent, keep_blank_values=True)
        sent = ""
    method = command.method or ("POST" if (sent or command.parts) else "GET")
    if method not in dict(METHODS):
        command.note(_("The method %(method)s is not among the choices, POST was taken") % {"method": method})
        method = "POST"
    content_type = next((value for name, value in command.headers if name.lower() == "content-type"), "")
    body = curl_body.multipart(command.parts) if command.parts else curl_body.of(sent, content_type)
    return {
        "method": method,
        "url": command.url,
        "query": [{"name": name, "value": value} for name, value in command.query if name],
        "headers": _headers(command, own_type=body.pop("own_type")),
        "follow_redirects": command.redirects,
        **body,
    }


def _headers(command: _Command, *, own_type: bool) -> list[dict[str, str]]:
    """Those worth keeping; own_type: the body's kind brings its Content-Type itself."""
    kept, lost = [], []
    for name, value in command.headers:
        if name.lower() in OURS or _OF_BROWSERS.match(name):
            lost.append(name)
        elif not (own_type and name.lower() == "content-type"):
            kept.append({"name": name, "value": value})
    secret = [row["name"] for row in kept if secret_header(row["name"])]
    secret += [name for name, _value in command.query if secret_parameter(name)]
    if secret:
        words = _("%(names)s: a secret. In a connection it is encrypted; here everybody in the company sees it")
        command.note(words % {"names": ", ".join(dict.fromkeys(secret))})
    if lost:
        command.note(_("Headers that only a browser needs were left out: %(names)s") % {"names": ", ".join(lost)})
    return kept
