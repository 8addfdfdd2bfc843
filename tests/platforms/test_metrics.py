"""The registry of metrics: what is offered when, its checker, and what a refused metric costs."""

import contextlib
import csv
import math
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.platforms import metrics
from klankbord.platforms.events import MetricRefused
from klankbord.platforms.metrics import COLUMNS, MetricRegistryError, offered, read
from klankbord.platforms.refusals import BAD_METRIC, Offer, blame, named_in
from klankbord.verdicts import BadRequest, Refused

ON = date(2026, 11, 22)
GOOD = {
    "platform": "p",
    "metric_name": "views",
    "level": "account",
    "period": "day",
    "day_zone": "UTC",
    "metric_basis": "views",
    "canonical_name": "views",
    "tier": "T3",
    "source": "test",
}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """file({column: value}, ...) -> a registry of these lines, each good but for what it says."""

    def write(*lines: dict[str, str], header: tuple[str, ...] = COLUMNS) -> Path:
        path = tmp_path / "platform_metrics.csv"
        with path.open("w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(header)
            rows.writerows([{**GOOD, **line}.get(name, "") for name in header] for line in lines)
        return path

    return write


def test_the_projects_registry_is_sound() -> None:
    found = metrics.registry()
    assert {m.platform for m in found} >= {"facebook", "instagram", "x", "youtube", "linkedin"}
    assert metrics.check(found) == []
    assert all(m.source for m in found)
    dead = {m.metric_name for m in found if m.platform == "facebook" and m.valid_to}
    assert {"page_impressions", "page_fans", "page_engaged_users", "post_impressions"} <= dead


def test_what_is_offered_today() -> None:
    assert offered("facebook", "account", ON)[:2] == [
        "page_media_view",
        "page_total_media_view_unique",
    ]
    assert offered("facebook", "post", ON) == [
        "post_media_view",
        "post_total_media_view_unique",
        "post_clicks",
        "post_clicks_by_type",  # its members come with it
    ]
    assert "impressions" not in offered("instagram", "account", ON)
    assert offered("mastodon", "post", ON) == []


def test_a_metric_is_offered_from_its_first_day_to_before_its_last() -> None:
    end = date(2025, 11, 15)
    assert "page_impressions" in offered("facebook", "account", end - timedelta(days=1))
    assert "page_impressions" not in offered("facebook", "account", end)
    renamed = date(2026, 8, 7)
    before = offered("x", "post", renamed - timedelta(days=1))
    after = offered("x", "post", renamed)
    assert ("retweet_count" in before, "repost_count" in before) == (True, False)
    assert ("retweet_count" in after, "repost_count" in after) == (False, True)


def test_a_kind_of_post_and_a_tier_have_their_own() -> None:
    plain = offered("instagram", "post", ON)
    reel, feed = (offered("instagram", "post", ON, kind=k) for k in ("REELS", "FEED"))
    assert plain == ["reach", "views", "total_interactions"]
    assert "follows" in feed and "follows" not in reel and "saved" in reel
    public = offered("x", "post", ON, tier="T1")
    assert "impression_count" in public and "url_link_clicks" not in public
    assert "url_link_clicks" in offered("x", "post", ON, tier="T3")
    assert offered("facebook", "account", ON, period="days_28") == []
    with pytest.raises(MetricRegistryError, match="No level is called 'page'"):
        offered("facebook", "page", ON)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([{"level": "page"}], "line 2: level is 'page'"),
        ([{"metric_basis": "reach"}], "line 2: metric_basis is 'reach'"),
        ([{"tier": "T9"}], "line 2: tier is 'T9'"),
        ([{"metric_name": " "}], "line 2: metric_name is empty"),
        ([{"source": ""}], "line 2: source is empty"),
        ([{"canonical_name": "Page Views"}], "line 2: canonical_name 'Page Views'"),
        ([{"valid_from": "2026-13-01"}], "line 2: "),
        ([{"day_zone": ""}], "line 2: day_zone belongs to the period day"),
        ([{"period": "lifetime"}], "line 2: day_zone belongs to the period day"),
        ([{"day_zone": "Europe/Nowhere"}], "line 2: day_zone 'Europe/Nowhere' is no time zone"),
        (
            [{"valid_from": "2026-01-01", "valid_to": "2026-01-01"}],
            "line 2: p views ends on 2026-01-01",
        ),
        ([{"replaced_by": "views"}], "line 2: p views is replaced and has no valid_to"),
        (
            [{"replaced_by": "other", "valid_to": "2026-01-01"}],
            "line 2: p views is replaced by other, which has no line",
        ),
        ([{"canonical_name": ""}], "line 2: p views has no canonical_name and no members"),
        ([{}, {}], "lines 2 and 3: p views and views are the same account figure"),
        ([{}, {"metric_name": "seen"}], "lines 2 and 3: p views and seen are the same account"),
        (
            [{"valid_to": "2026-01-02"}, {"valid_from": "2026-01-01"}],
            "lines 2 and 3: p views and views are the same account figure at the same time",
        ),
        (
            [{"object_kinds": "A"}, {"object_kinds": "B"}],
            "lines 2 and 3: p views and views are the same account figure",
        ),
        (
            [{}, {"platform": "q", "metric_basis": "impressions"}],
            "lines 2 and 3: views has two bases, views and impressions",
        ),
    ],
)
def test_a_faulty_registry_is_refused(
    file: Callable[..., Path], lines: list[dict[str, str]], fault: str
) -> None:
    with pytest.raises(MetricRegistryError) as raised:
        read(file(*lines))
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    "lines",
    [
        [{"valid_to": "2026-01-01"}, {"valid_from": "2026-01-01"}],
        [{}, {"level": "post", "period": "lifetime", "day_zone": ""}],
        [{}, {"platform": "q"}],
        [{"object_kinds": "A B"}, {"metric_name": "seen", "object_kinds": "C"}],
        [
            {"metric_name": "clicks", "canonical_name": ""},
            {"metric_name": "clicks/link clicks", "canonical_name": "link_clicks"},
        ],
    ],
)
def test_what_only_looks_alike_is_taken(
    file: Callable[..., Path], lines: list[dict[str, str]]
) -> None:
    assert len(read(file(*lines))) == 2


