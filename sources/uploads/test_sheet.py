"""Rows of files: whatever program wrote them, and what is no table at all."""

import io
import zipfile

import pytest

from sources.uploads import sheet

CSV = "Телефон;Имя\r\n+79161234567;Анна\r\n;\r\n+79167654321;Олег\r\n"
SHEET = "xl/worksheets/sheet1.xml"
CELLS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
    'PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"'
    "/></Types>",
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Имя</t></is></c><c r="B1" t="inlineStr"><is><t>Сумма</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>Анна</t></is></c><c r="B2"><v>1500</v></c></row>'
    '<row r="3"><c r="A3" t="inlineStr"><is><t>Олег</t></is></c><c r="B3"><v>12.5</v></c></row>'
    "</sheetData></worksheet>",
}


def book(files: dict[str, str]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return raw.getvalue()


def far(place: str) -> dict[str, str]:
    """A file of little more than a kilobyte with one more cell, far away."""
    cell = f'<row r="1048576"><c r="{place}"><v>1</v></c></row></sheetData>'
    return {**CELLS, SHEET: CELLS[SHEET].replace("</sheetData>", cell)}


def repeated(text: str, rows: int) -> dict[str, str]:
    """Rows of one text, which the archive packs to next to nothing."""
    row = f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>'
    return {**CELLS, SHEET: CELLS[SHEET].replace("</sheetData>", f"{row * rows}</sheetData>")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_csv_is_read_whatever_program_wrote_it(encoding: str) -> None:
    found = sheet.read(CSV.encode(encoding))
    assert [found.row(number) for number in range(2)] == [
        {"Телефон": "+79161234567", "Имя": "Анна"},
        {"Телефон": "+79167654321", "Имя": "Олег"},
    ]


def test_a_workbook_is_read_with_its_numbers() -> None:
    assert sheet.read(book(CELLS)).rows == [["Анна", 1500], ["Олег", 12.5]]


def test_columns_get_a_name_each_of_their_own() -> None:
    found = sheet.read(b"a,,a\n1,2,3,4\n5\n")
    assert found.columns == ["a", "column_2", "a_2", "column_4"]
    assert found.rows == [["1", "2", "3", "4"], ["5", "", "", ""]]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "пустой"),
        (b" \n ", "пустой"),
        (b"a;b\n", "нет строк"),
        (b"PK\x03\x04 nothing", "повреждён"),
        (b"\xd0\xcf\x11\xe0 nothing", "повреждён"),
        (b"\x89PNG\r\n\x1a\n\0\0", "повреждён"),
        (b"a\n" + b"1\n" * 50_001, "разделите"),
        (",".join("abcdefghij" * 21).encode() + b"\n1\n", "столбцов"),
        (b"x" * (10 * 1024 * 1024 + 1), "больше"),
        (b"a;b\n1;" + b"\x98", "UTF-8"),
        (b'a\n1\n"never closed' + b"\n1" * 100_000, "повреждён"),
        (";".join("abcdefghijkl").encode() + b"\n" + b";".join([b"x" * 100_000] * 12), "1024 КБ"),
        (book(repeated("x" * 1_100_000, 1)), "1024 КБ"),
        (book(far("XFD1")), "столбцов"),
        (book(far("A1048576")), "разделите"),
        (book(far("XFD1048576")), "распаковки"),
        (book(repeated("x" * 20_000, 6_000)), "распаковки"),
    ],
)
def test_what_is_no_table_gets_a_sentence(raw: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sheet.read(raw)


def test_few_spreadsheets_are_read_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[bytes] = []

    def another_comes(raw: bytes) -> list[list[object]]:
        begun.append(raw)
        return sheet.read(raw).rows

    monkeypatch.setattr(sheet, "_read_aside", another_comes)
    for _again in range(2):
        with pytest.raises(ValueError, match="полминуты"):
            sheet.read(book(CELLS))
    assert len(begun) == 2 * sheet.MOST_AT_ONCE
    assert len(sheet.read(CSV.encode()).rows) == 2
