"""Methods of the local amoCRM's API v4 (reference/apis/amocrm.md, sections 4, 6 and 7)."""

import re
from collections.abc import Callable
from typing import Any

from tests.fakes.amocrm_account import ENTITIES, TASK_TYPES, Account, Json
from tests.fakes.amocrm_refused import Refused, invalid

MOST = 250


class Entities:
    """url: of the account, for links."""

    def __init__(self, account: Account, url: str) -> None:
        self.account, self.url = account, url
        entity = rf"(?P<entity>{'|'.join(ENTITIES)})"
        self.methods: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", "account", self._account),
            ("GET", r"users(?:/(?P<id>\d+))?", self._users),
            ("GET", r"leads/pipelines(?:/(?P<id>\d+))?", self._pipelines),
            ("GET", rf"{entity}/custom_fields", self._fields),
            ("POST", "leads/complex", self._complex),
            ("POST", "leads/unsorted/forms", self._unsorted),
            ("POST", r"(?P<entity>leads|contacts|companies)/(?P<id>\d+)/link", self._link),
            ("POST", rf"{entity}/(?:(?P<id>\d+)/)?notes", self._notes),
            ("POST", "tasks", self._tasks),
            ("GET", rf"{entity}/(?P<id>\d+)", self._one),
            ("PATCH", rf"{entity}(?:/(?P<id>\d+))?", self._change),
            ("GET", entity, self._search),
            ("POST", entity, self._add),
        ]

    def call(self, method: str, path: str, query: dict[str, str], told: Any) -> Any:
        """The JSON of the answer; None: nothing found."""
        fits = [(verb, act, found) for verb, form, act in self.methods if (found := re.fullmatch(form, path))]
        if not fits:
            raise Refused(404, "Not Found", f"Cannot {method} {self.url}/api/v4/{path}")
        act, found = next(((act, found) for verb, act, found in fits if verb == method), (None, None))
        if act is None or found is None:
            raise Refused(405, "Method Not Allowed")
        if method in ("POST", "PATCH") and not told:
            raise Refused(400, "Bad Request", "Request data can not be empty")
        if isinstance(told, list) and len(told) > MOST:
            raise Refused(422, "Unprocessable Entity", "Limit 250 per page")
        return act(query=query, told=told, **found.groupdict())

    def _account(self, query: dict[str, str], told: Any) -> Any:
        own = self.account
        told = {"id": own.id, "name": own.name, "subdomain": own.subdomain, "current_user_id": own.users[0]["id"]}
        told |= {"country": "RU", "is_unsorted_on": True, "is_api_filter_enabled": own.filters}
        return told | {"_embedded": {"task_types": TASK_TYPES if "task_types" in query.get("with", "") else []}}

    def _users(self, query: dict[str, str], told: Any, id: str | None) -> Any:
        if id is None:
            return self._page("users", self.account.users, query)
        user = next((one for one in self.account.users if one["id"] == int(id)), None)
        return user and user | {"rights": {"is_active": True} | self.account.rights}

    def _pipelines(self, query: dict[str, str], told: Any, id: str | None) -> Any:
        if id is not None:
            return next((one for one in self.account.pipelines if one["id"] == int(id)), None)
        return {"_total_items": len(self.account.pipelines), "_embedded": {"pipelines": self.account.pipelines}}

    def _fields(self, query: dict[str, str], told: Any, entity: str) -> Any:
        return self._page("custom_fields", self.account.fields[entity], query, most=50)

    def _page(self, name: str, rows: list[Json], query: dict[str, str], most: int = MOST) -> Any:
        size, page = min(int(query.get("limit") or 50), most), int(query.get("page") or 1)
        part = rows[(page - 1) * size : page * size]
        if not part:
            return None
        links = {"self": {"href": f"{self.url}/api/v4/{name}?page={page}"}}
        if len(rows) > page * size:
            links["next"] = {"href": f"{self.url}/api/v4/{name}?page={page + 1}"}
        return {"_page": page, "_page_count": -(-len(rows) // size), "_links": links, "_embedded": {name: part}}

    def _one(self, query: dict[str, str], told: Any, entity: str, id: str) -> Any:
        return self.account.rows[entity].get(int(id))

    def _search(self, query: dict[str, str], told: Any, entity: str) -> Any:
        rows = list(self.account.rows[entity].values())
        wanted = [int(value) for name, value in query.items() if name.startswith("filter[id]")]
        if wanted and self.account.filters:
            rows = [row for row in rows if row["id"] in wanted]
        if query.get("query"):
            rows = [row for row in rows if _fits(query["query"], row)]
        return self._page(entity, rows, query)

    def _add(self, query: dict[str, str], told: Any, entity: str) -> Json:
        self._check(entity, told)
        made = []
        for number, one in enumerate(told):
            id = self.account.add(entity, **one)
            made.append({"id": id, "request_id": str(one.get("request_id", number)), "_links": self._self(entity, id)})
        return {"_links": {"self": {"href": f"{self.url}/api/v4/{entity}"}}, "_embedded": {entity: made}}

    def _change(self, query: dict[str, str], told: Any, entity: str, id: str | None) -> Any:
        many = [told | {"id": int(id)}] if id else told
        self._check(entity, many)
        for one in many:
            if one.get("id") not in self.account.rows[entity]:
                raise (
                    Refused(404, "Not Found", "Entity not found")
                    if id
                    else invalid(
                        [
                            {
                                "request_id": "0",
                                "errors": [{"code": "NotFound", "path": "id", "detail": "Entity not found."}],
                            }
                        ]
                    )
                )
        for one in many:
            self.account.change(entity, one["id"], one)
        made = [{"id": one["id"], "updated_at": 1767000000, "_links": self._self(entity, one["id"])} for one in many]
        return made[0] if id else {"_embedded": {entity: made}}

    def _complex(self, query: dict[str, str], told: Any) -> list[Json]:
        if not isinstance(told, list) or len(told) > 50:
            raise Refused(422, "Unprocessable Entity", "Limit 50 per page")
        self._check("leads", told)
        answers = []
        for number, one in enumerate(told):
            inside, ids = one.get("_embedded") or {}, {}
            for entity in ("contacts", "companies"):
                for other in (inside.get(entity) or [])[:1]:
                    if "id" not in other:
                        self._check(entity, [other], f"_embedded.{entity}.0.")
                    elif other["id"] not in self.account.rows[entity]:
                        raise Refused(400, "Bad Request", "Entity not found")
            for entity in ("contacts", "companies"):
                for other in (inside.get(entity) or [])[:1]:
                    ids[entity] = other.get("id") or self.account.add(entity, **other)
            plain = {"tags": inside.get("tags") or []} | {name: [{"id": id}] for name, id in ids.items()}
            lead = self.account.add("leads", **one | {"_embedded": plain})
            told_ids = {"contact_id": ids.get("contacts"), "company_id": ids.get("companies")}
            answers.append(
                {"id": lead} | told_ids | {"request_id": [str(one.get("request_id", number))], "merged": False}
            )
        return answers

    def _check(self, entity: str, told: Any, before: str = "") -> None:
        if not isinstance(told, list):
            raise Refused(400, "Bad Request", "Request data should be an array")
        found = []
        for number, one in enumerate(told):
            problems = [it | {"path": before + it["path"]} for it in self.account.problems(entity, one)]
            if problems:
                name = one.get("request_id", number) if isinstance(one, dict) else number
                found.append({"request_id": str(name), "errors": problems})
        if found:
            raise invalid(found)

    def _link(self, query: dict[str, str], told: Any, entity: str, id: str) -> Json:
        for one in told:
            if (
                int(id) not in self.account.rows[entity]
                or one["to_entity_id"] not in self.account.rows[one["to_entity_type"]]
            ):
                raise Refused(400, "Bad Request", "Entity not found")
            self.account.link(entity, int(id), one["to_entity_type"], one["to_entity_id"])
        self.account.links += told
        return {"_total_items": len(told), "_embedded": {"links": told}}

    def _notes(self, query: dict[str, str], told: Any, entity: str, id: str | None) -> Json:
        made = []
        for number, one in enumerate(told):
            owner = int(id or one.get("entity_id") or 0)
            if owner not in self.account.rows[entity]:
                raise Refused(404, "Not Found", "Entity not found")
            if one.get("note_type") == "common" and not (one.get("params") or {}).get("text"):
                raise invalid([{"request_id": "0", "errors": [_missing("params.text")]}])
            row = {"id": self.account.number(), "entity_id": owner, "request_id": str(number)}
            self.account.notes.append(one | row | {"entity_type": entity})
            made.append(row)
        return {"_embedded": {"notes": made}}

    def _tasks(self, query: dict[str, str], told: Any) -> Json:
        made = []
        for number, one in enumerate(told):
            missing = [_missing(name) for name in ("text", "complete_till") if not one.get(name)]
            if missing:
                raise invalid([{"request_id": str(number), "errors": missing}])
            row = {"id": self.account.number(), "request_id": str(one.get("request_id", number))}
            self.account.tasks.append(one | row)
            made.append(row)
        return {"_embedded": {"tasks": made}}

    def _unsorted(self, query: dict[str, str], told: Any) -> Json:
        made = []
        for number, one in enumerate(told):
            missing = [_missing(name) for name in ("source_uid", "source_name", "metadata") if not one.get(name)]
            needed = ("form_id", "form_name", "form_page", "form_sent_at", "ip")
            missing += [_missing(f"metadata.{name}") for name in needed if not (one.get("metadata") or {}).get(name)]
            if missing:
                raise invalid([{"request_id": str(number), "errors": missing}])
            ids = {}
            for entity in ENTITIES:
                inside = (one.get("_embedded") or {}).get(entity) or []
                self._check(entity, inside, f"_embedded.{entity}.")
                ids[entity] = [{"id": self.account.add(entity, **other)} for other in inside]
            self.account.unsorted.append(one)
            made.append({"uid": f"uid-{self.account.number()}", "request_id": str(number), "_embedded": ids})
        return {"_embedded": {"unsorted": made}}

    def _self(self, entity: str, id: int) -> Json:
        return {"self": {"href": f"{self.url}/api/v4/{entity}/{id}"}}


def _missing(path: str) -> Json:
    return {"code": "NotBlank", "path": path, "detail": "This value should not be blank."}


def _fits(query: str, row: Json) -> bool:
    """Loosely, as the real search: part of the name or of a value; of a phone its digits."""
    values = [str(value.get("value")) for one in row["custom_fields_values"] or () for value in one["values"]]
    texts = [str(row.get("name") or ""), *values]
    digits = re.sub(r"\D", "", query)
    loose = len(digits) >= 7 and any(digits[-7:] in re.sub(r"\D", "", text) for text in texts)
    return loose or any(query.lower() in text.lower() for text in texts)
