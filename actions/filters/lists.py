"""Lists, such as the services of an appointment or the goods of an order."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.filters.bounds import Number, blank, elements, fitting, listed, text, whole
from actions.filters.declared import Argument, Around, Example, Theme
from actions.filters.numbers import calculate
from actions.lookup import MISSING, find

lists = Theme("lists", _("List"))

_ORDER = [{"name": "Стрижка", "price": 1500}, {"name": "Мытьё", "price": 300}]
FIELD = Argument(_("Field of the elements"))
OPERATORS: list[tuple[str, Any]] = [
    ("=", _("equals")), ("!=", _("does not equal")), (">", _("is more than")), (">=", _("is at least")),
    ("<", _("is less than")), ("<=", _("is at most")), ("contains", _("contains")), ("empty", _("is empty")),
    ("filled", _("is filled")),
]  # fmt: skip


@lists.filter(
    "first", _("First element"), _("The first one of a list"), Example(["а", "б", "в"], "а"), fits="list", weight=0
)
def first(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and value else None


@lists.filter(
    "last", _("Last element"), _("The last one of a list"), Example(["а", "б", "в"], "в"), fits="list", weight=0
)
def last(value: Any) -> Any:
    return value[-1] if isinstance(value, list | tuple) and value else None


@lists.filter(
    "join",
    _("Join into a text"),
    _("Writes the elements one behind the other"),
    Example(["Стрижка", "Мытьё"], "Стрижка, Мытьё", [", "]),
    fits="list",
    weight=2,
    separator=Argument(_("Separator")),
)
def join(value: Any, separator: Any = " ") -> str:
    """Any other value is a list of one."""
    pieces = [text(one) for one in value] if isinstance(value, list | tuple) else [text(value)]
    between = text(separator)
    fitting(sum(map(len, pieces)) + len(between) * len(pieces))
    return between.join(pieces)


@lists.filter(
    "size",
    _("How many"),
    _("The number of elements of a list, of characters of a text"),
    Example(["а", "б", "в"], 3),
    fits="list text object",
    weight=0,
)
def size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple | Mapping) else 0


@lists.filter(
    "map",
    _("One field of each"),
    _("A list of what one field of the elements holds"),
    Example(_ORDER, ["Стрижка", "Мытьё"], ["name"]),
    fits="list",
    weight=2,
    field=FIELD,
)
def map_(value: Any, field: Any) -> list[Any]:
    read = _reader(field)
    return [read(one) for one in elements(value)]


@lists.filter(
    "where",
    _("Pick by a condition"),
    _("Keeps the elements whose field is as you say"),
    Example(_ORDER, [_ORDER[0]], ["price", ">", 1000]),
    fits="list",
    weight=6,
    field=FIELD,
    operator=Argument(_("Condition"), OPERATORS),
    other=Argument(_("Value")),
)
def where(value: Any, field: Any, operator: Any = "=", other: Any = None) -> list[Any]:
    """With two arguments, ``where: "paid", true``, the second is the value. An empty field means the element itself."""
    known = [key for key, _title in OPERATORS]
    if operator not in known:
        operator, other = "=", operator
    read, holds = _reader(field), _condition(operator, other)
    return [one for one in elements(value) if holds(read(one))]


@lists.filter(
    "sort",
    _("Sort"),
    _("From small to large, numbers by their size, texts by the alphabet"),
    Example(["вода", "Анна", 5, "10"], [5, "10", "Анна", "вода"]),
    fits="list",
    weight=6,
    field=FIELD,
    order=Argument(_("Order"), [("up", _("from small to large")), ("down", _("from large to small"))]),
)
def sort(value: Any, field: Any = "", order: Any = "up") -> list[Any]:
    """Nothing stands at the end."""
    read = _reader(field)
    return sorted(elements(value), key=lambda one: _sortable(read(one), order == "down"), reverse=order == "down")


@lists.filter(
    "uniq",
    _("Without repetitions"),
    _("Keeps the first of equal elements"),
    Example(["а", "б", "а"], ["а", "б"]),
    fits="list",
    weight=6,
    field=FIELD,
)
def uniq(value: Any, field: Any = "") -> list[Any]:
    read, seen, kept = _reader(field), set[str](), []
    for one in elements(value):
        mark = values.json_text(read(one))
        if mark not in seen:
            seen.add(mark)
            kept.append(one)
    return kept


@lists.filter(
    "reverse",
    _("In reverse order"),
    _("The last one first; a text is turned round as well"),
    Example([1, 2, 3], [3, 2, 1]),
    fits="list",
    weight=1,
)
def reverse(value: Any) -> Any:
    return value[::-1] if isinstance(value, str | list) else elements(value)[::-1]


@lists.filter(
    "compact",
    _("Without empty ones"),
    _("Drops empty elements"),
    Example(["а", "", None, 0], ["а", 0]),
    fits="list",
    field=FIELD,
)
def compact(value: Any, field: Any = "") -> list[Any]:
    read = _reader(field)
    return [one for one in elements(value) if not blank(read(one))]


@lists.filter(
    "slice",
    _("A part"),
    _("So many elements or characters from a place; it is counted from 0, from the end with -1"),
    Example("4276 1234 5678 9012", "9012", [-4, 4]),
    fits="list text",
    weight=0,
    start=Argument(_("From"), number=True),
    count=Argument(_("How many"), number=True),
)
def slice_(value: Any, start: Any, count: Any = 1) -> Any:
    row = value if isinstance(value, str | list) else text(value)
    begin, many = whole(start), whole(count, 0)
    begin = max(0, len(row) + begin) if begin < 0 else begin
    return row[begin : begin + many]


@lists.filter(
    "sum",
    _("Sum"),
    _("Adds up the elements, or one field of them"),
    Example(_ORDER, 1800, ["price"]),
    fits="list",
    weight=6,
    field=FIELD,
)
def sum_(value: Any, field: Any = "") -> Number:
    read = _reader(field)
    total: Number = 0
    for one in elements(value):
        total = calculate(total, read(one), lambda a, b: a + b)
    return total


@lists.filter(
    "concat",
    _("Add another list"),
    _("One list behind the other"),
    Example(["а"], ["а", "б"], ["б"]),
    fits="list",
    other=Argument(_("List or value")),
)
def concat(value: Any, other: Any) -> list[Any]:
    both = elements(value) + elements(other)
    listed(len(both))
    return both


@lists.filter(
    "keys",
    _("Names of the fields"),
    _("A list of an object's field names"),
    Example({"name": "Анна", "age": 30}, ["name", "age"]),
    fits="object",
    weight=1,
)
def keys(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, Mapping) else []


@lists.filter(
    "get",
    _("Take a field"),
    _("What stands at a path inside, such as items.0.name"),
    Example({"client": {"name": "Анна"}}, "Анна", ["client.name"]),
    fits="object list",
    weight=0,
    path=Argument(_("Path")),
)
def get(value: Any, path: Any) -> Any:
    return _reader(path)(value)


@lists.filter(
    "batch",
    _("In portions"),
    _("A list of lists, so many elements in each"),
    Example([1, 2, 3, 4, 5], [[1, 2], [3, 4], [5]], [2]),
    fits="list",
    count=Argument(_("Elements in each"), number=True),
)
def batch(value: Any, count: Any, *, around: Around) -> list[Any]:
    row, many = elements(value), whole(count, 1)
    around.charge(len(row))
    return [row[at : at + many] for at in range(0, len(row), many)]


def _reader(field: Any) -> Callable[[Any], Any]:
    """Reads a field by its path; without a field the element itself."""
    path = text(field)
    if not path:
        return lambda element: element
    steps = path.split(".")

    def read(element: Any) -> Any:
        found = find(element, steps)
        return None if found is MISSING else found

    return read


def _condition(operator: str, other: Any) -> Callable[[Any], bool]:
    if operator == "empty":
        return blank
    if operator == "filled":
        return lambda value: not blank(value)
    if operator == "contains":
        sought = text(other).lower()
        return lambda value: sought in text(value).lower()
    if operator in ("=", "!="):
        return lambda value: same(value, other) == (operator == "=")
    return lambda value: _compares(value, operator, other)


def same(value: Any, other: Any) -> bool:
    """Whether two values are one to a person: ``5`` and ``"5,0"``, ``true`` and ``"true"``."""
    if text(value) == text(other):
        return True
    left, right = _number(value), _number(other)
    return left is not None and left == right


def _compares(value: Any, operator: str, other: Any) -> bool:
    left, right = _number(value), _number(other)
    if left is None or right is None:
        if right is None and not isinstance(other, str):
            raise ValueError(gettext("“%(value)s” cannot be compared") % {"value": text(other)[:60]})
        left, right = text(value), text(other)  # type: ignore[assignment]
    order = (left > right) - (left < right)  # type: ignore[operator]
    return (
        order > 0
        if operator == ">"
        else order >= 0
        if operator == ">="
        else order < 0
        if operator == "<"
        else order <= 0
    )


def _number(value: Any) -> Number | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return values.number(value)
    except ValueError:
        return None


def _sortable(value: Any, down: bool) -> tuple[int, Any, str]:
    """Numbers before texts; nothing at the end, whichever way it goes."""
    found = _number(value)
    if blank(value):
        return (-1 if down else 2), 0, ""
    return (0, found, "") if found is not None else (1, 0, text(value).casefold().replace("ё", "е\uffff"))
