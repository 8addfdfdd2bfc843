"""Every rule of `klankbord dashboards validate`, seen failing on a spoiled copy of the assets."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from klankbord.dashboards import bundle as bundle_module
from klankbord.dashboards.bundle import Address, read_yaml, render
from klankbord.dashboards.layout import ordered
from klankbord.dashboards.sql_names import find_names, find_tables
from klankbord.dashboards.validation import CONTRACTS, read_contracts, validate
from klankbord.web.networks import NETWORKS
from tests.superset.published import TABLES

Spoil = Callable[[str, str, str], None]


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A copy of superset_assets that may be spoiled."""
    copy = tmp_path / "superset_assets"
    shutil.copytree(
        bundle_module.ASSETS, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    return copy


@pytest.fixture
def spoil(assets: Path) -> Spoil:
    """spoil(file, old, new): replace a text that must be there, in one file."""

    def change(name: str, old: str, new: str) -> None:
        path = assets / name
        text = path.read_text()
        assert old in text, f"{name} does not contain {old!r}"
        path.write_text(text.replace(old, new))

    return change


def test_the_assets_are_without_fault() -> None:
    assert validate() == []


def test_the_test_tables_are_those_of_the_contracts() -> None:
    ours = {
        table: {part.split()[0] for part in columns.split(",")} for table, columns in TABLES.items()
    }
    contracts = read_contracts()
    assert ours == {table: contracts[table] for table in ours}


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("datasets/group_metric.yaml", "      n_members,", "      n_membres,", "n_membres is no"),
        ("datasets/group_metric.yaml", "published.rpt_group_metric", "marts.fct_metric",
         "marts.fct_metric, which is not a published table"),
        ("datasets/follower_trend.yaml", "max(own_value)", "max(own_vlaue)", "uses own_vlaue"),
        ("datasets/follower_trend.yaml", "{name: followers,", "{name: folowers,",
         "column folowers is not among"),
        ("charts/regional/trend.yaml", "metric_id: M06c", "metric_ident: M06c", "metric_ident is"),
        ("charts/regional/trend.yaml", "x_axis: period_start", "x_axis: period", "period is no"),
        ("charts/regional/trend.yaml", "metrics: [figure]", "metrics: [figures]",
         "figures is no metric"),
        ("charts/regional/trend.yaml", "orderby: [period_start]", "orderby: [moment]",
         "moment is no col"),
        ("charts/regional/trend.yaml", "dataset: group_trend", "dataset: trend",
         "there is no dataset 'trend'"),
        ("charts/regional/trend.yaml", "query:", "inquiry:", "has no query_context"),
        ("charts/regional/trend.yaml", "slug: regional-trend", "slug: regional-table",
         "slug regional-table is used 2 times"),
        ("charts/regional/trend.yaml", "params: {", "params: {datasource: 7__table, ",
         "params.datasource is an id of one environment"),
        ("charts/regional/trend.yaml", "<< t.regional.trend >>", "<< t.regional.trent >>",
         "charts/regional/trend.yaml, language nl"),
        ("dashboards/regional.yaml", "[regional-table, 12, 70]", "[regional-tabel, 12, 70]",
         "there is no chart 'regional-tabel'"),
        ("dashboards/regional.yaml", "  - [[regional-table, 12, 70]]\n", "",
         "no dashboard shows this chart"),
        ("dashboards/regional.yaml", "column: platform_name", "column: platform",
         "platform is no column of its dataset"),
        ("dashboards/regional.yaml", "sort_by: area_rank", "sort_by: rank", "rank is no metric"),
        ("dashboards/regional.yaml", "parents: [country]", "parents: [continent]",
         "NATIVE_FILTER-continent, which is not there"),
        ("dashboards/regional.yaml", "excludes: [regional-trend, ", "excludes: [",
         "has no column month"),
        ("texts.yaml", "    trend_help: Thirteen months", "    trend_helf: Thirteen months",
         "en has no text for organisation.trend_help"),
        ("texts.yaml", "    area: Region or province", "    area: ", "en columns.area is None"),
        ("databases/klankbord.yaml", "XXXXXXXXXX", "geheim", "at the place of the password"),
        ("databases/klankbord.yaml", "klankbord_reader", "postgres", "must use role"),
        ("databases/klankbord.yaml", "slug: klankbord", "password: x\nslug: klankbord",
         "password may hold a secret"),
    ],
)  # fmt: skip
def test_a_fault_is_named(
    assets: Path, spoil: Spoil, name: str, old: str, new: str, expected: str
) -> None:
    spoil(name, old, new)
    faults = validate(assets)
    assert any(expected in fault for fault in faults), faults


