"""Pages of «Обработки»."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from processings import copy as copying
from processings import policy, recent, switch, today
from processings.delays import written
from processings.forms import NameForm, NoticesForm
from processings.models import Processing, State
from processings.policy_form import RetriesForm
from tenants import journal
from tenants.access import editor, insider, member, row, rows
from webjack.fields import storable
from webjack.kinds import UnknownKind


@require_GET
@insider
def list_(request: Any) -> HttpResponse:
    """The first page after log-in; who sees nothing but the history is led there."""
    if not request.membership.sees_settings:
        return redirect("history:list")
    return _list(request, NameForm())


@require_POST
@editor
def create(request: Any) -> HttpResponse:
    form = NameForm(request.POST, instance=Processing(tenant=request.tenant))
    if not form.is_valid():
        return _list(request, form)
    with journal.noted(form.instance):
        form.save()
    return redirect("processings:detail", form.instance.pk)


@require_GET
@member
def detail(request: Any, id: uuid.UUID) -> HttpResponse:
    return _detail(request, row(request.tenant, Processing, id))


@require_POST
@editor
def rename(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    form = NameForm(request.POST, instance=processing)
    if not form.is_valid():
        processing.refresh_from_db(fields=["name"])
        return _detail(request, processing, form)
    _save(form)
    return redirect("processings:detail", id)


@require_POST
@editor
def start(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    try:
        _warn(request, switch.start(processing))
    except ValueError as missing:
        messages.error(request, str(missing))
    return _back(request, processing)


@require_POST
@editor
def stop(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    _warn(request, switch.stop(processing))
    return _back(request, processing)


def _warn(request: Any, sentences: list[str]) -> None:
    for sentence in sentences:
        messages.warning(request, sentence)


@require_POST
@editor
def turn(request: Any, id: uuid.UUID) -> HttpResponse:
    """The switch in the list: on with `running`, off without."""
    return start(request, id) if request.POST.get("running") else stop(request, id)


@require_POST
@editor
def copy(request: Any, id: uuid.UUID) -> HttpResponse:
    copied = copying.copy(row(request.tenant, Processing, id))
    messages.success(request, _("This is the copy. Its data sources have new addresses"))
    return redirect("processings:detail", copied.pk)


@require_POST
@editor
def delete(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    _warn(request, switch.delete(processing))
    undo = "undo:" + reverse("processings:restore", args=[id])
    messages.success(request, _("“%(name)s” is deleted, its history is kept") % {"name": processing}, extra_tags=undo)
    return redirect("processings:list")


@require_POST
@editor
def restore(request: Any, id: uuid.UUID) -> HttpResponse:
    switch.restore(row(request.tenant, Processing.everything.all(), id))
    return redirect("processings:detail", id)


@member
def notices(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    if request.method == "POST":
        return _save_notices(request, id)
    return render(request, "processings/notices.html", _head(processing) | {"form": NoticesForm(instance=processing)})


@editor
def _save_notices(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    form = NoticesForm(request.POST, instance=processing)
    if not form.is_valid():
        return render(request, "processings/notices.html", _head(processing) | {"form": form})
    _save(form)
    messages.success(request, _("Saved"))
    return redirect("processings:notices", id)


@member
def retries(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    if request.method == "POST":
        return _save_retries(request, processing)
    return _retries(request, processing, RetriesForm(None, processing))


@editor
def _save_retries(request: Any, processing: Processing) -> HttpResponse:
    form = RetriesForm(request.POST, processing)
    if not form.is_valid():
        return _retries(request, processing, form)
    form.save()
    messages.success(request, _("Saved"))
    return redirect("processings:retries", processing.pk)


def _retries(request: Any, processing: Processing, form: RetriesForm) -> HttpResponse:
    """What holds now stands above the form, as a promise: those repeats that the deadline leaves room for."""
    chosen = policy.chosen(processing.retries)
    kept = chosen.within(processing.deadline_seconds)
    told = {"form": form, "delays": [written(delay) for delay in kept], "cut": len(kept) < len(chosen.table)}
    return render(request, "processings/retries.html", _head(processing) | told)


def _save(form: NameForm | NoticesForm) -> None:
    """Writes what the form is about and nothing else: somebody may start, stop or delete the processing just now."""
    with journal.noted(form.instance):
        form.save(commit=False).save(update_fields=[*form.changed_data, "updated_at"])


@require_GET
@member
def last(request: Any, id: uuid.UUID) -> HttpResponse:
    """The strip of last operations, which the page asks for again and again."""
    processing = row(request.tenant, Processing, id)
    return render(request, "processings/_last.html", _live(processing) | {"live": True})


def _list(request: Any, form: NameForm) -> HttpResponse:
    everything = rows(request.tenant, Processing)
    chosen = everything.filter(name__icontains=storable(request.GET.get("q", "").strip()))
    if request.GET.get("state") in State.values:
        chosen = chosen.filter(state=request.GET["state"])
    processings = list(today.with_parts(today.with_last(chosen)))
    days = today.days(processings)
    context = {
        "lines": [_line(processing, days[processing.pk]) for processing in processings],
        "any": bool(processings) or everything.exists(),
        "states": State.choices,
        "form": form,
        "may_edit": request.membership.may_edit,
    }
    return render(request, "processings/list.html", context)


def _line(processing: Processing, day: today.Day) -> dict[str, Any]:
    return {
        "processing": processing,
        "sources": [(_kind(source), source.title) for source in processing.sources.all()],
        "actions": [(_kind(action), action.title) for action in processing.actions.all() if action.enabled],
        "day": day,
    }


def _kind(row: Any) -> Any:
    """The kind of a source or an action; None when its file is gone."""
    try:
        return row.spec
    except UnknownKind:
        return None


def _detail(request: Any, processing: Processing, form: NameForm | None = None) -> HttpResponse:
    sources, actions = list(processing.sources.all()), list(processing.actions.all())
    calls, results = recent.last_requests(processing), recent.results(processing)
    names = {str(id): name for id, name in processing.tenant.processings.values_list("pk", "name")}
    context = _head(processing) | _live(processing)
    context |= {
        "sources": [{"row": source, "kind": _kind(source), "last": calls[source.pk]} for source in sources],
        "actions": _nodes([_card(action, results, names) for action in actions]),
        "checklist": _checklist(processing, sources, actions),
        "name_form": form or NameForm(instance=processing),
        "may_edit": request.membership.may_edit,
    }
    return render(request, "processings/detail.html", context)


def _card(action: Any, results: dict[uuid.UUID, str], names: dict[str, str]) -> dict[str, Any]:
    """names: of the company's processings by their ids; people read these instead of an id."""
    kind = _kind(action)
    config = {
        name: names.get(value, value) if isinstance(value, str) else value for name, value in action.readable.items()
    }
    summary = kind.summary(config) if kind else _("This kind of action is no longer available")
    return {"row": action, "kind": kind, "summary": summary, "result": results.get(action.pk, "")}


