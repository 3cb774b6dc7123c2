"""Every error of the API as `application/problem+json` (RFC 9457).

`detail` is a sentence for people, `errors` the sentences by the path of what is wrong: `config.response.status`.
"""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
Errors = dict[str, list[str]]


class Conflict(exceptions.APIException):
    """The request is well formed, but the thing is in no state for it; `detail` says why."""

    status_code = HTTPStatus.CONFLICT
    default_detail = _("This has changed meanwhile: read it again and repeat the request")
    default_code = "conflict"


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The request is too large")
    default_code = "too_large"


class Away(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = _("The service is not available now: repeat later")
    default_code = "away"
    wait = 10  # seconds


class Broken(exceptions.APIException):
    default_detail = _("Something broke on our side. We have been told; repeat the request later")


def handler(problem: Exception, context: dict[str, Any]) -> Response:
    """What REST_FRAMEWORK["EXCEPTION_HANDLER"] names; an unforeseen error is logged and becomes a 500."""
    known = _known(problem)
    if known is None:
        logger.error("the API broke", exc_info=problem)
        known = Broken()
    return Response(body(known), status=known.status_code, headers=_headers(known), content_type=MEDIA_TYPE)


def body(problem: exceptions.APIException) -> dict[str, Any]:
    """The JSON object of a problem."""
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": int(problem.status_code),
    }
    if isinstance(problem, exceptions.ValidationError):
        errors: Errors = {}
        for path, sentence in _flat(problem.detail, ""):
            errors.setdefault(path, []).append(sentence)
        return found | {"detail": str(_("The request has errors")), "errors": errors}
    return found | {"detail": " ".join(sentence for path, sentence in _flat(problem.detail, ""))}


def _known(problem: Exception) -> exceptions.APIException | None:
    match problem:
        case exceptions.APIException():
            return problem
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case ValidationError():
            return exceptions.ValidationError([str(text) for text in problem.messages])
        case RequestDataTooBig():
            return TooLarge()
        case IntegrityError():  # two requests at once; what one alone can do wrong is said by the forms
            logger.warning("the API met a conflict", exc_info=problem)
            return Conflict()
        case OperationalError() | InterfaceError():
            logger.error("the API has no database", exc_info=problem)
            return Away()
        case DatabaseError() if type(problem) is DatabaseError:  # the row to save was deleted meanwhile
            return Conflict()
        case UnreadablePostError():
            return exceptions.ParseError()
    return None


def _headers(problem: exceptions.APIException) -> dict[str, str]:
    challenge = getattr(problem, "auth_header", None)
    wait = getattr(problem, "wait", None)
    return ({"WWW-Authenticate": challenge} if challenge else {}) | ({"Retry-After": f"{wait:.0f}"} if wait else {})


def _flat(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    """The sentences with their dotted paths; what belongs to no field stands under the path of its object."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = "" if key == api_settings.NON_FIELD_ERRORS_KEY else str(key)
            yield from _flat(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            # Of a list of objects each has its own errors, an empty dict where it has none.
            yield from _flat(inner, f"{path}.{number}".lstrip(".") if isinstance(inner, dict | list) else path)
    else:
        yield path, force_str(detail)
