"""The bad rows that both gates are shown: for each rule, whom it must name and the statement that
makes the row; beside them near misses, which no rule may name.

Each row has a subject of its own, so that they can be judged together.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from klankbord import settings
from tests.pipeline.days import accounts
from tests.pipeline.house import House

#: a small group's figure as it would stand there
SHOWN = "value = 1, missing_reason = null, coverage = 1, access_tier = 'T2'"
#: and a verdict, which follows
TOLD = "comparison_basis = 'funnel', comparison_reason = null, comparison ="
ORGANISATIONS, GROUPS = "reporting.rpt_organisation_metric", "reporting.rpt_group_metric"
SURVEYS = "reporting.rpt_survey_share"
INDEXES, COMPONENTS = "reporting.rpt_index", "reporting.rpt_index_component"


def raw_rows(house: House) -> dict[str, list[tuple[str, str]]]:
    """rule -> (subject or '' for a near miss that must pass, statement)."""
    pages = iter(accounts(house, "facebook"))
    handles = iter(accounts(house, "x"))
    servers = accounts(house, "mastodon")
    today, yesterday = settings.today(), settings.today() - timedelta(days=1)
    counted = dict(
        house.rows(
            "select account_id, (payload ->> 'followers_count')::bigint from raw.facebook_profiles"
            " where scan_on = %s",
            yesterday,
        )
    )

    def followers(times: float, more: int = 0, least: int = 100) -> tuple[str, str]:
        page = next(p for p in pages if counted[p.account_id] >= least).account_id
        number = round(counted[page] * times) + more
        return page, (
            "update raw.facebook_profiles set payload = jsonb_set(payload, '{followers_count}',"
            f" '{number}') where account_id = '{page}' and scan_on = '{today}'"
        )

    def profile(payload: str) -> tuple[str, str]:
        page = next(pages).account_id
        return page, (
            f"update raw.facebook_profiles set payload = {payload}"
            f" where account_id = '{page}' and scan_on = '{today}'"
        )

    def items(stream: str, known: int, missing: int) -> tuple[str, str]:
        name = next(handles).account_id
        return name, (
            f"update raw.outcomes set known_count = {known}, missing_count = {missing}"
            f" where account_id = '{name}' and stream = '{stream}' and scan_on = '{today}'"
        )

    def post(created: str) -> tuple[str, str]:
        name = next(
            h
            for h in handles
            if house.rows("select 1 from raw.x_posts where account_id = %s", h.account_id)
        ).account_id
        return name, (
            f"update raw.x_posts set payload = jsonb_set(payload, '{{created_at}}', {created})"
            f" where (account_id, item_id, scan_on) = (select account_id, item_id, scan_on"
            f" from raw.x_posts where account_id = '{name}' order by scan_on desc limit 1)"
        )

    talks = iter(
        house.rows(
            "select distinct on (account_id) account_id, item_id from raw.facebook_messages"
            " where payload #>> '{klankbord,is_own}' = 'false' order by account_id desc"
        )
    )

    def citizen(key: str, value: str) -> tuple[str, str]:
        page, item = next(talks)
        return page, (
            f"update raw.facebook_messages set payload = payload || '{{\"{key}\": {value}}}'"
            f" where account_id = '{page}' and item_id = '{item}'"
        )

    def miss(row: tuple[str, str]) -> tuple[str, str]:
        return "", row[1]

    absent = profile("payload - 'followers_count'")
    negative = profile("jsonb_set(payload, '{followers_count}', '-1')")
    own = (
        'update raw.facebook_messages set payload = payload || \'{"message": "Dag"}\''
        " where payload #>> '{klankbord,is_own}' = 'true'"
    )
    known = accounts(house, "x")[0].account_id
    nobody = (
        "insert into raw.outcomes select 'nobody-x', platform, stream, scan_on, status, reason,"
        " detail, row_count, window_since, window_until, attempts, attempted_at, extraction_id"
        f" from raw.outcomes where account_id = '{known}' and scan_on = '{today}'"
    )
    silent = (
        "update raw.outcomes set status = 'failed', reason = 'timeout' where platform = 'mastodon'"
        f" and scan_on = '{today}' and account_id < '{servers[len(servers) // 5 + 1].account_id}'"
    )
    return {
        "followers_are_a_count": [absent, negative],
        "followers_did_not_collapse": [
            followers(0.5, -1),
            followers(0),
            miss(followers(0.5, 1)),
            (negative[0], "select 'less than nothing is less than half, too'"),
        ],
        "followers_did_not_explode": [followers(20, 1), miss(followers(20))],
        "items_did_not_collapse": [
            items("posts", 11, 6),
            items("messages", 10, 10),
            miss(items("posts", 10, 5)),
            miss(items("messages", 9, 9)),
        ],
        "posts_are_not_from_the_future": [
            post("to_jsonb(observed_at + interval '25 hours')"),
            post("'null'"),
            miss(post("to_jsonb(observed_at + interval '23 hours')")),
        ],
        "accounts_are_registered": [("nobody-x", nobody)],
        "citizens_stay_nobody": [
            citizen("message", '"Wanneer is het containerpark open?"'),
            citizen("from", '{"id": 1, "name": "Jan"}'),
            citizen("attachments", '[{"n": 1, "target": {"username": "jan"}}]'),
            miss(citizen("like_count", "3")),
            ("", own),
        ],
        "platform_is_nearly_complete": [("mastodon", silent)],
    }


def computed(house: House, query: str) -> list[tuple]:
    return house.rows(query, role="klankbord_publisher")


def reporting_rows(house: House) -> dict[str, list[tuple[str, str]]]:
    """As raw_rows. Organisations and groups of their own, on a platform and metric that is left to
    them, so that `nothing_disappeared` counts what it should."""
    bodies = iter(
        computed(
            house,
            "select organisation_id, platform, metric_id, period_start from"
            " reporting.rpt_organisation_metric where metric_id in ('M03', 'M21') and value > 0"
            " and period_start = '2026-09-01' order by platform, 1, 3",
        )
    )
    groups = iter(
        computed(
            house,
            "select group_id, platform, metric_id, period_start from reporting.rpt_group_metric"
            " where metric_id = 'M03' and value is not null order by 2, 1",
        )
    )
    small = iter(
        computed(
            house,
            "select group_id, platform, metric_id, period_start from reporting.rpt_group_metric"
            " inner join marts.fct_sensitive_cell using (group_id, platform, metric_id,"
            " definition_id, period_kind, period_start) where metric_id = 'M03'"
            " and period_kind = 'month' order by 2, 1",
        )
    )
    seen: set[str] = set()

    def change(table: str, key: str, rows: Iterator[tuple], what: str) -> tuple[str, str]:
        subject, platform, metric, month = next(row for row in rows if row[0] not in seen)
        seen.add(subject)
        return subject, (
            f"update {table} set {what} where {key} = '{subject}' and platform = '{platform}'"
            f" and metric_id = '{metric}' and period_start = '{month}'"
        )

    def body(what: str) -> tuple[str, str]:
        return change(ORGANISATIONS, "organisation_id", bodies, what)

    def group(what: str) -> tuple[str, str]:
        return change(GROUPS, "group_id", groups, what)

    def figures_of(table: str, key: str, metric: str) -> Callable[[str], tuple[str, str]]:
        """As body and group, of a metric whose figures on Facebook no other rule needs."""
        found = iter(
            computed(
                house,
                f"select distinct {key} from {table} where metric_id = '{metric}' and value is not"
                " null and platform = 'facebook' and period = '2026-09' order by 1",
            )
        )

        def row(what: str) -> tuple[str, str]:
            subject = next(found)[0]
            return subject, (
                f"update {table} set {what} where {key} = '{subject}' and metric_id = '{metric}'"
                " and platform = 'facebook' and period = '2026-09'"
            )

        return row

    here = figures_of(ORGANISATIONS, "organisation_id", "M01")
    shown = figures_of(GROUPS, "group_id", "M01")
    median = figures_of(GROUPS, "group_id", "M04")

    def of(n: int, what: str) -> tuple[str, str]:
        """A group that would have so many."""
        return median(f"n = {n}, n_members = {n}, {what}")

    def miss(row: tuple[str, str]) -> tuple[str, str]:
        return "", row[1]

    [(jumped,), (fell,), (tripled,), (runs,)] = computed(
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

    # a hidden cell that is shown, with a count as if it might be; on a metric of its own
    [(name, platform, month)] = computed(
        house,
        "select group_id, platform, period_start from reporting.rpt_group_metric inner join"
        " marts.fct_sensitive_cell using (group_id, platform, metric_id, definition_id,"
        " period_kind, period_start) where metric_id = 'M05' and period_kind = 'month'"
        " and suppression_reason = 'under_minimum' and n_members >= 5 order by 1, 2, 3 limit 1",
    )
    dominated = (
        name,
        f"update {GROUPS} set {SHOWN}, n = 5 where group_id = '{name}' and metric_id = 'M05'"
        f" and period_kind = 'month' and platform = '{platform}' and period_start = '{month}'",
    )
    [(name, platform, month, n)] = computed(
        house,
        "select whole.group_id, platform, period_start, sum(part.n) + 3 from"
        " reporting.rpt_group_metric as whole inner join reporting.rpt_group_metric as part"
        " using (country, organisation_type, platform, metric_id, definition_id, period_kind,"
        " period_start) where metric_id = 'M05' and period_kind = 'month' and whole.group_kind ="
        " 'type' and whole.value is not null and part.group_kind = 'size_class'"
        " and part.value is not null group by 1, 2, 3, whole.n_members"
        " having sum(part.n) + 3 <= whole.n_members order by 1, 2, 3 limit 1",
    )
    remainder = (
        name,
        f"update {GROUPS} set n = {n} where group_id = '{name}' and metric_id = 'M05'"
        f" and period_kind = 'month' and platform = '{platform}' and period_start = '{month}'",
    )

    def survey(name: str, metric: str, basis: str, n: int, share: str = "0.5") -> tuple[str, str]:
        return name, (
            f"insert into {SURVEYS} (survey_id, question_code, group_id, metric_id, basis, n,"
            f" share) values ('{name}', 'Q1', 'all', '{metric}', '{basis}', {n}, {share})"
        )

    few = change(GROUPS, "group_id", small, SHOWN)

    return {
        "surveys_stand_apart": [
            survey("of-the-census", "M50", "census", 100),
            survey("of-another-metric", "M05", "survey", 100),
            miss(survey("apart", "M50", "survey", 100)),
        ],
        "small_surveys_are_suppressed": [
            survey("of-four", "M50", "survey", 4),
            miss(survey("of-five", "M50", "survey", 5)),
            miss(survey("of-four-hidden", "M50", "survey", 4, "null")),
        ],
        **index_rows(),
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
        "nobody_is_the_group": [dominated, (few[0], "select 'few are under both rules'")],
        "no_few_follow_from_a_total": [remainder],
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


def index_rows() -> dict[str, list[tuple[str, str]]]:
    """As raw_rows: indexes of bodies that nobody else knows (tests/index shows them alone)."""

    def index(name: str, value: str = "50", band: str = "1, 3", of: str = "1, 50", n: int = 10,
              reason: str = "null") -> tuple[str, str]:  # fmt: skip
        """Of a group of its own, with one component: its weight and its score."""
        return name, (
            f"with made as (insert into {COMPONENTS} (organisation_id, period_start, weight, score)"
            f" values ('{name}', '2026-07-01', {of}))"
            f" insert into {INDEXES} (organisation_id, group_id, period_start, period, value,"
            f" rank_best, rank_worst, n, missing_reason) values ('{name}', '{name}', '2026-07-01',"
            f" '2026-Q3', {value}, {band}, {n}, {reason})"
        )

    def beside(group: str, row: tuple[str, str]) -> tuple[str, str]:
        """In the group of another."""
        return row[0], row[1].replace(f"('{row[0]}', '{row[0]}',", f"('{row[0]}', '{group}',")

    def miss(row: tuple[str, str]) -> tuple[str, str]:
        return "", row[1]

    return {
        "indexes_are_possible": [
            index("over-a-hundred", "100.5", of="1, 100.5"),
            index("below-nothing", "-0.5", of="1, 0"),
            index("why-not", "null", "null, null"),
            index("why-so", reason="'no_account'"),
            index("of-nine", n=9),
            miss(index("none", "null", "null, null", "null, null", 3, "'too_few_peers'")),
        ],
        "bands_hold_the_rank": [
            index("first-not-second", band="2, 3"),
            beside("fine", index("second-not-first", "40", "1, 1", "1, 40")),
            index("beyond-the-last", band="1, 11"),
            index("bandless", band="null, null"),
            miss(beside("fine", index("second", "40", "2, 2", "1, 40"))),
        ],
        "indexes_follow_from_their_components": [
            index("of-other-components", of="1, 51"),
            index("of-half-a-weight", of="0.5, 25"),
            ("below-nothing", "select 'nothing has no logarithm'"),
            miss(index("fine", band="1, 1")),
        ],
    }
