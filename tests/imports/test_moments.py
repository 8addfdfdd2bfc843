"""When a file was exported and which days it covers: never a day that nobody said."""

import os
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.imports import loading, moments
from klankbord.imports.plans import Options
from tests.imports.conftest import FILES, NOW, TODAY, rows
from tests.imports.test_formats import of, planned

LAST = date(2026, 9, 30)


@pytest.mark.parametrize(
    ("names", "days"),
    [
        (("Content 2026-09-01_2026-09-30 Gent",), [date(2026, 9, 1), LAST]),
        (("Table data.csv", "2026-09-30"), [LAST]),
        (("september 20260901-20260930.csv", "2025-01-01"), [date(2026, 9, 1), LAST]),
        (("2026.09.30.csv",), [LAST]),
        (("2026-09-30 back to 2026-09-01.csv",), [date(2026, 9, 1), LAST]),
        (("2026-13-30 12026-09-30 2026-09-301.csv",), []),
        (("2026-09-01 2026-09-02 2026-09-03.csv",), []),  # nobody knows which two
        (("export_1759240800000.xls", ""), []),
    ],
)
def test_days_in_names(names, days):
    assert list(moments.named(*names)) == days


@given(st.text(max_size=60))
def test_any_name_has_two_days_or_less(name):
    assert len(moments.named(name)) <= 2


def tell(*days, is_open=False, stated=(None, None), saved=None, in_name=(), today=TODAY):
    return moments.tell(
        days, is_open=is_open, stated=stated, saved=saved, in_name=in_name, today=today
    )


def test_the_day_on_which_a_file_was_saved_comes_before_its_last_day():
    found = tell(date(2026, 3, 1), saved=date(2026, 9, 12))
    assert found.observed_on == date(2026, 9, 12)
    assert "exported on 2026-09-12, when it was saved" in found.decisions[0]
    # a copy of before the file's last day, or of tomorrow, says nothing
    for saved in (date(2026, 2, 28), date(2026, 10, 1), None):
        found = tell(date(2026, 3, 1), saved=saved)
        assert found.observed_on == date(2026, 3, 1)
        assert "exported on 2026-03-01, its last day" in found.decisions[0]
    found = tell(date(2026, 3, 1), saved=date(2026, 9, 12), stated=(date(2026, 4, 1), None))
    assert (found.observed_on, found.decisions) == (date(2026, 4, 1), ())


def test_a_period_stands_in_the_name_or_is_asked_for():
    with pytest.raises(moments.DaysError, match="does not say which days it covers"):
        tell(date(2026, 9, 3), is_open=True, saved=LAST)
    days = (date(2026, 9, 1), date(2026, 9, 20))
    found = tell(date(2026, 9, 3), is_open=True, in_name=days, saved=LAST)
    assert (found.since, found.until, found.observed_on) == (*days, LAST)
    assert "covers from 2026-09-01 to 2026-09-20" in found.decisions[0]
    found = tell(is_open=True, in_name=days[1:])
    assert (found.since, found.until, found.observed_on) == (None, days[1], days[1])
    for day in (date(2026, 9, 2), date(2026, 10, 1)):  # before a post of it; in the future
        with pytest.raises(moments.DaysError, match="correct the name"):
            tell(date(2026, 9, 3), is_open=True, in_name=(day,))
    # what the user says comes before the name
    found = tell(is_open=True, in_name=days, stated=(LAST, date(2026, 9, 10)))
    assert (found.since, found.until) == (date(2026, 9, 10), LAST)


def test_faults_of_what_was_said():
    with pytest.raises(moments.DaysError, match="lies outside 2026-09-03 to 2026-09-30"):
        tell(date(2026, 9, 3), stated=(date(2026, 9, 2), None))
    with pytest.raises(moments.DaysError, match="lies outside the past to 2026-09-30"):
        tell(stated=(date(2026, 10, 2), None))
    with pytest.raises(moments.DaysError, match="--since 2026-09-04 lies after"):
        tell(date(2026, 9, 3), stated=(None, date(2026, 9, 4)))
    with pytest.raises(moments.DaysError, match="no day stands in the file"):
        tell()


