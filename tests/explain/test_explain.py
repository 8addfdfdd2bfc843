"""A real house: sandbox, scan, build. Each published figure follows from what `explain` lists, a
wrong one betrays itself; and its edition, rebuilt after more was read, is the same bytes."""

import json
from collections.abc import Iterator
from datetime import datetime

import pytest
from rich.console import Console

from klankbord import database, settings, warehouse
from klankbord.database.cluster import ADMIN
from klankbord.editions import freezing, rebuilding
from klankbord.explain import ExplainError, FigureId, explain, parse, tree
from klankbord.publish import swap
from tests.databases import new_warehouse
from tests.pipeline.house import House, open_house
from tests.pipeline.registers import some_bodies

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
FIRST = datetime.fromisoformat("2026-09-14T20:00:00+00:00")
SCAN = datetime.fromisoformat("2026-10-09T20:00:00+00:00")
LATER = datetime.fromisoformat("2026-10-12T20:00:00+00:00")


@pytest.fixture(scope="module")
def house(postgres: database.Access) -> Iterator[House]:
    with (
        new_warehouse(postgres) as access,
        open_house(access, only=some_bodies(6), now=FIRST) as opened,
    ):
        # followers of September, then its posts and questions when their windows have closed
        opened.scan("facebook")
        opened.at(SCAN)
        opened.scan("facebook")
        warehouse.run(access, ["seed"])
        warehouse.run(access, ["run"])
        swap.publish(access, settings.now())
        assert freezing.make(access, "2026-Q3", settings.now()).is_new
        yield opened


def figures(house: House, table: str, subject: str, where: str) -> list[FigureId]:
    rows = house.rows(
        f"select metric_id, platform, {subject}, period, definition_id from published.{table}"
        f" where platform = 'facebook' and {where} order by 1, 3, 4, 5",
        role="klankbord_reader",
    )
    return [FigureId(*row) for row in rows]


def test_every_figure_of_some_bodies_follows_from_its_parts(house: House) -> None:
    wanted = figures(
        house, "rpt_organisation_metric", "organisation_id",
        "period in ('2026-09', '2026-Q3') and organisation_id in (select organisation_id from"
        " published.rpt_organisation_metric where metric_id = 'M26' and n_cases > 0"
        " and platform = 'facebook' order by organisation_id limit 6)",
    )  # fmt: skip
    found = {one: explain(house.access, one) for one in wanted}
    assert {str(one): f["different"] for one, f in found.items() if f["different"]} == {}
    computed = {
        one.metric_id
        for one, f in found.items()
        if f["recomputed_from"] in ("posts", "questions", "readings")
        and f["said"]["value"] is not None
    }
    assert computed >= {"M02", "M03", "M04", "M05", "M11", "M15", "M18a", "M21", "M22", "M26",
                        "M29", "M29k", "M30", "M31", "M33", "M33m"}  # fmt: skip


def test_every_group_figure_follows_from_its_members(house: House) -> None:
    wanted = figures(
        house, "rpt_group_metric", "group_id",
        "period = '2026-Q3' and (missing_reason is null or group_id = 'be-municipality')",
    )  # fmt: skip
    found = {one: explain(house.access, one) for one in wanted}
    shown = {one: f for one, f in found.items() if not f["is_suppressed"]}
    assert len(shown) > 20
    assert {str(one): f["different"] for one, f in shown.items() if f["different"]} == {}


QUARTER = "to_char(period_start, 'YYYY\"-Q\"Q')"
#: kind -> the names of its figures in what this house published
NAMES = {
    "phase of a body": f"select 'M47:all:' || organisation_id || ':' || {QUARTER}"
    " from published.rpt_maturity_organisation",
    "phases of a group": f"select distinct 'M47:all:' || group_id || ':' || {QUARTER}"
    " from published.rpt_maturity where missing_reason is null",
    "bands": "select distinct 'M32:' || platform || ':' || coalesce(organisation_id, group_id)"
    " || ':' || period from published.rpt_response_time",
    "share": "select 'M40:' || platform || ':' || organisation_id || ':' || period"
    " from published.rpt_post_share where missing_reason is distinct from 'suppressed'",
    "peers": "select metric_id || ':' || platform || ':' || group_id || ':' || period"
    " from published.rpt_peer_metric where missing_reason is null",
}