def _nodes(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cards of the top, each with its slots and the cards inside these; numbered as they run.

    What stands in a slot that its block has no more is shown in one of its own, so that nobody loses it.
    """
    places: dict[tuple[Any, str], list[dict[str, Any]]] = {}
    on: set[Any] = {None}
    for card in cards:
        action = card["row"]
        places.setdefault((action.parent_id, action.slot), []).append(card)
        if action.enabled and action.parent_id in on:
            on.add(action.pk)
            card["number"] = len(on) - 1
    for card in cards:
        action = card["row"]
        slots = {slot.key: (slot.title, slot.about) for slot in action.slots}
        lost = {
            key: (_("A branch that is gone"), "") for parent, key in places if parent == action.pk and key not in slots
        }
        card["slots"] = [
            {"key": key, "title": title, "about": about, "nodes": places.get((action.pk, key), [])}
            for key, (title, about) in (slots | lost).items()
        ]
    return places.get((None, ""), [])


def _checklist(processing: Processing, sources: list[Any], actions: list[Any]) -> list[dict[str, Any]]:
    """What is to be done before the first start, the next thing marked; empty when all is done."""
    points = [
        {"text": _("Data source"), "hint": _("where the data come from"), "done": bool(sources)},
        {"text": _("Fields"), "hint": _("what the sender sends"), "done": any(source.fields for source in sources)},
        {"text": _("Action"), "hint": _("what to do with the data"), "done": any(action.enabled for action in actions)},
        {"text": _("Launch"), "hint": _("from then on data are processed"), "done": processing.running},
    ]
    undone = [point for point in points if not point["done"]]
    if undone:
        undone[0]["now"] = True
    return points if undone else []


def _head(processing: Processing) -> dict[str, Any]:
    return {"processing": processing, "missing": "" if processing.running else switch.missing(processing)}


def _live(processing: Processing) -> dict[str, Any]:
    return {
        "processing": processing,
        "operations": recent.operations(processing),
        "held": recent.held(processing),
    }


def _back(request: HttpRequest, processing: Processing) -> HttpResponse:
    """To the list if the switch there was used, else to the processing."""
    if request.POST.get("from") == "list":
        return redirect("processings:list")
    return redirect("processings:detail", processing.pk)
