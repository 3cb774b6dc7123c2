"""Whether an answer means success: by its status, and by its content, since many services answer 200 with an error."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from actions import conditions, values
from actions.kind import Data
from actions.kinds.http.answer_path import find_in, tidy
from webjack import status_codes
from webjack.config import Config
from webjack.http import Answer, Failed

LONGEST_MESSAGE = 500


def check(config: Config, patterns: Sequence[str], answer: Answer, told: Data) -> None:
    """Raises Failed with the service's own words where it has any."""
    rule = config.get("success") or {}
    words = _words(find_in(told, rule.get("message") or ""))
    if not status_codes.matches(patterns, answer.status):
        failure = answer.failure()
        failure.message = _with(str(failure.message), words)
        raise failure
    if rule.get("operator") and not _holds(rule, told):
        sentence = _("The service answered with an error") if words else _unmet(rule, told)
        raise Failed(_with(sentence, words), retry=bool(rule.get("repeat")))


def _holds(rule: dict[str, Any], told: Data) -> bool:
    return conditions.holds(_group(rule), {"value": find_in(told, str(rule.get("field") or ""))})


def _group(rule: dict[str, Any]) -> dict[str, Any]:
    return {"match": "all", "rules": [{"field": "value", "operator": rule["operator"], "right": rule.get("value")}]}


def _unmet(rule: dict[str, Any], told: Data) -> str:
    field, found = tidy(str(rule.get("field") or "")), find_in(told, str(rule.get("field") or ""))
    if found in (None, "", [], {}):
        return _("The answer is not a success by your rule: “%(field)s” is empty") % {"field": field}
    asked = {"field": field, "value": _words(found)}
    return _("The answer is not a success by your rule: “%(field)s” is “%(value)s”") % asked


def _words(value: Any) -> str:
    """A message as one line, shortened."""
    text = " ".join(values.text(value).split())
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def _with(sentence: str, words: str) -> str:
    told = _("%(sentence)s. The service says: %(words)s")
    return told % {"sentence": sentence, "words": words} if words else sentence
