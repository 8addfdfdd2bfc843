"""`klankbord explain`: one figure, as a dictionary that people (tree) and programs (JSON) read.

Read with the publisher's role on the operator's machine: it sees raw. Nothing of it is published.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from psycopg2.extras import RealDictCursor

from klankbord.database import Access
from klankbord.editions.model import ROLE
from klankbord.explain import (
    bands,
    changes,
    figures,
    incidents,
    index,
    maturity,
    reading,
    shares,
    surveys,
    targets,
    territories,
    visits,
)
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]


class Explainer(Protocol):
    """A module for a kind of figure (figure_ids.KINDS)."""

    #: columns that are said of the figure itself, where its table has them
    SHOWN: Sequence[str]

    def read(self, cursor: Any, wanted: FigureId) -> Row:
        """The figure's row, published or frozen; ExplainError when there is none."""

    def explained(self, cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
        """`branches`, `recomputed`, `recomputed_from`, `different`, `missing`: see explain()."""


EXPLAINERS: Mapping[str, Explainer] = {
    "bands": bands,
    "change": changes,
    "figure": figures,
    "incident": incidents,
    "incidents": incidents,
    "index": index,
    "maturity": maturity,
    "share": shares,
    "survey": surveys,
    "target": targets,
    "territory": territories,
    "visits": visits,
}


def explain(access: Access, wanted: FigureId) -> Row:
    """What the figure rests on and what is missing.

    Keys: figure, kind, said (the published numbers), definition, as_of, is_suppressed; then
    `branches` (`title`, and `rows` that share their columns; a cell `figure` is a name to explain
    next), or `members` of a group's metric, or `account`, `parts`, `outcomes`, `raw` of an
    organisation's; `recomputed` (numbers that its parts give), `recomputed_from`, `different` (a
    sentence for each number that its parts do not give) and `missing` (sentences).
    A suppressed figure has none of the latter: who may not see it may not see what it is made of.
    """
    explainer = EXPLAINERS[wanted.kind]
    with access.connect(ROLE) as connection:
        connection.set_session(readonly=True)
        with connection.cursor(cursor_factory=RealDictCursor) as cursor:
            return told(cursor, wanted, explainer)


def told(cursor: Any, wanted: FigureId, explainer: Explainer) -> Row:
    """The same, over a cursor of dictionaries."""
    row = explainer.read(cursor, wanted)
    metric = reading.metric(cursor, wanted)
    said = {name: row[name] for name in explainer.SHOWN if name in row}
    found: Row = {
        "figure": str(wanted),
        "kind": row.get("subject_kind", wanted.kind),
        "said": {"unit": metric["unit"], "metric_name_en": metric["name_en"]} | said,
        "definition": metric,
        "as_of": reading.moment(cursor, wanted),
        "is_suppressed": row.get("missing_reason") == "suppressed",
    }
    if found["is_suppressed"]:
        return found
    return found | explainer.explained(cursor, wanted, metric, row)
