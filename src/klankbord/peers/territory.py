"""Published figures of any period on another day's map: those of bodies that a merger or a split
touched in between are recomputed (rpt_territory_metric), all others stand as they were."""

from datetime import date

from klankbord.database import Access
from klankbord.peers.reading import PeersError, Row, read

COLUMNS = (
    "territory_id", "territory_name_nl", "platform", "metric_id", "unit", "period", "value",
    "numerator", "denominator", "n_cases", "n_bodies", "inhabitants", "coverage", "status",
    "missing_reason", "reason_nl", "reason_en", "definition_id", "is_recomputed", "is_synthetic",
)  # fmt: skip

QUERY = """
with recomputed as (
    select territory_id, territory_name_nl, country, organisation_type, platform, metric_id, unit,
        period_kind, period_start, period, value, numerator, denominator, n_cases, n_bodies,
        inhabitants, coverage, status, missing_reason, reason_nl, reason_en, definition_id,
        true as is_recomputed, is_synthetic
    from published.rpt_territory_metric where territory_on = %s
), as_they_were as (
    select f.organisation_id as territory_id, f.organisation_name_nl as territory_name_nl,
        f.country, f.organisation_type, f.platform, f.metric_id, f.unit, f.period_kind,
        f.period_start, f.period, f.value, f.numerator, f.denominator, f.n_cases,
        1 as n_bodies, f.inhabitants::double precision as inhabitants, f.coverage, f.status,
        f.missing_reason, null as reason_nl, null as reason_en, f.definition_id,
        false as is_recomputed, f.is_synthetic
    from published.rpt_organisation_metric as f
    left join published.rpt_territory as t
        on t.territory_on = %s and t.platform = f.platform and t.period_kind = f.period_kind
        and t.period_start = f.period_start and t.organisation_id = f.organisation_id
    where t.organisation_id is null
), figures as (select * from recomputed union all select * from as_they_were)
select {columns} from figures
where (%s = '' or metric_id = any(string_to_array(%s, ',')))
    and (%s = '' or platform = %s)
    and (%s = '' or %s = any(string_to_array(territory_id, '+'))
        or lower(territory_name_nl) = lower(%s)
        or lower(%s) = any(string_to_array(lower(territory_name_nl), ' + '))
        -- a body of the period itself, by the territory that it became a part of
        or territory_id in (
            select t.territory_id
            from published.rpt_territory as t
            inner join published.rpt_organisation_metric as f
                using (organisation_id, platform, period_kind, period_start, period)
            where t.territory_on = %s and t.period = %s
                and (f.organisation_id = %s or lower(f.organisation_name_nl) = lower(%s))
        ))
    and (%s = '' or country || '-' || organisation_type = upper(left(%s, 2)) || substr(%s, 3))
    and period = %s and definition_id = 'klankbord'
order by metric_id, platform, territory_id
"""


def maps(access: Access) -> list[date]:
    """The days whose maps figures were recomputed on."""
    rows = read(access, "select distinct territory_on from published.rpt_territory order by 1")
    return [row["territory_on"] for row in rows]


def on_map(
    access: Access,
    territory_on: date,
    *,
    period: str = "",
    metrics: str = "",
    platform: str = "",
    organisation: str = "",
    group: str = "",
) -> list[Row]:
    """Figures under our own definitions of a period (the latest month by default) on the map of a
    day. `organisation`: an id or a name, of that map or of the period; `group`: a type's group id,
    be-municipality. Raises PeersError for a map or a period that there is not, or when nothing
    matches."""
    known = maps(access)
    if territory_on not in known:
        listed = ", ".join(map(str, known)) or "none, for no merger lies between figures and maps"
        raise PeersError(
            f"There is no map of {territory_on}: there is {listed}. Add a day to territories.csv "
            "of the dbt project's seeds and build."
        )
    periods = [
        row["period"]
        for row in read(
            access,
            "select distinct period_kind, period_start, period from"
            " published.rpt_organisation_metric order by 1, 2",
        )
    ]
    chosen = period or next((p for p in reversed(periods) if "Q" not in p), "")
    if chosen not in periods:
        raise PeersError(
            f"No figure is published for period {chosen!r}: there is {', '.join(periods[-40:])}."
        )
    wanted = metrics.replace(" ", "")
    rows = read(
        access,
        QUERY.format(columns=", ".join(COLUMNS)),
        [territory_on, territory_on, wanted, wanted, platform, platform, organisation,
         organisation, organisation, organisation, territory_on, chosen, organisation, organisation,
         group, group, group, chosen],
    )  # fmt: skip
    if not rows:
        raise PeersError(
            f"Nothing of {chosen} on the map of {territory_on} matches: check metric, platform, "
            "organisation and group."
        )
    return rows
