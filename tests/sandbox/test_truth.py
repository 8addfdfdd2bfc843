"""The truth over a handful of literal messages: every definition, on both sides of its edge."""

from datetime import date

import pytest
from tiny_world import TinyWorld, at, body, member, people, row, scan, town_register

from klankbord.register import Register
from klankbord.sandbox.model import Counters
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_figures import Figure
from klankbord.sandbox.truth_groups import group_figures, groups_of, members, quantile

SEPTEMBER = date(2026, 9, 1)
END = scan("09-30 20:00")
GENT = "gent-x"


@pytest.fixture
def world() -> TinyWorld:
    return TinyWorld([row("gent")])


def of(truth: Truth, metric_id: str, name: str = "gent", period: date = SEPTEMBER) -> Figure:
    """The one figure of an organisation."""
    key = (name, metric_id, period)
    (found,) = (
        f for f in truth.figures() if (f.organisation_id, f.metric_id, f.period_start) == key
    )
    return found


def shown(figure: Figure) -> tuple:
    """(value, numerator, denominator, n_cases)."""
    return figure.value, figure.numerator, figure.denominator, figure.n_cases


def truth_of(world: TinyWorld, *scans, **more) -> Truth:
    return Truth(world, town_register(world.rows, "gent", "aalst"), scans or (END,), **more)


NOTHING = (None, None, None, None)


def test_presence_is_an_account_on_the_last_day_of_the_month() -> None:
    leaves = row("aalst", valid_to=date(2026, 9, 30))
    stays = row("gent", valid_to=date(2026, 10, 1))
    sub = row("ronse", role="sub")
    world = TinyWorld([leaves, stays, sub])
    register = town_register(world.rows, "aalst", "gent", "ronse")
    register.organisations.append(body("gone", valid_to=date(2026, 9, 30)))
    truth = Truth(world, register, [END])
    assert shown(of(truth, "M01")) == (1, 1, 1, 1)
    assert shown(of(truth, "M01", "aalst")) == (0, 0, 1, 1)
    assert shown(of(truth, "M01", "ronse")) == (0, 0, 1, 1)
    assert shown(of(truth, "M02", "aalst")) == (0, 0, 1, 0)
    assert "gone" not in {f.organisation_id for f in truth.figures()}
    assert {f.metric_id for f in truth.figures() if f.organisation_id == "aalst"} == {"M01", "M02"}


def test_active_is_an_original_in_the_last_28_days(world: TinyWorld) -> None:
    world.say(GENT, "original", "09-02 21:59")  # 23:59 of the 29th day in Brussels
    world.say(GENT, "repost", "09-20 10:00")
    assert shown(of(truth_of(world), "M02")) == (0, 0, 1, 0)
    world.say(GENT, "original", "09-02 22:00")  # 3 September
    assert shown(of(truth_of(world), "M02")) == (1, 1, 1, 1)


def test_posts_per_day_counts_originals_and_observed_days(world: TinyWorld) -> None:
    before = world.say(GENT, "original", "08-31 21:59")
    for moment in ("08-31 22:00", "09-10 10:00", "09-30 19:59"):
        world.say(GENT, "original", moment)
    world.say(GENT, "continuation", "09-10 10:01", before)
    world.say(GENT, "original", "09-30 20:00")  # not said yet when the scan came
    assert shown(of(truth_of(world), "M03")) == (3 / 30, 3, 30, 3)
    # The scan of 30 September failed; that of 7 October sees from 8 September on.
    late = truth_of(world, END, scan("10-07 20:00"), failed={(GENT, date(2026, 9, 30))})
    assert shown(of(late, "M03")) == (3 / 23, 3, 23, 3)


def test_a_month_that_no_scan_saw_has_no_value(world: TinyWorld) -> None:
    world.rows.append(row("aalst"))
    truth = truth_of(world, failed={(GENT, date(2026, 9, 30))})
    for metric_id in ("M02", "M03", "M05", "M11", "M21", "M22", "M26", "M29", "M30"):
        assert shown(of(truth, metric_id)) == NOTHING, metric_id
    assert of(truth, "M01").value == 1
    assert of(truth, "M03", "aalst").value == 0
    assert list(truth.questions()) == []


