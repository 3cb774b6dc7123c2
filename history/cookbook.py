"""The recipes that this process knows: settings are read once, and then only asked whether they are still the same.

One small question for each claim, in place of loading everything again. Nothing has to be told to other processes: what
is claimed after a change was committed runs by what was changed.
"""

import uuid
from collections import OrderedDict
from collections.abc import Iterable

from history.prepared import execute
from history.recipe import Recipe, load
from webjack.fields import dump

MOST_CHARACTERS = 4_000_000  # of the settings that are kept; as objects they take about five times that
OVERHEAD = 1000  # characters that a recipe counts for beside its settings

# A row's place and the transaction that wrote it: together they change whenever the row does (PostgreSQL, 5.5). A row
# that is added or gone makes the list longer or shorter.
VERSIONS = """
WITH company AS MATERIALIZED (
    SELECT tenant.id, concat_ws(' ', tenant.ctid, tenant.xmin, (
        SELECT string_agg(concat(connection.ctid, connection.xmin), ' ' ORDER BY connection.id)
        FROM connections_connection connection WHERE connection.tenant_id = tenant.id)) AS version
    FROM tenants_tenant tenant
    WHERE tenant.id IN (SELECT tenant_id FROM processings_processing WHERE id = ANY(%(ids)s::uuid[]))
)
SELECT processing.id, concat_ws('/', processing.ctid, processing.xmin, company.version, (
    SELECT string_agg(concat(action.ctid, action.xmin), ' ' ORDER BY action.id)
    FROM actions_action action WHERE action.processing_id = processing.id
), '', (
    SELECT string_agg(concat(source.ctid, source.xmin), ' ' ORDER BY source.id)
    FROM sources_source source WHERE source.processing_id = processing.id
))
FROM processings_processing processing JOIN company ON company.id = processing.tenant_id
WHERE processing.id = ANY(%(ids)s::uuid[])
"""


class Cookbook:
    """The recipes used last, with the version that each is of; not for several threads."""

    def __init__(self) -> None:
        self.known: OrderedDict[uuid.UUID, tuple[str, Recipe, int]] = OrderedDict()
        self.weight = 0

    def recipes(self, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Recipe]:
        """Those of these processings as they stand now, deleted ones included; none of one that is gone."""
        versions: dict[uuid.UUID, str] = dict(execute(VERSIONS, {"ids": list(set(ids))}))
        stale = [id for id, version in versions.items() if id not in self.known or self.known[id][0] != version]
        # Read after the versions: what changes in between looks stale to the next claim, never fresh for ever.
        fresh = load(stale) if stale else {}
        found = fresh | {id: self.known[id][1] for id in versions.keys() - set(stale)}
        for id, recipe in found.items():
            self._keep(id, versions[id], recipe)
        return found

    def _keep(self, id: uuid.UUID, version: str, recipe: Recipe) -> None:
        """As the one used last; others go when it is too much together."""
        known = self.known.pop(id, None)
        weight = known[2] if known and known[0] == version else _weight(recipe)
        self.weight += weight - (known[2] if known else 0)
        self.known[id] = version, recipe, weight
        while self.weight > MOST_CHARACTERS:
            _id, (_version, _recipe, dropped) = self.known.popitem(last=False)
            self.weight -= dropped


def _weight(recipe: Recipe) -> int:
    """Of all that it keeps in memory, actions that are switched off and the fields of sources included."""
    actions = [action.config for action in recipe.processing.actions.all()]
    sources = [[source.config, source.fields] for source in recipe.processing.sources.all()]
    return OVERHEAD + sum(len(dump(settings)) for settings in [*actions, *sources])


cookbook = Cookbook()
