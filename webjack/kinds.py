"""Kinds: the plug-ins of the product. A kind is one class in one file under a package that is walked at start."""

import inspect
import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.conf import settings


class Kind:
    """What the catalogue shows of any plug-in.

    key: stored in rows, never changes. title, about: what people read. words: more words the search finds it by.
    common: stands before the others.
    form: the settings; also the API's validation and JSON schema. sample: example data or output.
    """

    key: ClassVar[str]
    title: ClassVar[Any]
    about: ClassVar[Any] = ""
    words: ClassVar[str] = ""
    common: ClassVar[bool] = False
    form: ClassVar[type[forms.Form]]
    sample: ClassVar[dict[str, Any]] = {}

    @property
    def service(self) -> str:
        """First part of the key: the folder and, for sources, a part of the webhook address."""
        return self.key.split(".")[0]

    @property
    def icon_path(self) -> Path:
        """Of the kind itself, else of its folder."""
        own = Path(inspect.getfile(type(self))).with_suffix(".svg")
        return own if own.is_file() else own.with_name("icon.svg")


class UnknownKind(LookupError):
    """No kind has this key."""


class Titled:
    """A row that names a kind, and may have a name of its own."""

    kind: Any
    name: Any
    spec: Any

    @property
    def title(self) -> str:
        """What people call it: its own name, else the kind's title."""
        if self.name:
            return str(self.name)
        try:
            return str(self.spec.title)
        except UnknownKind:
            return str(self.kind)


@cache
def catalogue(family: str) -> dict[str, Any]:
    """All kinds of a family ("source" or "action") by key, found by walking its package."""
    package = import_module(settings.KINDS[family])
    found: dict[str, Any] = {}
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name.rsplit(".", 1)[-1].startswith("test_"):
            continue
        for _, kind in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(kind, Kind) and kind.__module__ == module.name and "key" in vars(kind):
                if kind.key in found:
                    raise ValueError(f"two kinds have the key {kind.key!r}")
                found[kind.key] = kind()
    return dict(sorted(found.items()))


def get(family: str, key: str) -> Any:
    """The kind with this key; raises UnknownKind."""
    try:
        return catalogue(family)[key]
    except KeyError:
        raise UnknownKind(key) from None
