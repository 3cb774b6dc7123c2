"""The catalogue for everybody, and for each pair a guide «источник → действие», made of what both say of themselves.

Who is logged in finds the address of their own source in it, and which accounts they have connected.
"""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from actions import layout
from actions.catalogue import search
from actions.fields import ConnectionField
from actions.kind import ActionKind
from actions.values import text
from sources.kind import SourceKind
from sources.models import Source
from tenants import access
from tenants.models import Tenant
from webjack import kinds

ADDRESS = gettext_lazy("<the address of your source>")


@require_safe
def catalogue(request: Any) -> HttpResponse:
    """`q`: words; `source`: whose pairs the actions lead to, the generic webhook unless given."""
    tenant, words = _tenant(request), request.GET.get("q", "")
    chosen = _kind("source", request.GET.get("source") or "http")
    actions = search("action", words)
    context = {
        "chosen": chosen,
        "sources": [(kind, _used(tenant, kind)) for kind in search("source", words) if kind.addressed],
        "groups": [
            (_("Into services"), [(kind, _connected(tenant, kind)) for kind in actions if kind.network]),
            (_("Blocks and data"), [(kind, "") for kind in actions if not kind.network]),
        ],
    }
    return render(request, "help/catalogue.html", context)


@require_safe
def pair(request: Any, source: str, action: str) -> HttpResponse:
    """«источник → действие»."""
    tenant = _tenant(request)
    sender, kind = _kind("source", source), _kind("action", action)
    row = _row(tenant, sender)
    context = {
        "source_kind": sender,
        "action_kind": kind,
        "row": row,
        "events": _events(sender, row),
        "fields": [(name, sender.labels.get(name, ""), text(value)) for name, value in sender.sample.items()],
        "groups": layout.groups(kind.form(initial={})),
        "account": _account(kind),
        "connected": _connected(tenant, kind),
        "outputs": [
            ("{{ steps." + kind.alias + "." + name + " }}", text(value)) for name, value in kind.sample.items()
        ],
        "others": [one for one in search("action") if one.network and one.key != kind.key][:12],
    }
    return render(request, "help/pair.html", context)


def _tenant(request: Any) -> Tenant | None:
    """The company of who is logged in and belongs to one."""
    if not request.user.is_authenticated or not request.user.memberships.exists():
        return None
    request.membership = access.membership(request)
    request.tenant = request.membership.tenant
    tenant: Tenant = request.tenant
    return tenant


def _kind(family: str, key: str) -> Any:
    try:
        return kinds.get(family, key)
    except kinds.UnknownKind:
        raise Http404 from None


def _row(tenant: Tenant | None, kind: SourceKind) -> Source | None:
    """The company's newest source of this kind."""
    if tenant is None:
        return None
    mine = access.rows(tenant, Source).filter(kind=kind.key, processing__deleted_at=None)
    return mine.select_related("processing").order_by("-id").first()


def _events(kind: SourceKind, row: Source | None) -> list[tuple[str, str]]:
    """Whole addresses with their parameters, by the sender's event."""
    url = row.url if row else str(ADDRESS)
    return [
        (event.title, sender.address(url, [(one.name, one.value) for one in event.parameters]))
        for sender in kind.senders.values()
        for event in sender.events
    ]


def _account(kind: ActionKind) -> Any:
    """The kind of the connection that an action goes through, or None."""
    fields = [field for field in kind.form.base_fields.values() if isinstance(field, ConnectionField)]
    return kinds.get("connection", fields[0].connection) if fields and fields[0].required else None


def _connected(tenant: Tenant | None, kind: ActionKind) -> str:
    account = _account(kind)
    if tenant is None or account is None:
        return ""
    names: Iterable[Any] = tenant.connections.filter(kind=account.key)[:3]
    return ", ".join(str(row) for row in names)


def _used(tenant: Tenant | None, kind: SourceKind) -> str:
    row = _row(tenant, kind)
    return str(row.processing) if row else ""
