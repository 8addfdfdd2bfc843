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

from klankbord import benchmark, database, gates, settings
from klankbord.errors import GateError
from klankbord.platforms.base import discover
from klankbord.sandbox import archive
from klankbord.sandbox.truth import Truth
from tests.pipeline import days
from tests.pipeline.conftest import some_bodies
from tests.pipeline.days import STREAMS, accounts, endings, place
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.test_known_answers import differences

START = NOW - timedelta(days=12)  # every day of these tests lies in one month, which still runs
#: a small group's figure as it would stand there
SHOWN = "value = 1, missing_reason = null, coverage = 1, access_tier = 'T2'"
ORGANISATIONS, GROUPS = "reporting.rpt_organisation_metric", "reporting.rpt_group_metric"


@pytest.fixture(scope="module")
def house(postgres: database.Access, tmp_path_factory) -> Iterator[House]:
    """A house that has published once: archive and two scans."""
    with (
        days.empty_database(postgres, "klankbord_gates") as access,
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


def raw_rows(house: House) -> dict[str, list[tuple[str, str]]]:
    """rule -> (subject or '' for a near miss that must pass, statement)."""
    pages = iter(accounts(house, "facebook"))
    handles = iter(accounts(house, "x"))
    servers = accounts(house, "mastodon")
    today, yesterday = START.date(), START.date() - timedelta(days=1)
    counted = dict(
        house.rows(
            "select account_id, (payload ->> 'followers_count')::bigint from raw.facebook_profiles"
            " where scan_on = %s",
            yesterday,
        )
    )

    def followers(times: float, more: int = 0, least: int = 100) -> tuple[str, str]:
        page = next(p for p in pages if counted[p.account_id] >= least).account_id
        number = round(counted[page] * times) + more
        return page, (
            "update raw.facebook_profiles set payload = jsonb_set(payload, '{followers_count}',"
            f" '{number}') where account_id = '{page}' and scan_on = '{today}'"
        )

    def profile(payload: str) -> tuple[str, str]:
        page = next(pages).account_id
        return page, (
            f"update raw.facebook_profiles set payload = {payload}"
            f" where account_id = '{page}' and scan_on = '{today}'"
        )

    def items(stream: str, before: int, now: int) -> tuple[str, str]:
        name = next(handles).account_id
        return name, (
            f"update raw.outcomes set row_count = case scan_on when '{today}' then {now} else"
            f" {before} end where account_id = '{name}' and stream = '{stream}'"
        )

    def post(created: str) -> tuple[str, str]:
        name = next(
            h
            for h in handles
            if house.rows("select 1 from raw.x_posts where account_id = %s", h.account_id)
        ).account_id
        return name, (
            f"update raw.x_posts set payload = jsonb_set(payload, '{{created_at}}', {created})"
            f" where (account_id, item_id, scan_on) = (select account_id, item_id, scan_on"
            f" from raw.x_posts where account_id = '{name}' order by scan_on desc limit 1)"
        )

    talks = iter(
        house.rows(
            "select distinct on (account_id) account_id, item_id from raw.facebook_messages"
            " where payload #>> '{klankbord,is_own}' = 'false' order by account_id desc"
        )
    )

    def citizen(key: str, value: str) -> tuple[str, str]:
        page, item = next(talks)
        return page, (
            f"update raw.facebook_messages set payload = payload || '{{\"{key}\": {value}}}'"
            f" where account_id = '{page}' and item_id = '{item}'"
        )

    def miss(row: tuple[str, str]) -> tuple[str, str]:
        return "", row[1]

    absent = profile("payload - 'followers_count'")
    negative = profile("jsonb_set(payload, '{followers_count}', '-1')")
    own = (
        'update raw.facebook_messages set payload = payload || \'{"message": "Dag"}\''
        " where payload #>> '{klankbord,is_own}' = 'true'"
    )
    known = accounts(house, "x")[0].account_id
    nobody = (
        "insert into raw.outcomes select 'nobody-x', platform, stream, scan_on, status, reason,"
        " detail, row_count, window_since, window_until, attempts, attempted_at, extraction_id"
        f" from raw.outcomes where account_id = '{known}' and scan_on = '{today}'"
    )
    silent = (
        "update raw.outcomes set status = 'failed', reason = 'timeout' where platform = 'mastodon'"
        f" and scan_on = '{today}' and account_id < '{servers[len(servers) // 5 + 1].account_id}'"
    )
    return {
        "followers_are_a_count": [absent, negative],
        "followers_did_not_collapse": [
            followers(0.5, -1),
            followers(0),
            miss(followers(0.5, 1)),
            (negative[0], "select 'less than nothing is less than half, too'"),
        ],
        "followers_did_not_explode": [followers(20, 1), miss(followers(20))],
        "items_did_not_collapse": [
            items("posts", 11, 5),
            items("messages", 10, 0),
            miss(items("posts", 10, 5)),
            miss(items("messages", 9, 0)),
        ],
        "posts_are_not_from_the_future": [
            post("to_jsonb(observed_at + interval '25 hours')"),
            post("'null'"),
            miss(post("to_jsonb(observed_at + interval '23 hours')")),
        ],
        "accounts_are_registered": [("nobody-x", nobody)],
        "citizens_stay_nobody": [
            citizen("message", '"Wanneer is het containerpark open?"'),
            citizen("from", '{"id": 1, "name": "Jan"}'),
            citizen("attachments", '[{"n": 1, "target": {"username": "jan"}}]'),
            miss(citizen("like_count", "3")),
            ("", own),
        ],
        "platform_is_nearly_complete": [("mastodon", silent)],
    }


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


def computed(house: House, query: str) -> list[tuple]:
    return house.rows(query, role="klankbord_publisher")


def reporting_rows(house: House) -> dict[str, list[tuple[str, str]]]:
    """As raw_rows. Organisations and groups of their own, on a platform and metric that is left to
    them, so that `nothing_disappeared` counts what it should."""
    bodies = iter(
        computed(
            house,
            "select organisation_id, platform, metric_id, period_start from"
            " reporting.rpt_organisation_metric where metric_id in ('M03', 'M21') and value > 0"
            " and period_start = '2026-09-01' order by platform, 1, 3",
        )
    )
    groups = iter(
        computed(
            house,
            "select group_id, platform, metric_id, period_start from reporting.rpt_group_metric"
            " where metric_id = 'M03' and n >= 5 and q1 < q3 order by 2, 1",
        )
    )
    small = iter(
        computed(
            house,
            "select group_id, platform, metric_id, period_start from reporting.rpt_group_metric"
            " where metric_id = 'M03' and n < 5 order by 2, 1",
        )
    )
    seen: set[str] = set()

    def change(table: str, key: str, rows: Iterator[tuple], what: str) -> tuple[str, str]:
        subject, platform, metric, month = next(row for row in rows if row[0] not in seen)
        seen.add(subject)
        return subject, (
            f"update {table} set {what} where {key} = '{subject}' and platform = '{platform}'"
            f" and metric_id = '{metric}' and period_start = '{month}'"
        )

    def body(what: str) -> tuple[str, str]:
        return change(ORGANISATIONS, "organisation_id", bodies, what)

    def group(what: str) -> tuple[str, str]:
        return change(GROUPS, "group_id", groups, what)

    def miss(row: tuple[str, str]) -> tuple[str, str]:
        return "", row[1]

    [(jumped,), (fell,), (tripled,), (runs,)] = computed(
        house,
        "select distinct organisation_id from reporting.rpt_organisation_metric where"
        " metric_id = 'M05' and platform = 'facebook' and numerator >= 50 order by 1 desc limit 4",
    )

    def audience(name: str, month: str, times: str) -> str:
        return (
            f"update {ORGANISATIONS} set value = value * {times} where metric_id = 'M05' and"
            f" organisation_id = '{name}' and platform = 'facebook' and period_start = '{month}'"
        )

    def lose(platform: str, share: str) -> str:
        """Without a value, and saying why."""
        return (
            f"with figures as (select ctid as place, row_number() over () as number, count(*)"
            f" over () as n from {ORGANISATIONS} where metric_id = 'M01' and platform ="
            f" '{platform}' and period_start = '2026-09-01' and value is not null)"
            f" update {ORGANISATIONS} set value = null, missing_reason = 'not_observed'"
            f" where ctid in (select place from figures where number <= {share})"
        )

    return {
        "organisation_values_are_possible": [
            body("value = -0.1"),
            body("value = 'NaN'"),
            body("value = 1.01, unit = 'share'"),
            body("unit = 'parsecs'"),
            miss(body("value = 1, unit = 'share'")),
        ],
        "group_values_are_possible": [group("value = 501"), miss(group("value = 500"))],
        "organisation_absence_has_a_reason": [
            body("value = null"),
            body("missing_reason = 'refused'"),
            miss(body("value = null, missing_reason = 'refused'")),
        ],
        "group_absence_has_a_reason": [group("missing_reason = 'suppressed'")],
        "organisation_figures_say_how_they_were_made": [
            body("parameters = null"),
            body("definition_version = null"),
            body("status = null"),
            body("coverage = null"),
            body("access_tier = null"),
        ],
        "group_figures_say_how_they_were_made": [group("access_tier = null")],
        "small_groups_are_suppressed": [
            change(GROUPS, "group_id", small, "mean = 1"),
            change(GROUPS, "group_id", small, SHOWN),
        ],
        "n_is_within_n_members": [group("n_members = n - 1"), miss(group("n_members = n"))],
        "quartiles_are_in_order": [group("q1 = median + 1"), group("q3 = median - 1")],
        "nothing_disappeared": [
            ("mastodon", lose("mastodon", "0.11 * n")),
            ("", lose("bluesky", "0.09 * n")),
        ],
        "followers_did_not_jump": [
            (jumped, audience(jumped, "2026-07-01", "3.01")),
            (fell, audience(fell, "2026-08-01", "0.33")),
            ("", audience(tripled, "2026-08-01", "2.99")),
            ("", audience(runs, "2026-09-01", "4")),
        ],
    }


def test_every_rule_of_gate_2_sees_its_bad_rows_and_no_others(house):
    assert refused(house.access, "reporting") == {}, "all of them hold"
    rows = reporting_rows(house)
    assert rows.keys() == {rule.name for rule in gates.rules("reporting")}
    statements = [statement for bad in rows.values() for _, statement in bad]
    with spoiled(house, {ORGANISATIONS, GROUPS}, statements):
        found = refused(house.access, "reporting")
    assert found == {rule: {subject for subject, _ in bad} - {""} for rule, bad in rows.items()}


def published(house: House) -> list[tuple]:
    """A checksum of all that is published."""
    names = [
        name
        for (name,) in house.rows(
            "select table_name from information_schema.tables where table_schema = 'published'"
            " order by 1",
            role="klankbord_reader",
        )
    ]
    assert len(names) == 6, names
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
        house.build()
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
    house.build()
    assert published(house) == before


def test_gate_1_says_no_and_the_next_scan_puts_it_right(house):
    before = published(house)
    page, others = accounts(house, "facebook")[3], accounts(house, "facebook")[4:]
    house.at(settings.now() + timedelta(days=1))
    house.sandbox.faults.add("facebook", "shrunken", place(page), times=1000)
    house.scan()
    house.sandbox.faults.clear()
    with pytest.raises(GateError) as caught:
        house.build()
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
    house.build()
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
            house.build()
    missed = {(page.account_id, settings.today())}
    house.at(settings.now() + timedelta(days=1))
    house.scan()
    house.build()
    truth = Truth(house.world, house.register, house.scans, archive.dates(START), failed=missed)
    assert differences(house, truth) == []
    # and what is believed is no licence: the same account shrinks again, after a good answer
    house.at(settings.now() + timedelta(days=1))
    house.sandbox.faults.add("facebook", "shrunken", place(page), times=1000)
    house.scan()
    house.sandbox.faults.clear()
    benchmark.run(house.access, "build_staging")
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
    benchmark.run(house.access, "build_staging")
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
