"""Bad rows for gate 2: figures that never should be published."""

from collections.abc import Callable, Iterator

from tests.pipeline.bad_rows import Row, Rows, miss
from tests.pipeline.house import House

#: a small group's figure as it would stand there
SHOWN = "value = 1, missing_reason = null, coverage = 1, access_tier = 'T2'"
#: and a verdict, which follows
TOLD = "comparison_basis = 'funnel', comparison_reason = null, comparison ="
ORGANISATIONS, GROUPS = "reporting.rpt_organisation_metric", "reporting.rpt_group_metric"


def reporting_rows(house: House) -> Rows:
    """For each rule of expectations/reporting.py. Organisations and groups of their own, on a
    platform and metric that is left to them, so that `nothing_disappeared` counts what it
    should."""
    bodies = iter(
        _computed(
            house,
            "select organisation_id, platform, metric_id, period_start from"
            " reporting.rpt_organisation_metric where metric_id in ('M03', 'M21') and value > 0"
            " and period_start = '2026-09-01' order by platform, 1, 3",
        )
    )
    groups = iter(
        _computed(
            house,
            "select group_id, platform, metric_id, period_start from reporting.rpt_group_metric"
            " where metric_id = 'M03' and value is not null order by 2, 1",
        )
    )
    small = iter(
        _computed(
            house,
            "select group_id, platform, metric_id, period_start from reporting.rpt_group_metric"
            " inner join marts.fct_sensitive_cell using (group_id, platform, metric_id,"
            " definition_id, period_kind, period_start) where metric_id = 'M03'"
            " and period_kind = 'month' order by 2, 1",
        )
    )
    seen: set[str] = set()

    def change(table: str, key: str, rows: Iterator[tuple], what: str) -> Row:
        subject, platform, metric, month = next(row for row in rows if row[0] not in seen)
        seen.add(subject)
        return subject, (
            f"update {table} set {what} where {key} = '{subject}' and platform = '{platform}'"
            f" and metric_id = '{metric}' and period_start = '{month}'"
        )

    def body(what: str) -> Row:
        return change(ORGANISATIONS, "organisation_id", bodies, what)

    def group(what: str) -> Row:
        return change(GROUPS, "group_id", groups, what)

    def figures_of(table: str, key: str, metric: str) -> Callable[[str], Row]:
        """As body and group, of a metric whose figures on Facebook no other rule needs."""
        found = iter(
            _computed(
                house,
                f"select distinct {key} from {table} where metric_id = '{metric}' and value is not"
                " null and platform = 'facebook' and period = '2026-09' order by 1",
            )
        )

        def row(what: str) -> Row:
            subject = next(found)[0]
            return subject, (
                f"update {table} set {what} where {key} = '{subject}' and metric_id = '{metric}'"
                " and platform = 'facebook' and period = '2026-09'"
            )

        return row

    here = figures_of(ORGANISATIONS, "organisation_id", "M01")
    shown = figures_of(GROUPS, "group_id", "M01")
    median = figures_of(GROUPS, "group_id", "M04")

    def of(n: int, what: str) -> Row:
        """A group that would have so many."""
        return median(f"n = {n}, n_members = {n}, {what}")

    [(jumped,), (fell,), (tripled,), (runs,)] = _computed(
        house,
        "select distinct organisation_id from reporting.rpt_organisation_metric where"
        " metric_id = 'M05' and platform = 'facebook' and numerator >= 50 order by 1 desc limit 4",
    )

    def audience(name: str, month: str, times: str) -> str:
        return (
            f"update {ORGANISATIONS} set value = value * {times} where metric_id = 'M05' and"
            f" organisation_id = '{name}' and platform = 'facebook' and period_start = '{month}'"
        )

    def lose(platform: str, share: str) -> str:
        """Without a value, and saying why."""
        return (
            f"with figures as (select ctid as place, row_number() over () as number, count(*)"
            f" over () as n from {ORGANISATIONS} where metric_id = 'M01' and platform ="
            f" '{platform}' and period_start = '2026-09-01' and value is not null)"
            f" update {ORGANISATIONS} set value = null, missing_reason = 'not_observed'"
            f" where ctid in (select place from figures where number <= {share})"
        )

    few = change(GROUPS, "group_id", small, SHOWN)

    return {
        "organisation_values_are_possible": [
            body("value = -0.1"),
            body("value = 'NaN'"),
            body("value = 1.01, unit = 'share'"),
            body("unit = 'parsecs'"),
            miss(body("value = 1, unit = 'share'")),
        ],
        "group_values_are_possible": [group("value = 501"), miss(group("value = 500"))],
        "organisation_absence_has_a_reason": [
            body("value = null"),
            body("missing_reason = 'refused'"),
            miss(body("value = null, missing_reason = 'refused'")),
        ],
        "group_absence_has_a_reason": [group("missing_reason = 'suppressed'")],
        "organisation_figures_say_how_they_were_made": [
            body("parameters = null"),
            body("definition_version = null"),
            body("status = null"),
            body("coverage = null"),
            body("access_tier = null"),
        ],
        "group_figures_say_how_they_were_made": [group("access_tier = null")],
        "small_groups_are_suppressed": [
            change(GROUPS, "group_id", small, "mean = 1"),
            few,
        ],
        "nobody_is_the_group": [_dominated(house), (few[0], "select 'few are under both rules'")],
        "no_few_follow_from_a_total": [_remainder(house)],
        "n_is_within_n_members": [group("n_members = n - 1"), miss(group("n_members = n"))],
        "organisation_intervals_hold_their_figure": [
            here("lower = value + 0.1, upper = value + 0.2"),
            here("lower = value - 0.2, upper = value - 0.1"),
            miss(here("lower = value, upper = null")),
        ],
        "group_intervals_hold_their_figure": [
            shown("lower = value + 1"),
            shown("upper = value - 1"),
            miss(shown("upper = value")),
        ],
        "edges_are_of_more_than_a_few": [
            of(50, "p10 = value, q1 = value - 0.1"),
            of(50, "p90 = value, q3 = value + 0.1"),
            of(40, "p90 = 1000"),
            of(19, "lower = value"),
            miss(of(20, "lower = value")),
        ],
        "no_second_sum_of_owners_figures": [shown("weighted_mean = 1, access_tier = 'T3'")],
        "places_are_possible": [
            here("percentile = 100.1"),
            here("percentile = -0.1"),
            here("group_median = null, percentile = 50, colour_class = 'middle'"),
            here("colour_class = case when percentile is null then 'low' else 'grey' end"),
            here("comparison = null, comparison_basis = 'funnel', comparison_reason = 'few_peers'"),
            here("comparison = null, comparison_basis = null, comparison_reason = null"),
            here("funnel_lower = -0.1"),
            miss(
                here(
                    "funnel_lower = 0, funnel_upper = 1, comparison = null,"
                    " comparison_basis = null, comparison_reason = 'few_peers'"
                )
            ),
        ],
        "verdicts_follow_from_their_yardstick": [
            here(f"{TOLD} 'lower', funnel_lower = value, funnel_upper = 1"),
            here(f"{TOLD} 'higher', funnel_lower = 0, funnel_upper = value"),
            here(f"{TOLD} 'not_distinguishable', funnel_lower = 1, funnel_upper = 1, value = 0.5"),
            miss(here(f"{TOLD} 'not_distinguishable', funnel_lower = value, funnel_upper = 1")),
        ],
        "quartiles_are_in_order": [group("q1 = median + 1"), group("q3 = median - 1")],
        "nothing_disappeared": [
            ("mastodon", lose("mastodon", "0.11 * n")),
            ("", lose("bluesky", "0.09 * n")),
        ],
        "followers_did_not_jump": [
            (jumped, audience(jumped, "2026-07-01", "3.01")),
            (fell, audience(fell, "2026-08-01", "0.33")),
            ("", audience(tripled, "2026-08-01", "2.99")),
            ("", audience(runs, "2026-09-01", "4")),
        ],
    }


