"""Filling a config of 20 placeholders, warm: the compiled texts are kept, the values are others each time."""

import time
from collections.abc import Iterator
from typing import Any

from actions.placeholders import Context, fill
from bench._figures import Figure, at_most, share
from bench._size import Size

PLAIN = {f"field_{number}": "{{ client_name }}" for number in range(20)}
TEXTS = {f"field_{number}": f"Заявка {number}: {{{{ client_name }}}}" for number in range(20)}
USUAL = [  # what a config for a CRM is made of
    "{{ client_phone | phone }}", "{{ client_email | email }}", "{{ client_name | last_name }}",
    "{{ client_name | first_name }}", "{{ client_name | initials }}", "{{ date | date: '%d.%m.%Y %H:%M' }}",
    "{{ date | date_plus: 1, 'days' }}", "{{ sum | money }}", "{{ sum | plus: 100 | round: 2 }}",
    "{{ services | map: 'name' | join: ', ' }}", "{{ services | sum: 'price' }}", "{{ services | size }}",
    "{{ comment | default: 'нет' }}", "{{ comment | strip | truncate: 50 }}", "{{ status | choose: 'new = Новая' }}",
    "Заявка {{ number }} от {{ client_name | title }}", "{{ number | plural: 'заявка', 'заявки', 'заявок' }}",
    "{{ client_name | transliterate }}", "{{ services | json }}", "{{ number | sha256 }}",
]  # fmt: skip
FILTERED = {f"field_{number}": text for number, text in enumerate(USUAL)}


def measure(size: Size) -> Iterator[Figure]:
    times = size.of(5, 400)
    for what, config in (
        ("20 placeholders", PLAIN),
        ("20 texts with a placeholder", TEXTS),
        ("20 placeholders with usual filters", FILTERED),
    ):
        took = [_filled(config, number) for number in range(times)][times // 5 :]
        yield Figure(f"{what}, half of the times", 1000 * share(took, 0.5), "ms", at_most(0.5))
        yield Figure(f"{what}, 95 of 100 times", 1000 * share(took, 0.95), "ms")


def _filled(config: dict[str, Any], number: int) -> float:
    """Seconds that filling took; the values of each number differ."""
    context = _context(number)
    began = time.perf_counter()
    fill(config, context)
    return time.perf_counter() - began


def _context(number: int) -> Context:
    source = {
        "number": number,
        "client_name": f"Петрова Анна Ивановна {number}",
        "client_phone": f"8 (912) 345-{number // 100 % 100:02}-{number % 100:02}",
        "client_email": f" Anna{number}@Mail.ru",
        "date": f"2026-03-{1 + number % 28:02} 12:30",
        "sum": f"1 {number % 1000:03},50",
        "services": [{"name": "Стрижка", "price": 1500 + number}, {"name": "Мытьё", "price": 300}],
        "comment": "  перезвонить вечером ",
        "status": "new",
    }
    company = {"name": "Ромашка", "time_zone": "Europe/Moscow"}
    return Context(source=source, steps={}, operation={"id": str(number)}, company=company)
