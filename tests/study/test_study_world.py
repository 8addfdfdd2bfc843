"""The study's world by itself, before any pipeline: its quotas, its means, its answers."""

import statistics
from dataclasses import replace

import pytest

from klankbord import register
from klankbord.register import is_valid
from klankbord.sandbox import study_2016 as study
from klankbord.sandbox import study_2016_counts as counts
from klankbord.sandbox import study_2016_survey
from klankbord.sandbox.register_files import write_register
from klankbord.sandbox.study_2016_accounts import evenly
from klankbord.sandbox.study_2016_table import FIGURES, markdown


@pytest.fixture(scope="module")
def world() -> study.StudyWorld:
    return study.StudyWorld()


def towns(world, platform: str):
    return [
        a
        for a in world.accounts
        if a.platform == platform and a.organisation_id.startswith("be-municipality")
    ]


def size(world, account) -> int:
    return world.register.inhabitants(account.organisation_id, study.LAST)


def test_its_register_is_one_that_people_could_have_written(world, tmp_path) -> None:
    known = replace(world.register, accounts=world.account_rows())
    found = register.read([write_register(known, tmp_path)])
    assert found.summary(study.LAST) == {
        ("BE", "municipality"): 308,
        ("BE", "ocmw"): 308,
        ("BE", "police_zone"): 117,
        ("BE", "emergency_zone"): 20,
        ("BE", "province"): 5,
        ("NL", "municipality"): 390,
    }
    assert all(row.basis == "synthetic" for row in found.organisations + found.populations)
    assert all(row.is_synthetic for row in found.accounts)
    members = [m.member_id for m in found.memberships if is_valid(m, study.LAST)]
    assert all(members.count(o.organisation_id) == 4 for o in found.organisations
               if (o.country, o.organisation_type) == ("BE", "municipality"))  # fmt: skip


@pytest.mark.parametrize("platform", ["facebook", "x"])
def test_its_accounts_have_the_quotas_and_means(world, platform) -> None:
    found = towns(world, platform)
    sizes = [size(world, account) for account in found]
    classes = [sum(low <= n < high for n in sizes)
               for low, high in ((0, 20_000), (20_000, 50_000), (50_000, 10**9))]  # fmt: skip
    assert tuple(classes) == counts.WITH_ACCOUNT[platform]
    wanted = counts.MEAN_INHABITANTS_WITH[platform]
    assert statistics.fmean(sizes) == pytest.approx(wanted, rel=0.001)
    mean = statistics.fmean(account.followers_start for account in found)
    assert mean == counts.MEAN_FOLLOWERS[platform]
    everybody = world.register.populations
    flemish = [p.inhabitants for p in everybody if p.organisation_id.startswith("be-")]
    assert statistics.fmean(flemish) == counts.MEAN_INHABITANTS
    assert sum(flemish) > 2 * max(flemish), "nobody is the whole of it"


@pytest.mark.parametrize("platform", ["facebook", "x"])
def test_who_answers_answers_and_who_does_not_never_does(world, platform) -> None:
    small = [a for a in towns(world, platform) if size(world, a) < 20_000]
    answering = 0
    for account in small:
        own = world.own(account, study.COUNTED_AT.replace(month=4, day=2), study.COUNTED_AT)
        assert any(m.kind == "original" for m in own)
        replies = sum(m.kind == "reply" for m in own)
        assert (replies > 0) == world.traits(account).is_interactive
        answering += replies > 0
    assert answering == counts.INTERACTING[platform][0]


def test_its_answers_take_as_long_as_the_study_says(world) -> None:
    assert study.mean_response_hours(world) == pytest.approx(counts.MEAN_RESPONSE_HOURS, abs=0.2)
    # and would take longer if they were slower, so that something was fitted
    slower = study.StudyWorld(2 * world.median_hours, only={a.organisation_id for a in
                              towns(world, "x") if world.traits(a).is_interactive})  # fmt: skip
    assert study.mean_response_hours(slower) > counts.MEAN_RESPONSE_HOURS + 3


def test_the_quotas_are_the_printed_shares() -> None:
    for platform in ("facebook", "x"):
        having, answering = counts.WITH_ACCOUNT[platform], counts.INTERACTING[platform]
        shares = {
            "census": sum(having) / sum(counts.BODIES_OF_CLASS),
            "large": having[2] / counts.BODIES_OF_CLASS[2],
            "interact": answering[0] / having[0],
            "dutch": counts.DUTCH_WITH_ACCOUNT[platform] / counts.DUTCH_MUNICIPALITIES,
        }
        for key, share in shares.items():
            assert f"{100 * share:.0f}" == FIGURES[f"{key}_{platform}"].printed, key
    for key, size_class in (("small_x", 0), ("middle_x", 1)):
        share = counts.WITH_ACCOUNT["x"][size_class] / counts.BODIES_OF_CLASS[size_class]
        assert f"{100 * share:.0f}" == FIGURES[key].printed
    assert {f"{100 * n / 308:.0f}" for n in counts.BY_HAND.values()} == {"14"}


def test_conversations_are_read_in_flanders_and_followers_everywhere(world) -> None:
    tiers = {(r.organisation_id[:2], r.platform): r.access_tier for r in world.account_rows()}
    assert tiers == {
        ("be", "facebook"): "T2",
        ("be", "x"): "T2",
        ("nl", "facebook"): "T0",
        ("nl", "x"): "T0",
        **{("be", name): "T0" for name in counts.BY_HAND},
    }


def test_it_is_the_same_world_every_time(world) -> None:
    again = study.StudyWorld()
    assert again.account_rows() == world.account_rows()
    assert [a.followers_start for a in again.accounts] == [
        a.followers_start for a in world.accounts
    ]


def test_its_survey_was_answered_by_those_who_were_asked(world) -> None:
    said = study_2016_survey.answers(world.register)
    assert len(said) == 198
    ticked = {head: sum(one[head] for one in said.values()) for head in next(iter(said.values()))}
    assert round(100 * ticked["does[answers]"] / 198) == 78
    assert [one for one in said if one.startswith("nl-")] == []


@pytest.mark.parametrize(("count", "wanted"), [(308, 43), (390, 386), (12, 12), (7, 0), (117, 88)])
def test_evenly_takes_as_many_as_asked(count, wanted) -> None:
    assert len(evenly(count, wanted)) == wanted == len(set(evenly(count, wanted)))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "0 rows"),
        (["all,active,study-2016,0.9"] * 2, "2 rows"),
        (["all,active,study-2016,"], "1 of 1 rows are empty"),
    ],
)
def test_a_figure_that_is_not_there_is_no_figure(tmp_path, lines, why) -> None:
    head = "group_id,subquestion_code,survey_id,unweighted_share"
    (tmp_path / "survey_share.csv").write_text("\n".join([head, *lines]) + "\n")
    with pytest.raises(LookupError, match=why):
        FIGURES["survey_active"].value(tmp_path)


def test_every_line_of_the_table_has_a_place_of_its_own() -> None:
    places = [(f.table, f.place, f.statistic, f.audience) for f in FIGURES.values()]
    assert len(set(places)) == len(places) == len(FIGURES)
    assert markdown().count("\n") == len(FIGURES) + 2