def test_a_column_that_dbt_no_longer_publishes_is_a_fault(assets: Path, tmp_path: Path) -> None:
    contracts = tmp_path / "reporting"
    contracts.mkdir()
    for path in CONTRACTS.glob("*.yml"):
        text = path.read_text()
        (contracts / path.name).write_text(re.sub(r"name: group_median\b", "name: median_x", text))
    faults = validate(assets, contracts)
    assert any(
        "group_median is no column of" in f and "rpt_organisation_metric" in f for f in faults
    )


def test_two_assets_cannot_have_one_uuid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_module.uuid, "uuid5", lambda *_: "the same")
    assert any("is that of" in fault for fault in validate())


def test_uuids_and_bytes_are_fixed() -> None:
    first, second = render(Address()), render(Address())
    assert first.zip() == second.zip()
    dashboards = {a["slug"]: a["uuid"] for a in first.of("dashboards").values()}
    # a changed UUID would leave every bookmark and every earlier deployment behind
    assert dashboards == {
        "conversation-and-waiting": "65f9337e-58ab-5b24-8ac7-b6218d1ece8f",
        "crisis": "3155943d-8018-5a33-bec5-42a9344b153f",
        "crisis-clock": "30d1e8eb-3358-5614-8f3d-511cc2b89978",
        "doelen-en-groeifase": "9907b40f-9766-57ac-a72e-058f6fda4930",
        "enquete": "badb69dc-5430-51e4-97f6-c642797fa078",
        "gesprek-en-wachttijd": "5b085681-5704-52a8-84a3-073f87b7a8f6",
        "goals-and-maturity": "ba570b9b-14df-5e76-a8b3-d6db87981223",
        "mijn-gelijken": "6058f99b-b63b-5187-a661-8c688e1a4dab",
        "mijn-organisatie": "91f7759c-84e1-5ed0-b0c4-d837b8abd600",
        "my-organisation": "40ec9768-963e-5471-9f73-23097a079804",
        "my-peers": "10126544-f3e4-5226-899d-c6c8f549fd57",
        "regional-benchmark": "2e478ce7-b1e1-5a46-81b0-9a0271321bb7",
        "regionale-benchmark": "7dd9708e-009b-59e2-9b62-8e11a1a056a3",
        "survey": "962ae6b5-36ea-5576-b3e0-00d2f9c09da1",
    }  # fmt: skip


def test_both_languages_have_the_same_charts() -> None:
    charts = render(Address()).of("charts")
    dutch = {path for path in charts if path.endswith("-nl.yaml")}
    assert {path.replace("-nl.yaml", "-en.yaml") for path in dutch} == charts.keys() - dutch
    assert len(dutch) == 47


def test_every_figure_of_an_organisation_says_what_to_do_next() -> None:
    texts = read_yaml(bundle_module.ASSETS / "texts.yaml")
    for chart in ("cards", "table"):
        source = read_yaml(bundle_module.ASSETS / f"charts/organisation/{chart}.yaml")
        assert {"next_step"} <= set(source["query"]["columns"])
        for language, words in texts.items():
            for metric in source["query"]["filters"]["metric_id"]:
                assert words["next"][metric].keys() == {"below", "middle", "above"}, language


def _codes(file: str, model: str, column: str) -> set[str]:
    """What dbt's test of accepted values lets a column be."""
    models = read_yaml(CONTRACTS.parent / file)["models"]
    found = next(m for m in models if m["name"] == model)["columns"]
    tests = next(c for c in found if c["name"] == column)["data_tests"]
    values = [t["accepted_values"] for t in tests if isinstance(t, dict) and "accepted_values" in t]
    return set(values[0]["arguments"]["values"])


