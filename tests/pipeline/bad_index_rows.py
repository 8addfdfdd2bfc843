"""Bad rows for gate 2's rules of the benchmark index."""

from tests.pipeline.bad_rows import Row, Rows, miss

INDEXES, COMPONENTS = "reporting.rpt_index", "reporting.rpt_index_component"


def index_rows() -> Rows:
    """For each rule of expectations/reporting_indexes.py: indexes of bodies that nobody else knows
    (tests/index shows them alone)."""

    def index(name: str, value: str = "50", band: str = "1, 3", of: str = "1, 50", n: int = 10,
              reason: str = "null") -> Row:  # fmt: skip
        """Of a group of its own, with one component: its weight and its score."""
        return name, (
            f"with made as (insert into {COMPONENTS} (organisation_id, period_start, weight, score)"
            f" values ('{name}', '2026-07-01', {of}))"
            f" insert into {INDEXES} (organisation_id, group_id, period_start, period, value,"
            f" rank_best, rank_worst, n, missing_reason) values ('{name}', '{name}', '2026-07-01',"
            f" '2026-Q3', {value}, {band}, {n}, {reason})"
        )

    def beside(group: str, row: Row) -> Row:
        """In the group of another."""
        return row[0], row[1].replace(f"('{row[0]}', '{row[0]}',", f"('{row[0]}', '{group}',")

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