def test_every_fault_is_told_at_once(file: Callable[..., Path]) -> None:
    with pytest.raises(MetricRegistryError) as raised:
        read(file({"level": "x"}, {"tier": "y"}, {}, {}))
    assert all(f"line {n}:" in str(raised.value) for n in (2, 3))
    assert "lines 4 and 5" in str(raised.value)


def test_another_header_is_refused(file: Callable[..., Path]) -> None:
    with pytest.raises(MetricRegistryError, match="line 1: the columns must be platform,"):
        read(file({}, header=COLUMNS[:-1]))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "platform_metrics.csv"
    path.write_bytes(b"\xff\xfe" * 9)
    with pytest.raises(MetricRegistryError, match="cannot be read"):
        read(path)


@given(rows=st.lists(st.lists(st.text(max_size=12), max_size=14), max_size=4))
def test_any_lines_are_a_registry_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any_metrics.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([COLUMNS, *rows])
    with contextlib.suppress(MetricRegistryError):
        read(path)


# --- a refused metric --------------------------------------------------------------------------

NAMES = ["reach", "views", "clicks", "saved", "shares", "follows", "likes", "comments"]


class Platform:
    """Knows all metrics but `bad`; its complaint is `says(asked)`."""

    def __init__(self, *bad: str, says: Callable[[list[str]], str] | None = None) -> None:
        self.bad, self.calls = set(bad), []
        self.says = says or (lambda asked: "(#100) The value must be a valid insights metric")

    def get(self, asked: list[str]) -> set[str]:
        self.calls.append(asked)
        if self.bad & set(asked):
            raise BadRequest(f"GET /1/insights: 400 {self.says(asked)}", BAD_METRIC)
        return set(asked)


def everything(answers: list[set[str]]) -> set[str]:
    return set().union(*answers)


def test_without_trouble_it_is_one_call() -> None:
    platform = Platform()
    assert Offer().ask("page", NAMES, platform.get) == [set(NAMES)]
    assert platform.calls == [NAMES]
    assert Offer().ask("page", [], platform.get) == [] and len(platform.calls) == 1


def test_a_named_metric_costs_one_call_and_is_not_asked_again() -> None:
    platform = Platform("saved", says=lambda _: "(#100) The metric saved is not supported")
    offer = Offer()
    assert everything(offer.ask("page", NAMES, platform.get)) == set(NAMES) - {"saved"}
    assert len(platform.calls) == 2
    offer.ask("page", NAMES, platform.get)
    assert len(platform.calls) == 3 and "saved" not in platform.calls[-1]
    [refusal] = offer.refused("gent", "page", NAMES)
    assert (refusal.account_id, refusal.metric) == ("gent", "saved")
    assert "saved is not supported" in refusal.detail
    offer.ask("post", NAMES, Platform().get)  # another scope is another matter
    assert offer.refused("gent", "post", NAMES) == []
    assert offer.refused("gent", "page", ["reach"]) == []


