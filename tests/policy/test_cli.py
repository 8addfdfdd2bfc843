"""`klankbord targets` and `klankbord maturity` over a published warehouse, as the reader."""

import json
from datetime import date, datetime

import pytest
from rich.console import Console

from klankbord import gates
from klankbord.cli import maturity as maturity_cli
from klankbord.cli import targets as targets_cli
from klankbord.errors import KlankbordError
from klankbord.publish import policy, swap
from klankbord.register import read
from tests.inputs.conftest import EXAMPLES
from tests.policy import test_maturity, test_surveys, test_targets
from tests.policy.bodies import body, population, register
from tests.policy.warehouse import bench

TOWN = test_maturity.YES
SILENT = {"x": test_maturity.ratio(*[(None, None, 0)] * 3)}


@pytest.fixture(scope="module")
def published(built):
    """The example's targets, three towns' phases and a survey: published, and gone afterwards."""
    with bench(built, keep=True) as desk:
        towns = [body(f"t{n}") for n in range(7)]
        answers = {f"t{n}": {("q", "x"): n < 3} for n in range(6)}
        asked = test_surveys.Asked(2025, {("BE", "municipality"): ()}, answers)
        counts = [population(one.organisation_id, 900, date(2020, 1, 1)) for one in towns]
        test_surveys.compute(desk, register(towns, [], counts), asked)
        test_maturity.compute(
            desk, {"t1": TOWN, "t2": TOWN | {"P3-answers": SILENT}, "t3": TOWN}, {}
        )
        desk.register(read([EXAMPLES / "register"]))
        said = test_targets.Figures(desk)
        for number in range(11, 21):
            said.followers("facebook", test_targets.month(number), 1000 + 5 * (number - 11))
        said.compute(date(2026, 9, 30))
    swap.publish(built, datetime.fromisoformat("2026-09-30T20:00:00+00:00"))
    yield built
    with bench(built, keep=True) as desk:
        desk.empty()


def shown(thing) -> str:
    console = Console(width=240, record=True)
    console.print(thing)
    return console.export_text()


def test_targets_are_told_in_two_languages(published) -> None:
    rows = policy.targets(published, "nl-safety-region-example")
    assert len(rows) == 12
    assert rows == policy.targets(published, "veiligheidsregio voorbeeld")
    english = shown(targets_cli.table(rows, "en"))
    assert "Veiligheidsregio Voorbeeld" in english
    line = next(one for one in english.splitlines() if "M08" in one and "facebook" in one)
    for piece in ("0.00 %", "4.50 %", "≥ 10.0 %", "█", "45%", "75%", "behind", "2027-01-01"):
        assert piece in line
    assert "this figure is not measured here yet" in english
    assert "Invented figures" in english
    assert "achter op schema" in shown(targets_cli.table(rows, "nl"))


def test_a_phase_is_told_with_its_evidence(published) -> None:
    found, evidence = policy.maturity(published, "t1")
    assert (found["phase"], found["quarter"], len(evidence)) == (3, "2026-Q3", 5)
    text = shown(maturity_cli.headline(found, "nl")) + shown(maturity_cli.table(evidence, "nl"))
    for piece in ("Fase 3: in gesprek.", ">= 65 %", "gehaald", "M26 x, 1 maanden, 20 gevallen"):
        assert piece in text
    found, evidence = policy.maturity(published, "t2", "2026-Q3")
    text = shown(maturity_cli.headline(found, "en")) + shown(maturity_cli.table(evidence, "en"))
    assert "at least 2, at most 3" in text
    assert "unknown: not observed" in text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda a: policy.targets(a, "nobody"), "targets are there of nl-safety-region-example"),
        (lambda a: policy.maturity(a, "nobody"), "No phase of 'nobody'"),
        (lambda a: policy.maturity(a, "t1", "2020-Q1"), "there is 2026-Q3"),
        (lambda a: targets_cli.check("de", "table"), "choose nl or en"),
        (lambda a: targets_cli.check("nl", "xml"), "choose table or json"),
    ],
)
def test_what_is_not_there_is_said(published, call, said: str) -> None:
    with pytest.raises(KlankbordError, match=said):
        call(published)


def test_the_commands_read_as_the_reader(published, monkeypatch, capsys) -> None:
    from contextlib import contextmanager

    from typer.testing import CliRunner

    from klankbord import database
    from klankbord.cli.main import app

    @contextmanager
    def running():
        yield published

    monkeypatch.setattr(database, "running", running)
    runner = CliRunner()
    result = runner.invoke(app, ["targets", "nl-safety-region-example", "--format", "json"])
    assert {row["status"] for row in json.loads(result.output)} == {"behind", "no_value"}
    assert runner.invoke(app, ["targets", "--language", "nl"]).exit_code == 0
    result = runner.invoke(app, ["maturity", "t1", "--format", "json"])
    assert json.loads(result.output)["evidence"][0]["rule_id"] == "P1-account"
    result = runner.invoke(app, ["maturity", "t2", "--language", "nl"])
    assert "niet te zeggen" in result.output
    assert policy.ROLE == "klankbord_reader"


def test_gate_two_keeps_surveys_out_of_the_census(built) -> None:
    """Each rule holds over what was computed, and refuses what somebody would have mixed in."""
    rules = {rule.name: rule for rule in gates.rules("reporting")}
    apart, small = rules["surveys_stand_apart"], rules["small_surveys_are_suppressed"]

    def offenders(desk, rule) -> list[str]:
        query = rule.offenders.format(batch=rule.table)
        return [detail for _, detail in desk.rows(f"select subject, detail from ({query}) as q")]

    with bench(built) as desk:
        for table in ("rpt_organisation_metric", "rpt_group_metric"):
            desk.execute(f"create table reporting.{table} (metric_id text, organisation_id text,"
                         " group_id text)")  # fmt: skip
        towns = [body(f"t{n}") for n in range(9)]
        said = {f"t{n}": {("q", "x"): True} | ({("q", "y"): True} if n < 4 else {})
                for n in range(6)}  # fmt: skip
        asked = test_surveys.Asked(2025, {("BE", "municipality"): ()}, said)
        test_surveys.compute(desk, register(towns), asked)
        assert offenders(desk, apart) == offenders(desk, small) == []
        desk.execute("insert into reporting.rpt_group_metric values ('M50', null, 'be-x')")
        assert "M50 stands in the census" in offenders(desk, apart)
        desk.execute("delete from reporting.rpt_group_metric")
        desk.execute("update reporting.rpt_survey_share set metric_id = 'M26' where n = 6")
        assert "M26 survey" in offenders(desk, apart)
        desk.execute("update reporting.rpt_survey_share set metric_id = 'M50', basis = 'census'")
        assert "M50 census" in offenders(desk, apart)
        desk.execute("update reporting.rpt_survey_share set unweighted_share = 0.5")
        assert sorted(offenders(desk, small)) == ["q all 0", "q be-municipality 4"]
