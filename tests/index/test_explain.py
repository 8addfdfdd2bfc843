"""`klankbord explain` of an index: it follows from what is listed; a wrong one betrays itself."""

import pytest
from psycopg2.extras import RealDictCursor
from rich.console import Console

from klankbord.explain import ExplainError, explaining, index, parse, tree
from tests.index.worlds import random_towns

TOWNS = random_towns(1, 60)


@pytest.fixture
def published(desk):
    desk.declare(TOWNS)
    desk.execute("create table published.rpt_index as table pg_temp.rpt_index")
    for name in ("fct_index_part", "fct_index_component", "fct_index_weighting", "dim_metric",
                 "dim_definition"):  # fmt: skip
        desk.execute(f"create table marts.{name} as table pg_temp.{name}")
    desk.execute("create table published.publication as select now() as published_at")
    return desk


def explained(desk, name: str, text: str = "M46:all:{}:2026-Q3") -> dict:
    with desk.connection.cursor(cursor_factory=RealDictCursor) as cursor:
        return explaining.told(cursor, parse(text.format(name)), index)


def branch(found: dict, title: str) -> list[dict]:
    return next(one["rows"] for one in found["branches"] if one["title"].startswith(title))


def told(desk) -> list[str]:
    query = "select organisation_id from published.rpt_index where value is not null order by 1"
    return [name for (name,) in desk.rows(query)]


def test_every_index_follows_from_its_components(published) -> None:
    names = told(published)
    assert len(names) > 10
    for name in names:
        found = explained(published, name)
        assert found["different"] == [], name
        assert len(branch(found, "Components")) == 5
        assert len(branch(found, "Under each weighting")) == 12
        assert found["recomputed"]["value"] == pytest.approx(found["said"]["value"])
        # each figure is named, so that it can be explained itself, down to the API's answers
        assert {parse(f["figure"]).subject for f in branch(found, "Figures")} == {name}
        unknown = {c["component"] for c in branch(found, "Components") if c["score"] is None}
        assert {sentence.partition(":")[0] for sentence in found["missing"]} == unknown


def test_it_can_be_read(published) -> None:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115,PTH123
    console.print(tree.render(explained(published, told(published)[0])))
    text = console.export_text()
    assert "a place among peers, and no judgement" in text
    assert "Recomputed from components" in text
    assert "M05:facebook:town-" in text


def test_who_has_none_hears_why_and_no_places(published) -> None:
    [(name, reason), *_] = published.rows(
        "select organisation_id, missing_reason from published.rpt_index where value is null"
    )
    found = explained(published, name)
    assert found["missing"] == [f"no index: {reason}"]
    assert found["branches"] == []
    tree.render(found)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update published.rpt_index set value = value * 1.001", "value is published as"),
        ("update published.rpt_index set rank_best = rank_best + 1", "the band is published as"),
        ("update marts.fct_index_component set score = score + 0.1", "the peers' means give"),
        ("update marts.fct_index_component set mean_percentile = mean_percentile + 0.1",
         "the mean of its places is"),
        ("update marts.fct_index_part set percentile = percentile + 0.1",
         "the peers' figures give"),
        ("delete from marts.fct_index_weighting", "no weighting of this index any more"),
    ],
)  # fmt: skip
def test_what_does_not_follow_is_said(published, statement, said) -> None:
    name = told(published)[0]
    published.execute(statement)
    assert any(said in sentence for sentence in explained(published, name)["different"])


def test_names_of_indexes(published) -> None:
    with pytest.raises(ExplainError, match="over all platforms: write it as M46:all:"):
        explained(published, "town-001", "M46:x:{}:2026-Q3")
    with pytest.raises(ExplainError, match="No index of town-001 in 2026-09 is published"):
        explained(published, "town-001", "M46:all:{}:2026-09")