def test_a_place_is_blamed_and_the_good_names_are_not() -> None:
    def says(asked: list[str]) -> str:
        return f"metric[{asked.index('clicks')}] must be one of the following values: reach, views"

    platform = Platform("clicks", says=says)
    assert everything(Offer().ask("page", NAMES, platform.get)) == set(NAMES) - {"clicks"}
    assert len(platform.calls) == 2


@pytest.mark.parametrize("bad", NAMES)
def test_an_unnamed_metric_is_found_by_halves(bad: str) -> None:
    platform = Platform(bad)
    offer = Offer()
    answers = offer.ask("page", NAMES, platform.get)
    assert everything(answers) == set(NAMES) - {bad}
    assert sum(map(len, answers)) == len(NAMES) - 1  # nothing came twice
    assert len(platform.calls) <= 2 + math.ceil(math.log2(len(NAMES)))
    assert [r.metric for r in offer.refused("a", "page", NAMES)] == [bad]


@given(
    st.lists(st.sampled_from(NAMES), unique=True, min_size=1),
    st.sets(st.sampled_from(NAMES)),
    st.sampled_from(["none", "names", "place"]),
)
def test_every_good_metric_comes_once_and_every_bad_one_is_remembered(
    wanted: list[str], bad: set[str], manner: str
) -> None:
    def says(asked: list[str]) -> str:
        guilty = [name for name in asked if name in bad]
        if manner == "names":
            return f"The following metrics ({','.join(guilty)}) are gone"
        return f"metric[{asked.index(guilty[0])}] must be" if manner == "place" else "no metric"

    platform, offer = Platform(*bad, says=says), Offer()
    good = [name for name in wanted if name not in bad]
    if not good and manner == "none" and len(wanted) > 1:
        with pytest.raises(BadRequest):
            offer.ask("page", wanted, platform.get)
        assert offer.refused("a", "page", wanted) == []
        return
    answers = offer.ask("page", wanted, platform.get)
    assert sorted(name for answer in answers for name in answer) == sorted(good)
    assert {r.metric for r in offer.refused("a", "page", wanted)} == bad & set(wanted)
    platform.calls.clear()
    offer.ask("page", wanted, platform.get)
    assert len(platform.calls) == bool(good)


def test_a_complaint_about_all_of_them_is_no_matter_of_metrics() -> None:
    """A wrong `since` looks like a wrong metric; nothing is remembered of it."""
    platform, offer = Platform(*NAMES), Offer()
    with pytest.raises(BadRequest, match="valid insights metric"):
        offer.ask("page", NAMES, platform.get)
    assert offer.refused("a", "page", NAMES) == []


def test_other_errors_pass() -> None:
    def get(asked: list[str]) -> None:
        raise Refused("no", "permission")

    with pytest.raises(Refused):
        Offer().ask("page", NAMES, get)

    def bad(asked: list[str]) -> None:
        raise BadRequest("no", "bad_request")

    with pytest.raises(BadRequest):
        Offer().ask("page", NAMES, bad)


def test_only_names_of_the_registry_are_passed_on() -> None:
    said = "(#100) Jan Peeters asked for shares and post_impressions, not supported for this type"
    assert blame(said) == "shares post_impressions"
    listed = "metric[2] must be one of the following values: reach, views"
    assert blame(listed) == "metric[2]"
    assert blame("one of the following values: reach, views") == ""
    assert named_in(blame(listed), ["a", "b", "c"]) == ["c"]
    assert named_in("metric[9] must be", ["a"]) == []


def test_it_is_an_event_of_an_account() -> None:
    assert MetricRefused("a", "views").detail == ""


def test_the_memory_lives_as_long_as_the_client() -> None:
    import gc

    from klankbord.http import Client
    from klankbord.platforms import refusals

    def client() -> Any:
        return Client("http://127.0.0.1:1", lambda _: None)  # type: ignore[arg-type]

    one, other = client(), client()
    assert refusals.offer_of(one) is refusals.offer_of(one)
    assert refusals.offer_of(one) is not refusals.offer_of(other)
    gc.collect()  # what earlier tests left behind may go at any moment: not between the two counts
    before = len(refusals._OFFERS)
    del one
    gc.collect()
    assert len(refusals._OFFERS) == before - 1
