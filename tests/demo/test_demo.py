"""The demo as its three users meet it: the summary, the figures, the second run, the privacy."""

import csv
import io
import json
from dataclasses import replace

import pytest

from klankbord import database, settings
from klankbord.platforms.base import Window, discover
from klankbord.sandbox import archive
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.world import World
from tests.citizens import citizen_traces
from tests.demo.conftest import Demo, ours
from tests.demo.traces import find_traces, search
from tests.pipeline.house import NOW, House
from tests.pipeline.registers import bodies, some_bodies
from tests.pipeline.test_known_answers import differences

pytestmark = pytest.mark.slow
PUBLISHED = (
    "rpt_organisation_metric",
    "rpt_group_metric",
    "rpt_response_time",
    "rpt_follower_trend",
    "rpt_data_quality",
)


def house_of(demo: Demo) -> House:
    world = World(bodies(), 2016)
    return House(
        database.access(),
        world,
        None,
        replace(bodies(), accounts=list(world.account_rows())),
        [(NOW, Window.ending(NOW))],
    )


def checksums(house: House) -> dict[str, tuple]:
    return {
        name: house.rows(
            f"select count(*), md5(string_agg(t::text, '|' order by t::text))"
            f" from published.{name} as t",
            role="klankbord_reader",
        )[0]
        for name in PUBLISHED
    }


def test_the_summary_says_what_came_and_what_it_means(demo):
    world = World(bodies(), 2016)
    assert len(world.accounts) > 2_000
    for text in (
        "1,460",
        f"{len(world.accounts):,}",
        "synthetic",
        "no account failed",
        "gate raw:",
        "gate reporting:",
        "be-municipality",
        "nl-safety_region",
    ):
        assert text in demo.output, text


def test_every_figure_of_the_whole_register_equals_the_truth(demo):
    house = house_of(demo)
    truth = Truth(house.world, house.register, house.scans, archive.dates(NOW))
    assert differences(house, truth) == []


@pytest.mark.timeout(1800)  # gigabytes of text; four minutes on a busy machine
def test_no_citizen_is_found_anywhere(demo):
    """Names, handles, avatars and texts of all citizens of the world, in every table of every
    database, every log and every XCom; and the search finds what it is shown."""
    world = World(bodies(), 2016)
    window = Window.ending(NOW)
    traces = set(citizen_traces(world, window.since, window.until))
    assert len(traces) > 100_000
    assert find_traces(demo.home, traces) == []


def test_the_search_for_citizens_sees_what_it_is_shown():
    world = World(bodies(), 2016, only=some_bodies(1))
    window = Window.ending(NOW)
    traces = set(citizen_traces(world, window.since, window.until))
    assert traces
    for trace in traces:
        for shown in (trace, f'{{"text": "{trace}"}}', f"Dag {trace}!"):
            assert search([("here", shown)], {trace}) != [], trace
        if " " not in trace and "/" not in trace:
            assert search([("here", f"https://a.example/@{trace}/x")], {trace}) != [], trace


def test_figures_on_the_command_line_are_the_published_ones(demo):
    arguments = ("figures", "--metric", "M05,M26", "--platform", "x", "--group", "be-municipality")
    as_json = json.loads(demo.klankbord(*arguments, "--format", "json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(demo.klankbord(*arguments, "--format", "csv").stdout)))
    assert len(as_json) == len(as_csv) > 10
    house = house_of(demo)
    for row, text in zip(as_json, as_csv, strict=True):
        found = house.rows(
            "select value, n, n_members, coverage, status from published.rpt_group_metric where"
            " group_id = %s and metric_id = %s and platform = 'x' and period = %s and"
            " definition_id = %s",
            row["group_id"],
            row["metric_id"],
            row["period"],
            row["definition_id"],
            role="klankbord_reader",
        )
        assert found == [(row["value"], row["n"], row["n_members"], row["coverage"], row["status"])]
        assert text["value"] == ("" if row["value"] is None else str(row["value"]))
        assert json.loads(text["parameters"]) == row["parameters"]
    shown = demo.klankbord(*arguments).stdout
    assert "of 565" in shown and "synthetic" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("figures", "--metric", "M99"), "No figure is published for metric 'M99'"),
        (("figures", "--metric", "M05", "--definition", "quintly"), "no figure has them all"),
        (("figures", "--format", "xml"), "choose table, json or csv"),
        (("extract", "myspace"), "choose from bluesky, facebook, instagram, linkedin"),
        (("extract", "x", "--scan-on", "2026-09-01"), "only observable now"),
        (("extract", "x", "--scan-on", "yesterday"), "write it as 2026-09-30"),
        (("import", "archive", "nowhere.csv"), "nowhere.csv: there is no such file"),
    ],
)
def test_bad_input_gets_one_clear_sentence(demo, arguments, sentence):
    done = demo.klankbord(*arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    # an import adds that nothing was loaded
    assert len(done.stderr.strip().removesuffix("Nothing was loaded.").strip().splitlines()) == 1


def test_status_says_what_is_fresh(demo):
    lines = demo.klankbord("status").stdout
    assert lines.count("fresh") == len(discover())
    assert "Published: 2026-09-30 20:00 UTC" in lines


def test_secrets_are_nobody_elses_and_in_no_log(demo):
    folder = demo.home / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    secrets = {file.name: file.read_text() for file in folder.iterdir()}
    assert len(secrets) >= 8
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    for file in demo.home.rglob("*"):
        if file.is_file() and "secrets" not in file.parts and "postgres" not in file.parts:
            content = file.read_bytes()
            for name, secret in secrets.items():
                # Superset reads its own two secrets from a file that only its user may read
                if file.name == "klankbord.json" and file.stat().st_mode & 0o077 == 0:
                    continue
                assert secret.encode() not in content, f"{name} stands in {file}"


def test_a_second_run_changes_no_figure(demo):
    house = house_of(demo)
    before = checksums(house)
    done = demo.klankbord("demo", "--no-serve")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert checksums(house) == before
    assert house.rows(
        "select count(*), sum(request_count) from raw.extractions where request_count > 0"
    )[0][1] == sum_of_requests(done.stdout)
    left = [line for line in ours(demo.variables) if "postgres" not in line]
    assert left == []


def sum_of_requests(output: str) -> int:
    line = next(line for line in output.splitlines() if "requests" in line)
    return int("".join(c for c in line if c.isdigit()))


def test_the_demo_refuses_real_accounts(demo):
    house = house_of(demo)
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "update register.accounts set is_synthetic = false where account_id ="
            " (select min(account_id) from register.accounts)"
        )
    try:
        done = demo.klankbord("demo", "--no-serve")
        assert done.returncode == 1
        assert "holds 1 real accounts" in done.stderr
    finally:
        with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute("update register.accounts set is_synthetic = true")
    assert settings.is_sandbox()
