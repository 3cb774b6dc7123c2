"""What an account of amoCRM has to choose from: pipelines, stages, people, custom fields, types of tasks."""

from collections.abc import Iterator, Sequence

from actions.kind import Option
from connections.kinds.amocrm import client
from webjack.config import Config
from webjack.http import Http

PIPELINES, STATUSES, USERS, TASKS = "pipelines", "statuses", "users", "task_types"
FIELDS = {"lead_fields": "leads", "contact_fields": "contacts", "company_fields": "companies"}
OWN = ("PHONE", "EMAIL")
"""Custom fields that the forms have inputs of their own for."""
UNSORTED = 1


def options(name: str, config: Config, http: Http) -> Sequence[Option]:
    account = config["connection"].config
    if name == PIPELINES:
        return [Option(str(one["id"]), str(one["name"])) for one in pipelines(http, account)]
    if name == STATUSES:
        return list(_statuses(config, account, http))
    if name == USERS:
        found = client.rows(http, account, "users", "users")
        return [Option(str(one["id"]), str(one["name"]), about=str(one.get("email") or "")) for one in found]
    if name == TASKS:
        told = client.call(http, account, "GET", "account", query=[("with", "task_types")])
        return [Option(str(one["id"]), str(one["name"])) for one in client.embedded(told, "task_types")]
    return [_field(one) for one in fields(http, account, FIELDS[name]) if one.get("code") not in OWN]


def pipelines(http: Http, account: Config) -> list[Config]:
    found = client.embedded(client.call(http, account, "GET", "leads/pipelines"), "pipelines")
    return [one for one in found if not one.get("is_archive")]


def fields(http: Http, account: Config, entity: str) -> list[Config]:
    """The custom fields of leads, contacts or companies, with their types and enums."""
    return list(client.rows(http, account, f"{entity}/custom_fields", "custom_fields"))


def _statuses(config: Config, account: Config, http: Http) -> Iterator[Option]:
    """Of the chosen pipeline; of all of them where none is chosen or a placeholder says which."""
    chosen = str(config.get("pipeline") or "").strip()
    found = pipelines(http, account)
    known = [one for one in found if str(one["id"]) == chosen] or found
    for one in known:
        for status in client.embedded(one, "statuses"):
            if status.get("type") != UNSORTED:
                yield Option(str(status["id"]), str(status["name"]), group=str(one["name"]) if len(known) > 1 else "")


def _field(one: Config) -> Option:
    """Its value tells the type as well, so that no lead costs a request for that."""
    enums = ", ".join(str(enum.get("value")) for enum in (one.get("enums") or [])[:8])
    return Option(f"{one['id']}:{one['type']}", str(one["name"]), about=enums or str(one["type"]))