def test_everything_that_can_be_said_of_a_figure_has_words() -> None:
    comparison = "marts/_comparison__models.yml", "fct_comparison"
    changes = {row["change_kind"]: row for row in _seed("change_reasons.csv")}
    for language, words in read_yaml(bundle_module.ASSETS / "texts.yaml").items():
        assert _codes(*comparison, "comparison") <= words["comparison"].keys()
        assert _codes(*comparison, "comparison_basis") == words["not_told_apart"].keys()
        assert _codes(*comparison, "comparison_reason") == words["comparison_reasons"].keys()
        assert all(row[f"reason_{language}"] for row in changes.values())
        phases = {row["term"] for row in _seed("policy_terms.csv")
                  if row["term_kind"] == "maturity_phase"}  # fmt: skip
        assert phases - {"unknown"} == words["phases"].keys()
        assert words["roles"].keys() >= {"neighbour", "municipality", "police_zone"}
        assert {"all", *NETWORKS} <= words["platforms"].keys() | words["networks"].keys()
        reasons = _codes("reporting/_web__models.yml", "rpt_web_visits", "missing_reason")
        assert reasons == words["visits_reasons"].keys() == words["visits_no_change"].keys()


def _seed(name: str) -> list[dict[str, str]]:
    with (CONTRACTS.parents[1] / "seeds" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_survey_is_on_no_page_with_a_census() -> None:
    bundle = render(Address())
    charts = {asset["uuid"]: asset for asset in bundle.of("charts").values()}
    datasets = {asset["uuid"]: asset["table_name"] for asset in bundle.of("datasets").values()}
    pages = []
    for page in bundle.of("dashboards").values():
        boxes = [box for box in page["position"].values() if isinstance(box, dict)]
        shown = [box["meta"]["uuid"] for box in boxes if box["type"] == "CHART"]
        kinds = {datasets[charts[uuid]["dataset_uuid"]].startswith("survey_") for uuid in shown}
        assert len(kinds) == 1, page["slug"]
        pages += [page["slug"]] if kinds == {True} else []
    assert pages == ["enquete", "survey"]


@pytest.mark.parametrize("kind", ["organisation", "peers", "goals", "regional", "crisis"])
def test_a_page_that_compares_says_that_a_place_is_no_judgement(kind: str) -> None:
    bundle = render(Address())
    texts = read_yaml(bundle_module.ASSETS / "texts.yaml")
    for language, word in (("nl", "geen oordeel"), ("en", "judgement")):
        page = bundle.files[f"dashboards/{texts[language][kind]['slug']}.yaml"]
        boxes = [box["meta"].get("uuid") for box in page["position"].values()
                 if isinstance(box, dict) and "meta" in box]  # fmt: skip
        tiles = [c["params"].get("handlebarsTemplate", "") for c in bundle.of("charts").values()
                 if c["uuid"] in boxes]  # fmt: skip
        assert any(word in tile for tile in tiles), (kind, language)


def test_names_sort_as_they_stand() -> None:
    # a hair space for each name that follows; browsers sort it before every letter
    assert ordered({"b": "B", "c": "C", "a": "A"}) == {
        "b": "\u200a\u200aB", "c": "\u200aC", "a": "A",
    }  # fmt: skip


def test_no_password_is_in_the_bundle() -> None:
    text = yaml.safe_dump(dict(render(Address()).files))
    assert "klankbord_reader:XXXXXXXXXX@" in text
    assert "password" not in text


def test_names_in_sql() -> None:
    sql = """with a as (select x from published.t) -- no_name
        select a.y, sum(z)::double precision as total, 'text' from a
        left join published.u as b using (k)"""
    assert find_tables(sql) == {"published.t", "published.u"}
    names = find_names(sql)
    assert names.used - names.made == {"x", "y", "z", "k"}
    assert {"a", "b", "total"} <= names.made
