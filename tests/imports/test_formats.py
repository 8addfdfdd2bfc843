"""Every built-in format over a file of each language: known answers, cell by cell."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from klankbord.imports import files
from klankbord.imports.formats import built_in
from klankbord.imports.metrics import METRICS
from klankbord.imports.owners import Owners
from klankbord.imports.plans import UNKNOWN, Options, Plan, plan
from tests.conftest import ROOT, skip_or_fail
from tests.imports.conftest import FILES, TODAY, known
from tests.imports.make_files import BOOKS, TEXTS, text, xlsx


def planned(path: Path, *accounts: str, **options) -> Plan:
    return plan(path, Owners(known(), accounts), Options(formats=built_in(), **options), TODAY)


def values(made: Plan) -> dict[tuple, Decimal]:
    """(account, post, metric, last day) -> value."""
    assert made.faults == []
    return {(r.account_id, r.post_id, r.metric_name, r.end_on): r.value for r in made.readings}


def of(made: Plan, account: str, post: str, day: date) -> dict[str, int | str]:
    return {k[2]: v for k, v in values(made).items() if (k[0], k[1], k[3]) == (account, post, day)}


def test_dutch_facebook_posts_have_reactions_in_reacties():
    made = planned(FILES / "meta_facebook_posts_nl.csv")
    day = date(2026, 9, 28)
    assert of(made, "fb-voorbeeld", "5001_1001", day) == {
        "views": 1234, "impression_reach": 980, "interactions": 57, "reactions": 40, "comments": 12,
        "shares": 5, "clicks": 81,
    }  # fmt: skip
    # "-" and an empty cell are absent; 0 is measured
    assert of(made, "fb-voorbeeld", "5001_1002", day) == {
        "views": 27, "impression_reach": 20, "interactions": 4, "comments": 0, "clicks": 2,
    }  # fmt: skip
    assert {r.period for r in made.readings} == {"lifetime"}
    assert {r.start_on for r in made.readings} == {UNKNOWN}
    assert "“Reacties” are reactions: “Opmerkingen” has a column of its own" in made.decisions
    assert "“Publicatietijdstip” is month/day: a day over 12 in 1 of them" in made.decisions
    # the caption takes two lines: the second post starts on line 4
    assert {r.file_line for r in made.readings} == {2, 4}


def test_a_file_of_several_pages_is_of_several_accounts():
    made = planned(FILES / "meta_facebook_posts_en.csv")
    assert made.account_ids == ["fb-exemple", "fb-voorbeeld"]  # one by its name, one by its id
    assert of(made, "fb-exemple", "5002_2001", date(2026, 9, 12))["views"] == 63
    assert of(made, "fb-voorbeeld", "5001_1001", date(2026, 9, 12))["clicks"] == 84


def test_french_facebook_posts_in_windows_1252():
    made = planned(FILES / "meta_facebook_posts_fr.csv")
    assert of(made, "fb-exemple", "5002_2001", date(2026, 9, 12)) == {
        "views": 1063, "impression_reach": 945, "interactions": 6, "reactions": 5, "comments": 0,
        "shares": 1, "clicks": 2, "link_clicks": 1, "minutes_watched": Decimal("90.5") / 60,
    }  # fmt: skip
    assert made.way == "Windows-1252, semicolons"
    assert "read as Windows-1252: its bytes are no UTF-8" in made.decisions


def test_a_breakdown_by_day_is_figures_of_days():
    made = planned(FILES / "meta_facebook_posts_by_day_en.csv")
    assert {r.period for r in made.readings} == {"day"}
    assert of(made, "fb-voorbeeld", "5001_1001", date(2026, 9, 3))["views"] == 1000
    assert of(made, "fb-voorbeeld", "5001_1001", date(2026, 9, 4))["views"] == 300
    assert all(r.start_on == r.end_on for r in made.readings)


def test_instagram_posts_have_comments_in_dutch_reacties():
    made = planned(FILES / "meta_instagram_posts_nl.csv")
    assert made.way == "UTF-16, semicolons"
    assert of(made, "ig-voorbeeld", "17900000000000001", date(2026, 9, 24)) == {
        "views": 1099, "reach": 840, "likes": 4, "shares": 0, "comments": 2, "saves": 3,
    }  # fmt: skip
    assert "“Reacties” are comments: “Vind-ik-leuks” has a column of its own" in made.decisions


def test_instagram_posts_in_english():
    made = planned(FILES / "meta_instagram_posts_en.csv")
    assert of(made, "ig-voorbeeld", "17900000000000001", date(2026, 9, 24)) == {
        "views": 99, "reach": 40, "likes": 4, "shares": 0, "new_followers": 1, "comments": 2,
        "saves": 3,
    }  # fmt: skip


def test_daily_figures_of_meta_are_named_by_the_line_above_their_header():
    made = planned(FILES / "meta_daily_en.csv", "fb-voorbeeld")
    assert values(made) == {
        ("fb-voorbeeld", "", "profile_views", date(2026, 9, 1)): 20,
        ("fb-voorbeeld", "", "profile_views", date(2026, 9, 2)): 0,
        ("fb-voorbeeld", "", "views", date(2026, 9, 1)): 310,
    }
    assert {r.file_line for r in made.readings} == {4, 5, 9}


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_daily_figures_of_meta_in_other_languages(language):
    made = planned(FILES / f"meta_daily_{language}.csv", "fb-voorbeeld")
    assert values(made) == {("fb-voorbeeld", "", "impression_reach", date(2026, 9, 1)): 1204}
    [told] = [d for d in made.decisions if "translated" in d]
    assert told.startswith({"nl": "the Dutch headers", "fr": "the French headers"}[language])


def test_a_title_of_another_platform_is_refused(tmp_path):
    made = planned(FILES / "meta_daily_fr.csv", "ig-voorbeeld")
    assert made.faults == [
        "meta_daily_fr.csv:4: the figures are of facebook, and --account names ig-voorbeeld: "
        "correct --account."
    ]
    made = planned(FILES / "meta_daily_fr.csv", "ig-voorbeeld", "fb-voorbeeld")
    assert made.account_ids == ["fb-voorbeeld"]


def test_x_by_day():
    made = planned(FILES / "x_account_daily.csv", "x-voorbeeld")
    assert of(made, "x-voorbeeld", "", date(2026, 9, 29)) == {
        "impressions": 2871, "likes": 24, "interactions": 43, "saves": 0, "new_followers": 3,
        "lost_followers": 2, "comments": 1, "shares": 1, "profile_views": 2, "video_views": 0,
        "media_views": 0,
    }  # fmt: skip
    assert "profile_views" not in of(made, "x-voorbeeld", "", date(2026, 9, 28))


def test_x_by_day_before_2024(recorded):
    path = ROOT.parent / "shared" / "recorded" / "exports" / "x_daily_activity_en.csv"
    if not path.is_file():
        skip_or_fail("the recorded exports are absent")
    made = planned(path, "x-voorbeeld")
    assert of(made, "x-voorbeeld", "", date(2021, 8, 6)) == {
        "impressions": 316989, "interactions": 26249, "shares": 124, "comments": 122,
        "likes": 628, "profile_clicks": 379, "link_clicks": 10136, "new_followers": 0,
        "media_views": 4474,
    }  # fmt: skip


def test_the_recorded_dutch_header_is_known():
    path = ROOT.parent / "shared" / "recorded" / "exports"
    path /= "meta_business_suite_posts_nl.header.csv"
    if not path.is_file():
        skip_or_fail("the recorded exports are absent")
    made = planned(path)
    [one] = made.understood
    assert (one.table.format.name, one.table.language.code) == ("meta-facebook-posts", "nl")
    meant = {str(one.table.header.cells[i]): c.target for i, c in one.table.columns.items()}
    assert (meant["Reacties"], meant["Opmerkingen"]) == ("reactions", "comments")
    assert made.faults == [
        "meta_business_suite_posts_nl.header.csv:1: there is no row below this header: nothing to "
        "load."
    ]


def test_x_posts_find_the_account_in_the_posts_address():
    made = planned(FILES / "x_posts.csv")
    found = of(made, "x-voorbeeld", "2074000000000000001", date(2026, 9, 29))
    assert found["impressions"] == 12297
    assert (found["shares"], found["comments"], found["link_clicks"]) == (2, 1, 6)
    made = planned(FILES / "x_posts_before_2024.csv")
    # 23:30 UTC is the next day in Brussels
    assert of(made, "x-voorbeeld", "1400", date(2021, 8, 7)) == {
        "impressions": 12500, "interactions": 430, "shares": 12, "comments": 8, "likes": 210,
        "profile_clicks": 3,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_linkedin(kind):
    made = planned(FILES / f"linkedin_content.{kind}", "li-voorbeeld")
    assert of(made, "li-voorbeeld", "", date(2026, 9, 1)) == {
        "impressions": 90, "reach": 70, "clicks": 4, "likes": 5, "comments": 1, "shares": 2,
    }  # fmt: skip
    post = "urn:li:activity:7200000000000000001"
    assert of(made, "li-voorbeeld", post, date(2026, 9, 13)) == {
        "impressions": 180, "clicks": 8, "likes": 11, "comments": 0, "shares": 3,
    }  # fmt: skip
    made = planned(FILES / f"linkedin_followers.{kind}", "li-voorbeeld")
    assert of(made, "li-voorbeeld", "", date(2026, 9, 1)) == {
        "new_followers": 3, "new_followers_paid": 2,
    }  # fmt: skip
    assert made.other_sheets == ["Location"]
    made = planned(FILES / f"linkedin_visitors.{kind}", "li-voorbeeld")
    assert of(made, "li-voorbeeld", "", date(2026, 9, 13)) == {
        "profile_views": 6, "profile_visitors": 6,
    }  # fmt: skip


def test_youtube_needs_the_days_that_were_chosen():
    path = FILES / "youtube_videos_en.csv"
    [fault] = planned(path, "yt-voorbeeld").faults
    assert "does not say which days it covers" in fault
    last = date(2026, 9, 30)
    made = planned(path, "yt-voorbeeld", observed_on=last, since=date(2026, 9, 1))
    assert of(made, "yt-voorbeeld", "abcdefghij1", last) == {
        "views": 1100, "minutes_watched": 435, "follower_change": -1, "impressions": 15000,
    }  # fmt: skip
    assert {(r.period, r.start_on) for r in made.readings} == {("range", date(2026, 9, 1))}
    assert "left out as a total: line 2" in made.decisions


def test_youtube_in_french_and_by_day():
    last = date(2026, 9, 30)
    made = planned(FILES / "youtube_videos_fr.csv", "yt-voorbeeld", observed_on=last)
    assert of(made, "yt-voorbeeld", "abcdefghij3", last) == {
        "views": 28000, "minutes_watched": 2670, "follower_change": 12, "impressions": 90531,
    }  # fmt: skip
    made = planned(FILES / "youtube_daily_nl.csv", "yt-voorbeeld")
    assert of(made, "yt-voorbeeld", "", date(2026, 9, 1)) == {
        "views": 1500, "minutes_watched": 735, "follower_change": 2, "impressions": 5000,
    }  # fmt: skip


def test_the_files_are_what_the_script_makes():
    made = {f"{name}.{kind}" for name in BOOKS for kind in ("xls", "xlsx")} | set(TEXTS)
    assert {path.name for path in FILES.iterdir()} == made
    for name, (encoding, lines) in TEXTS.items():
        assert (FILES / name).read_bytes() == text(encoding, lines)
    for name, sheets in BOOKS.items():
        [(_, committed)] = files.read(FILES / f"{name}.xlsx").ways
        path = FILES / f"{name}.xlsx"
        assert [s.name for s in committed] == list(sheets) and path.read_bytes()[:2] == b"PK"
        assert xlsx(sheets)[:2] == b"PK"


def test_every_format_has_a_file_and_uses_known_names():
    formats = {f.name for f in built_in()}
    seen = {u.table.format.name for path in FILES.iterdir() for u in planned(path).understood}
    assert seen == formats
    for one in built_in():
        for language in one.languages:
            assert language.evidence in ("recorded", "seen", "translated"), (
                one.name,
                language.code,
            )
            targets = {c.target for c in language.columns.values()}
            assert targets & {*METRICS, "titled"}


def test_an_ambiguous_fraction_follows_the_habit_of_its_language(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Datum;Weergaven;Kijktijd (uren)\n2026-09-01;5;1.234\n")
    made = planned(path, "yt-voorbeeld")
    assert of(made, "yt-voorbeeld", "", date(2026, 9, 1))["minutes_watched"] == 1234 * 60
    assert "numbers have a decimal comma: the habit of its language, none says otherwise" in (
        made.decisions
    )
    path.write_text("Date;Views;Watch time (hours)\n2026-09-01;5;1.234\n")
    made = planned(path, "yt-voorbeeld")
    assert of(made, "yt-voorbeeld", "", date(2026, 9, 1))["minutes_watched"] == Decimal("74.04")


@pytest.mark.parametrize("other", ["Iets anders", "Opmerkingen,Gevoelens"])
def test_the_reactions_trap_is_refused_when_the_other_headers_do_not_tell(tmp_path, other):
    header = TEXTS["meta_facebook_posts_nl.csv"][1][0].replace("Opmerkingen", other)
    path = tmp_path / "a.csv"
    path.write_text(header + "\n" + "x," * 16 + "1\n", encoding="utf-8")
    [fault] = planned(path).faults
    assert re.match(
        r"a\.csv:1, column 14 “Reacties”: it can mean reactions or comments, and the other", fault
    )
