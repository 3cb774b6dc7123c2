"""The fake of Google is one that Google's own library for log-ins and gspread can use."""

import json
from typing import Any

import gspread
import pytest
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.fakes.google import TABLE, Google, google, key_file

SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]


class Diverted(HTTPAdapter):
    """Leads to the fake what gspread sends to Google, whose address is fixed in it."""

    def __init__(self, service: Google) -> None:
        super().__init__()
        self.service = service

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        assert request.url is not None
        request.url = request.url.replace("https://sheets.googleapis.com", self.service.target.url)
        return super().send(request, *args, **options)


def client(service: Google) -> gspread.Client:
    key = json.loads(key_file(f"{service.target.url}/token"))
    credentials = Credentials.from_service_account_info(key, scopes=SCOPES)  # type: ignore[no-untyped-call]
    session = AuthorizedSession(credentials, auth_request=Request())  # type: ignore[no-untyped-call]
    session.mount("https://sheets.googleapis.com", Diverted(service))
    return gspread.Client(auth=credentials, session=session)


def test_gspread_reads_and_writes_a_table() -> None:
    with google() as service:
        service.tables[TABLE].sheets["Отчёт 'май'"] = []
        table = client(service).open_by_key(TABLE)
        assert [sheet.title for sheet in table.worksheets()] == ["Лист1", "Отчёт 'май'"]
        sheet = table.worksheet("Отчёт 'май'")
        sheet.append_row(["Имя", "Телефон"])
        told = sheet.append_row(["Анна", "+7916"], value_input_option=gspread.utils.ValueInputOption.raw)
        assert told["updates"]["updatedRows"] == 1
        assert sheet.row_values(2) == ["Анна", "+7916"]
        assert sheet.get_all_values() == [["Имя", "Телефон"], ["Анна", "+7916"]]
        sheet.update([["Пётр"]], "A2")
        assert sheet.col_values(1) == ["Имя", "Пётр"]


def test_gspread_hears_of_what_is_forbidden_and_missing() -> None:
    with google() as service:
        service.tables[TABLE].shared = False
        with pytest.raises(PermissionError):
            client(service).open_by_key(TABLE)
        with pytest.raises(gspread.SpreadsheetNotFound):
            client(service).open_by_key("another")


def test_a_key_of_somebody_else_gets_no_token() -> None:
    with google() as service:
        service.refuses = "Invalid JWT Signature."
        with pytest.raises(Exception, match="invalid_grant"):
            client(service).open_by_key(TABLE)