@pytest.mark.parametrize("kind", NAMES)
def test_figures_of_other_kinds_follow_from_their_parts(house: House, kind: str) -> None:
    names = [name for (name,) in house.rows(f"{NAMES[kind]} order by 1", role="klankbord_reader")]
    assert names, f"this house has no {kind}"
    names = names[:: len(names) // 40 + 1]
    frozen = [f"2026-Q3.1/{name}" for name in names if name.endswith(("2026-Q3", "2026-09"))]
    # sets of peers are told of the latest periods alone, and those are not frozen yet
    assert frozen or kind == "peers"
    found = {name: explain(house.access, parse(name)) for name in (*names, *frozen)}
    assert {name: f["different"] for name, f in found.items() if f["different"]} == {}
    assert any(f["recomputed"]["value"] is not None for f in found.values())
    console = Console(width=200, file=open("/dev/null", "w"))  # noqa: SIM115,PTH123
    for one in found.values():
        console.print(tree.render(one))


WRONG = {
    "phase of a body": ("rpt_maturity_organisation", "phase_at_least = phase_at_least + 1"),
    "phases of a group": ("rpt_maturity", "share = share * 0.9 + 0.01"),
    "bands": ("rpt_response_time", "questions = questions + 1"),
    "share": ("rpt_post_share", "value = value * 1.01, numerator = numerator + 1"),
    "peers": ("rpt_peer_metric", "median = median * 1.01 + 0.01"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_one_of_another_kind_betrays_itself(house: House, kind: str) -> None:
    table, change = WRONG[kind]
    query = f"{NAMES[kind]} order by 1 limit 3"
    names = [name for (name,) in house.rows(query, role="klankbord_reader")]
    with house.access.connect(ADMIN) as connection, connection.cursor() as cursor:
        cursor.execute(f"update published.{table} set {change}")
    try:
        for name in names:
            assert explain(house.access, parse(name))["different"], name
    finally:
        with house.access.connect(ADMIN) as connection, connection.cursor() as cursor:
            cursor.execute(f"delete from published.{table}")
            cursor.execute(f"insert into published.{table} select * from reporting.{table}")


def test_an_answer_is_traced_to_its_request_and_no_citizen_is_in_it(house: House) -> None:
    [one] = figures(
        house, "rpt_organisation_metric", "organisation_id",
        "metric_id = 'M26' and definition_id = 'klankbord' and period = '2026-09' and"
        " n_cases = (select max(n_cases) from published.rpt_organisation_metric where"
        " metric_id = 'M26' and definition_id = 'klankbord' and period = '2026-09')",
    )[:1]  # fmt: skip
    found = explain(house.access, one)
    raw = found["raw"]
    assert {row["table_name"] for row in raw} == {"raw.facebook_messages"}
    assert all(row["run_id"] and row["request_count"] and row["extraction_id"] for row in raw)
    assert sum(row["questions"] for row in found["parts"]["rows"]) == found["parts"]["count"] > 0
    text = json.dumps(found, default=str)
    ids = house.rows(
        "select item_id, payload -> 'klankbord' ->> 'author' from raw.facebook_messages"
        " where account_id = %s", found["account"]["account_id"],
    )  # fmt: skip
    assert len(ids) > 3
    assert not any(item in text or author in text for item, author in ids if author != "own")
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115,PTH123
    console.print(tree.render(found))
    shown = console.export_text()
    assert "Recomputed from questions" in shown
    assert "raw.facebook_messages" in shown


def test_a_wrong_figure_betrays_itself(house: House) -> None:
    body = figures(
        house,
        "rpt_organisation_metric",
        "organisation_id",
        "metric_id = 'M05' and value > 0 and period = '2026-09'",
    )[0]
    group = FigureId("M05", "facebook", "be-municipality", "2026-09")
    if explain(house.access, group)["is_suppressed"]:
        group = figures(
            house,
            "rpt_group_metric",
            "group_id",
            "missing_reason is null and metric_id <> 'M01' and period = '2026-Q3'",
        )[0]
    assert explain(house.access, group)["different"] == []
    with house.access.connect(ADMIN) as connection, connection.cursor() as cursor:
        for table in ("rpt_group_metric", "rpt_organisation_metric"):
            cursor.execute(f"update published.{table} set value = value * 1.001")
    try:
        for one in (body, group):
            [said] = explain(house.access, one)["different"]
            assert said.startswith("value is published as")
        # the edition does not know of it
        assert explain(house.access, parse(f"2026-Q3.1/{body}"))["different"] == []
        assert explain(house.access, parse(f"2026-Q3.1/{group}"))["different"] == []
    finally:
        with house.access.connect(ADMIN) as connection, connection.cursor() as cursor:
            for table in ("rpt_group_metric", "rpt_organisation_metric"):
                cursor.execute(f"delete from published.{table}")
                cursor.execute(f"insert into published.{table} select * from reporting.{table}")


def test_a_suppressed_figure_is_not_taken_apart(house: House) -> None:
    one = figures(house, "rpt_group_metric", "group_id", "missing_reason = 'suppressed'")[0]
    found = explain(house.access, one)
    assert found["is_suppressed"]
    assert found.keys() & {"members", "recomputed", "raw", "parts", "different", "missing"} == set()


def test_what_is_not_published_says_what_is(house: House) -> None:
    with pytest.raises(ExplainError, match="No period 2024-09 is published of be-municipality"):
        explain(house.access, parse("M05:facebook:be-municipality:2024-09"))
    with pytest.raises(ExplainError, match="no group or organisation"):
        explain(house.access, parse("M05:facebook:be-nothing:2026-09"))


def test_an_edition_is_rebuilt_from_raw_after_more_was_read(house: House) -> None:
    house.at(LATER)
    try:
        house.scan("facebook")
        done = rebuilding.rebuild(house.access, "2026-Q3.1")
        assert done.different == []
        assert {"group_metric", "organisation_metric", "contribution"} <= set(done.same)
        # a colleague may have saved a model meanwhile
        assert [said for said in done.remarks if not said.startswith("Made with code")] == []
        with house.access.connect(ADMIN) as connection, connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_database where datname like %s",
                [f"{house.access.dbname}_rebuild%"],
            )
            assert cursor.fetchone() == (0,)
    finally:
        house.at(SCAN)
