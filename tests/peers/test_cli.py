"""`klankbord peers` and `klankbord territory` over a published warehouse, as the reader."""

import json
from datetime import date, datetime

import pytest
from rich.console import Console

from klankbord.cli import peers as cli
from klankbord.errors import KlankbordError
from klankbord.peers import PeersError, on_map, who_and_why
from klankbord.publish import swap
from klankbord.register import Register
from klankbord.sandbox import truth_peers
from tests.peers.conftest import Desk
from tests.peers.registers import ON, plain
from tests.peers.test_territory import BEFORE, MAPS, compute, figure, small
from tests.policy.warehouse import bench


@pytest.fixture(scope="module")
def world() -> Register:
    """A plain of towns, and beside it the bodies of a merger of three."""
    towns, merged = plain(3), small()
    towns.organisations.extend(merged.organisations)
    towns.mergers.extend(merged.mergers)
    towns.populations.extend(merged.populations)
    return towns


@pytest.fixture(scope="module")
def published(built, world):
    with bench(built, keep=True) as opened:
        desk = Desk(opened._cursor)
        names = ("a", "b", "c", "still")
        figures = [figure(n, "M26", 0.5, i, 2 * i) for i, n in enumerate(names, 1)]
        figures += [figure(n, "M29", 2.0, on=BEFORE) for n in names]
        compute(desk, world, figures, days=(BEFORE, ON))
        desk.fill("reporting.rpt_organisation_metric", [
            {"organisation_id": f["organisation_id"], "country": "BE",
             "organisation_name_nl": f["organisation_id"].capitalize(), "inhabitants": 7,
             "organisation_type": "municipality", "period": "2024-12"}
            | {k: f[k] for k in ("platform", "metric_id", "period_kind", "period_start", "value",
                                 "numerator", "denominator", "n_cases", "status", "definition_id",
                                 "missing_reason", "is_synthetic")}
            for f in figures
        ])  # fmt: skip
        desk.run("marts.dim_peer_set", "reporting.rpt_peer", "reporting.rpt_peer_variable",
                 "reporting.rpt_territory", "reporting.rpt_territory_metric")  # fmt: skip
    swap.publish(built, datetime.fromisoformat("2026-09-30T20:00:00+00:00"))
    yield built
    with bench(built, keep=True) as opened:
        desk = Desk(opened._cursor)
        desk.empty()
        # what is made of seeds alone is there for the next test
        desk.run("marts.dim_metric", "marts.dim_definition")


def test_similar_by_default_is_what_dbt_says_and_the_truth(published, world) -> None:
    truth = truth_peers.similar(world, ON)
    assert len(truth) > 20
    for name in sorted(truth)[::7]:
        rows = who_and_why(published, name, "similar", "", 12)
        assert [(r["peer_id"], pytest.approx(r["distance"], abs=2e-9)) for r in rows] == truth[name]
        parts = [sum(v**2 for k, v in r.items() if k.startswith("distance_")) for r in rows]
        assert [r["distance"] ** 2 for r in rows] == pytest.approx(parts, abs=1e-3)


def test_own_weights(published, world) -> None:
    weights = {"latitude": 2.0, "province": 1.0, "platforms": 0.5}
    truth = truth_peers.similar(world, ON, weights, 5)
    name = next(n for n in sorted(truth) if n.startswith("be-t"))
    rows = who_and_why(published, name, "similar", "latitude:2,province,platforms:0.5", 5)
    assert [(r["peer_id"], pytest.approx(r["distance"], abs=2e-9)) for r in rows] == truth[name]
    assert {"latitude", "distance_latitude", "province", "distance_platforms"} <= rows[0].keys()


def test_neighbours_say_by_what(published, world) -> None:
    truth = truth_peers.neighbours(world, ON, across=True)
    for name in sorted(truth)[::9]:
        rows = who_and_why(published, name, "neighbours_across", "", 12)
        assert [r["peer_id"] for r in rows] == truth[name]
        assert {r["basis"] for r in rows} <= {"border", "distance"}


def test_the_merged_body_on_its_map(published) -> None:
    rows = on_map(published, MAPS[1], period="2024-12", metrics="M26, M29")
    said = {(r["territory_id"], r["metric_id"]): r for r in rows}
    assert said.keys() == {(n, m) for n in ("whole", "still") for m in ("M26", "M29")}
    whole = said["whole", "M26"]
    assert (whole["value"], whole["numerator"], whole["n_bodies"]) == (0.5, 6, 3)
    assert whole["is_recomputed"] and not said["still", "M26"]["is_recomputed"]
    assert said["whole", "M29"]["missing_reason"] == "not_applicable"
    assert "median" in said["whole", "M29"]["reason_en"]
    only = on_map(
        published, MAPS[1], period="2024-12", organisation="Whole", group="be-municipality"
    )
    assert {r["territory_id"] for r in only} == {"whole"}
    # a body of the period finds the territory that it is part of, by its id as by its name
    for name in ("b", "B"):
        found = on_map(published, MAPS[1], period="2024-12", organisation=name)
        assert {r["territory_id"] for r in found} == {"whole"}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda a: who_and_why(a, "nowhere", "similar", "", 9), "published under 'nowhere'"),
        (lambda a: who_and_why(a, "a", "neighbours", "", 9), "published under 'a'"),
        (lambda a: who_and_why(a, "kept", "neighbours", "", 9), "has no place of it"),
        (lambda a: who_and_why(a, "be-t00", "similar", "members:1", 9), "'members' is no variable"),
        (lambda a: on_map(a, date(1990, 1, 1)), "There is no map of 1990-01-01: there is 2019-01"),
        (lambda a: on_map(a, MAPS[1], period="2031-01"), "period '2031-01': there is 2024-12"),
        (lambda a: on_map(a, MAPS[1], metrics="M99"), "Nothing of 2024-12"),
        (lambda a: on_map(a, MAPS[1], group="nl-municipality"), "Nothing of 2024-12"),
    ],
)
def test_what_is_not_there_is_said(published, world, what, said) -> None:
    with pytest.raises(PeersError) as caught:
        what(published)
    assert said in str(caught.value)


def test_options_are_checked_before_anything_starts() -> None:
    for call, said in (
        (lambda: cli.peers("a", kind="friends"), "'friends' is no kind"),
        (lambda: cli.peers("a", kind="similar", variables="", count=0), "0 is no number"),
        (lambda: cli.peers("a", kind="across", variables="x", count=1), "leave --kind out"),
        (lambda: cli.territory_command("2025", format="json"), "'2025' is no date"),
        (lambda: cli.territory_command("2025-01-01", format="xml"), "'xml' is no format"),
    ):
        with pytest.raises(KlankbordError, match=said):
            call()


def test_table_and_json_show_the_same(published, capsys) -> None:
    rows = on_map(published, MAPS[1], period="2024-12", metrics="M26")
    console = Console(width=250, record=True)
    console.print(cli.table(rows))
    text = console.export_text()
    assert "Whole" in text and "reason nl" not in text and "0.500" in text
    capsys.readouterr()
    cli._show(rows, "json")
    assert json.loads(capsys.readouterr().out)[0]["numerator"] == rows[0]["numerator"]
    cli._show(rows, "csv")
    assert capsys.readouterr().out.startswith("territory_id,")
