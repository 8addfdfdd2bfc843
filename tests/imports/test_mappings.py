"""A format that a user writes: the page's own example, and what a faulty one is told."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klankbord.errors import KlankbordError
from klankbord.imports import formats
from klankbord.imports.faults import MappingError
from klankbord.imports.metrics import METRICS
from klankbord.imports.owners import Owners
from klankbord.imports.plans import Options, Plan, plan
from tests.conftest import ROOT
from tests.imports.conftest import TODAY, known

PAGE = ROOT / "docs" / "imports.md"
START = "level: account\nperiod: day\n"
DAILY = START + "columns: {Dag: date, Bezoeken: web_sessions}\n"


def block(kind: str) -> str:
    """A fenced example of docs/imports.md."""
    found = re.search(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found, kind
    return found[1]


def loaded(tmp_path, mapping: str, content: str, *accounts: str, **options) -> Plan:
    (tmp_path / "own.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    own = formats.own(tmp_path / "own.yaml")
    made = Options(formats=(own, *formats.built_in()), **options)
    return plan(tmp_path / "a.csv", Owners(known(), accounts), made, TODAY)


def test_the_pages_example_works_and_is_ten_lines(tmp_path):
    mapping = block("yaml")
    assert len(mapping.strip().splitlines()) == 10
    made = loaded(tmp_path, mapping, block("csv"), "web-voorbeeld")
    assert made.faults == []
    assert {(r.metric_name, r.end_on, r.value) for r in made.readings} == {
        ("web_sessions", date(2026, 9, 1), Decimal(1204)),
        ("link_clicks", date(2026, 9, 1), Decimal(31)),
        ("web_sessions", date(2026, 9, 2), Decimal(980)),
    }
    assert {r.platform for r in made.readings} == {"website"}
    assert made.decisions[0] == "“Dag” is day/month: the mapping says so"


def test_the_page_names_every_format_role_and_metric():
    text = PAGE.read_text(encoding="utf-8")
    for name in [f.name for f in formats.built_in()] + list(formats.ROLES) + list(METRICS):
        assert f"`{name}`" in text, name
    for one in formats.built_in():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{one.name}`"))
        for language in one.languages:
            assert f"{language.code} ({language.evidence})" in row, (one.name, language.code)
            by_target = {c.target: c.header for c in language.columns.values()}
            wanted = [by_target[t] for t in one.recognised_by if t in by_target]
            if language is one.languages[0]:
                assert any(header in row for header in wanted)


def test_a_users_format_comes_before_the_built_in_ones(tmp_path):
    header = "Date,Impressions,Engagements,New follows\n2026-09-01,5,2,1\n"
    mapping = START + "platform: x\ncolumns: {Date: date, Impressions: views}\n"
    made = loaded(tmp_path, mapping, header, "x-voorbeeld")
    assert [(r.metric_name, r.value) for r in made.readings] == [("views", 5)]


def test_a_mapping_with_periods_factors_and_patterns(tmp_path):
    mapping = """
platform: linkedin
level: post
period: range
dates: dmy
columns:
  Van: first_day
  Tot: last_day
  Link: {as: post_id, pattern: 'id=(\\d+)'}
  Uren: {as: minutes_watched, multiply_by: 60}
  Wie: handle
