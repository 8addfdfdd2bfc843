"""The figure itself, of an edition or of what is published, and the definition it was made by."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from psycopg2 import sql

from klankbord.editions import canonical, contents
from klankbord.editions.model import EditionError
from klankbord.explain.figure_ids import ExplainError, FigureId

Row = dict[str, Any]
#: what is said of a figure, where its table has the column
SHOWN = (
    "value", "lower", "upper", "n", "n_members", "mean", "median", "q1", "q3", "pooled",
    "numerator", "denominator", "n_cases", "coverage", "access_tier", "status", "missing_reason",
    "unit", "metric_name_en", "definition_version", "parameters", "is_synthetic",
)  # fmt: skip


def row(cursor: Any, wanted: FigureId, part: str, key: Mapping[str, Any]) -> Row | None:
    """The first of `rows`; None when there is none."""
    found = rows(cursor, wanted, part, key)
    return found[0] if found else None


def rows(cursor: Any, wanted: FigureId, part: str, key: Mapping[str, Any]) -> list[Row]:
    """Rows of a table of editions (`editions.contents`), of the edition wanted or of what is
    published now, typed as the table's columns are. key: columns and what they hold, the rarest
    first."""
    if wanted.edition:
        return list(_frozen(cursor, wanted.edition, part, key))
    source = contents.BY_NAME[part].source
    cursor.execute("select to_regclass(%s) is not null as there", [f"published.{source}"])
    if not cursor.fetchone()["there"]:
        raise ExplainError("Nothing is published yet: extract, then `klankbord build`.")
    cursor.execute(
        sql.SQL("select * from published.{} where {}").format(
            sql.Identifier(source),
            sql.SQL(" and ").join(
                sql.SQL("{} is not distinct from %s").format(sql.Identifier(name)) for name in key
            ),
        ),
        list(key.values()),
    )
    return [dict(found) for found in cursor.fetchall()]


def absent(wanted: FigureId, instead: str) -> ExplainError:
    """The error for a figure that is not there; instead: what there is, or how it is named."""
    where = f"{wanted.edition} has" if wanted.edition else "There is"
    return ExplainError(f"{where} no figure {wanted}: {instead}.")


def day(text: str) -> date:
    """2025-01-01; ExplainError for a day that is in no calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ExplainError(f"{text} is no day: write it as 2025-01-01.") from error


def start_of(period: str) -> date:
    """The first day of 2026-09 or 2026-Q3."""
    year, part = period.split("-")
    return date(int(year), 3 * int(part[1]) - 2 if part.startswith("Q") else int(part), 1)


def kind_of(period: str) -> str:
    """month or quarter."""
    return "quarter" if "Q" in period else "month"


def figure(cursor: Any, wanted: FigureId) -> Row:
    """The figure's row with `subject_kind`: group or organisation; ExplainError when there is
    none."""
    named = {
        "metric_id": wanted.metric_id, "definition_id": wanted.definition_id,
        "platform": wanted.platform, "period": wanted.period,
    }  # fmt: skip
    for part, subject, kind in (
        ("group_metric", "group_id", "group"),
        ("organisation_metric", "organisation_id", "organisation"),
        ("owner_metric", "organisation_id", "organisation"),
        ("peer_metric", "group_id", "group"),
    ):
        if found := row(cursor, wanted, part, {subject: wanted.subject} | named):
            return found | {"subject_kind": kind, "is_peer_set": part == "peer_metric"}
    if wanted.edition:
        raise ExplainError(f"{wanted.edition} has no figure {wanted}.")
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


def _frozen(cursor: Any, edition: str, part: str, key: Mapping[str, Any]) -> Iterator[Row]:
    """The same from an edition's frozen lines, whatever is published now."""
    cursor.execute(
        "select tables.header, tables.types from editions.editions left join editions.tables"
        " on editions.edition_id = tables.edition_id and tables.table_name = %s"
        " where editions.edition_id = %s",
        [part, edition],
    )
    if (form := cursor.fetchone()) is None:
        raise EditionError(f"There is no edition {edition}: see `klankbord edition list`.")
    if form["header"] is None:
        return
    types = dict(zip(form["header"].split(","), form["types"].split(","), strict=True))
    texts = {name: canonical.value(cell) or "" for name, cell in key.items()}
    cursor.execute(
        "select content from editions.rows where edition_id = %s and table_name = %s"
        " and strpos(content, %s) > 0",
        [edition, part, next(iter(texts.values()))],
    )
    for found in canonical.rows(form["header"], (line["content"] for line in cursor)):
        if all(found[name] == text for name, text in texts.items()):
            yield {name: _typed(cell, types[name]) for name, cell in found.items()}


#: how a cell's text is read back, by the type of its column
_READ = {
    "float8": float, "numeric": float, "int4": int, "int8": int, "int2": int,
    "bool": "true".__eq__, "date": date.fromisoformat, "timestamptz": datetime.fromisoformat,
    "jsonb": json.loads,
}  # fmt: skip


def _typed(cell: str, kind: str) -> Any:
    return _READ.get(kind, str)(cell) if cell else None


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