def test_audience_is_the_last_reading_of_the_month(world: TinyWorld) -> None:
    world.follower_counts = {
        (GENT, date(2026, 8, 1)): 800,
        (GENT, date(2026, 9, 1)): 900,
        (GENT, date(2026, 9, 30)): 1_100,
    }
    days = [date(2026, 8, 1), date(2026, 9, 1)]
    truth = truth_of(world, archive_dates=days)
    assert shown(of(truth, "M05")) == (5.5, 1_100, 20_000, 1)
    assert shown(of(truth, "M05", period=date(2026, 8, 1))) == (4.0, 800, 20_000, 1)
    failed = truth_of(world, archive_dates=days, failed={(GENT, date(2026, 9, 30))})
    assert shown(of(failed, "M05")) == (4.5, 900, 20_000, 1)
    early = {f.metric_id for f in truth.figures() if f.period_start == date(2026, 8, 1)}
    assert early == {"M01", "M05", "M08", "M08n", "M09"}, "posts of August were never looked for"


def test_inhabitants_of_a_zone_are_its_members_on_the_last_day() -> None:
    world = TinyWorld([row("zone")])
    zone = body("zone", kind="police_zone")
    towns = [people("a", 30_000), people("b", 20_000), people("b", 1, date(2026, 10, 1))]
    joined = [member("zone", "a"), member("zone", "b"), member("zone", "c", date(2026, 9, 30))]
    register = Register([zone], joined, towns, world.rows)
    assert shown(of(Truth(world, register, [END]), "M05", "zone")) == (2.0, 1_000, 50_000, 1)
    uncounted = Register([zone], [*joined, member("zone", "d")], towns, world.rows)
    assert shown(of(Truth(world, uncounted, [END]), "M05", "zone")) == NOTHING


def test_engagement_reads_counters_once_seven_days_have_passed(world: TinyWorld) -> None:
    ripe = world.say(GENT, "original", "09-23 20:00")  # seven days old to the minute
    young = world.say(GENT, "original", "09-23 20:01")
    world.counted = {
        (ripe.message_id, date(2026, 9, 30)): Counters(3, 2, 1, 4, 999),
        (ripe.message_id, date(2026, 10, 7)): Counters(30, 20, 10, 40, 999),
        (young.message_id, date(2026, 10, 7)): Counters(5, 0, 0, 0, 0),
    }
    archive = [date(2026, 9, 1)]
    assert shown(of(truth_of(world, archive_dates=archive), "M11")) == (1.0, 1.0, 1, 1)
    both = truth_of(world, END, scan("10-07 20:00"), archive_dates=archive)
    assert shown(of(both, "M11")) == (0.75, 1.5, 2, 2)


@pytest.mark.parametrize(
    ("platform", "interactions"), [("facebook", 6), ("x", 10), ("mastodon", 10), ("bluesky", 10)]
)
def test_quotes_are_interactions_where_there_are_quotes(platform: str, interactions: int) -> None:
    world = TinyWorld([row("gent", platform)])
    post = world.say(f"gent-{platform}", "original", "09-10 10:00")
    world.counted = {(post.message_id, date(2026, 9, 30)): Counters(3, 2, 1, 4, 0)}
    truth = truth_of(world, archive_dates=[date(2026, 9, 1)])
    assert of(truth, "M11").value == pytest.approx(100 * interactions / 1_000)


def test_engagement_needs_a_follower_count_of_the_last_31_days(world: TinyWorld) -> None:
    kept = world.say(GENT, "original", "09-15 21:59")  # 31 days after 15 August
    lost = world.say(GENT, "original", "09-15 22:00")  # 16 September in Brussels
    day = date(2026, 9, 30)
    world.counted = {(p.message_id, day): Counters(10, 0, 0, 0, 0) for p in (kept, lost)}
    stale = truth_of(world, archive_dates=[date(2026, 8, 15)])
    assert shown(of(stale, "M11")) == (1.0, 1.0, 1, 1)
    world.follower_counts = {(GENT, date(2026, 8, 15)): 0}
    assert shown(of(truth_of(world, archive_dates=[date(2026, 8, 15)]), "M11")) == NOTHING
    same_day = truth_of(world, archive_dates=[date(2026, 9, 16)])  # counted after the post
    assert shown(of(same_day, "M11")) == (1.0, 1.0, 1, 1)


def test_reposts_are_no_posts_for_engagement(world: TinyWorld) -> None:
    shared = world.say(GENT, "repost", "09-10 10:00")
    world.counted = {(shared.message_id, date(2026, 9, 30)): Counters(10, 0, 0, 0, 0)}
    assert shown(of(truth_of(world, archive_dates=[SEPTEMBER]), "M11")) == NOTHING