def test_the_chart_beside_the_table_is_figures_of_days():
    """It has the table's header and a date; read as a table its days would be one figure."""
    made = planned(FILES / "youtube_chart_en.csv", "yt-voorbeeld")
    assert {r.period for r in made.readings} == {"day"}
    assert of(made, "yt-voorbeeld", "abcdefghij1", date(2026, 9, 2)) == {"views": 5}
    assert of(made, "yt-voorbeeld", "abcdefghij1", date(2026, 9, 3)) == {"views": 5}


def saved(path, moment: str):
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    os.utime(path, (at, at))
    return path


def load(access, path, accounts=(), **options):
    request = loading.Request([path], accounts, Options(**options))
    plans = loading.preview(access, request, NOW)
    return plans[0], loading.load(access, plans, NOW)[0]


@pytest.mark.usefixtures("real_mtime")
def test_a_file_keeps_its_day_wherever_it_is_copied(imports, tmp_path):
    """Else a copy would be a second reading of every lifetime counter."""
    path = tmp_path / "a.csv"
    path.write_bytes((FILES / "meta_facebook_posts_nl.csv").read_bytes())
    # 22:30 UTC is the next day in Brussels
    made, _ = load(imports, saved(path, "2026-09-28T22:30"))
    assert made.observed_on == date(2026, 9, 29)
    before = rows(imports, "select * from raw.import_insights order by 1, 3, 4")
    made, done = load(imports, saved(path, "2026-09-30T10:00"))
    assert (done.new, done.changed, done.was_known) == (0, 0, True)
    assert "exported on 2026-09-29, as when it was loaded before" in made.decisions
    assert rows(imports, "select * from raw.import_insights order by 1, 3, 4") == before
    made, done = load(imports, path, observed_on=date(2026, 9, 29))
    with pytest.raises(loading.FileRefusedError, match="loaded as exported on 2026-09-29"):
        load(imports, path, observed_on=date(2026, 9, 30))


@pytest.mark.usefixtures("real_mtime")
def test_a_period_ends_when_its_name_says_and_not_when_it_was_saved(imports, tmp_path):
    path = tmp_path / "2026-09-01_2026-09-10.csv"
    path.write_bytes((FILES / "youtube_videos_en.csv").read_bytes())
    load(imports, saved(path, "2026-09-20T09:00"), ["yt-voorbeeld"])
    assert rows(
        imports, "select distinct start_on, end_on, observed_on from raw.import_insights"
    ) == [(date(2026, 9, 1), date(2026, 9, 10), date(2026, 9, 20))]


@pytest.mark.usefixtures("real_mtime")
def test_an_older_export_that_is_loaded_later_does_not_come_before(imports, tmp_path):
    """A file of old posts names old days only, however new its counters are."""
    both = (FILES / "meta_facebook_posts_nl.csv").read_text(encoding="utf-8-sig")
    first = tmp_path / "first.csv"
    first.write_text(both)
    load(imports, saved(first, "2026-09-28T09:00"))
    old_post = tmp_path / "later.csv"
    header, *post = both.splitlines()[:3]
    old_post.write_text("\n".join([header, *post]).replace("1.234", "1.500") + "\n")
    load(imports, saved(old_post, "2026-09-30T09:00"))
    assert rows(
        imports,
        "select observed_on, value from raw.import_insights where post_id = '5001_1001'"
        " and metric_name = 'views' order by observed_on",
    ) == [(date(2026, 9, 28), 1234), (date(2026, 9, 30), 1500)]


def test_the_same_content_under_two_names_at_once_is_one_file(imports, tmp_path):
    paths = [tmp_path / "2026-09-29.csv", tmp_path / "2026-09-30.csv"]
    for path in paths:
        path.write_bytes((FILES / "youtube_videos_en.csv").read_bytes())
    request = loading.Request(paths, ["yt-voorbeeld"])
    first, second = loading.load(imports, loading.preview(imports, request, NOW), NOW)
    assert (first.new, second.new, second.name) == (first.figures, 0, "2026-09-30.csv")
    ends = "select distinct end_on from raw.import_insights"
    assert rows(imports, ends) == [(date(2026, 9, 29),)]
