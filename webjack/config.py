"""Between a kind's form and its stored config.

A form is flat, a config is nested: the form field `response__status` is the config's `{"response": {"status": …}}`.
Pages bind the form to what was posted, the API to a JSON object; both get the same validation.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

Config = dict[str, Any]
GLUE = "__"


def flatten(config: Config, names: list[str]) -> Config:
    """The config's values under the form's field names; keys that the form does not know keep their dotted path."""
    flat: Config = {}
    for key, value in config.items():
        inner = [name.removeprefix(key + GLUE) for name in names if name.startswith(key + GLUE)]
        if inner and isinstance(value, dict):
            flat |= {key + GLUE + name: found for name, found in flatten(value, inner).items()}
        else:
            flat[key] = value
    return flat


def nest(flat: Config) -> Config:
    """The form's cleaned values as the config that is stored."""
    config: Config = {}
    for name, value in flat.items():
        *outer, last = name.split(GLUE)
        place = config
        for key in outer:
            place = place.setdefault(key, {})
        place[last] = value
    return config


def initial(form: type[forms.Form], config: Config | None = None) -> Config:
    """What the form shows first: the stored config over the form's own defaults."""
    fields = form.base_fields
    defaults = {name: field.initial() if callable(field.initial) else field.initial for name, field in fields.items()}
    return {name: value for name, value in defaults.items() if value is not None} | flatten(config or {}, list(fields))


def bind(form: type[forms.Form], config: Config, **options: Any) -> forms.Form:
    """The form bound to a JSON config; what is missing gets its default, an unknown key is an error of the form."""
    if not isinstance(config, dict):
        config = {}
    values = initial(form, config)
    bound = form(data=values, **options)
    for name in values.keys() - form.base_fields.keys():
        bound.add_error(None, _("Unknown setting “%(name)s”") % {"name": name.replace(GLUE, ".")})
    return bound


def errors(form: forms.Form) -> dict[str, list[str]]:
    """The form's errors by the config's dotted path; what belongs to no field stands under ""."""
    return {
        ("" if name == "__all__" else name.replace(GLUE, ".")): [str(text) for text in texts]
        for name, texts in form.errors.items()
    }
