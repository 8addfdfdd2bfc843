"""`klankbord cost`: the forecast and the past, as a table and as JSON."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from klankbord import database, register, settings
from klankbord.cli.main import app
from klankbord.platforms.base import discover
from klankbord.purse import Budget
from tests.databases import new_warehouse

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def books(postgres):
    with new_warehouse(postgres) as access:
        yield access


@pytest.fixture
def run(books, monkeypatch):
    @contextmanager
    def running():
        yield books

    monkeypatch.setattr(database, "running", running)
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())

    def call(*arguments, code=0):
        result = CliRunner().invoke(app, ["cost", *arguments])
        if code:
            assert result.exception is not None
            return str(result.exception)
        assert result.exit_code == 0, result.output
        return result.output

    return call


def test_accounts_that_are_not_there_yet_have_a_price(run, monkeypatch):
    monkeypatch.setenv("KLANKBORD_BUDGETS", "x=4usd/day")
    rows = json.loads(run("--add", "x=400", "--add", "bluesky=50", "--format", "json"))
    [bluesky, x] = rows
    assert (bluesky["platform"], bluesky["accounts"], bluesky["usd_per_day"]) == ("bluesky", 50, 0)
    assert bluesky["calls_per_day"] == 2 + 50 + 150
    # 400 profiles, 280 posts (the list prices them at $0.005) and a person each at the worst
    assert x["purposes"]["profiles"] == {"calls": 4.0, "units": 0.0, "usd": 4.0}
    assert x["usd_per_month"] == pytest.approx(30 * x["usd_per_day"])
    assert (x["basis"], x["limits"], x["over"]) == ("estimate", ["x=4usd/day"], ["x=4usd/day"])
    assert x["price_source"].startswith("https://docs.x.com/")
    fewer = json.loads(run("--add", "x=400", "--posts", "0", "--format", "json"))
    assert fewer[0]["usd_per_day"] == 4.0


def test_owners_are_asked_for_more(run):
    def of(*arguments):
        [row] = json.loads(run(*arguments, "--format", "json"))
        return row

    public, owned = of("--add", "x=400"), of("--add", "x=400", "--owners", "x=100")
    assert "insights" not in public["purposes"]
    assert owned["purposes"]["insights"]["usd"] == pytest.approx(1.75)
    assert owned["usd_per_day"] == pytest.approx(public["usd_per_day"] + 1.75)
    # of these every account gives its token
    assert of("--add", "linkedin=10")["purposes"]["insights"]["calls"] == 20


def test_every_platform_that_has_a_connector_can_be_asked_about(run):
    for name in discover():
        [row] = json.loads(run("--add", f"{name}=10", "--format", "json"))
        assert row["platform"] == name and row["calls_per_day"] > 0


def test_a_table_for_people(run, monkeypatch):
    monkeypatch.setenv("KLANKBORD_BUDGETS", "x=4usd/day")
    shown = run("--add", "x=400")
    assert "estimate" in shown and "x=4usd/day" in shown and "12.00" not in shown.split("x ")[0]


def test_the_register_as_it_is_needs_no_option(run, books, tmp_path):
    assert "No accounts" in run()
    with books.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.accounts (account_id, organisation_id, platform, handle, role,"
            " access_tier, valid_from, valid_to, is_synthetic, basis, source, recorded_at,"
            " source_file, source_line) select v, v, 'x', v, 'official', 'T2', null,"
            " case v when 'old' then date '2026-01-01' end, false, 'declared', 's', now(), 'f', 1"
            " from unnest(array['a', 'b', 'old']) as v"
        )
    [row] = json.loads(run("--format", "json"))
    assert (row["platform"], row["accounts"]) == ("x", 2)
    [row] = json.loads(run("--add", "x=3", "--format", "json"))
    assert row["accounts"] == 5 and "insights" not in row["purposes"]
    for statement, is_owner in (
        ("update register.accounts set access_tier = 'T3'", False),  # nobody consented
        (
            "insert into register.consents (account_id, scope, granted_on, evidence, source_file,"
            " source_line, recorded_at) values ('a', 'insights', '2026-01-01', 'm', 'f', 1, now())",
            True,
        ),
    ):
        with books.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(statement)
        [row] = json.loads(run("--format", "json"))
        assert ("insights" in row["purposes"]) == is_owner
    assert row["purposes"]["insights"]["usd"] == pytest.approx(0.7 * 5 * 0.005)
    assert register is not None and settings.is_sandbox() is False


def test_what_was_spent_by_purpose_and_for_so_many_days(run, books):
    assert "Nothing was asked" in run("--spent")
    for days, moment in ((0, NOW), (10, datetime(2026, 9, 20, 20, tzinfo=UTC))):
        budget = Budget(books, "x", "a-secret", limits=[], now=lambda m=moment: m)
        url = __import__("httpx").URL("http://127.0.0.1/2/users/1/tweets")
        for _ in range(days + 1):
            budget.after(budget.before(url, {"max_results": 5}, None), url, {"data": [{}]}, {})
        budget.close()
    [row] = json.loads(run("--spent", "--days", "5", "--format", "json"))
    assert (row["purpose"], row["calls"], row["usd"]) == ("posts", 1, 0.005)
    [row] = json.loads(run("--spent", "--format", "json"))
    assert (row["calls"], row["usd"], row["last_at"]) == (12, 0.06, "2026-09-30T20:00:00+00:00")
    shown = run("--spent")
    assert "posts" in shown and "0.06" in shown and "a-secret" not in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--add", "x"), "--add 'x': write a platform and a number, such as x=400."),
        (("--add", "x=many"), "--add 'x=many': write a platform"),
        (("--add", "friendster=3"), "No platform is called 'friendster'"),
        (("--add", "x=3", "--owners", "x=4"), "--owners x=4: --add x names fewer accounts."),
        (("--owners", "x=1"), "--owners x=1: --add x names fewer accounts."),
        (("--format", "csv"), "'csv' is no format: choose table or json."),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(run, arguments, sentence):
    assert sentence in run(*arguments, code=1)
