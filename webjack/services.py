"""Where a service whose host is fixed is reached; the environment may name another place, such as a local fake."""

import os


def base(variable: str, usual: str) -> str:
    """The beginning of its addresses, without a slash at the end."""
    return (os.environ.get(variable) or usual).rstrip("/")