def test_two_way_share_leaves_reposts_out(world: TinyWorld) -> None:
    world.say(GENT, "repost", "09-10 09:00")
    assert shown(of(truth_of(world), "M21")) == (None, 0, 0, 0)
    assert shown(of(truth_of(world), "M22")) == (None, None, None, 0)
    post = world.say(GENT, "original", "09-10 10:00")
    world.say(GENT, "continuation", "09-10 10:01", post)
    assert shown(of(truth_of(world), "M21")) == (0, 0, 2, 2)
    assert shown(of(truth_of(world), "M22")) == (0, 0, 1, 2)
    remark = world.say(GENT, "incoming", "09-10 11:00", post)
    world.say(GENT, "reply", "09-10 12:00", remark)
    assert shown(of(truth_of(world), "M21")) == (1 / 3, 1, 3, 3)
    assert shown(of(truth_of(world), "M22")) == (1, 1, 1, 3)


def response(world: TinyWorld, *scans) -> tuple[float | None, bool]:
    ((account_id, _, hours, is_closed),) = truth_of(world, *scans).questions()
    assert account_id == GENT
    return hours, is_closed


def test_the_earliest_of_several_answers_counts(world: TinyWorld) -> None:
    asked = world.say(GENT, "incoming", "09-10 10:00", asks=True)
    world.say(GENT, "reply", "09-10 15:00", asked)
    world.say(GENT, "reply", "09-10 12:30", asked)
    assert response(world) == (2.5, True)


def test_an_answer_below_others_words_is_an_answer(world: TinyWorld) -> None:
    asked = world.say(GENT, "incoming", "09-10 10:00", asks=True)
    first = world.say(GENT, "incoming", "09-10 11:00", asked)
    second = world.say(GENT, "incoming", "09-10 12:00", first)
    world.say(GENT, "reply", "09-10 13:00", second)
    assert response(world) == (3.0, True)


def test_the_post_above_a_question_and_an_answer_beside_it_are_none(world: TinyWorld) -> None:
    post = world.say(GENT, "original", "09-10 09:00")
    world.say(GENT, "incoming", "09-10 10:00", post, asks=True)
    world.say(GENT, "continuation", "09-10 11:00", post)
    assert response(world) == (None, True)


def test_a_machine_and_an_answer_from_before_do_not_count(world: TinyWorld) -> None:
    asked = world.say(GENT, "incoming", "09-10 10:00", asks=True)
    world.say(GENT, "reply", "09-10 09:59", asked)
    assert response(world) == (None, True)
    world.say(GENT, "reply", "09-11 10:00", asked)
    assert response(world) == (24.0, True)
    world.say(GENT, "reply", "09-10 10:00", asked)  # in the same second
    assert response(world) == (24.0, True)
    world.say(GENT, "reply", "09-10 10:01", asked)
    assert response(world) == (pytest.approx(1 / 60), True)


def test_a_question_closes_seven_days_after_it(world: TinyWorld) -> None:
    world.say(GENT, "incoming", "09-23 20:00", asks=True)
    assert response(world) == (None, True)
    world.said.clear()
    asked = world.say(GENT, "incoming", "09-23 20:01", asks=True)
    world.say(GENT, "reply", "09-23 21:01", asked)
    assert response(world) == (1.0, False)
    assert shown(of(truth_of(world), "M26")) == (None, 0, 0, 0)
    assert response(world, END, scan("10-01 20:00")) == (1.0, True)


def test_response_rate_and_times_stop_at_168_hours(world: TinyWorld) -> None:
    for asked_at, answered_at in (
        ("09-01 10:00", "09-08 10:00"),  # 168 h
        ("09-02 10:00", "09-09 10:01"),  # a minute too late
        ("09-03 10:00", "09-03 12:00"),
        ("09-03 10:00", "09-03 16:00"),
        ("09-04 10:00", None),
    ):
        asked = world.say(GENT, "incoming", asked_at, asks=True)
        if answered_at:
            world.say(GENT, "reply", answered_at, asked)
    world.say(GENT, "incoming", "09-05 10:00")  # asks nothing
    truth = truth_of(world)
    assert shown(of(truth, "M26")) == (0.6, 3, 5, 5)
    assert shown(of(truth, "M29")) == (6.0, None, None, 3)
    assert of(truth, "M30").value == pytest.approx(176 / 3)
    assert shown(of(truth, "M30"))[1:] == (176, 3, 3)


