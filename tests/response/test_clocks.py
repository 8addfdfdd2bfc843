"""The clock of opening hours: the warehouse's SQL against plain Python, over random hours, holidays
and both changes of summer time; and cases that can be checked by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from klankbord.register.opening_hours import faults
from klankbord.register.rows import OpeningHours, Organisation
from klankbord.sandbox import truth_clock
from tests.response.bench import CLOCKS, Bench, Run

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture(scope="module")
def bench(seeded) -> Bench:
    return Bench(seeded, CLOCKS)


def body(
    kind: str = "municipality", country: str = "BE", region: str = "02000", code: str | None = None
) -> Organisation:
    return Organisation(
        organisation_id="body", country=country, organisation_type=kind, official_code=code,
        name_nl="B", name_fr=None, name_de=None, province_code=None, region_code=region,
        website=None, kbo=None, wikidata=None, latitude=None, longitude=None, valid_from=None,
        valid_to=None, basis="declared", source="t",
    )  # fmt: skip


def opening(weekday: str, opens: str, closes: str, since=None, to=None) -> OpeningHours:
    return OpeningHours(
        organisation_id="body", weekday=weekday, opens_at=opens, closes_at=closes,
        valid_from=since, valid_to=to, basis="declared", source="t",
    )  # fmt: skip


def asked_and_answered(run: Run, of: Organisation, own, pairs, known_until=None) -> list[tuple]:
    """(response hours, follow-up hours) by opening hours of each (question, answer or None)."""
    known_until = known_until or max(b or a for a, b in pairs) + timedelta(days=8)
    run.table(
        "stg_register__organisations",
        "organisation_id text, country text, organisation_type text, region_code text,"
        " official_code text, valid_from date",
        [("body", of.country, of.organisation_type, of.region_code, of.official_code, None)],
    )
    run.table(
        "stg_register__accounts",
        "account_id text, organisation_id text, valid_from date",
        [("a", "body", None)],
    )
    minutes = [
        tuple(60 * int(t[:2]) + int(t[3:]) for t in (row.opens_at, row.closes_at)) for row in own
    ]
    run.table(
        "stg_register__opening_hours",
        "organisation_id text, weekday text, opens_minute integer, closes_minute integer,"
        " valid_from date, valid_to date",
        [
            ("body", row.weekday, *place, row.valid_from, row.valid_to)
            for row, place in zip(own, minutes, strict=True)
        ],
    )
    run.table(
        "int_messages",
        "account_id text, message_id text, platform text, is_own boolean, is_question boolean,"
        " created_at timestamptz, question_rules text",
        [("a", f"{n:04}", "x", False, True, asked, "q1") for n, (asked, _) in enumerate(pairs)],
    )
    run.table(
        "int_account_states",
        "account_id text, messages_known_until timestamptz",
        [("a", known_until)],
    )
    run.table(
        "int_first_responses",
        "account_id text, message_id text, response_id text, responded_at timestamptz",
        [("a", f"{n:04}", f"r{n}", b) for n, (_, b) in enumerate(pairs) if b],
    )
    for name in CLOCKS:
        run.model(name)
    return run.rows(
        "select open_response_hours, open_follow_up_hours from int_question_clocks"
        " order by question_id"
    )


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC)


MONDAY_TO_FRIDAY = [opening(str(day), "09:00", "17:00") for day in range(1, 6)]
ROUND_THE_CLOCK = [opening(d, "00:00", "24:00") for d in ("1", "2", "3", "4", "5", "6", "7")]
ROUND_THE_CLOCK.append(opening("holiday", "00:00", "24:00"))
LUNCH = [opening("1", "09:00", "12:00"), opening("1", "13:00", "17:00")]
NIGHT = [opening("7", "00:00", "04:00"), opening("1", "09:00", "17:00")]


@pytest.mark.parametrize(
    ("of", "own", "asked", "answered", "hours"),
    [
        # a question at night starts at opening, one after closing on the next morning
        (body(), [], "2026-09-29 03:00", "2026-09-29 09:30", 0.5),
        (body(), [], "2026-09-28 17:00", "2026-09-29 10:00", 1),
        (body(), [], "2026-09-29 03:00", "2026-09-29 08:59", 0),
        # Friday afternoon to Monday morning
        (body(), [], "2026-09-25 16:30", "2026-09-28 09:15", 0.75),
        # 21 July, 11 July (a Friday in 2025) and the day of the French Community
        (body(), [], "2026-07-20 16:00", "2026-07-22 10:00", 2),
        (body(), [], "2025-07-10 16:00", "2025-07-14 10:00", 2),
        (body("ocmw"), [], "2025-07-10 16:00", "2025-07-14 10:00", 2),
        (body("province"), [], "2025-07-10 16:00", "2025-07-14 10:00", 2),
        (body("police_zone"), [], "2025-07-10 16:00", "2025-07-14 10:00", 10),
        (body(region="03000"), [], "2025-07-10 16:00", "2025-07-14 10:00", 10),
        (body(region="03000"), [], "2027-09-24 16:00", "2027-09-28 10:00", 2),
        (body(), [], "2027-09-24 16:00", "2027-09-28 10:00", 10),
        # Eupen is in Wallonia and keeps the day of the German-speaking Community; its province not
        (body(region="03000", code="63023"), [], "2027-09-24 16:00", "2027-09-28 10:00", 10),
        (body(region="03000", code="63023"), [], "2027-11-12 16:00", "2027-11-16 10:00", 2),
        (body(region="03000"), [], "2027-11-12 16:00", "2027-11-16 10:00", 10),
        (body("province", region="03000"), [], "2027-11-12 16:00", "2027-11-16 10:00", 10),
        # King's Day on a Monday, and on the Saturday before a Sunday
        (body(country="NL", region="NL"), [], "2026-04-24 16:00", "2026-04-28 10:00", 2),
        (body(country="NL", region="NL"), [], "2025-04-25 16:00", "2025-04-28 10:00", 2),
        (body(), [], "2026-04-24 16:00", "2026-04-28 10:00", 10),
        # lunch does not count, a day without a row is closed
        (body(), LUNCH, "2026-09-28 11:00", "2026-09-28 14:00", 2),
        (body(), LUNCH, "2026-09-28 12:15", "2026-09-28 12:45", 0),
        (body(), LUNCH, "2026-09-28 16:00", "2026-10-05 10:00", 2),
        # the clocks change on Sunday 29 March (an hour less) and 25 October 2026 (an hour more)
        (body(), ROUND_THE_CLOCK, "2026-03-28 12:00", "2026-03-29 12:00", 23),
        (body(), ROUND_THE_CLOCK, "2026-10-24 12:00", "2026-10-25 12:00", 25),
        (body(), NIGHT, "2026-03-28 12:00", "2026-03-30 08:00", 3),
        (body(), NIGHT, "2026-10-24 12:00", "2026-10-26 08:00", 5),
        (body(), [opening("7", "02:15", "02:45")], "2026-03-28 12:00", "2026-03-30 12:00", 0),
        (body(), [opening("7", "02:15", "02:45")], "2026-10-24 12:00", "2026-10-26 12:00", 0.5),
        # hours of the body's own hold while they hold; before and after, the default
        (body(), [opening("2", "20:00", "22:00", date(2026, 9, 22), date(2026, 9, 29))],
         "2026-09-21 16:00", "2026-09-29 10:00", 1 + 2 + 1),
        # open on holidays
        (body(), [*MONDAY_TO_FRIDAY, opening("holiday", "10:00", "12:00")],
         "2026-07-20 16:00", "2026-07-22 10:00", 4),
    ],
)  # fmt: skip
def test_what_can_be_counted_by_hand(bench, of, own, asked, answered, hours) -> None:
    pair = (local(asked), local(answered))
    with bench.open() as run:
        ((found, _),) = asked_and_answered(run, of, own, [pair])
    assert found == hours
    assert truth_clock.Clock(of, own).hours(*pair) == hours


def test_both_two_o_clocks_of_october_are_told_apart(bench) -> None:
    own = [opening("7", "00:00", "24:00")]
    first, second = local("2026-10-25 02:30"), local("2026-10-25 02:30", fold=1)
    with bench.open() as run:
        ((found, _),) = asked_and_answered(run, body(), own, [(first, second)])
    assert found == 1


def test_no_hours_are_claimed_of_years_without_a_calendar(bench) -> None:
    pairs = [
        (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)),
        (datetime(2035, 12, 31, 10, tzinfo=UTC), datetime(2036, 1, 2, tzinfo=UTC)),
        (datetime(2035, 12, 27, 10, tzinfo=UTC), datetime(2035, 12, 27, 11, tzinfo=UTC)),
    ]
    with bench.open() as run:
        found = asked_and_answered(run, body(), [], pairs, datetime(2036, 2, 1, tzinfo=UTC))
    assert found == [(None, None), (None, None), (1.0, None)]


def test_nobody_is_followed_past_the_window_or_the_last_look(bench) -> None:
    asked = local("2026-09-21 09:00")
    pairs = [(asked, None), (local("2026-09-25 16:00"), None), (local("2026-09-29 09:00"), None)]
    with bench.open() as run:
        found = asked_and_answered(run, body(), [], pairs, local("2026-09-29 08:00"))
    # a week of forty hours; an hour on Friday and eight on Monday; asked after the last look
    assert [follow for _, follow in found] == [40, 9, None]


def minute_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def own_hours(draw) -> list[OpeningHours]:
    """Faultless rows, some of them valid for a while only, many of them in the night."""
    rows = []
    for weekday in draw(st.sets(st.sampled_from("1234567"), min_size=1)) | draw(
        st.sampled_from([frozenset(), frozenset({"holiday"})])
    ):
        cuts = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
        since = draw(st.none() | st.dates(date(2025, 3, 1), date(2026, 11, 1)))
        to = draw(st.none() | st.dates(date(2025, 3, 1), date(2026, 11, 1)))
        if since and to and to <= since:
            to = None
        for opens, closes in zip(cuts[::2], cuts[1::2], strict=False):
            times = minute_text(15 * opens), minute_text(15 * closes)
            rows.append(opening(weekday, *times, since, to))
    assert all("holidays only" in what for _, what in faults(rows))
    return rows


#: Around what is hard: changes of the clock, Easter, the summer's and the winter's holidays.
DAYS = [date(2025, 3, 30), date(2025, 10, 26), date(2026, 3, 29), date(2026, 10, 25)]
DAYS += [date(2025, 11, 15), date(2027, 11, 15)]
DAYS += [date(2025, 4, 21), date(2026, 7, 11), date(2025, 12, 25), date(2026, 5, 14)]


@st.composite
def pairs_of_moments(draw) -> list[tuple[datetime, datetime]]:
    pairs = []
    for _ in range(draw(st.integers(1, 12))):
        day = draw(st.sampled_from(DAYS))
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        start += timedelta(seconds=draw(st.integers(-200_000, 200_000)))
        length = draw(st.integers(0, 3 * 3600) | st.integers(0, 700_000))
        pairs.append((start, start + timedelta(seconds=length)))
    return pairs


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    of=st.sampled_from(
        [
            body(),
            body("police_zone"),
            body("province", region="03000"),
            body(region="03000", code="63023"),
            body("municipality", "NL", "NL"),
            body("safety_region", "NL", "NL"),
        ]
    ),
    own=st.just([]) | own_hours(),
    pairs=pairs_of_moments(),
)
@example(of=body(), own=NIGHT, pairs=[(local("2026-03-29 01:59"), local("2026-03-29 03:01"))])
def test_sql_counts_as_python_does(bench, of, own, pairs) -> None:
    clock = truth_clock.Clock(of, own)
    with bench.open() as run:
        found = asked_and_answered(run, of, own, pairs)
    for (response, follow_up), (asked, answered) in zip(found, pairs, strict=True):
        assert response == pytest.approx(clock.hours(asked, answered), abs=1e-9)
        week = clock.hours(asked, asked + timedelta(hours=168))
        assert follow_up == pytest.approx(week, abs=1e-9)


def test_brussels_and_amsterdam_keep_one_clock() -> None:
    """Why one zone is enough: in every hour of the calendar's years the two agree."""
    moment, amsterdam = datetime(2010, 1, 1, tzinfo=UTC), ZoneInfo("Europe/Amsterdam")
    while moment.year < 2036:
        assert moment.astimezone(BRUSSELS).utcoffset() == moment.astimezone(amsterdam).utcoffset()
        moment += timedelta(hours=1)
