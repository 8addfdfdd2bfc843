"""Making, revising, exporting: what is frozen stays as it is, and what moved is told."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from klankbord.editions import (
    canonical,
    changes,
    export,
    freezing,
    revising,
    store,
    verifying,
    workflow,
)
from klankbord.editions.contents import BY_NAME, LEFT_OUT, PARTS
from klankbord.editions.model import ROLE, EditionError
from klankbord.editions.silences import Silence
from tests.editions.desk import BODIES, CLOSED, START, Desk, contract

DAY = timedelta(days=1)


def make(desk: Desk, days: int = 1) -> freezing.Made:
    return freezing.make(desk.access, "2026-Q3", CLOSED + days * DAY)


def change(desk: Desk, **moved) -> Desk:
    changed = replace(desk, **moved, published_at=desk.published_at + DAY)
    changed.publish()
    return changed


def publish(desk: Desk, edition_id: str, days: int = 2) -> None:
    workflow.advance(desk.access, edition_id, "public", CLOSED + days * DAY, known=[])


def log(desk: Desk, edition_id: str, audience: str = "house") -> list[store.Change]:
    with desk.access.connect(ROLE) as connection, connection.cursor() as cursor:
        return list(store.changes(cursor, edition_id, audience))


def test_every_published_table_is_somebodys() -> None:
    published = set(contract("reporting"))
    assert {part.source for part in PARTS} | LEFT_OUT == published | {"publication"}
    assert len(BY_NAME) == len(PARTS)


def test_the_public_sees_of_single_bodies_what_the_register_says() -> None:
    for part in PARTS:
        columns = {name for name, _ in contract("reporting")[part.source]} - set(part.without)
        columns = set(part.only) or columns
        assert set(part.key) <= columns, part.name
        if part.audience == "public" and "organisation_id" in columns:
            assert part.name in (
                "organisation", "organisation_presence", "group_response_time",
                "group_response_curve",
            )  # fmt: skip
            assert "position" not in columns
            assert part.name == "organisation" or (
                "is_public" in part.where or "organisation_id is null" in part.where
            )


def test_an_edition_freezes_what_is_published_and_a_second_one_is_not_made_of_the_same(desk):
    made = make(desk)
    assert (made.edition.edition_id, made.is_new, made.edition.state) == (
        "2026-Q3.1", True, "provisional",
    )  # fmt: skip
    assert made.edition.known_at == CLOSED
    assert made.edition.is_synthetic
    again = make(desk, 5)
    assert (again.edition.edition_id, again.is_new) == ("2026-Q3.1", False)
    assert desk.rows("select count(*) from editions.editions") == [(1,)]
    with pytest.raises(EditionError, match="No figure of 2026-Q2 is published: there is 2026-Q3"):
        freezing.make(desk.access, "2026-Q2", CLOSED)
    assert verifying.faults(desk.access) == []


def test_a_build_that_is_not_published_makes_no_edition(desk) -> None:
    desk.admin("update published.rpt_group_metric set value = value + 1")
    with pytest.raises(EditionError, match="rpt_group_metric was built anew and not published"):
        make(desk)


def test_two_rows_of_one_key_make_no_edition(desk) -> None:
    desk.extra["published.rpt_group_metric"] = [desk._group() | {"value": 1.0}]
    desk.publish()
    with pytest.raises(
        EditionError, match="1 rows of the edition's table group_metric share group"
    ):
        make(desk)


def test_a_table_of_which_nobody_said_whose_it_is_makes_no_edition(desk) -> None:
    desk.admin("create table published.rpt_new (a text)")
    desk.admin("grant select on published.rpt_new to klankbord_publisher")
    try:
        with pytest.raises(EditionError, match="rpt_new is published and stands in no edition"):
            make(desk)
    finally:
        desk.admin("drop table published.rpt_new")


def test_an_export_is_the_same_bytes_whatever_happens_later(desk, tmp_path) -> None:
    make(desk)
    publish(desk, "2026-Q3.1")
    names = export.export(desk.access, "2026-Q3.1", tmp_path / "a", "public")
    first = {name: (tmp_path / "a" / name).read_bytes() for name in names}
    moved = change(desk, values=desk.values | {body: 99.0 for body in BODIES[:8]})
    make(moved, 3)
    export.export(desk.access, "2026-Q3.1", tmp_path / "b", "public")
    assert {p.name: p.read_bytes() for p in (tmp_path / "b").iterdir()} == first
    assert verifying.against(desk.access, "2026-Q3.1", tmp_path / "a", "public") == []
    group = first["group_metric.csv"].decode().splitlines()
    assert len(group) == 2
    assert "be-municipality" in group[1]
    package = json.loads(first["datapackage.json"])
    resources = {r["name"]: r for r in package["resources"]}
    assert {f"{name}.csv" for name in resources} | {"datapackage.json", "changes.csv"} == set(names)
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["is_synthetic"] is True
    [metric] = package["metrics"]
    assert metric["metric_id"] == "M05"
    assert set(metric["name"]) == {"nl", "fr", "en", "de"}
    fields = resources["group_metric"]["schema"]["fields"]
    assert [f["name"] for f in fields] == group[0].split(",")
    assert all("description" in field for field in fields)
    assert package["methodology"]["definitions"]["M26"]


def test_an_export_names_who_may_not_see_it_and_what_lies_in_its_way(desk, tmp_path) -> None:
    make(desk)
    for audience in ("public", "members"):
        with pytest.raises(EditionError, match=f"is provisional: {audience} may not see it yet"):
            export.export(desk.access, "2026-Q3.1", tmp_path, audience)
    export.export(desk.access, "2026-Q3.1", tmp_path / "house", "house")
    (tmp_path / "notes.txt").write_text("mine")
    publish(desk, "2026-Q3.1")
    with pytest.raises(EditionError, match=r"holds house, which is no file of 2026-Q3\.1"):
        export.export(desk.access, "2026-Q3.1", tmp_path, "public")
    assert not (tmp_path / "group_metric.csv").exists()


def test_what_only_an_owner_sees_is_in_nobodys_files(desk, tmp_path) -> None:
    row = next(iter(desk._bodies()))
    owner = row | {"metric_id": "M37", "access_tier": "T3", "value": 424242.0}
    talk = row | {"metric_id": "M26", "access_tier": "T2", "value": 313131.0}
    here = row | {"metric_id": "M01", "access_tier": "T0", "value": 1.0}
    desk.extra["published.rpt_organisation_metric"] = [owner, talk, here]
    desk.publish()
    make(desk)
    publish(desk, "2026-Q3.1")
    seen = {}
    for audience in ("public", "members", "house"):
        export.export(desk.access, "2026-Q3.1", tmp_path / audience, audience)
        seen[audience] = b"".join(p.read_bytes() for p in (tmp_path / audience).iterdir())
    assert [audience for audience in seen if b"424242" in seen[audience]] == ["house"]
    assert [audience for audience in seen if b"313131" in seen[audience]] == ["members", "house"]
    presence = (tmp_path / "public" / "organisation_presence.csv").read_text().splitlines()
    assert len(presence) == 2
    assert "M01" in presence[1]
    assert "position" not in presence[0]


def test_what_is_told_of_a_group_is_rounded_and_of_a_body_it_is_not(desk) -> None:
    exact = {"metric_id": "M15", "value": 10.123456789, "median": 10.123456789, "q1": 0.0412345}
    desk.extra["published.rpt_group_metric"] = [desk._group() | exact]
    desk.publish()
    make(desk)
    with desk.access.connect(ROLE) as connection, connection.cursor() as cursor:
        tables = {table.table_name: table for table in store.whole(cursor, "2026-Q3.1")}
        told = {
            row["metric_id"]: (row["value"], row["median"], row["q1"], row["mean"])
            for table in [tables["group_metric"]]
            for row in canonical.rows(table.header, table.lines)
        }
        bodies = tables["organisation_metric"]
        values = {float(row["value"]) for row in canonical.rows(bodies.header, bodies.lines)}
    assert told == {"M05": ("11.833", "", "", "11.833"), "M15": ("10.1", "10.1", "0.0", "11.833")}
    assert values == set(desk.values.values())


def moved(desk: Desk, **values) -> set[tuple[str, str]]:
    """The tables and causes of the log when this moves."""
    make(desk)
    change(desk, **values)
    made = make(replace(desk), 2)
    assert made.edition.previous_id == "2026-Q3.1"
    return {(c.table_name, c.cause) for c in log(desk, "2026-Q3.2")}


def test_late_data(desk) -> None:
    changed = replace(desk, status="provisional")
    changed.publish()
    causes = moved(changed, values=desk.values | {BODIES[0]: 11.5}, status="final")
    assert causes == {("group_metric", "late data"), ("organisation_metric", "late data")}


def test_what_has_no_status_is_as_final_as_its_edition() -> None:
    old, new = {"group_id": "g", "share": "0.1"}, {"group_id": "g", "share": "0.2"}
    assert changes.explained(old, new, changes.Known(was_open=True))[0] == "late data"
    assert changes.explained(old, new, changes.Known())[0] == "correction"
    more = {"group_id": "g", "share": "0.2", "questions": "9"}
    assert changes.explained(old | {"questions": "8"}, more, changes.Known())[0] == "late data"


def test_a_correction(desk) -> None:
    causes = moved(desk, values=desk.values | {BODIES[0]: 11.5})
    assert causes == {("group_metric", "correction"), ("organisation_metric", "correction")}
    [change] = log(desk, "2026-Q3.2", "public")
    old, new = json.loads(change.old), json.loads(change.new)
    assert old.keys() == new.keys() == {"value", "mean"}
    assert float(new["value"]) - float(old["value"]) == pytest.approx(1.5 / 12)


def test_composition_and_suppression(desk) -> None:
    assert ("group_metric", "composition") in moved(desk, n_members=13)


def test_what_is_hidden_now_says_so(desk) -> None:
    assert moved(desk, hidden=["be-municipality"]) == {("group_metric", "suppression")}


def test_with_other_columns_every_row_is_compared_by_its_names() -> None:
    def table(header: str, *lines: str) -> store.Table:
        names = "organisation_id,platform,period"
        return store.Table("post_share", "members", f"{names},{header}", "", 0, header, lines)

    before = table("posts,share", "a,x,Q3,1,2", "b,x,Q3,1,2")
    after = table("share,posts", "a,x,Q3,1,2", "b,x,Q3,2,1")
    [change] = changes.moved([before], [after], changes.Known())
    assert json.loads(change.key)["organisation_id"] == "a"
    assert json.loads(change.new) == {"posts": "2", "share": "1"}


def test_a_merger(desk) -> None:
    make(desk)
    desk.admin(
        "insert into register.organisations (organisation_id, country, organisation_type, name_nl,"
        " official_code, basis, source, source_file, source_line, recorded_at) values"
        " (%s, 'BE', 'municipality', 'A', '11001', 'b', 's', 'f', 1, now())",
        BODIES[0],
    )
    desk.admin(
        "insert into register.mergers (effective_date, predecessor_id, successor_id, source,"
        " source_file, source_line, recorded_at) values ('2026-08-01', %s, %s, 's', 'f', 1, %s)",
        BODIES[1], BODIES[0], CLOSED + DAY / 2,
    )  # fmt: skip
    values = {body: value for body, value in desk.values.items() if body != BODIES[1]}
    change(desk, values=values, n_members=11)
    make(desk, 2)
    causes = {(c.table_name, c.cause) for c in log(desk, "2026-Q3.2")}
    assert causes == {("group_metric", "merger"), ("organisation_metric", "merger"),
                      ("organisation", "merger")}  # fmt: skip


def test_a_definition(desk) -> None:
    causes = moved(desk, version="2", values=desk.values | {BODIES[0]: 11.5})
    assert {cause for _, cause in causes} == {"definition"}
    assert {table for table, _ in causes} == {"definition", "group_metric", "organisation_metric"}


def test_what_one_body_changed_is_not_told_by_two_public_editions(desk) -> None:
    make(desk)
    publish(desk, "2026-Q3.1")
    before = desk.rows("select content from editions.rows where table_name = 'group_metric'")
    change(desk, values=desk.values | {BODIES[0]: 12.5})
    made = make(desk, 3)
    assert made.held_back == 1
    after = desk.rows(
        "select content from editions.rows where table_name = 'group_metric'"
        " and edition_id = '2026-Q3.2'"
    )
    assert after == before
    [told] = log(desk, "2026-Q3.2", "public")
    assert (told.cause, json.loads(told.key)["family"]) == ("suppression", "M05")
    assert "repeat 2026-Q3.1" in told.note
    publish(desk, "2026-Q3.2", 4)
    # many more changed: against what is public that is a revision like any other
    values = {body: value + 1 + n for n, (body, value) in enumerate(desk.values.items())}
    third = replace(desk, values=values, published_at=CLOSED + 5 * DAY)
    third.publish()
    made = make(desk, 6)
    assert (made.edition.edition_id, made.held_back) == ("2026-Q3.3", 0)
    assert ("group_metric", "correction") in {
        (c.table_name, c.cause) for c in log(desk, "2026-Q3.3", "public")
    }
    assert verifying.faults(desk.access) == []


WEST, SMALL = "be-municipality/province-30000", "be-municipality/size-under_20k"


def place(group_id: str, **more) -> dict:
    """A median that the first body alone has."""
    return {
        "group_id": group_id, "platform": "facebook", "metric_id": "M05",
        "definition_id": "klankbord", "period_kind": "quarter", "period_start": START,
        "quarter_start": START, "unit": "per 100", "part": "middle", "figure": 10.0,
        "below": 10.0, "above": 10.0, "below_bodies": [BODIES[0]], "above_bodies": [BODIES[0]],
    } | more  # fmt: skip


def members(group_id: str, kind: str, bodies: list[str]) -> list[dict]:
    return [
        {"group_id": group_id, "group_kind": kind, "organisation_id": body,
         "as_of_on": date(2026, 9, 30)}
        for body in bodies
    ]  # fmt: skip


def test_a_figure_that_was_told_of_one_group_is_not_told_of_another(desk) -> None:
    """The first body is the only one in both. The block was told before: it is repeated; that of
    another metric was not: it is left out."""
    of_groups = {
        "intermediate.int_group_members": members(WEST, "province", BODIES[:6])
        + members(SMALL, "size_class", [BODIES[0], *BODIES[6:]])
    }
    change(desk, extra={**of_groups, "marts.fct_rare_place": [place(WEST)]})
    make(desk)
    publish(desk, "2026-Q3.1")
    before = desk.rows("select content from editions.rows where table_name = 'group_metric'")
    other = {"metric_id": "M26", "value": 5.0, "mean": 5.0}
    later = {
        **of_groups,
        "marts.fct_rare_place": [place(SMALL), place(SMALL, metric_id="M26")],
        "published.rpt_group_metric": [desk._group() | other],
        "marts.fct_contribution": [
            row | {"family": "M26", "metric_id": "M26"} for row in desk._contributions()
        ],
    }
    # all others changed, so that nothing else speaks against it
    values = {b: v + (1 + n / 10 if n else 0) for n, (b, v) in enumerate(desk.values.items())}
    change(desk, values=values, extra=later)
    assert make(desk, 3).held_back == 2
    after = desk.rows(
        "select content from editions.rows where table_name = 'group_metric'"
        " and edition_id = '2026-Q3.2'"
    )
    assert after == before
    notes = {
        json.loads(c.key)["family"]: c.note
        for c in log(desk, "2026-Q3.2", "public")
        if c.cause == "suppression" and "another group" in c.note
    }
    assert "repeat 2026-Q3.1" in notes["M05"]
    assert "are left out" in notes["M26"]
    # where it is told of nobody else, nothing is held back
    change(desk, values=values, extra={**later, "marts.fct_rare_place": []})
    assert make(desk, 4).held_back == 0


def test_the_log_is_a_page_and_a_table(desk) -> None:
    make(desk)
    change(desk, values=desk.values | {BODIES[0]: 11.5})
    made = make(desk, 2)
    told = log(desk, "2026-Q3.2", "public")
    page = revising.as_markdown(made.edition, told)
    assert page.startswith("## 2026-Q3.2\n\nData of 2026-10-09 20:00 UTC, frozen 2026-10-10")
    assert "1 rows moved since 2026-Q3.1: 1 correction." in page
    assert "| klankbord, be-municipality, M05, 2026-Q3, facebook | mean 11.83" in page
    lines = b"".join(revising.as_csv(told)).decode().splitlines()
    assert lines[0] == "table,key,old,new,cause,note"
    assert len(lines) == 2


SILENCE = Silence("BE", "", CLOSED.date(), CLOSED.date(), (CLOSED + 9 * DAY).date(), "Vote", "law")


def test_states_go_forward_and_wait_for_windows_embargo_and_elections(desk) -> None:
    early = replace(desk, published_at=CLOSED - DAY)
    early.publish()
    make(early)
    with pytest.raises(EditionError, match="last windows of 2026-Q3 close on 2026-10-08"):
        publish(desk, "2026-Q3.1")
    change(desk, values=desk.values | {BODIES[0]: 11.5})
    make(desk, 2)
    with pytest.raises(EditionError, match="is no state to go to"):
        workflow.advance(desk.access, "2026-Q3.2", "provisional", CLOSED)
    workflow.advance(desk.access, "2026-Q3.2", "embargo", CLOSED + 2 * DAY, embargo_days=3)
    with pytest.raises(EditionError, match="is embargo already: an edition never goes back"):
        workflow.advance(desk.access, "2026-Q3.2", "embargo", CLOSED + 3 * DAY)
    with pytest.raises(EditionError, match="embargo until 2026-10-13 20:00 UTC"):
        publish(desk, "2026-Q3.2", 4)

    def advance(days: float, reason: str = "") -> workflow.Advanced:
        return workflow.advance(
            desk.access, "2026-Q3.2", "public", CLOSED + days * DAY, despite_silence=reason,
            known=[SILENCE],
        )  # fmt: skip

    with pytest.raises(EditionError, match=r"election silence \(Vote \(BE\).*until 2026-10-18"):
        advance(5)
    with pytest.raises(EditionError, match="election silence"):
        advance(9, "  ")
    done = advance(9, "asked for by parliament")
    assert done.edition.despite_silence == "asked for by parliament"
    assert "asked for by parliament" in revising.as_markdown(done.edition, [])
    with pytest.raises(EditionError, match="is public already: an edition never goes back"):
        workflow.advance(desk.access, "2026-Q3.2", "embargo", CLOSED + 30 * DAY)
    assert verifying.faults(desk.access) == []


def test_the_day_after_the_last_day_of_a_silence_is_free(desk) -> None:
    make(desk)
    done = workflow.advance(desk.access, "2026-Q3.1", "public", CLOSED + 10 * DAY, known=[SILENCE])
    assert (done.edition.state, done.edition.despite_silence) == ("public", None)


def test_a_revision_made_before_another_became_public_is_too_old(desk) -> None:
    make(desk)
    change(desk, values=desk.values | {BODIES[0]: 11.5})
    make(desk, 2)
    publish(desk, "2026-Q3.1", 3)
    with pytest.raises(EditionError, match=r"became public after 2026-Q3\.2 was made"):
        publish(desk, "2026-Q3.2", 4)


def test_an_older_edition_does_not_follow_a_newer_one(desk) -> None:
    make(desk)
    change(desk, values=desk.values | {BODIES[0]: 11.5})
    make(desk, 2)
    publish(desk, "2026-Q3.2", 3)
    with pytest.raises(EditionError, match=r"2026-Q3\.2 is public: an older edition"):
        publish(desk, "2026-Q3.1", 4)
