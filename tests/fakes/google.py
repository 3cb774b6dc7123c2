"""Google on this machine: tokens for a service account, and the Sheets API v4 over tables in memory.

https://developers.google.com/workspace/sheets/api/reference/rest and answers that public clients have recorded.
"""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.service import Service
from tests.fakes.target import NoAnswer, Received, Target, target_server

EMAIL = "robot@my-proj.iam.gserviceaccount.com"
TABLE = "1qFoSheetsOfTheClinic-000000000000000000000000"
WIDTH = 26


@cache
def _private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def key_file(token_uri: str = "https://oauth2.googleapis.com/token") -> str:
    """What the service account's owner downloads."""
    pem = _private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = {
        "type": "service_account", "project_id": "my-proj", "private_key_id": "0123456789abcdef", "private_key": pem,
        "client_email": EMAIL, "client_id": "1234", "token_uri": token_uri,
    }  # fmt: skip
    return json.dumps(told, indent=2)


class Refused(Exception):
    """An error as the API tells it."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code, self.status, self.message = code, status, message


@dataclass
class Table:
    """sheets: rows of cells by title, in order. shared: with the service account."""

    title: str = "Клиника"
    shared: bool = True
    sheets: dict[str, list[list[Any]]] = field(default_factory=lambda: {"Лист1": []})


@dataclass
class Google:
    """issued: tokens, the newest is good. troubles: answers to the next calls of the API, as Refused or (status, body);
    NoAnswer: it is done, and nobody hears of it. refuses: what the token's endpoint says instead of a token."""

    target: Target
    tables: dict[str, Table] = field(default_factory=lambda: {TABLE: Table()})
    issued: list[str] = field(default_factory=list)
    troubles: list[Any] = field(default_factory=list)
    refuses: str = ""
    calls: list[tuple[str, str, dict[str, list[str]], Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def rows(self) -> list[list[Any]]:
        """Of the first sheet of the first table."""
        return next(iter(self.tables[TABLE].sheets.values()))

    def answer(self, request: Received) -> tuple[int, bytes]:
        parts = urlsplit(request.path)
        with self.lock:
            if parts.path == "/token":
                return self._token(request)
            trouble = self.troubles.pop(0) if self.troubles else None
            if isinstance(trouble, tuple):
                return trouble
            try:
                if isinstance(trouble, Refused):
                    raise trouble
                told = self._told(request, unquote(parts.path), parse_qs(parts.query))
            except Refused as refused:
                error = {"code": refused.code, "message": refused.message, "status": refused.status}
                return refused.code, _json({"error": error})
            if trouble is NoAnswer:
                raise NoAnswer
            return 200, _json(told)

    def _token(self, request: Received) -> tuple[int, bytes]:
        form = {name: found[0] for name, found in parse_qs(request.body.decode()).items()}
        problem = self.refuses or _problem(form.get("assertion", ""))
        if problem:
            return 400, _json({"error": "invalid_grant", "error_description": problem})
        self.issued.append(f"ya29.c.token-number-{len(self.issued) + 1}")
        return 200, _json({"access_token": self.issued[-1], "expires_in": 3599, "token_type": "Bearer"})

    def _told(self, request: Received, path: str, query: dict[str, list[str]]) -> Any:
        told = json.loads(request.body) if request.body else None
        self.calls.append((request.method, path, query, told))
        if not self.issued or request.headers.get("Authorization") != f"Bearer {self.issued[-1]}":
            raise Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        found = re.fullmatch(r"/v4/spreadsheets/([\w-]+)(/values)?(?:/(.+?))?(:append|:batchGet)?", path)
        table = self.tables.get(found[1]) if found else None
        if found is None or table is None:
            raise Refused(404, "NOT_FOUND", "Requested entity was not found.")
        if not table.shared:
            raise Refused(403, "PERMISSION_DENIED", "The caller does not have permission")
        if not found[2]:
            return _described(found[1], table)
        if found[4] == ":batchGet":
            ranges = [self._get(table, each, query) for each in query.get("ranges", [])]
            return {"spreadsheetId": found[1], "valueRanges": ranges}
        if request.method == "GET":
            return self._get(table, found[3], query)
        rows = (told or {}).get("values")
        if not isinstance(rows, list) or any(isinstance(cell, dict | list) for row in rows for cell in row):
            raise Refused(400, "INVALID_ARGUMENT", "Invalid value at 'data.values' (type.googleapis.com/…)")
        how = query.get("valueInputOption", [""])[0]
        if how not in ("RAW", "USER_ENTERED"):
            raise Refused(400, "INVALID_ARGUMENT", "'valueInputOption' is required but not specified")
        if found[4] == ":append":
            return self._append(found[1], table, found[3], rows, how)
        return self._put(found[1], table, found[3], rows, how)

    def _get(self, table: Table, a1: str, query: dict[str, list[str]]) -> Any:
        title, (top, left, bottom, right) = _read(table, a1)
        height = _height(table.sheets[title])
        if top >= height:
            limits = f"exceeds grid limits. Max rows: {height}, max columns: {WIDTH}"
            raise Refused(400, "INVALID_ARGUMENT", f"Range ({a1}) {limits}")
        rows = [_trimmed(row[left : right + 1]) for row in table.sheets[title][top : bottom + 1]]
        if query.get("majorDimension") == ["COLUMNS"]:
            width = max(map(len, rows), default=0)
            rows = [_trimmed([row[place] if place < len(row) else "" for row in rows]) for place in range(width)]
        while rows and not rows[-1]:
            rows.pop()
        a1 = re.sub(r"[0-9]+\Z", lambda last: str(min(int(last[0]), height)), a1)
        told = {"range": a1, "majorDimension": query.get("majorDimension", ["ROWS"])[0]}
        return told | ({"values": rows} if rows else {})

    def _append(self, id: str, table: Table, a1: str, rows: list[list[Any]], how: str) -> Any:
        title, _corners = _read(table, a1)
        sheet = table.sheets[title]
        first = len(sheet)
        sheet += [[_entered(cell, how) for cell in row] for row in rows]
        width = max(map(len, rows), default=1)
        place = f"{_quoted(title)}!A{first + 1}:{_letter(width - 1)}{first + len(rows)}"
        updates = {"spreadsheetId": id, "updatedRange": place, "updatedRows": len(rows), "updatedColumns": width}
        told = {"spreadsheetId": id, "updates": updates | {"updatedCells": width * len(rows)}}
        return told | ({"tableRange": f"{_quoted(title)}!A1:{_letter(width - 1)}{first}"} if first else {})

    def _put(self, id: str, table: Table, a1: str, rows: list[list[Any]], how: str) -> Any:
        title, (top, left, _bottom, _right) = _read(table, a1)
        sheet = table.sheets[title]
        for down, row in enumerate(rows, top):
            sheet += [[] for _missing in range(down + 1 - len(sheet))]
            for along, cell in enumerate(row, left):
                sheet[down] += [""] * (along + 1 - len(sheet[down]))
                if cell is not None:
                    sheet[down][along] = _entered(cell, how)
        return {"spreadsheetId": id, "updatedRange": a1, "updatedRows": len(rows), "updatedColumns": len(rows[0])}


def _problem(assertion: str) -> str:
    """What is wrong with a JWT. Its audience is Google's own address, whatever this server's is."""
    try:
        signed, _dot, signature = assertion.rpartition(".")
        claims = json.loads(_unbase64(signed.split(".")[1]))
        _private().public_key().verify(_unbase64(signature), signed.encode(), PKCS1v15(), SHA256())
    except (ValueError, IndexError, InvalidSignature):
        return "Invalid JWT Signature."
    if claims["iss"] != EMAIL:
        return "Invalid grant: account not found"
    if not 0 < claims["exp"] - claims["iat"] <= 3600 or "spreadsheets" not in claims["scope"]:
        return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    return ""


def _described(id: str, table: Table) -> Any:
    return {
        "spreadsheetId": id,
        "properties": {"title": table.title, "locale": "ru_RU", "timeZone": "Europe/Moscow"},
        "sheets": [
            {
                "properties": {
                    "sheetId": number * 100, "title": title, "index": number,
                    "gridProperties": {"rowCount": _height(rows), "columnCount": WIDTH},
                }
            }
            for number, (title, rows) in enumerate(table.sheets.items())
        ],
    }  # fmt: skip


def _height(rows: list[list[Any]]) -> int:
    """A sheet has a thousand rows from the beginning, and grows by what is added."""
    return max(1000, len(rows))


def _read(table: Table, a1: str) -> tuple[str, tuple[int, int, int, int]]:
    """The sheet and its corners (top, left, bottom, right), from 0."""
    title, bang, cells = a1.rpartition("!")
    if not bang and _unquoted(a1) in table.sheets:
        title, cells = a1, "A1:Z"
    name = _unquoted(title) if title else next(iter(table.sheets))
    found = re.fullmatch(r"([A-Z]*)(\d*)(?::([A-Z]*)(\d*))?", cells)
    if name not in table.sheets or found is None:
        raise Refused(400, "INVALID_ARGUMENT", f"Unable to parse range: {a1}")
    left, top, right, bottom = found.groups()
    if right is None and bottom is None:
        right, bottom = left, top
    last = len(table.sheets[name])
    corners = (int(top or 1) - 1, _place(left or "A"), int(bottom or last or 1) - 1, _place(right or "ZZ"))
    return name, corners


def _unquoted(title: str) -> str:
    return title.removeprefix("'").removesuffix("'").replace("''", "'")


def _place(letter: str) -> int:
    number = 0
    for sign in letter:
        number = number * 26 + ord(sign) - ord("A") + 1
    return number - 1


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < WIDTH else f"{_letter(place // WIDTH - 1)}{_letter(place % WIDTH)}"


def _entered(cell: Any, how: str) -> Any:
    """USER_ENTERED reads a text as if it were typed; a formula is marked, so that a test sees it."""
    if cell is None:
        return ""
    if how == "RAW" or not isinstance(cell, str):
        return cell
    if cell.startswith("'"):
        return cell[1:]
    if cell.startswith(("=", "+")):
        return f"<formula {cell}>"
    return float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else cell


def _trimmed(row: list[Any]) -> list[Any]:
    row = list(row)
    while row and row[-1] == "":
        row.pop()
    return row


def _quoted(title: str) -> str:
    return title if title.isascii() and title.isalnum() else "'" + title.replace("'", "''") + "'"


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@contextmanager
def google() -> Iterator[Google]:
    with target_server() as target:
        service = Google(target)
        target.answer = service.answer
        yield service


SERVICE = Service(
    key="googlesheets",
    title="Google Sheets",
    port=8108,
    serve=google,
    environment=lambda fake: {"GOOGLE_SHEETS_URL": fake.target.url, "GOOGLE_TOKEN_URI": f"{fake.target.url}/token"},
    account=lambda fake: {"key": key_file(), "email": EMAIL},
)
