"""M39 and M39g of any body's visits, by the warehouse and by plain Python."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klankbord.sandbox.truth_web import figures
from tests.policy.warehouse import Bench

FIRST = date(2023, 1, 1)
BODY = "be-municipality-11001"
COLUMNS = ("metric_id", "network", "period_kind", "period_start", "value", "n_cases", "coverage",
           "missing_reason")  # fmt: skip


def computed(
    desk: Bench, days: dict[date, dict[str, int]], asked: list[tuple[date, str]] = ()
) -> dict[tuple, tuple]:
    """(metric, network, kind, start) -> value, cases, coverage, reason, of one body."""
    desk.fill("register.organisations", [{
        "organisation_id": BODY, "country": "BE", "organisation_type": "municipality",
        "official_code": "11001", "name_nl": "Aartselaar", "basis": "source", "source": "test",
        "source_file": "f", "source_line": 1, "recorded_at": "2026-01-01"}])  # fmt: skip
    desk.fill("marts.fct_web_day", [
        {"organisation_id": BODY, "visited_on": day, "reading_source": "matomo", "sites": 1,
         "visits": None, "social_visits": sum(counts.values()), "is_final": True}
        for day, counts in days.items()
    ])  # fmt: skip
    desk.fill("marts.fct_web_visits", [
        {"organisation_id": BODY, "visited_on": day, "network": network, "visits": count}
        for day, counts in days.items() for network, count in counts.items()
    ])  # fmt: skip
    desk.fill("raw.web_outcomes", [
        {"organisation_id": BODY, "site": "1", "read_on": day, "status": status, "reason": "",
         "detail": "", "day_count": 0, "attempted_at": "2026-01-01"} for day, status in asked
    ])  # fmt: skip
    desk.run("marts.fct_web_period", "reporting.rpt_web_visits")
    rows: list[Any] = desk.rows(f"select {', '.join(COLUMNS)} from reporting.rpt_web_visits")
    assert len({row[:4] for row in rows}) == len(rows)
    return {row[:4]: row[4:] for row in rows}


def expected(days: dict[date, dict[str, int]], first: date, latest: date, **more: bool) -> dict:
    return {
        (f.metric_id, f.network, f.period_kind, f.period_start):
            (f.value, f.n_cases, f.coverage, f.missing_reason)
        for f in figures(days, first, latest, **more)
    }  # fmt: skip


# stretches of days, some of them missing, around a leap February
stretches = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 200), st.integers(0, 40)),
    min_size=1, max_size=4,
)  # fmt: skip
counts = st.dictionaries(st.sampled_from(["facebook", "x", "other"]), st.integers(0, 5), max_size=3)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(spans=stretches, pattern=st.lists(counts, min_size=1, max_size=5))
def test_any_bodys_visits(kept: Bench, spans: list, pattern: list) -> None:
    days: dict[date, dict[str, int]] = {}
    for start, length, hole in spans:
        for n in range(length):
            if not hole or n % (hole + 1) != hole:
                day = FIRST + timedelta(days=start + n)
                days[day] = pattern[day.toordinal() % len(pattern)]
    assert computed(kept, days) == expected(days, min(days), max(days))


def test_a_year_of_ten_and_one_of_twelve_by_hand(kept: Bench) -> None:
    days = {date(2025, 1, 1) + timedelta(n): {"facebook": 10} for n in range(365)}
    days |= {date(2026, 1, 1) + timedelta(n): {"facebook": 12} for n in range(90)}
    found = computed(kept, days)
    assert found["M39", "all", "quarter", date(2026, 1, 1)] == (1080, 1080, 1, None)
    assert found["M39g", "facebook", "month", date(2026, 2, 1)][0] == 20
    assert found["M39g", "all", "month", date(2025, 2, 1)] == (None, None, 0, "not_observed")


def test_who_says_no_is_refused_and_who_is_not_read_is_not_observed(kept: Bench) -> None:
    day = date(2026, 9, 10)
    said = computed(kept, {}, [(day, "refused")])
    assert {row[-1] for row in said.values()} == {"refused"}
    assert said == expected({}, day - timedelta(1), day - timedelta(1), refused=True)
    said = computed(kept, {}, [(day, "failed")])
    assert {row[-1] for row in said.values()} == {"not_observed"}
    # what was measured before the no stays
    days = {date(2026, 9, 1) + timedelta(n): {"x": 1} for n in range(9)}
    said = computed(kept, days, [(date(2026, 11, 1), "refused")])
    assert said["M39", "x", "month", date(2026, 9, 1)] == (None, None, 0.3, "not_observed")
    assert said["M39", "x", "month", date(2026, 10, 1)] == (None, None, 0, "refused")


def test_nobody_is_read(kept: Bench) -> None:
    assert computed(kept, {}) == {}
