"""Known answers: M34, M35 and M36 of every incident of a world equal the world's own truth; where
words do not tell, what the rules find is measured, and people's verdicts make it right."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from klankbord import database, settings
from klankbord.incidents import page, reading, verdicts
from klankbord.publish import swap
from klankbord.sandbox.model import WorldIncident
from klankbord.sandbox.truth_incidents import IncidentTruth
from tests.databases import new_warehouse
from tests.incidents import houses
from tests.incidents.answers import differences
from tests.pipeline.house import House
from tests.response import effects

Built = tuple[House, list[WorldIncident]]


@pytest.fixture(scope="module")
def plain(postgres: database.Access, tmp_path_factory) -> Iterator[Built]:
    """A world whose messages say what they are about."""
    folder = tmp_path_factory.mktemp("plain")
    with (
        new_warehouse(postgres) as access,
        houses.incident_house(access, folder, seed=7, most=10) as found,
    ):
        yield found


@pytest.mark.timeout(300)
def test_every_crisis_figure_equals_the_truth(plain: Built) -> None:
    house, incidents = plain
    truth = houses.truth(house, incidents)
    assert differences(house, truth) == []
    organisations = [s for _, s in truth.organisations()]
    assert {s.missing for s in organisations} >= {None, "no_account", "no_message", "not_observed"}
    assert {s.is_within_norm for s in organisations} == {True, False, None}
    assert any(s.gap_minutes for _, s in truth.channels())
    passed = [count for _, count in truth.amplification() if count]
    assert any(n for n, _ in passed) and any(n < of for n, of in passed)
    assert any(not i.has_municipality for i in incidents)
    # the last alarm was two hours before the scan
    assert any(s.delay_minutes is not None and s.updates is None for _, s in truth.channels())


def test_decoys_and_other_incidents_are_left_out(plain: Built) -> None:
    house, _ = plain
    levels = dict(
        house.rows(
            "select match_level, count(*) from intermediate.int_incident_posts group by 1",
            role="klankbord_publisher",
        )
    )
    assert levels["unlikely"] > 10 and levels["certain"] > 50
    twice = "select count(*), count(distinct post_id) from reporting.rpt_incident_message where"
    counted = house.rows(f"{twice} is_counted", role="klankbord_publisher")[0]
    assert counted[0] == counted[1], "a message is about one incident"


def test_the_group_figure_is_a_share_with_its_interval(plain: Built) -> None:
    house, _ = plain
    cases = house.rows(
        "select lower(o.country) || '-' || o.organisation_type, o.organisation_id, o.is_within_norm"
        " from reporting.rpt_incident_organisation as o"
        " inner join reporting.rpt_incident as i using (source, incident_id)"
        " where i.has_large_impact",
        role="klankbord_publisher",
    )
    rows = house.rows(
        "select group_id, n, n_cases, n_all, value, lower, upper, missing_reason"
        " from reporting.rpt_incident_group",
        role="klankbord_publisher",
    )
    assert {row[0] for row in rows} == {case[0] for case in cases}
    for group_id, n, n_cases, n_all, value, lower, upper, reason in rows:
        mine = [(who, is_in) for group, who, is_in in cases if group == group_id]
        known = [(who, is_in) for who, is_in in mine if is_in is not None]
        assert (n, n_cases, n_all) == (len({w for w, _ in known}), len(known), len(mine))
        if n < 5:
            assert (value, lower, upper) == (None, None, None)
            assert reason == ("suppressed" if n else "not_observed")
            continue
        share = sum(is_in for _, is_in in known) / len(known)
        assert math.isclose(value, share)
        of_body = [[is_in for who, is_in in known if who == body] for body in dict(known)]
        bodies = [(sum(said), len(said)) for said in of_body]
        effect = effects.of_share(bodies)
        worth = n if effect is None else len(known) / effects.told(effect)
        between = effects.wilson(share, worth / effects.few_bodies(n) ** 2)
        assert (lower, upper) == pytest.approx(between, abs=1e-3)


def test_an_evaluation_page_stands_alone(plain: Built) -> None:
    """No address is loaded, nobody's text is in it, and it says that all of it is invented."""
    house, incidents = plain
    swap.publish(house.access, settings.now())
    listed = reading.incidents(house.access)
    assert [r["incident_id"] for r in listed][-1] == incidents[0].key
    assert len(listed) == len(incidents)
    for row in listed[-3:]:
        found = reading.evaluation(house.access, f"{row['source']}/{row['incident_id']}")
        text = page.page(found)
        for mark in ("src=", "@import", "url(", "<script", "<link"):
            assert mark not in text
        assert "https://" not in text, "invented accounts have no address"
        assert text.count("Verzonnen gegevens") == 1 and text.count("Invented data") == 1
        for organisation in found.organisations:
            assert organisation["organisation_name_nl"].replace("'", "&#39;") in text
    with pytest.raises(reading.IncidentError, match="klankbord incident list"):
        reading.evaluation(house.access, "nobody/1")


def matches(house: House, truth: IncidentTruth) -> tuple[set, set]:
    """(what is counted, what is true) as (incident, account, moment)."""
    found = house.rows(
        "select incident_id, account_id, created_at from reporting.rpt_incident_message"
        " where is_counted and message_kind = 'own'",
        role="klankbord_publisher",
    )
    true = {
        (key, m.account_id, m.created_at) for key, messages in truth.messages() for m in messages
    }
    return set(found), true


@pytest.mark.timeout(300)
def test_people_mend_what_words_do_not_tell(postgres: database.Access, tmp_path: Path) -> None:
    """A fifth of the messages are vague or look like what they are not."""
    with (
        new_warehouse(postgres) as access,
        houses.incident_house(access, tmp_path, seed=11, most=6, hard=0.2) as (house, incidents),
    ):
        truth = houses.truth(house, incidents)
        found, true = matches(house, truth)
        precision, recall = len(found & true) / len(found), len(found & true) / len(true)
        print(f"precision {precision:.3f}, recall {recall:.3f} of {len(true)} messages")
        assert 0.9 < precision < 1 and 0.7 < recall < 0.95
        assert differences(house, truth) != []
        write_verdicts(house, tmp_path / "incident_matches.csv", found, true)
        count = verdicts.load(access, [tmp_path], settings.now())
        assert count == len(found ^ true)
        houses.rebuild(house)
        assert differences(house, truth) == []


def write_verdicts(house: House, file: Path, found: set, true: set) -> None:
    """What somebody who knows the truth would decide."""
    sources = dict(house.rows("select incident_id, source from raw.incidents"))
    posts = {}
    for platform in houses.PLATFORMS:
        for account, post, moment in house.rows(
            f"select account_id, item_id, created_at from raw.{platform}_posts"
        ):
            posts[account, moment] = post
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(verdicts.COLUMNS)
        for key in sorted(found ^ true):
            incident, account, moment = key
            verdict = "confirm" if key in true else "reject"
            row = (sources[incident], incident, account, posts[account, moment], verdict, "known")
            writer.writerow(row)
