"""Both gates are shown bad rows: every rule of theirs fails once and holds otherwise, and what a
gate refuses does not come out.

The bad rows of a gate are shown together, each about a subject of its own, so that one checkpoint
judges them all and exactly these subjects must be named.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from klankbord import benchmark, consent, database, gates, settings
from klankbord.dashboards.validation import read_contracts
from klankbord.errors import GateError
from klankbord.platforms.base import discover
from klankbord.sandbox import archive
from klankbord.sandbox.truth import Truth
from tests.databases import new_warehouse
from tests.pipeline import days
from tests.pipeline.bad_index_rows import COMPONENTS, INDEXES, index_rows
from tests.pipeline.bad_raw_rows import raw_rows
from tests.pipeline.bad_reporting_rows import GROUPS, ORGANISATIONS, reporting_rows
from tests.pipeline.bad_survey_rows import SURVEYS, survey_rows
from tests.pipeline.days import STREAMS, accounts, endings, place
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import some_bodies
from tests.pipeline.test_known_answers import differences

PUBLISHER = "klankbord_publisher"
START = NOW - timedelta(days=12)  # every day of these tests lies in one month, which still runs


@pytest.fixture(scope="module")
def house(postgres: database.Access, tmp_path_factory) -> Iterator[House]:
    """A house that has published once: archive and two scans."""
    with (
        new_warehouse(postgres) as access,
        open_house(access, only=some_bodies(6), now=START - timedelta(days=1)) as opened,
    ):
        opened.scan()
        opened.at(START)
        opened.scan()
        opened.import_archive(tmp_path_factory.mktemp("archive"))
        opened.build()
        yield opened


@contextmanager
def spoiled(house: House, tables: set[str], statements: list[str]) -> Iterator[None]:
    """Run statements as the administrator; afterwards the tables are as they were."""
    admin = house.access.admin
    with house.access.connect(admin) as connection, connection.cursor() as cursor:
        cursor.execute("create schema saved")
        for table in tables:
            cursor.execute(f"create table saved.{table.partition('.')[2]} as table {table}")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0, f"spoils nothing: {statement}"
    try:
        yield
    finally:
        with house.access.connect(admin) as connection, connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"truncate {table}")
                cursor.execute(f"insert into {table} table saved.{table.partition('.')[2]}")
            cursor.execute("drop schema saved cascade")


def refused(access: database.Access, gate: str) -> dict[str, set[str]]:
    """rule -> subjects that it refuses."""
    found = gates.check(access, gate).failures
    return {f.rule.name: {str(row["subject"]) for row in f.rows} for f in found}


def test_every_rule_of_gate_1_sees_its_bad_rows_and_no_others(house):
    assert refused(house.access, "raw") == {}, "all of them hold"
    rows = raw_rows(house)
    assert rows.keys() == {rule.name for rule in gates.rules("raw")}
    statements = [statement for bad in rows.values() for _, statement in bad]
    tables = {"raw.outcomes"} | {f"raw.{p}_{s}" for p in discover() for s in STREAMS}
    with spoiled(house, tables, statements):
        found = refused(house.access, "raw")
    assert found == {rule: {subject for subject, _ in bad} - {""} for rule, bad in rows.items()}
    assert refused(house.access, "raw") == {}


def test_every_rule_of_gate_2_sees_its_bad_rows_and_no_others(house):
    assert refused(house.access, "reporting") == {}, "all of them hold"
    rows = reporting_rows(house) | survey_rows() | index_rows()
    assert rows.keys() == {rule.name for rule in gates.rules("reporting")}
    statements = [statement for bad in rows.values() for _, statement in bad]
    tables = {ORGANISATIONS, GROUPS, SURVEYS, INDEXES, COMPONENTS}
    with spoiled(house, tables, statements):
        found = refused(house.access, "reporting")
    assert found == {rule: {subject for subject, _ in bad} - {""} for rule, bad in rows.items()}
    # of the census now, so that it would speak against each survey too
    [(name,)] = house.rows(f"select max(organisation_id) from {ORGANISATIONS}", role=PUBLISHER)
    mixed = (
        f"update {ORGANISATIONS} set metric_id = 'M50' where ctid = (select min(ctid) from"
        f" {ORGANISATIONS} where organisation_id = '{name}' and metric_id = 'M01')"
    )
    with spoiled(house, {ORGANISATIONS}, [mixed]):
        assert refused(house.access, "reporting") == {"surveys_stand_apart": {name}}


def published(house: House) -> list[tuple]:
    """A checksum of all that is published."""
    names = [
        name
        for (name,) in house.rows(
            "select table_name from information_schema.tables where table_schema = 'published'"
            " and table_name <> 'publication' order by 1",  # which says when
            role="klankbord_reader",
        )
    ]
    assert set(names) == set(read_contracts()), "what is published is what has a contract"
    return [
        row
        for name in names
        for row in house.rows(
            f"select '{name}', count(*), md5(string_agg(t::text, '|' order by t::text))"
            f" from published.{name} as t",
            role="klankbord_reader",
        )
    ]


def data_docs(description: str) -> tuple[str, int]:
    """(status of the gate, rows refused by a rule), as the newest of Data Docs' pages show them."""
    folder = settings.home() / "data_docs"
    assert (folder / "index.html").exists()
    pages = [
        page for page in folder.glob("validations/**/*.html") if description in page.read_text()
    ]
    text = max(pages, key=lambda page: page.stat().st_mtime).read_text()
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    status = re.search(r"Status: (\w+)", plain)
    count = re.search(re.escape(description) + r" (\d+)", plain)
    assert status, plain
    assert count, plain
    return status[1], int(count[1])