def test_no_answer_no_response_time(world: TinyWorld) -> None:
    world.say(GENT, "incoming", "09-04 10:00", asks=True)
    truth = truth_of(world)
    assert shown(of(truth, "M26")) == (0, 0, 1, 1)
    assert shown(of(truth, "M29")) == (None, None, None, 0)
    assert shown(of(truth, "M30")) == (None, None, 0, 0)


def test_what_was_said_between_two_windows_is_not_known(world: TinyWorld) -> None:
    asked = world.say(GENT, "incoming", "09-30 10:00", asks=True)
    world.say(GENT, "reply", "09-30 21:00", asked)  # after the scan, before the next window
    assert response(world, END, scan("10-30 20:00")) == (None, True)
    assert response(world, END, scan("10-29 20:00")) == (11.0, True)


def test_only_the_asked_organisations_are_computed(world: TinyWorld) -> None:
    world.rows.append(row("aalst"))
    truth = truth_of(world, only={"aalst"})
    assert {f.organisation_id for f in truth.figures()} == {"aalst"}


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([7], 0.25, 7), ([1, 2], 0.5, 1.5), ([1, 2, 3, 4], 0.25, 1.75), ([1, 2, 4, 8, 16], 0.75, 8)],
)
def test_quantiles_lie_between_neighbours(
    values: list[float], share: float, expected: float
) -> None:
    assert quantile(values, share) == expected


@pytest.mark.parametrize(
    ("country", "inhabitants", "size"),
    [
        ("BE", 19_999, "under_20k"),
        ("BE", 20_000, "20k_50k"),
        ("BE", 50_000, "20k_50k"),
        ("BE", 50_001, "over_50k"),
        ("NL", 49_999, "under_50k"),
        ("NL", 100_000, "50k_100k"),
        ("NL", 100_001, "over_100k"),
    ],
)
def test_size_classes_meet_at_their_bounds(country: str, inhabitants: int, size: str) -> None:
    place = body("t", country=country, province=None)
    base = f"{country.lower()}-municipality"
    region = [f"{base}/region-02000"] if country == "BE" else []
    assert list(groups_of(place, inhabitants)) == [base, *region, f"{base}/size-{size}"]


def test_a_body_without_inhabitants_has_no_size() -> None:
    register = Register([body("t")], [], [])
    base = "be-municipality"
    expected = {base, f"{base}/region-02000", f"{base}/province-40000"}
    assert set(members(register, SEPTEMBER)) == expected


def group_truth(names: str) -> dict[str, tuple]:
    """metric_id -> statistics of municipalities with 100, 200, 300 … followers of 20,000 x place
    inhabitants; one more municipality has no account."""
    world = TinyWorld([row(name) for name in names])
    world.follower_counts = {
        (f"{name}-x", date(2026, 9, 30)): 100 * place**2 for place, name in enumerate(names, 1)
    }
    counted = [people(name, 1_000 * place) for place, name in enumerate([*names, "z"], 1)]
    register = Register([body(name) for name in [*names, "z"]], [], counted, world.rows)
    truth = Truth(world, register, [END])
    return {
        g.metric_id: (g.value, g.n, g.n_members, g.mean, g.median, g.q1, g.q3, g.pooled)
        for g in group_figures(truth, truth.figures())
        if g.group_id == "be-municipality"
    }


def test_three_ratios_of_a_group() -> None:
    # M05 is 10, 20, 30, 40, 50; followers 5,500 of 15,000 inhabitants
    pooled = 100 * 5_500 / 15_000
    rest = (5, 6, 30, 30, 20, 40, pytest.approx(pooled))
    found = group_truth("abcde")
    assert found["M06a"] == (pytest.approx(pooled), *rest)
    assert found["M06b"] == (30, *rest) and found["M06c"] == (30, *rest)
    assert found["M01"][:3] == (pytest.approx(5 / 6), 6, 6)
    assert found["M29"] == (None, 0, 6, None, None, None, None, None)


def test_fewer_than_five_are_not_shown() -> None:
    found = group_truth("abcd")
    assert found["M06a"] == (None, 4, 5, None, None, None, None, None)
    assert found["M01"][:3] == (0.8, 5, 5)


def test_moments_are_read_as_written() -> None:
    assert at("09-30 20:00") == END[1].until and END[1].scan_on == date(2026, 9, 30)
