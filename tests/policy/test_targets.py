"""M48: progress, state and forecast of targets, by hand and against plain Python."""

import math
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klankbord.register import Register, read
from klankbord.sandbox.truth_policy import Goal, Point, progress
from tests.inputs.conftest import EXAMPLES
from tests.policy.warehouse import Bench, bench

MODELS = (
    "intermediate.int_target_definitions",
    "marts.fct_target_crisis",
    "marts.fct_target_series",
    "marts.fct_target_value",
    "marts.fct_target_forecast",
    "marts.fct_target_standing",
    "marts.fct_target_progress",
    "reporting.rpt_target_progress",
)
BODY = "nl-safety-region-example"


def month_end(start: date) -> date:
    return start.replace(day=monthrange(start.year, start.month)[1])


def month(number: int) -> date:
    """Months since January 2025."""
    return date(2025 + number // 12, number % 12 + 1, 1)


class Figures:
    """What the upstream tables say of the example's safety region."""

    def __init__(self, desk: Bench) -> None:
        self.desk = desk
        self.periods: list[dict[str, Any]] = []
        self.audience: list[dict[str, Any]] = []
        self.metrics: list[dict[str, Any]] = []
        self.days: list[dict[str, Any]] = []

    def followers(self, platform: str, start: date, count: int | None) -> None:
        end = month_end(start)
        key = {"account_id": f"a-{platform}", "period_kind": "month", "period_start": start}
        self.periods.append(key | {
            "period_end": end, "last_on": end, "organisation_id": BODY, "platform": platform,
            "is_profiles_refused": False, "is_synthetic": True})  # fmt: skip
        if count is not None:
            self.audience.append(key | {"observed_on": end, "followers": count})

    def metric(
        self, name: str, platform: str, start: date, top: float | None, bottom: float | None = 1,
        reason: str | None = None, **more: Any,
    ) -> None:  # fmt: skip
        value = None if top is None or not bottom else top / bottom
        self.metrics.append({
            "organisation_id": BODY, "platform": platform, "metric_id": name,
            "definition_id": "klankbord", "period_kind": "month", "period_start": start,
            "as_of_on": month_end(start), "value": value, "numerator": top, "denominator": bottom,
            "n_cases": 1, "missing_reason": reason, "status": "final", "is_synthetic": True,
        } | more)  # fmt: skip

    def visits(self, since: date, days: int, each: int) -> None:
        self.days += [
            {"organisation_id": BODY, "visited_on": since + timedelta(days=n),
             "reading_source": "file", "sites": 1, "visits": 9 * each, "social_visits": each,
             "is_final": True} for n in range(days)
        ]  # fmt: skip

    def compute(self, today: date) -> dict[str, dict[str, Any]]:
        self.desk.fill("intermediate.int_account_periods", self.periods)
        self.desk.fill("marts.fct_audience_period", self.audience)
        self.desk.fill("marts.fct_metric", self.metrics)
        self.desk.fill("marts.fct_web_day", self.days)
        self.desk.fill("intermediate.int_platform_periods", [
            {"platform": "facebook", "period_kind": "month", "period_start": today.replace(day=1),
             "last_on": today}])  # fmt: skip
        self.desk.run(*MODELS)
        names = (
            "value", "progress", "expected_progress", "status", "missing_reason", "baseline_figure",
            "progress_missing_reason", "forecast", "forecast_lower", "forecast_upper",
            "forecast_missing_reason", "interval_missing_reason", "n_months", "figure",
        )  # fmt: skip
        rows = self.desk.rows(
            f"select target_id, {', '.join(names)} from reporting.rpt_target_progress"
        )
        return {key: dict(zip(names, rest, strict=True)) for key, *rest in rows}


@pytest.fixture(scope="module")
def example() -> Register:
    return read([EXAMPLES / "register"])


def targets(desk: Bench, register: Register, **changes: Any) -> None:
    """The example's targets, some cells of all of them changed."""
    desk.register(register)
    for column, value in changes.items():
        desk.execute(f"update register.targets set {column} = %s", value)


def test_a_safety_regions_targets_by_hand(desk: Bench, example: Register) -> None:
    """1,000 followers on 31 December, 1,060 at the end of September: 6 of 10 percent, and 272 of
    365 days have passed. What is not measured yet says so."""
    targets(desk, example)
    said = Figures(desk)
    for number in range(11, 21):  # December 2025 to September 2026
        said.followers("facebook", month(number), 1000 + round(60 * (number - 11) / 9))
        said.followers("linkedin", month(number), 400 + 10 * (number - 11))
    said.visits(date(2025, 1, 1), 365, 100)
    said.visits(date(2026, 1, 1), 273, 120)
    found = said.compute(date(2026, 9, 30))
    assert len(found) == 12
    facebook = found["example-followers-facebook"]
    assert facebook["status"] == "behind"
    assert facebook["value"] == pytest.approx(6)
    assert facebook["progress"] == pytest.approx(0.6)
    assert facebook["expected_progress"] == pytest.approx(272 / 365)
    assert facebook["baseline_figure"] == 1000
    # two thirds of a percent a month, to the end of December
    assert facebook["forecast"] == pytest.approx(8, abs=0.1)
    assert facebook["forecast_lower"] <= facebook["forecast"] <= facebook["forecast_upper"]
    linkedin = found["example-followers-linkedin"]
    assert (linkedin["status"], linkedin["value"]) == ("reached", pytest.approx(22.5))
    visits = found["example-visits-from-social"]
    # of the last 365 days 273 had 120 visits and 92 had 100; the year before all had 100
    assert visits["figure"] == pytest.approx(273 * 120 + 92 * 100)
    assert visits["value"] == pytest.approx(100 * 273 * 20 / 36500)
    assert visits["status"] == "reached"
    assert visits["interval_missing_reason"] == "overlapping_windows"
    reasons = {name.removeprefix("example-"): row["missing_reason"] for name, row in found.items()}
    assert {k: v for k, v in reasons.items() if v} == {
        "reach-facebook": "metric_not_measured", "reach-linkedin": "metric_not_measured",
        "engagement-facebook": "metric_not_measured", "first-message": "not_applicable",
        "engagement-linkedin": "metric_not_measured",
        "vacancies-facebook": "segment_not_measured", "vacancies-linkedin": "segment_not_measured",
        "links-facebook": "metric_not_measured", "links-linkedin": "metric_not_measured",
    }  # fmt: skip


def test_they_light_up_when_the_metric_arrives(desk: Bench, example: Register) -> None:
    targets(desk, example)
    desk.fill("marts.dim_metric", [
        {"metric_id": name, "scale": 100 if name == "M13" else 1} for name in ("M37", "M13")
    ])  # fmt: skip
    said = Figures(desk)
    for number in (18, 19, 20):
        said.metric("M37", "facebook", month(number), 36_000 * (number - 17), 10)
        said.metric("M13", "facebook", month(number), 60, 1000)
        said.metric("M13", "linkedin", month(number), None, None, "refused")
    found = said.compute(date(2026, 9, 30))
    # the mean of the year's posts, not of its months
    assert found["example-reach-facebook"]["value"] == pytest.approx(7200)
    assert found["example-reach-facebook"]["n_months"] == 3
    assert found["example-reach-facebook"]["status"] == "reached"
    assert found["example-engagement-facebook"]["value"] == pytest.approx(6)
    assert found["example-engagement-facebook"]["status"] == "not_judged"
    assert found["example-engagement-facebook"]["progress_missing_reason"] == (
        "baseline_not_observed")  # fmt: skip
    assert found["example-engagement-linkedin"]["missing_reason"] == "refused"
    assert found["example-reach-linkedin"]["missing_reason"] == "no_figure"


def test_the_first_message_of_a_crisis(desk: Bench, example: Register) -> None:
    """The middle of the year's incidents; silence comes last, the unwatched do not count."""

    def status(*delays: float | str) -> tuple[Any, ...]:
        targets(desk, example)
        desk.fill("marts.fct_incident_organisation", [
            {"source": "s", "incident_id": str(n), "organisation_id": BODY,
             "delay_minutes": None if isinstance(delay, str) else delay,
             "missing_reason": delay if isinstance(delay, str) else None,
             "is_final": True}
            for n, delay in enumerate(delays)
        ])  # fmt: skip
        desk.fill("intermediate.int_incident_places", [
            {"source": "s", "incident_id": str(n), "has_large_impact": n < 10,
             "incident_kind": "exercise" if n == 9 else "fire",
             "alarmed_on": date(2025, 10, 1) + timedelta(days=n)} for n in range(12)
        ])  # fmt: skip
        row = Figures(desk).compute(date(2026, 9, 30))["example-first-message"]
        return row["status"], row["value"], row["missing_reason"]

    assert status(3, 4, 60) == ("reached", 4, None)
    assert status(3, 9, 60) == ("not_judged", 9, None)
    assert status(3, 4, "no_message") == ("reached", 4, None)
    assert status(3, "no_message", "no_message") == ("no_value", None, "mostly_silent")
    assert status(3, "not_observed", "refused") == ("reached", 3, None)
    assert status("not_observed") == ("no_value", None, "not_observed")
    assert status() == ("no_value", None, "not_applicable")
    # the tenth was an exercise, and the last two had no large impact
    assert status(*["refused"] * 8, 3, 99, 99, 99) == ("reached", 3, None)


def test_a_denominator_that_is_another_is_no_figure(desk: Bench, example: Register) -> None:
    targets(desk, example)
    desk.execute("update register.targets set denominator = 'followers' where metric_id = 'M13'")
    desk.execute("update register.targets set platform = null where metric_id = 'M37'")
    found = Figures(desk).compute(date(2026, 9, 30))
    assert found["example-engagement-facebook"]["missing_reason"] == "other_denominator"
    assert found["example-reach-facebook"]["missing_reason"] == "needs_platform"
    assert found["example-followers-facebook"]["missing_reason"] == "no_figure"


def test_all_channels_together_need_every_channel(desk: Bench, example: Register) -> None:
    targets(desk, example)
    desk.execute("update register.targets set platform = null where metric_id = 'M08'")
    said = Figures(desk)
    for number in range(11, 21):
        said.followers("facebook", month(number), 1000)
        said.followers("x", month(number), 1000 + 20 * (number - 11))
    found = said.compute(date(2026, 9, 30))
    assert found["example-followers-facebook"]["value"] == pytest.approx(9)
    said.audience.pop()
    assert said.compute(date(2026, 9, 30))["example-followers-facebook"]["missing_reason"] == (
        "not_observed")  # fmt: skip


@st.composite
def goals(draw: st.DrawFn) -> tuple[Goal, list[Point], date]:
    kind = draw(st.sampled_from(["growth", "level"]))
    off = st.sampled_from([0, 0, 30, 58]) | st.integers(-40, 40)
    since = date(2026, 1, 1) + timedelta(days=draw(off))
    due = since + timedelta(days=draw(st.sampled_from([30, 365, 700]) | st.integers(30, 500)))
    counts = st.integers(0, 40) | st.integers(900, 1100)
    goal = Goal(
        kind, draw(st.sampled_from(["at_least", "at_most"])),
        draw(st.sampled_from([-5, 5, 10, 1000, 20])), since, due,
        draw(st.none() | st.sampled_from([0, 10, 1000])),
    )  # fmt: skip
    last = draw(st.sampled_from([17, 18, 26]) | st.integers(9, 26))
    figure = st.one_of(st.none(), counts, counts, counts)
    points = [
        Point(month_end(month(n)), draw(figure)) for n in range(draw(st.integers(8, 12)), last)
    ]
    today = month_end(month(last - 1)) + timedelta(days=draw(st.sampled_from([0, 0, 20, 31, 32])))
    return goal, points, today


def close(said: float | None, true: float | None) -> bool:
    if said is None or true is None:
        return said is true
    return math.isclose(said, true, rel_tol=1e-9, abs_tol=1e-6)


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(case=goals())
def test_any_target_is_what_plain_python_makes_of_it(built, example, case) -> None:
    goal, points, today = case
    with bench(built) as desk:
        targets(
            desk, example, kind=goal.kind, direction=goal.direction, target_value=goal.target,
            unit="percent" if goal.kind == "growth" else "persons", baseline_value=goal.baseline,
            denominator="baseline" if goal.kind == "growth" else "none",
            baseline_date=goal.since, due_date=goal.due,
        )  # fmt: skip
        said = Figures(desk)
        for point in points:
            said.followers("facebook", point.on.replace(day=1), point.figure)
        row = said.compute(today)["example-followers-facebook"]
    true = progress(goal, points, today)
    assert (row["status"], row["missing_reason"]) == (true.status, true.reason)
    assert close(row["value"], true.value)
    assert close(row["progress"], true.progress)
    assert close(row["expected_progress"], true.expected)
    forecast = true.forecast or (None, None, None)
    for name, figure in zip(("", "_lower", "_upper"), forecast, strict=True):
        assert close(row[f"forecast{name}"], figure)
