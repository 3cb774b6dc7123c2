"""Settings of the web server, which reads this file by itself from the folder it starts in."""

import gc
import re
from typing import Any

from gunicorn.http import message

# Senders that fill addresses from templates put Cyrillic into them as it is. gunicorn 27 answers 400 to that
# (RFC 9112, section 3.2) and the event is lost; other servers let such bytes pass, and the decoder can read them.
# What could make two requests of one, blanks and control characters, stays refused.
message.RFC9112_TARGET_INVALID = re.compile(r"[^\x21-\x7e\x80-\xff]")

# Klientiks and GetCourse put all data into the address, where a Cyrillic letter takes six characters; gunicorn's own
# limit, 4,094 of them and 8,190 at most, is reached by a few sentences.
limit_request_line = message.MAX_REQUEST_LINE = 32 * 1024


def when_ready(_server: Any) -> None:
    """With --preload everything is loaded now: kept out of the garbage collector, the workers go on sharing its memory.

    Three processes then need 113 MiB under load instead of 130 to 155 (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
