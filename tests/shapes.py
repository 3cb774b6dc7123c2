"""Shapes of requests that senders really send, and what must come of each.

Used twice: against `webjack.decode` directly and, through the real webhook address, against the whole product.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
XML = "application/xml"
MULTIPART = "multipart/form-data; boundary=XX"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00"


@dataclass(frozen=True)
class Shape:
    """A request (`query` as it stands in the address) and the fields and problem code it must give."""

    name: str
    data: dict[str, Any]
    method: str = "POST"
    query: str = ""
    content_type: str = ""
    body: bytes = b""
    problem: str | None = None


def _get(name: str, query: str, data: dict[str, Any], problem: str | None = None) -> Shape:
    return Shape(name, data, "GET", query, problem=problem)


def _form(name: str, body: str | bytes, data: dict[str, Any], problem: str | None = None) -> Shape:
    raw = body if isinstance(body, bytes) else body.encode()
    return Shape(name, data, content_type=FORM, body=raw, problem=problem)


def _json(name: str, body: str | bytes, data: dict[str, Any], problem: str | None = None) -> Shape:
    raw = body if isinstance(body, bytes) else body.encode()
    return Shape(name, data, content_type=JSON, body=raw, problem=problem)


def _sent(name: str, content_type: str, body: bytes, data: dict[str, Any], problem: str | None = None) -> Shape:
    return Shape(name, data, content_type=content_type, body=body, problem=problem)


def _parts(*parts: tuple[str, bytes], end: bytes = b"--XX--\r\n") -> bytes:
    """A multipart body of (headers after Content-Disposition's "form-data; ", content)."""
    return (
        b"".join(
            b"--XX\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
            for head, content in parts
        )
        + end
    )


def _klientiks(event: str, template: str, values: dict[str, str], escape: bool = True) -> Shape:
    """An event whose parameter string Klientiks fills: {{placeholders}} replaced, the rest left as typed."""
    query, data = [], {}
    for pair in template.split("&"):
        name, _, placeholder = pair.partition("=")
        value = values.get(placeholder.strip("{}"), "") if placeholder.startswith("{{") else placeholder
        data[name] = value
        query.append(f"{name}={quote(value, safe='') if escape and placeholder.startswith('{{') else value}")
    return _get(f"klientiks: {event}", "&".join(query), data)


KLIENTIKS = [
    _klientiks(
        "client added",
        "client_id={{id}}&client_phone={{phone}}&client_name={{name}}&client_first_name={{first_name}}"
        "&client_patron_name={{patron_name}}&client_second_name={{second_name}}&client_deleted={{deleted}}"
        "&client_email={{email}}",
        {
            "id": "155230",
            "phone": "+7 (916) 123-45-67",
            "name": "Иванова Мария Петровна",
            "first_name": "Мария",
            "patron_name": "Петровна",
            "second_name": "Иванова",
            "deleted": "0",
        },
    ),
    _klientiks(
        "appointment made",
        "client_id={{client.id}}&client_phone={{client.phone}}&client_name={{client.name}}"
        "&appointment_id={{appointment.id}}&appointment_date={{appointment.date}}&appointment.time={{appointment_time}}"
        "&executor_name={{executor_name}}&executor_phone={{executor_phone}}&services={{services}}"
        "&appointment_total_cost={{appointment.total_cost}}&user_position={{user.position}}",
        {
            "client.id": "155230",
            "client.phone": "79161234567",
            "client.name": "Мария & Ко",
            "appointment.id": "991",
            "appointment.date": "2024-05-01",
            "appointment_time": "10:30",
            "executor_name": "Семён «Мастер» Ёлкин",
            "executor_phone": "+79031112233",
            "services": "Стрижка, укладка; окрашивание 50%",
            "appointment.total_cost": "1 500.00",
            "user.position": "Администратор",
        },
    ),
    _klientiks(
        "invoice made",
        "client_id={{client_id}}&client_name={{client.name}}&client_phone={{client.phone}}"
        "&appointment_id={{object_id}}&appointment_amount={{amount}}&appointment_paid={{paid}}"
        "&appointment_name={{name}}&appointment_description={{description}}&appointment_paid_sum={{paid_sum}}"
        "&appointment_left_to_pay={{left_to_pay}}",
        {
            "client_id": "155230",
            "client.name": "Иванова Мария",
            "client.phone": "+79161234567",
            "object_id": "991",
            "amount": "1500.50",
            "paid": "0",
            "name": "Счёт № 17",
            "description": "Оплата услуг\nза май",
            "paid_sum": "0",
            "left_to_pay": "1500.50",
        },
    ),
    _klientiks(
        "visit paid",
        "client_id={{client_id}}&appointment_id={{appointment.id}}"
        "&appointment_account_id={{appointment.account_id}}&appointment_created={{appointment.created}}"
        "&appointment_appointment_id={{appointment.appointment_id}}&appointment_status={appointment.status}}"
        "&appointment_paid={{appointment.paid}}",
        {
            "client_id": "155230",
            "appointment.id": "991",
            "appointment.account_id": "42",
            "appointment.created": "2024-05-01 10:30:00",
            "appointment.appointment_id": "991",
            "appointment.paid": "да",
        },
    ),
]

QUERIES = [
    _get("nothing at all", "", {}),
    _get("an unescaped phone", "phone=+79161234567&x=1", {"phone": "+79161234567", "x": "1"}),
    _get("an unescaped phone with brackets", "p=+7%20(916)%20123-45-67", {"p": "+7 (916) 123-45-67"}),
    _get("an unescaped phone, pluses as spaces", "p=+7+(916)+123-45-67", {"p": "+7 (916) 123-45-67"}),
    _get("an unescaped phone with an extension", "p=+79161234567,+12", {"p": "+79161234567, 12"}),
    _get("an escaped plus", "p=%2B79161234567", {"p": "+79161234567"}),
    _get("pluses between words", "name=Anna+Maria+1+2", {"name": "Anna Maria 1 2"}),
    _get("a plus before a short number or a date", "a=+5&b=+2024-05-01", {"a": " 5", "b": " 2024-05-01"}),
    _get("windows-1251 escapes", "name=%CF%F0%E8%E2%E5%F2&id=1", {"name": "Привет", "id": "1"}),
    _get(
        "two charsets at once",
        f"a={quote('Привет')}&b={quote('Привет', encoding='cp1251')}",
        {"a": "Привет", "b": "Привет"},
    ),
    _get("unescaped Cyrillic", "имя=Мария", {"имя": "Мария"}),
    _get("a letter cut in two", "name=%D0%9C%D0%B0%D1", {"name": "Ма\ufffd"}, "charset"),
    _get("repeated names", "tag=a&tag=b&tag=", {"tag": ["a", "b", ""]}),
    _get("empty values and bare names", "a=&b&=c&&d=1", {"a": "", "b": "", "": "c", "d": "1"}),
    _get("semicolons are data", "a=1;b=2", {"a": "1;b=2"}),
    _get("equals signs in a value", "token=YWJj==&x=1", {"token": "YWJj==", "x": "1"}),
    _get("wrong escapes stay", "a=100%&b=%zz", {"a": "100%", "b": "%zz"}),
    _get(
        "unresolved placeholders",
        "a={{x}}&b={appointment.status}}&c=%7B%7Bx%7D%7D",
        {"a": "{{x}}", "b": "{appointment.status}}", "c": "{{x}}"},
    ),
    _get("a second question mark", "?client_id=7", {"client_id": "7"}),
    _get("dots stay in names", "appointment.time=10:30&a.b.c=1", {"appointment.time": "10:30", "a.b.c": "1"}),
    _get("NUL, quotes and emoji", f"v={quote_plus('a' + chr(0) + chr(34) + chr(39) + '🎉')}", {"v": "a\0\"'🎉"}),
    _get("brackets escaped", "f%5BA%5D%5B0%5D=1", {"f": {"A": ["1"]}}),
    Shape("DELETE with a query", {"id": "5"}, "DELETE", "id=5"),
    Shape(
        "PUT with query and JSON, the body wins",
        {"id": 2, "q": "1", "b": True},
        "PUT",
        "id=1&q=1",
        JSON,
        b'{"id": 2, "b": true}',
    ),
    Shape("PATCH with a form", {"a": "1", "q": "2"}, "PATCH", "q=2", FORM, b"a=1"),
    Shape("GET with a body", {"a": 1}, "GET", "", JSON, b'{"a": 1}'),
]

FORMS = [
    _form(
        "Tilda",
        "Name=%D0%98%D0%B2%D0%B0%D0%BD&Phone=%2B7+916+123-45-67&tranid=1:2&formid=form1",
        {"Name": "Иван", "Phone": "+7 916 123-45-67", "tranid": "1:2", "formid": "form1"},
    ),
    _form(
        "http_build_query",
        "fields[TITLE]=x&fields[PHONE][0][VALUE]=%2B7916&fields[PHONE][0][VALUE_TYPE]=WORK&fields[PHONE][1][VALUE]=2",
        {"fields": {"TITLE": "x", "PHONE": [{"VALUE": "+7916", "VALUE_TYPE": "WORK"}, {"VALUE": "2"}]}},
    ),
    _form(
        "amoCRM",
        "leads[add][0][id]=5&leads[add][0][name]=A&account[subdomain]=x",
        {"leads": {"add": [{"id": "5", "name": "A"}]}, "account": {"subdomain": "x"}},
    ),
    _form("appending brackets", "a[]=1&a[]=2&b[][c]=3&b[][c]=4", {"a": ["1", "2"], "b": [{"c": "3"}, {"c": "4"}]}),
    _form("indexes out of order", "a[1]=y&a[0]=x&b[5]=z", {"a": ["x", "y"], "b": {"5": "z"}}),
    _form(
        "a value and keys under one name", "a=1&a[b]=2&c[d]=3&c=4", {"a": {"b": "2", "": "1"}, "c": {"d": "3", "": "4"}}
    ),
    _form("a list and a value under one name", "a[]=1&a=2", {"a": ["1", "2"]}),
    _form(
        "brackets that do not match",
        "a[=1&b]=2&[c]=3&d[e]f=4&g[[h]]=5",
        {"a[": "1", "b]": "2", "[c]": "3", "d[e]f": "4", "g[[h]]": "5"},
    ),
    _form("brackets too deep", "a" + "[x]" * 100 + "=1&b=2", {"a" + "[x]" * 100: "1", "b": "2"}, "depth"),
    _form(
        "too many fields", "&".join(f"f{n}=1" for n in range(10_001)), {f"f{n}": "1" for n in range(10_000)}, "fields"
    ),
    _form("a form's last newline", "a=1&b=2\r\n", {"a": "1", "b": "2"}),
    _form("a form with a byte order mark", b"\xef\xbb\xbfa=1", {"a": "1"}),
    _form("raw windows-1251", "имя=Мария".encode("cp1251"), {"имя": "Мария"}),
    _sent(
        "a form with its charset",
        FORM + "; charset=koi8-r",
        "имя=".encode("koi8-r") + quote("Мария", encoding="koi8-r").encode(),
        {"имя": "Мария"},
    ),
    _sent("UTF-8 under a careless header", FORM + "; charset=ISO-8859-1", "имя=Мария".encode(), {"имя": "Мария"}),
    _sent("an unknown charset", FORM + "; charset=nonsense", "имя=Мария".encode(), {"имя": "Мария"}),
    _form("JSON declared as a form", '{"phone": "+7 916", "a": [1, 2]}', {"phone": "+7 916", "a": [1, 2]}),
    _form("broken JSON declared as a form", '{"url": "http://x/?a=1', {"text": '{"url": "http://x/?a=1'}, "json"),
    _form("XML declared as a form", '<?xml version="1.0"?><a><b>1=2</b></a>', {"a": {"b": "1=2"}}),
    _form(
        "a picture declared as a form",
        PNG,
        {"size": 18, "type": FORM, "content": "iVBORw0KGgoAAAANSUhEUgAA", "encoding": "base64"},
        "binary",
    ),
]

JSONS = [
    _json(
        "a flat object",
        '{"name": "Мария", "n": 1, "f": 1.5, "yes": true, "no": null, "empty": ""}',
        {"name": "Мария", "n": 1, "f": 1.5, "yes": True, "no": None, "empty": ""},
    ),
    _json("a nested object with dots in names", '{"a.b": {"c": [{"d": 1}]}}', {"a.b": {"c": [{"d": 1}]}}),
    _json("a list", '[{"a": 1}, 2]', {"items": [{"a": 1}, 2]}),
    _json("a number", "5", {"value": 5}),
    _json("a string", '"да"', {"value": "да"}),
    _json("null", "null", {"value": None}),
    _json("an empty body", b"", {}),
    _json("nothing but a newline", b"\r\n", {}),
    _json("a byte order mark", b"\xef\xbb\xbf" + b'{"a": 1}', {"a": 1}),
    _json("UTF-16 with its mark", '{"имя": "Мария"}'.encode("utf-16"), {"имя": "Мария"}),
    _json("UTF-16 without a mark", '{"имя": "Мария"}'.encode("utf-16-be"), {"имя": "Мария"}),
    _json("UTF-32", '{"имя": "Мария"}'.encode("utf-32-le"), {"имя": "Мария"}),
    _json("windows-1251 undeclared", '{"имя": "Мария"}'.encode("cp1251"), {"имя": "Мария"}),
    _sent("windows-1251 declared", JSON + '; Charset="Windows-1251"', '{"имя": "Её"}'.encode("cp1251"), {"имя": "Её"}),
    _sent("UTF-8 JSON that calls itself UTF-16", JSON + "; charset=utf-16", b'{"a": 1 }', {"a": 1}),
    _sent("vnd.api+json", "application/vnd.api+json", b'{"a": 1}', {"a": 1}),
    _sent("text/json", "TEXT/JSON;charset=utf-8", b'{"a": 1}', {"a": 1}),
    _json(
        "raw newlines, NUL and emoji in a string",
        b'{"a": "x\ny\x00z\\u0000", "b": "' + "🎉".encode() + b'"}',
        {"a": "x\ny\0z\0", "b": "🎉"},
    ),
    _json("a lone surrogate", '{"a": "\\ud800", "b": "\\ud83c\\udf89"}', {"a": "\ud800", "b": "🎉"}),
    _json("NaN and Infinity", "[NaN, Infinity, -Infinity]", {"items": ["NaN", "Infinity", "-Infinity"]}),
    _json(
        "numbers that floats would change",
        "[12345678901234567890.12, 1e999, 0.1, 1e-999, 1.10, 1500.50]",
        {"items": ["12345678901234567890.12", "1e999", 0.1, "1e-999", 1.1, 1500.5]},
    ),
    _json(
        "an integer of 5,000 digits",
        '{"n": ' + "7" * 5000 + ', "m": 12345678901234567890123}',
        {"n": "7" * 5000, "m": 12345678901234567890123},
    ),
    _json("duplicate keys", '{"a": 1, "a": 2}', {"a": 2}),
    _json("templates as data", '{"a": "{{ x }}", "{{b}}": "{% if %}"}', {"a": "{{ x }}", "{{b}}": "{% if %}"}),
    _json("broken JSON", '{"a": 1,\n "b": }', {"text": '{"a": 1,\n "b": }'}, "json"),
    _json("nested too deep", "[" * 100 + "]" * 100, {"text": "[" * 100 + "]" * 100}, "depth"),
    _json("a nesting bomb", "[" * 100_000, {"text": "[" * 100_000}, "depth"),
    _json("too many values", "[" + "1," * 100_000 + "1]", {"text": "[" + "1," * 100_000 + "1]"}, "values"),
    _json("a form declared as JSON", "a=1&b=%D0%94%D0%B0", {"a": "1", "b": "Да"}),
    _json(
        "gzip",
        b"\x1f\x8b\x08\x00\x00",
        {"size": 5, "type": JSON, "content": "H4sIAAA=", "encoding": "base64"},
        "compressed",
    ),
]

MULTIPARTS = [
    _sent(
        "fetch with FormData",
        MULTIPART,
        _parts(('name="имя"', "Мария".encode()), ('name="a.b"', b""), ('name="phone"', b"+7916")),
        {"имя": "Мария", "a.b": "", "phone": "+7916"},
    ),
    _sent(
        "brackets and repeats in multipart",
        MULTIPART,
        _parts(('name="f[A][0]"', b"1"), ('name="t"', b"2"), ('name="t"', b"3")),
        {"f": {"A": ["1"]}, "t": ["2", "3"]},
    ),
    _sent(
        "a text file",
        MULTIPART,
        _parts(('name="f"; filename="заметка.txt"\r\nContent-Type: text/plain', "Да\n".encode())),
        {"f": {"name": "заметка.txt", "size": 5, "type": "text/plain", "content": "Да\n"}},
    ),
    _sent(
        "a picture",
        MULTIPART,
        _parts(('name="f"; filename="p.png"\r\nContent-Type: image/png', PNG)),
        {
            "f": {
                "name": "p.png",
                "size": 18,
                "type": "image/png",
                "content": "iVBORw0KGgoAAAANSUhEUgAA",
                "encoding": "base64",
            }
        },
    ),
    _sent(
        "a windows-1251 table",
        MULTIPART,
        _parts(('name="f"; filename="t.csv"\r\nContent-Type: text/csv', "Имя;Цена".encode("cp1251"))),
        {"f": {"name": "t.csv", "size": 8, "type": "text/csv", "content": "Имя;Цена"}},
    ),
    _sent(
        "no file chosen",
        MULTIPART,
        _parts(('name="f"; filename=""\r\nContent-Type: application/octet-stream', b"")),
        {"f": ""},
    ),
    _sent(
        "a part with its charset",
        MULTIPART,
        _parts(('name="a"\r\nContent-Type: text/plain; charset=koi8-r', "Да".encode("koi8-r"))),
        {"a": "Да"},
    ),
    _sent("multipart without its boundary", "multipart/form-data", _parts(('name="a"', b"1")), {"a": "1"}),
    _sent("multipart without a type", "", _parts(('name="a"', b"1")), {"a": "1"}),
    _sent("multipart with bare newlines", MULTIPART, _parts(('name="a"', b"1")).replace(b"\r\n", b"\n"), {"a": "1"}),
    _sent(
        "multipart that breaks off",
        MULTIPART,
        _parts(('name="a"', b"1"), ('name="b"', b"2"), end=b""),
        {"a": "1", "b": "2"},
        "multipart",
    ),
    _sent("no multipart at all", MULTIPART, "просто текст".encode(), {"text": "просто текст"}, "multipart"),
]

XMLS = [
    _sent(
        "XML",
        XML,
        '<?xml version="1.0" encoding="UTF-8"?><order id="5"><name>Мария</name><i>1</i><i>2</i><e/></order>'.encode(),
        {"order": {"@id": "5", "name": "Мария", "i": ["1", "2"], "e": None}},
    ),
    _sent(
        "XML in windows-1251",
        "text/xml",
        '<?xml version="1.0" encoding="windows-1251"?><a>Мария</a>'.encode("cp1251"),
        {"a": "Мария"},
    ),
    _sent("XML in UTF-16", XML, '<?xml version="1.0" encoding="UTF-16"?><a>Мария</a>'.encode("utf-16"), {"a": "Мария"}),
    _sent(
        "SOAP", "application/soap+xml", b'<s:E xmlns:s="u"><s:B>1</s:B></s:E>', {"s:E": {"@xmlns:s": "u", "s:B": "1"}}
    ),
    _sent(
        "XML with a harmless DOCTYPE",
        XML,
        b'<!DOCTYPE yml_catalog SYSTEM "shops.dtd"><yml_catalog><a>1</a></yml_catalog>',
        {"yml_catalog": {"a": "1"}},
    ),
    _sent(
        "an entity bomb",
        XML,
        b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
        {"text": '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'},
        "xml_entities",
    ),
    _sent(
        "an external entity",
        XML,
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        {"text": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'},
        "xml_entities",
    ),
    _sent("broken XML", XML, b"<a><b></a>", {"text": "<a><b></a>"}, "xml"),
    _sent("XML too deep", XML, b"<a>" * 200 + b"</a>" * 200, {"text": "<a>" * 200 + "</a>" * 200}, "depth"),
]

OTHERS = [
    _sent("a text", "text/plain; charset=utf-8", "Привет, мир = 1".encode(), {"text": "Привет, мир = 1"}),
    _sent("a text in windows-1251", "text/plain", "Привет".encode("cp1251"), {"text": "Привет"}),
    _sent("a text with NUL", "text/plain", b"a\0b", {"text": "a\0b"}),
    _sent("HTML", "text/html", b"<p>a=1</p>", {"text": "<p>a=1</p>"}),
    _sent("CSV", "text/csv", b"a=1&b=2", {"text": "a=1&b=2"}),
    _sent("JSON as text/plain", "text/plain;charset=UTF-8", b'{"a": 1}', {"a": 1}),
    _sent("a form as text/plain", "text/plain", b"phone=+79161234567&a=2", {"phone": "+79161234567", "a": "2"}),
    _sent("a text that begins with a bracket", "text/plain", b"[ok] done", {"text": "[ok] done"}),
    _sent("JSON without a type", "", b' {"a": 1}', {"a": 1}),
    _sent("broken JSON without a type", "", b'{"a": ', {"text": '{"a": '}, "json"),
    _sent("UTF-16 JSON without a type", "", '{"a": "я"}'.encode("utf-16-le"), {"a": "я"}),
    _sent("a form without a type", "", b"a=1&b[c]=2", {"a": "1", "b": {"c": "2"}}),
    _sent(
        "an unescaped form without a type",
        "",
        "name=Мария Петровна&phone=+79161234567".encode(),
        {"name": "Мария Петровна", "phone": "+79161234567"},
    ),
    _sent("XML without a type", "", b"<a>1</a>", {"a": "1"}),
    _sent("base64 without a type is no form", "", b"YWJjZA==", {"text": "YWJjZA=="}),
    _sent("a text without a type", "", "Привет".encode(), {"text": "Привет"}),
    _sent("JSON as octet-stream", "application/octet-stream", b'{"a": 1}', {"a": 1}),
    _sent(
        "bytes as octet-stream",
        "application/octet-stream",
        PNG,
        {"size": 18, "type": "application/octet-stream", "content": "iVBORw0KGgoAAAANSUhEUgAA", "encoding": "base64"},
        "binary",
    ),
    _sent(
        "a picture as the body",
        "image/png",
        PNG,
        {"size": 18, "type": "image/png", "content": "iVBORw0KGgoAAAANSUhEUgAA", "encoding": "base64"},
        "binary",
    ),
    _sent("a senseless type", ";;=, application/", json.dumps({"a": 1}).encode(), {"a": 1}),
]

SHAPES = KLIENTIKS + QUERIES + FORMS + JSONS + MULTIPARTS + XMLS + OTHERS
