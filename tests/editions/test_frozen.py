"""Nobody changes an edition: roles may not, and who may all the same is found out."""

import psycopg2
import pytest

from klankbord.editions import export, freezing, verifying, workflow
from tests.editions.desk import CLOSED, Desk

TABLES = ("editions", "tables", "rows", "documents", "changes", "ledger")


def frozen(desk: Desk) -> None:
    freezing.make(desk.access, "2026-Q3", CLOSED)
    desk.values = {body: value + 1 for body, value in desk.values.items()}
    desk.publish()
    freezing.make(desk.access, "2026-Q3", CLOSED)
    assert verifying.faults(desk.access) == []


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["klankbord_publisher", "klankbord_loader",
                                  "klankbord_transformer", "klankbord_member",
                                  "klankbord_reader"])  # fmt: skip
def test_no_role_changes_or_removes(desk: Desk, role: str, table: str) -> None:
    frozen(desk)
    for statement in (
        f"update editions.{table} set edition_id = edition_id",
        f"delete from editions.{table}",
        f"truncate editions.{table} cascade",
    ):
        with (
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
            desk.access.connect(role) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


ROW = "where edition_id = '2026-Q3.1' and table_name = 'group_metric'"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            f"update editions.rows set content = replace(content, '12', '13') {ROW}",
            "2026-Q3.1, group_metric: row 1 (line 2 of the file) was changed.",
        ),
        (
            "update editions.rows set content = content || ' ', sha256 ="
            f" encode(sha256(convert_to(content || ' ', 'UTF8')), 'hex') {ROW}",
            "group_metric: the file is not the one that was frozen, and each row has its own",
        ),
        (
            "insert into editions.rows values ('2026-Q3.1', 'more', 1, 'x', 'x')",
            "2026-Q3.1, more: rows of a table that the edition does not have.",
        ),
        (f"delete from editions.rows {ROW}", "group_metric: 0 rows instead of 1."),
        (
            "delete from editions.rows where edition_id = '2026-Q3.1'"
            " and table_name = 'organisation_metric' and row_number = 2",
            "organisation_metric: row 2 is missing.",
        ),
        (
            "update editions.rows set row_number = 13 where edition_id = '2026-Q3.1'"
            " and table_name = 'organisation_metric' and row_number = 1",
            "organisation_metric: row 1 is missing.",
        ),
        (f"update editions.tables set sha256 = 'x' {ROW}", "was frozen, and each row"),
        (f"update editions.tables set audience = 'house' {ROW}", "its header, its list of tables"),
        (f"update editions.tables set header = 'x' || header {ROW}", "the file is not the one"),
        (
            "update editions.documents set content = content || ' ' where audience = 'public'"
            " and edition_id = '2026-Q3.1'",
            "2026-Q3.1, datapackage.json for public: was changed.",
        ),
        ("update editions.changes set cause = 'merger'", "2026-Q3.2: its header, its list"),
        ("update editions.editions set licence = 'mine'", "2026-Q3.1: its header, its list"),
        (
            "update editions.editions set content_hash = 'x' where revision = 1",
            "2026-Q3.1: the ledger has another content hash.",
        ),
        (
            "update editions.ledger set happened_at = happened_at + interval '1 second'"
            " where entry = 1",
            "Entry 1 of the ledger (2026-Q3.1 provisional) was changed.",
        ),
        ("update editions.ledger set hash = 'x' where entry = 1", "Entry 2 of the ledger does not"),
        ("delete from editions.ledger where entry = 1", "The ledger lacks entry 1."),
        (
            "delete from editions.ledger where entry = 2",
            "2026-Q3.2: the ledger does not say that it was made.",
        ),
    ],
)  # fmt: skip
def test_a_changed_byte_is_named(desk: Desk, statement: str, said: str) -> None:
    frozen(desk)
    if statement.startswith("delete from editions.ledger"):
        assert verifying.faults(desk.access) == []
    desk.admin(statement)
    found = verifying.faults(desk.access)
    assert any(said in fault for fault in found), found
    if "2026-Q3.2" not in said and "ledger" not in said and "editions.editions" not in statement:
        assert verifying.faults(desk.access, "2026-Q3.2") == []


def test_a_changed_copy_is_named_by_its_byte(desk: Desk, tmp_path) -> None:
    frozen(desk)
    export.export(desk.access, "2026-Q3.1", tmp_path, "house")
    file = tmp_path / "organisation_metric.csv"
    data = bytearray(file.read_bytes())
    second = data.index(b"\n") + 1
    data[second + 4] ^= 1
    file.write_bytes(data)
    (tmp_path / "organisation.csv").unlink()
    (tmp_path / "more.csv").write_text("x")
    assert verifying.against(desk.access, "2026-Q3.1", tmp_path, "house") == [
        "organisation.csv is not in the copy.",
        "more.csv is no file of 2026-Q3.1.",
        "organisation_metric.csv differs from line 2, byte 5 on.",
    ]
    file.write_bytes(bytes(data[: second + 4]) + bytes([data[second + 4] ^ 1]) + data[second + 5 :])
    (tmp_path / "more.csv").unlink()
    with (tmp_path / "group_metric.csv").open("ab") as longer:
        longer.write(b"x\n")
    assert verifying.against(desk.access, "2026-Q3.1", tmp_path, "house") == [
        "organisation.csv is not in the copy.",
        "group_metric.csv differs from line 3, byte 1 on.",
    ]
    file.write_bytes(data[: second + 2])
    assert "organisation_metric.csv differs from line 2, byte 3 on." in verifying.against(
        desk.access, "2026-Q3.1", tmp_path, "house"
    )


def test_each_role_sees_what_its_state_allows(desk: Desk) -> None:
    frozen(desk)

    def seen(role: str, kind: str) -> set[tuple]:
        return set(
            desk.rows(
                f"select distinct edition_id, table_name from editions.{kind}_rows", role=role
            )
        )

    assert seen("klankbord_reader", "public") == seen("klankbord_member", "member") == set()
    workflow.advance(desk.access, "2026-Q3.1", "embargo", CLOSED)
    assert seen("klankbord_reader", "public") == set()
    members = {name for _, name in seen("klankbord_member", "member")}
    assert "organisation_metric" in members
    assert members & {"contribution", "hidden_group", "owner_metric"} == set()
    workflow.advance(desk.access, "2026-Q3.1", "public", CLOSED.replace(month=12), known=[])
    assert {edition for edition, _ in seen("klankbord_reader", "public")} == {"2026-Q3.1"}
    public = {name for _, name in seen("klankbord_reader", "public")}
    assert public == {"group_metric", "organisation", "definition"}
    assert desk.rows("select count(*) from editions.public_changes", role="klankbord_reader") == [
        (0,)
    ]
    for view in ("rows", "member_rows", "member_editions", "ledger", "editions"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            desk.rows(f"select * from editions.{view}", role="klankbord_reader")
    for view in ("rows", "current", "tables", "documents"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            desk.rows(f"select * from editions.{view}", role="klankbord_member")
