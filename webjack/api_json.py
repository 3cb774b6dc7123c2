"""JSON in and out of the API: bounded, and whole whatever the strings hold."""

import json
import math
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from webjack.problems import TooLarge

MOST_BYTES = 2 * 1024 * 1024


class Renderer(JSONRenderer):
    """Customers' data may hold lone surrogates, which UTF-8 cannot carry: such an answer is written with escapes."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            return json.dumps(data, cls=self.encoder_class, allow_nan=False).encode()


class Parser(BaseParser):
    """Reads at most MOST_BYTES of UTF-8 JSON; numbers that no JSON can carry back are refused."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        read = stream.read(MOST_BYTES + 1)
        if len(read) > MOST_BYTES:
            raise TooLarge(_("The request is larger than %(limit)s bytes") % {"limit": MOST_BYTES})
        try:
            return json.loads(read.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)
        except ValueError as bad:
            raise ParseError(_("This is not valid JSON: %(reason)s") % {"reason": bad}) from bad
        except RecursionError as bad:
            raise ParseError(_("The JSON is nested too deeply")) from bad


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse(text)
    return number
