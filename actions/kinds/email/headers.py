"""Headers of a letter as they go over the wire: ASCII, folded, on no more lines than their own.

Python's own way of folding breaks long names in other letters than Latin by a space (github.com/python/cpython,
issue 92081), so the older encoder for single texts is used.
"""

from collections.abc import Iterable
from email.header import Header
from email.utils import quote

from actions import values
from connections.kinds.email.addresses import Mailbox, one_line

LONGEST = 900
LINE = 76


def subject(text: str) -> str:
    return _encoded(one_line(_whole(text))[:LONGEST], "Subject")


def addresses(who: Iterable[Mailbox]) -> str:
    return ",\r\n ".join(_address(one) for one in who)


def _address(one: Mailbox) -> str:
    name = one_line(_whole(one.name))[:200]
    if not name:
        return one.spec
    shown = f'"{quote(name)}"' if _is_plain(name) else _encoded(name, "Reply-To")
    return f"{shown} <{one.spec}>" if len(shown) + len(one.spec) < LINE else f"{shown}\r\n <{one.spec}>"


def _encoded(text: str, header: str) -> str:
    return Header(text, "us-ascii" if _is_plain(text) else "utf-8", header_name=header, maxlinelen=LINE).encode(
        linesep="\r\n"
    )


def _is_plain(text: str) -> bool:
    """Not what looks like an encoded word: it would be read as one."""
    return text.isascii() and "=?" not in text


def _whole(text: str) -> str:
    """Without halves of characters."""
    return values.encoded(text).decode()
