"""Receives what others send to a source's address: keeps it, and only then says so.

Decoding is the worker's, unless the answer, the key of repeated requests or the order needs a field.
"""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from actions.placeholders import Context
from connections import seen
from connections.seen import Sight
from history import recipe
from history.accept import Call, Gone, accept, tell
from history.duplicates import Taken, accept_once
from history.models import Operation, Status
from sources import answer, duplicates, peek, replies, request_body
from sources.door import Door, find, steadily
from sources.incoming import incoming, without
from sources.models import Source
from webjack.fields import uuid7
from webjack.kinds import UnknownKind

log = logging.getLogger(__name__)

RETRY_AFTER = "10"  # seconds
OPERATION = "webjack.operation"  # of the request's environment: the id that sources.quick has begun to keep it under


class Refusal(NamedTuple):
    """Why a call is not taken. status: of the answer. reason: a sentence for the history and the sender."""

    status: int
    reason: str
    headers: dict[str, str] = {}


@csrf_exempt
def receive(request: HttpRequest, service: str, key: str) -> HttpResponse:
    """Answers 2xx only once the request is committed; never touches session, user or language of the caller."""
    with translation.override(settings.LANGUAGE_CODE):
        try:
            found = _receive(request, service, key)
        except (OperationalError, InterfaceError) as away:  # thousands of calls may find it so: a line for each
            log.error("a request could not be kept: %s", " ".join(str(away).split()))
            found = _unavailable()
        except (DatabaseError, UnknownKind):
            log.exception("a request could not be kept")
            found = _unavailable()
        return answer.for_any_site(request, found)


def _unavailable() -> HttpResponse:
    return answer.problem(503, _("The service is not available now: repeat later"), Retry_After=RETRY_AFTER)


@csrf_exempt
def nobody(request: HttpRequest) -> HttpResponse:
    """What does not look like an address at all."""
    with translation.override(settings.LANGUAGE_CODE):
        return answer.for_any_site(request, _nobody())


def _receive(request: HttpRequest, service: str, key: str) -> HttpResponse:
    door = steadily(lambda: find(service, key))
    if door is None:
        return _nobody()
    methods, method = door.spec.methods(door.config), str(request.method)
    if method == "HEAD":
        return answer.known()
    if method == "OPTIONS" and ("Access-Control-Request-Method" in request.headers or method not in methods):
        return answer.preflight(request, methods)
    try:
        body, refusal = _body(request.META)
    except request_body.Broken:
        return answer.problem(400, _("The request broke off before it was complete"))
    call, refusal, probe = incoming(request.META, body), _wrong_method(method, methods) or refusal, ""
    if door.spec.watches and refusal is None:
        call, refusal, probe = _met(request, door, call)
    return _keep(request, door, call, refusal, probe)


def _met(request: HttpRequest, door: Door, call: Call) -> tuple[Call, Refusal | None, str]:
    """What of the call is kept, why it is refused, and why it is only a probe."""
    met = door.spec.meet(call, request.headers, door.config | {"hook": door.hook})
    if met.seen:
        _note(door, met.seen)
    kept = without(call, met.hidden) if met.hidden else call
    return kept, Refusal(401, met.refused) if met.refused else None, met.probe


def _note(door: Door, sight: Sight) -> None:
    """Whatever happens here, the call is taken."""
    try:
        seen.note(door.tenant_id, str(door.config.get(door.spec.hooks) or ""), sight)
    except DatabaseError:
        log.warning("what a call shows could not be noted", exc_info=True)


def _body(environ: dict[str, Any]) -> tuple[bytes, Refusal | None]:
    limit = settings.MAX_BODY_BYTES
    try:
        return request_body.read(environ, limit), None
    except request_body.TooLarge:
        return b"", Refusal(413, _("The request is larger than %(limit)s bytes and was not kept") % {"limit": limit})
    except request_body.LengthRequired:
        return b"", Refusal(411, _("The size of the request is not given (Content-Length)"))


def _wrong_method(method: str, methods: tuple[str, ...]) -> Refusal | None:
    if method in methods:
        return None
    reason = _("The method %(method)s is not accepted here, only %(methods)s")
    names = {"method": method[:16], "methods": ", ".join(methods)}
    return Refusal(405, reason % names, {"Allow": answer.allow(methods)})


def _keep(request: HttpRequest, door: Door, call: Call, refusal: Refusal | None, probe: str) -> HttpResponse:
    id = request.META.get(OPERATION) or uuid7()
    try:
        taken = steadily(lambda: _write(id, request, door, call, refusal, probe))
    except Gone:
        return _nobody()
    if refusal:
        return answer.problem(refusal.status, refusal.reason, id, **refusal.headers)
    if taken.status:
        tell(taken.status)
    response = door.config.get("response")
    if _waits(response, taken):
        return _late(door, call, taken, response)
    return _at_once(door, call, taken, response)


def _at_once(door: Door, call: Call, taken: Taken, response: Any) -> HttpResponse:
    return answer.configured(response, taken.id, _context(door, call, taken)) if response else answer.accepted(taken.id)


def _late(door: Door, call: Call, taken: Taken, response: Any) -> HttpResponse:
    """What the actions say, or the usual answer when they have not said it in time; kept for the history."""
    begun = time.monotonic()
    reply = replies.wait(taken.id, response["wait"])
    made = answer.configured(reply, taken.id, None) if reply is not None else _at_once(door, call, taken, response)
    replies.keep(taken.id, door.tenant_id, made, in_time=reply is not None, seconds=time.monotonic() - begun)
    return made


def _waits(response: Any, taken: Taken) -> bool:
    """Whether the sender waits for what the actions say: not while nothing runs them."""
    return bool(response and response.get("wait")) and taken.status in (Status.QUEUED, None)


def _write(id: uuid.UUID, request: HttpRequest, door: Door, call: Call, refusal: Refusal | None, probe: str) -> Taken:
    if refusal or probe:
        return Taken(id, accept(id, door.place, call, refusal.reason if refusal else "", probe=probe))
    order_key = peek.order_key(door, call)
    repeats = door.spec.repeats(door.config)
    if duplicates.asked(repeats):
        key = duplicates.key(door.spec, door.config, call, request.headers)
        if key:
            return accept_once(id, door.place, call, key, duplicates.minutes(repeats), order_key)
    return Taken(id, accept(id, door.place, call, "", order_key))


def _context(door: Door, call: Call, taken: Taken) -> Callable[[], Context]:
    """What the placeholders of an answer see: the data of this very request, decoded only if somebody asks.

    A repeated request gets the answer of the first one, so the first one's data.
    """

    def context() -> Context:
        source = Source.objects.select_related("processing__tenant").get(pk=door.id)
        first = None if taken.status else Operation.objects.filter(pk=taken.id).first()
        operation = first or Operation(id=taken.id, received_at=timezone.now(), **vars(call))
        decoded = door.spec.read(operation, door.config)
        reading = recipe.Reading(decoded.data, decoded.query, decoded.body)
        return recipe.context(operation, reading, recipe.Recipe(source.processing, (), {}), {})

    return context


def _nobody() -> HttpResponse:
    return answer.problem(404, _("There is no such address: copy it again from the data source's page"))