"""
    content = "Van,Tot,Link,Uren,Wie\n01/09/2026,07/09/2026,a?id=77,1.5,@gemeente-voorbeeld\n"
    made = loaded(tmp_path, mapping, content)
    assert made.faults == []
    [one] = made.readings
    assert (one.account_id, one.post_id, one.value) == ("li-voorbeeld", "77", 90)
    assert (one.start_on, one.end_on) == (date(2026, 9, 1), date(2026, 9, 7))
    formula = mapping.replace(", pattern: 'id=(\\d+)'", "")
    [fault] = loaded(tmp_path, formula, content.replace("a?id=77", "=A1")).faults
    assert "there is no id of a post here" in fault
    made = loaded(tmp_path, mapping, content.replace("01/09", "08/09"))
    assert made.faults == ["a.csv:2: its first day is after its last: correct the row."]


def test_a_mapping_with_titles(tmp_path):
    mapping = START + "columns: {Dag: date, Aantal: titled}\ntitles: {Kliks: link_clicks}\n"
    made = loaded(tmp_path, mapping, "Kliks\nDag,Aantal\n2026-09-01,7\n", "web-voorbeeld")
    assert [(r.metric_name, r.value) for r in made.readings] == [("link_clicks", 7)]


def test_dates_without_an_order_are_asked_for_once(tmp_path):
    rows = "Dag,Bezoeken\n01/02/2026,1\n05/06/2026,1\n"
    made = loaded(tmp_path, DAILY, rows, "web-voorbeeld")
    [fault] = made.faults
    assert "'01/02/2026' may be day/month or month/day: say `dates: dmy` or" in fault


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ("- a\n- b\n", "own.yaml: it is no mapping file"),
        ("a: [\n", "own.yaml:2: it is no YAML"),
        (DAILY + "colums: {}\n", "unknown key colums: use columns, "),
        (DAILY.replace("day\n", "week\n", 1), "`period` is 'week': use day, lifetime and range"),
        (DAILY.replace("account\n", "page\n"), "`level` is 'page': use account and post"),
        (DAILY + "platform: myspace\n", "platform 'myspace' is unknown: use facebook, "),
        (DAILY + "dates: ymd\n", "`dates` is 'ymd': use dmy and mdy"),
        (DAILY + "decimals: ';'\n", "`decimals` is ';': use comma and point"),
        (START, "`columns` says what each header means"),
        (START + "columns: {Dag: date}\n", "its columns lack a metric"),
        (START + "columns: {Bezoeken: web_sessions}\n", "its columns lack `date`"),
        (DAILY.replace("account\n", "post\n"), "its columns lack `post_id`"),
        (DAILY + "recognised_by: [reach]\n", "its columns lack reach"),
        (START + "columns: {Dag: {as: date, x: 1}}\n", "unknown key of column 'Dag' x"),
        (START + "columns: {Dag: {as: reach, divide_by: 0}}\n", "are numbers over zero"),
        (START + "columns: {Dag: {as: date, pattern: '('}}\n", "`pattern` is a regular expression"),
        (START + "columns: {Dag: {one_of: 3}}\n", "another kind of thing than in docs/imports.md"),
        (DAILY + "languages: {nl: 3}\n", "`languages` names languages"),
        (DAILY + "titles: {Bereik: reach of myspace}\n", "'Bereik' is of no platform 'myspace'"),
    ],
)
def test_a_faulty_mapping_is_told_which_key(tmp_path, mapping, sentence):
    (tmp_path / "own.yaml").write_text(mapping, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        formats.own(tmp_path / "own.yaml")
    assert sentence in str(caught.value) and str(caught.value).startswith("own.yaml")


def test_a_mapping_that_is_no_text(tmp_path):
    (tmp_path / "own.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MappingError, match="it is no text in UTF-8"):
        formats.own(tmp_path / "own.yaml")


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(sorted(formats._KEYS)), YAML), st.booleans())
def test_any_mapping_is_a_format_or_a_named_refusal(tmp_path_factory, said, valid_start):
    import yaml

    path = tmp_path_factory.getbasetemp() / "wild.yaml"
    base = yaml.safe_load(DAILY) if valid_start else {}
    path.write_text(yaml.safe_dump({**base, **said}), encoding="utf-8")
    try:
        assert formats.own(path).languages
    except KlankbordError as error:
        assert str(error).startswith("wild.yaml")


def test_names_and_bases_are_those_of_the_platforms_insights():
    """A file's reach and the API's are one figure: their names and what they count agree."""
    import csv

    seed = ROOT / "dbt_project" / "seeds" / "platform_metrics.csv"
    with seed.open(encoding="utf-8") as file:
        bases = {r["canonical_name"]: r["metric_basis"] for r in csv.DictReader(file)}
    assert {name for name in METRICS if name in bases} >= {"reach", "views", "impressions", "likes"}
    for name, metric in METRICS.items():
        assert bases.get(name, metric.basis) == metric.basis, name
    # what only files have; a name that the seed gives to the same thing must not stand here
    assert {name for name in METRICS if name not in bases} <= {
        "followers", "follower_change", "lost_followers", "media_views", "profile_visitors",
        "reactions", "saves", "video_views", "web_sessions",
    }  # fmt: skip