def _dominated(house: House) -> Row:
    """A hidden cell that is shown, with a count as if it might be; on a metric of its own."""
    [(name, platform, month)] = _computed(
        house,
        "select group_id, platform, period_start from reporting.rpt_group_metric inner join"
        " marts.fct_sensitive_cell using (group_id, platform, metric_id, definition_id,"
        " period_kind, period_start) where metric_id = 'M05' and period_kind = 'month'"
        " and suppression_reason = 'under_minimum' and n_members >= 5 order by 1, 2, 3 limit 1",
    )
    return (
        name,
        f"update {GROUPS} set {SHOWN}, n = 5 where group_id = '{name}' and metric_id = 'M05'"
        f" and period_kind = 'month' and platform = '{platform}' and period_start = '{month}'",
    )


def _remainder(house: House) -> Row:
    """A type that has three more than its size classes; on the same metric."""
    [(name, platform, month, n)] = _computed(
        house,
        "select whole.group_id, platform, period_start, sum(part.n) + 3 from"
        " reporting.rpt_group_metric as whole inner join reporting.rpt_group_metric as part"
        " using (country, organisation_type, platform, metric_id, definition_id, period_kind,"
        " period_start) where metric_id = 'M05' and period_kind = 'month' and whole.group_kind ="
        " 'type' and whole.value is not null and part.group_kind = 'size_class'"
        " and part.value is not null group by 1, 2, 3, whole.n_members"
        " having sum(part.n) + 3 <= whole.n_members order by 1, 2, 3 limit 1",
    )
    return (
        name,
        f"update {GROUPS} set n = {n} where group_id = '{name}' and metric_id = 'M05'"
        f" and period_kind = 'month' and platform = '{platform}' and period_start = '{month}'",
    )


def _computed(house: House, query: str) -> list[tuple]:
    return house.rows(query, role="klankbord_publisher")
