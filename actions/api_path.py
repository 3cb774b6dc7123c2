"""Paths of methods of a service's API, as people and placeholders write them."""

import re

_PATH = re.compile(r"[\w./:*,-]+", re.ASCII)


def is_api_path(text: str) -> bool:
    """Whether it stays below the API's own address: no way up, no query, no fragment, nothing to be escaped."""
    return ".." not in text and _PATH.fullmatch(text) is not None