def kept_aside(house: House) -> set[tuple[str, str, str, str]]:
    return set(
        house.rows(
            "select gate, expectation, subject, table_name from quarantine.rows",
            role="klankbord_publisher",
        )
    )


def test_gate_2_says_no_and_what_was_published_stays(house):
    """A count of inhabitants lost a digit."""
    before = published(house)
    [(name,)] = house.rows(
        "select organisation_id from published.rpt_organisation_metric where metric_id = 'M05' and"
        " platform = 'facebook' and numerator >= 50 and organisation_type = 'municipality'"
        " order by 1 desc limit 1",
        role="klankbord_reader",
    )
    spoil = (
        "update register.populations set inhabitants = inhabitants / 10"
        f" where organisation_id = '{name}'"
    )
    with spoiled(house, {"register.populations"}, [spoil]), pytest.raises(GateError) as caught:
        house.build(tested=False)
    said = str(caught.value)
    assert said.startswith("Gate reporting says no, what was published stays: ")
    assert "followers_did_not_jump: " in said
    assert f"{name} (" in said
    assert published(house) == before
    assert ("reporting", "followers_did_not_jump", name, ORGANISATIONS) in kept_aside(house)
    refused_by = "No final month's followers per 100 inhabitants changed to a third or the triple"
    status, count = data_docs(refused_by)
    assert (status, count > 0) == ("Failed", True)
    [verdict] = house.rows(
        "select failed_critical from quarantine.verdicts order by checked_at desc limit 1",
        role="klankbord_publisher",
    )
    assert verdict == (["followers_did_not_jump"],)


def test_gate_1_says_no_and_the_next_scan_puts_it_right(house):
    before = published(house)
    page, others = accounts(house, "facebook")[3], accounts(house, "facebook")[4:]
    house.at(settings.now() + timedelta(days=1))
    house.sandbox.faults.add("facebook", "shrunken", place(page), times=1000)
    house.scan()
    house.sandbox.faults.clear()
    with pytest.raises(GateError) as caught:
        house.build(tested=False)
    said = str(caught.value)
    assert said.startswith("Gate raw says no, what was published stays: ")
    assert "followers_did_not_collapse: " in said
    assert f"{page.account_id} (" in said
    assert not any(account.account_id in said for account in others)
    assert published(house) == before
    kept = {
        (expectation, table)
        for _, expectation, name, table in kept_aside(house)
        if name == page.account_id
    }
    assert {table for _, table in kept} >= {
        "raw.outcomes",
        "raw.facebook_profiles",
        "raw.facebook_posts",
    }
    assert endings(house) == days.but(house, (page, STREAMS, "failed", "quarantined"))
    refused_by = "No account lost more than half of at least 50 followers since its last count"
    assert data_docs(refused_by) == ("Failed", 1)
    asked = house.scan()
    assert asked["facebook"].accounts == 1, "only what was refused is asked again"
    house.build(tested=False)
    assert endings(house) == days.all_ok(house)
    assert (
        differences(house, Truth(house.world, house.register, house.scans, archive.dates(START)))
        == []
    )
    assert published(house) != before


