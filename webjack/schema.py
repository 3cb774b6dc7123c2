"""The settings of a kind as a JSON schema (2020-12), made from its Django form by the rules of `webjack.config`."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceField
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from webjack.config import GLUE

Schema = dict[str, Any]

# The first that fits counts; a form field of a kind's own may bring its schema itself, as a method `json_schema()`.
TYPES: tuple[tuple[type[forms.Field], Schema], ...] = (
    (forms.MultipleChoiceField, {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
    (ModelChoiceField, {"type": "string", "format": "uuid"}),
    (forms.BooleanField, {"type": "boolean"}),
    (forms.FloatField, {"type": "number"}),
    (forms.DecimalField, {"type": "number"}),
    (forms.IntegerField, {"type": "integer"}),
    (forms.DateTimeField, {"type": "string", "format": "date-time"}),
    (forms.DateField, {"type": "string", "format": "date"}),
    (forms.TimeField, {"type": "string", "format": "time"}),
    (forms.EmailField, {"type": "string", "format": "email"}),
    (forms.UUIDField, {"type": "string", "format": "uuid"}),
    (forms.JSONField, {}),
    (forms.Field, {"type": "string"}),
)
BOUNDS = {"min_value": "minimum", "max_value": "maximum", "min_length": "minLength", "max_length": "maxLength"}


def of(form: type[forms.Form]) -> Schema:
    """The schema of a config; labels and help become titles and descriptions in the language of now."""
    schema = _object()
    for name, field in form.base_fields.items():
        *outer, last = name.split(GLUE)
        place = schema
        for key in outer:
            place = place["properties"].setdefault(key, _object())
        place["properties"][last] = of_field(field)
        if field.required and _initial(field) is None and not outer:
            place.setdefault("required", []).append(last)
    return schema


def of_field(field: forms.Field) -> Schema:
    """What may stand for one field; an optional one may also be null, which is the same as nothing."""
    own = getattr(field, "json_schema", None)
    schema: Schema = dict(own() if own else next(found for kind, found in TYPES if isinstance(field, kind)))
    schema |= {word: value for name, word in BOUNDS.items() if (value := getattr(field, name, None)) is not None}
    if not own:
        schema |= _enum(field)
    if not field.required and "type" in schema:
        schema["type"] = [*([schema["type"]] if isinstance(schema["type"], str) else schema["type"]), "null"]
    told = {"title": force_str(field.label or ""), "description": force_str(field.help_text or "")}
    initial = _initial(field)
    return (
        {key: text for key, text in told.items() if text} | schema | ({} if initial is None else {"default": initial})
    )


def mistyped(schema: Schema, value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Values of another JSON type than the schema says, as dotted path and sentence.

    Forms read text, so that they would take an object for its text. null counts as nothing.
    """
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if value is None or not types:
        return
    if not any(_is(value, name) for name in types):
        yield path, _("Expected %(type)s") % {"type": _words()[types[0]]}
        return
    for key, inner in schema.get("properties", {}).items():
        if key in value:
            yield from mistyped(inner, value[key], f"{path}.{key}".lstrip("."))


def _object() -> Schema:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _initial(field: forms.Field) -> Any:
    return field.initial() if callable(field.initial) else field.initial


def _enum(field: forms.Field) -> Schema:
    if not isinstance(field, forms.ChoiceField) or isinstance(field, ModelChoiceField):
        return {}
    values = list(_values(field.choices))
    if isinstance(field, forms.MultipleChoiceField):
        return {"items": {"type": "string", "enum": values}}
    # null is among the values, since an enum binds whatever the type allows
    return {"enum": values if field.required else [*dict.fromkeys(["", *values]), None]}


def _values(choices: Any) -> Iterator[str]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _values(label)
        else:
            yield str(value)


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    types: dict[str, Any] = {"string": str, "number": int | float, "array": list, "object": dict}
    return name in types and isinstance(value, types[name])


def _words() -> dict[str, str]:
    return {
        "string": _("a text"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "boolean": _("true or false"),
        "array": _("a list"),
        "object": _("an object"),
    }
