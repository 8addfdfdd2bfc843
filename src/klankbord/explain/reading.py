"""The figure itself, of an edition or of what is published, and the definition it was made by."""

import json
from datetime import date
from typing import Any

from klankbord.editions import canonical
from klankbord.editions.model import EditionError
from klankbord.explain.figure_ids import ExplainError, FigureId

Row = dict[str, Any]
#: what is said of a figure, where its table has the column
SHOWN = (
    "value", "lower", "upper", "n", "n_members", "mean", "median", "q1", "q3", "pooled",
    "numerator", "denominator", "n_cases", "coverage", "access_tier", "status", "missing_reason",
    "unit", "metric_name_en", "definition_version", "parameters", "is_synthetic",
)  # fmt: skip
_NUMBERS = frozenset(SHOWN[:13]) | {"coverage"}


def figure(cursor: Any, wanted: FigureId) -> tuple[Row, bool]:
    """The figure's row and whether it is a group's; ExplainError when there is none."""
    if wanted.edition:
        return _frozen(cursor, wanted)
    for table, subject, is_group in (
        ("rpt_group_metric", "group_id", True),
        ("rpt_organisation_metric", "organisation_id", False),
    ):
        cursor.execute("select to_regclass(%s) is not null as there", [f"published.{table}"])
        if not cursor.fetchone()["there"]:
            raise ExplainError("Nothing is published yet: extract, then `klankbord build`.")
        cursor.execute(
            f"select * from published.{table} where {subject} = %s and metric_id = %s"  # noqa: S608
            " and definition_id = %s and platform = %s and period = %s",
            [wanted.subject, wanted.metric_id, wanted.definition_id, wanted.platform,
             wanted.period],
        )  # fmt: skip
        if row := cursor.fetchone():
            return dict(row), is_group
    raise ExplainError(_nothing(cursor, wanted))


def _nothing(cursor: Any, wanted: FigureId) -> str:
    """What there is instead: of the subject, or of the metric."""
    for column, cell in (("period", wanted.period), ("platform", wanted.platform),
                         ("metric_id", wanted.metric_id)):  # fmt: skip
        cursor.execute(
            f"select distinct {column} as v from published.rpt_group_metric where group_id = %s"  # noqa: S608
            f" union select distinct {column} from published.rpt_organisation_metric"
            " where organisation_id = %s order by 1",
            [wanted.subject, wanted.subject],
        )
        known = [row["v"] for row in cursor.fetchall()]
        if not known:
            return f"{wanted.subject} is no group or organisation with published figures."
        if cell not in known:
            label = column.removesuffix("_id")
            return (
                f"No {label} {cell} is published of {wanted.subject}: there is {', '.join(known)}."
            )
    return f"{wanted} is not published: that metric has no such figure there."


def _frozen(cursor: Any, wanted: FigureId) -> tuple[Row, bool]:
    """A figure from the frozen lines of an edition, whatever is published now."""
    keys = (wanted.metric_id, wanted.definition_id, wanted.platform, wanted.period)
    cursor.execute(
        "select exists (select 1 from editions.editions where edition_id = %s) as there",
        [wanted.edition],
    )
    if not cursor.fetchone()["there"]:
        raise EditionError(f"There is no edition {wanted.edition}: see `klankbord edition list`.")
    for name, subject in (
        ("group_metric", "group_id"),
        ("organisation_metric", "organisation_id"),
        ("owner_metric", "organisation_id"),
    ):
        cursor.execute(
            "select tables.header, rows.content from editions.rows inner join editions.tables"
            " using (edition_id, table_name) where edition_id = %s and table_name = %s"
            " and strpos(content, %s) > 0",
            [wanted.edition, name, wanted.subject],
        )
        for found in cursor.fetchall():
            row = next(canonical.rows(found["header"], [found["content"]]))
            named = tuple(row[c] for c in ("metric_id", "definition_id", "platform", "period"))
            if row[subject] == wanted.subject and named == keys:
                return _typed(row), name == "group_metric"
    raise ExplainError(f"{wanted.edition} has no figure {wanted}.")


def _typed(row: dict[str, str]) -> Row:
    found: Row = {name: cell or None for name, cell in row.items()}
    for name in _NUMBERS & found.keys():
        cell = found[name]
        found[name] = None if cell is None else float(cell)
    for name in ("n", "n_members", "n_cases"):
        if found.get(name) is not None:
            found[name] = int(found[name])
    for name in ("period_start",):
        found[name] = date.fromisoformat(row[name])
    if found.get("parameters"):
        found["parameters"] = json.loads(row["parameters"])
    found["is_synthetic"] = row["is_synthetic"] == "true"
    return found


def metric(cursor: Any, wanted: FigureId) -> Row:
    """How the metric is computed: name, scale, headline, base, theme, stream and parameters."""
    cursor.execute(
        "select m.metric_id, m.base_metric_id, m.theme, m.name_en, m.description_en, m.caveat_en,"
        " m.unit, m.scale, m.headline, m.tier, d.definition_version, d.parameters, s.stream,"
        " s.formula from marts.dim_metric as m inner join marts.dim_definition as d"
        " on m.metric_id = d.metric_id and d.definition_id = %s"
        " inner join staging.metrics as s on m.metric_id = s.metric_id where m.metric_id = %s",
        [wanted.definition_id, wanted.metric_id],
    )
    row = cursor.fetchone()
    if row is None:
        raise ExplainError(f"The warehouse knows no {wanted.metric_id} by {wanted.definition_id}.")
    return dict(row)


def moment(cursor: Any, wanted: FigureId) -> Row:
    """Until when the figure's data goes, and when what is published now was published."""
    cursor.execute("select published_at from published.publication")
    row = cursor.fetchone()
    said: Row = {"published_at": row["published_at"] if row else None}
    if wanted.edition:
        cursor.execute(
            "select known_at, code_version, state from editions.current where edition_id = %s",
            [wanted.edition],
        )
        said |= dict(cursor.fetchone())
    return said