def test_a_drop_is_believed_on_the_second_day_and_not_sooner(house, monkeypatch):
    """One account really lost nine in ten of its followers, and the platform stays with that."""
    page = accounts(house, "facebook")[5]
    fell_at = settings.now() + timedelta(days=1)
    count = house.world.followers

    def followers(account, moment):
        fell = account is page and moment >= fell_at
        return count(account, moment) // (10 if fell else 1)

    monkeypatch.setattr(house.world, "followers", followers)
    house.at(fell_at)
    for _ in range(2):  # twice on a day is once
        house.scan()
        with pytest.raises(GateError, match=rf"followers_did_not_collapse: {page.account_id} \("):
            house.build(tested=False)
    missed = {(page.account_id, settings.today())}
    house.at(settings.now() + timedelta(days=1))
    house.scan()
    house.build(tested=False)
    truth = Truth(house.world, house.register, house.scans, archive.dates(START), failed=missed)
    assert differences(house, truth) == []
    # and what is believed is no licence: the same account shrinks again, after a good answer
    house.at(settings.now() + timedelta(days=1))
    house.sandbox.faults.add("facebook", "shrunken", place(page), times=1000)
    house.scan()
    house.sandbox.faults.clear()
    benchmark.run(house.access, "build_staging", tested=False)
    with pytest.raises(GateError, match=rf"followers_did_not_collapse: {page.account_id} \("):
        benchmark.run(house.access, "gate_raw")
    house.scan()


def test_a_scan_that_no_build_judged_is_judged_by_the_next(house):
    page = accounts(house, "facebook")[6]
    house.at(settings.now() + timedelta(days=1))
    house.sandbox.faults.add("facebook", "shrunken", place(page), times=1000)
    house.scan()
    house.sandbox.faults.clear()
    unjudged = settings.today()
    house.at(settings.now() + timedelta(days=1))
    house.scan()
    benchmark.run(house.access, "build_staging", tested=False)
    with pytest.raises(GateError, match=rf"followers_did_not_collapse: {page.account_id} \("):
        benchmark.run(house.access, "gate_raw")
    assert set(
        house.rows(
            "select distinct scan_on, status, reason from raw.outcomes where account_id = %s"
            " and scan_on >= %s",
            page.account_id,
            unjudged,
        )
    ) == {(unjudged, "failed", "quarantined"), (settings.today(), "ok", "")}
    benchmark.run(house.access, "gate_raw")


def test_withdrawn_consents_stop_no_publication(house):
    """More than a tenth of a platform's figures go with them, for a reason that is known; what went
    for another reason is still held back."""
    everybody = accounts(house, "facebook")
    gone = everybody[::5][:-1]
    assert len(everybody) / 8 < len(gone) < len(everybody) / 4
    figures = "select count(value) from {} where platform = 'facebook' and metric_id = 'M03'"
    [(before,)] = house.rows(figures.format("published.rpt_organisation_metric"), role=PUBLISHER)
    for account in gone:
        today = settings.today()
        rows = consent.withdraw(house.access, account.account_id, settings.now(), today, ["posts"])
        assert rows["raw.outcomes"]
    for step in (
        "build_staging",
        "gate_raw",
        "build_intermediate",
        "build_marts",
        "build_reporting",
    ):
        benchmark.run(house.access, step, tested=False)
    [rule] = [rule for rule in gates.rules("reporting") if rule.name == "nothing_disappeared"]
    [(left,)] = house.rows(figures.format(ORGANISATIONS), role=PUBLISHER)
    assert left < 0.9 * before
    assert gates.check(house.access, "reporting", [rule]).failures == ()
    other = (
        "update raw.outcomes set reason = 'permission' where reason = 'consent_withdrawn'",
        "update reporting.rpt_organisation_metric set missing_reason = 'not_observed'"
        " where platform = 'facebook' and missing_reason = 'refused'",
    )
    for spoil in other:
        with spoiled(house, {"raw.outcomes", ORGANISATIONS}, [spoil]):
            [failure] = gates.check(house.access, "reporting", [rule]).failures
            assert {row["subject"] for row in failure.rows} == {"facebook"}
            assert any("M03" in str(row["detail"]) for row in failure.rows)
    benchmark.run(house.access, "gate_reporting")
    benchmark.run(house.access, "publish")
    [(published_now,)] = house.rows(
        figures.format("published.rpt_organisation_metric"), role=PUBLISHER
    )
    assert published_now == left
