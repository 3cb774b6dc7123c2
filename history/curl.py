"""A recorded request as a command line for a terminal."""

import shlex
from collections.abc import Iterable

# curl counts the length itself; it unpacks answers only when it asked for packed ones itself.
LEFT_OUT = frozenset({"content-length", "accept-encoding", "host"})


def command(
    method: str, url: str, headers: Iterable[tuple[str, str]], body: str | None, *, binary: bool = False
) -> str:
    """The request for curl in bash, one option a line. What was masked stays masked.

    binary: its body was no text and was not kept: a file stands for it.
    """
    parts = ["curl --compressed", "-I" if method == "HEAD" else f"-X {shlex.quote(method)}", shlex.quote(url)]
    parts += [f"-H {shlex.quote(_header(name, value))}" for name, value in headers if name.lower() not in LEFT_OUT]
    if body:
        parts.append(f"--data-raw {shlex.quote(body)}")
    elif binary:
        parts.append("--data-binary @body")
    return " \\\n  ".join(parts)


def _header(name: str, value: str) -> str:
    # «Name:» would remove the header, «Name;» sends it empty: https://curl.se/docs/manpage.html#-H (2025-11-24)
    return f"{name}: {value}" if value else f"{name};"
