"""Statistics of peer sets (fct_peer_metric): the same edges and intervals, and no sum."""

import random

from klankbord.sandbox import truth_statistics as truth
from klankbord.sandbox.truth_statistics import Metric
from tests.statistics.test_worlds import differing
from tests.statistics.worlds import DAY, KEY, KINDS, START, group

METRICS = {
    # everybody may count who has an account
    "M01": Metric(headline="mean", unit="share", group_interval="wilson"),
    "M05": Metric(scale=100),
    "M22": Metric(headline="mean", unit="share", group_interval="wilson"),
}
NAMES = (
    "value", "n", "mean", "weighted_mean", "median", "p10", "q1", "q3", "p90", "pooled", "lower",
    "upper",
)  # fmt: skip


def test_sets_tell_edges_and_no_sums(bench) -> None:
    draw = random.Random(4)
    sets = {n: group(draw, f"set-{n}", n, KINDS["any"]) for n in (0, 4, 5, 9, 10, 19, 20, 40, 41)}
    members = [(g, m) for g in sets.values() for m in g.members["M05"]]
    figures = [
        (name, m) for g in sets.values() for name in METRICS
        for m in g.members["M22" if name == "M01" else name]
    ]  # fmt: skip
    with bench.open() as run:
        run.table(
            "int_peer_members",
            "group_id text, organisation_id text, as_of_on date, owner_id text, group_kind text",
            [(g.group_id, m.name, DAY, None, "common_size") for g, m in members],
        )
        run.table(
            "int_peer_days",
            "platform text, period_kind text, period_start date, as_of_on date",
            [("facebook", "month", START, DAY)],
        )
        run.table(
            "int_inhabitants_at",
            "organisation_id text, as_of_on date, inhabitants bigint",
            [(m.name, DAY, m.inhabitants) for _, m in members if m.inhabitants is not None],
        )
        run.table(
            "int_metric_periods",
            "metric_id text, platform text, period_kind text, period_start date, status text",
            [(name, "facebook", "month", START, "final") for name in METRICS],
        )
        run.table(
            "dim_metric",
            "metric_id text, headline text, scale float8, group_interval_kind text",
            [(name, m.headline, m.scale, m.group_interval) for name, m in METRICS.items()],
        )
        run.table("disclosure_families", "metric_id text, is_public boolean", [("M01", True)])
        run.table(
            "fct_member_figure",
            "organisation_id text, metric_id text, platform text, definition_id text,"
            " period_kind text, period_start date, as_of_on date, value float8, numerator float8,"
            " denominator float8, coverage float8, is_synthetic boolean",
            [
                (m.name, name, *KEY, DAY, m.value, m.numerator, m.denominator, 1.0, True)
                for name, m in figures
            ],
        )
        run.model("fct_peer_metric")
        rows = run.rows(f"select group_id, metric_id, {', '.join(NAMES)} from fct_peer_metric")
    found = {row[:2]: row[2:] for row in rows}
    expected = {}
    for g in sets.values():
        for name in ("M01", "M05"):
            of = g.members["M22" if name == "M01" else name]
            told = truth.told(truth.of_group(of, METRICS[name]), METRICS[name])
            if told["value"] is None:
                told["n"] = None
            if name != "M01":
                told |= dict.fromkeys(("mean", "weighted_mean", "pooled"))
            if of:
                expected[g.group_id, name] = tuple(told[column] for column in NAMES)
    assert differing(found, expected, NAMES) == []
    assert found["set-41", "M01"][NAMES.index("weighted_mean")] is not None
