"""The catalogue is without fault, and every rule is seen failing on a spoiled copy of the seeds."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from klankbord import catalogue
from klankbord.catalogue import CatalogueError, generated, language, rules
from klankbord.catalogue.reading import PROJECT
from klankbord.cli.main import app

#: change(seed, key, column, text): set one cell of the row whose first cells are the key
Change = Callable[[str, str, str, str], None]


def faults(project: Path) -> str:
    """Everything that reading or the rules say."""
    try:
        return "\n".join(rules.check(catalogue.read(project), project))
    except CatalogueError as error:
        return str(error)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The dbt project with seeds that may be spoiled; its models are the real ones."""
    shutil.copytree(PROJECT / "seeds", tmp_path / "seeds")
    shutil.copy(PROJECT / "dbt_project.yml", tmp_path)
    (tmp_path / "models").symlink_to(PROJECT / "models")
    return tmp_path


@pytest.fixture
def change(project: Path) -> Change:
    def spoil(seed: str, key: str, column: str, text: str) -> None:
        path = project / "seeds" / f"{seed}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        wanted = key.split("/")
        chosen = [row for row in rows if row[: len(wanted)] == wanted]
        assert len(chosen) == 1, key
        assert chosen[0][header.index(column)] != text, "nothing is spoiled"
        chosen[0][header.index(column)] = text
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])

    return spoil


def test_the_catalogue_is_without_fault() -> None:
    found = catalogue.read()
    assert rules.check(found) == []
    assert generated.stale(found) == []
    assert {int(m.metric_id[1:3]) for m in found.metrics} == set(range(1, 51))
    answer = CliRunner().invoke(app, ["metrics", "check"])
    assert answer.exit_code == 0
    assert answer.stdout.startswith(f"{len(found.metrics)} metrics, ")


@pytest.mark.parametrize(
    ("seed", "key", "column", "text", "said"),
    [
        ("metrics", "M07", "metric_id", "M08", "M08 stands on line"),
        ("metrics", "M50", "metric_id", "M51", "M50 has no row"),
        ("metrics", "M50", "metric_id", "M50XL", "an id is M, two digits"),
        ("metrics", "M01", "metric_id", "M49z", "in the order of their ids"),
        ("metrics", "M05", "theme", "listeners", "no theme 'listeners'"),
        ("metrics", "M05", "unit", "per 200", "no unit 'per 200'"),
        ("metrics", "M05", "direction", "up", "no direction 'up'"),
        ("metrics", "M05", "basis", "fans", "no basis 'fans'"),
        ("metrics", "M05", "formula", "{fans} / 2", "no quantity 'fans'"),
        ("metrics", "M05", "denominator", "fans", "no quantity 'fans'"),
        ("metrics", "M05", "source", "", "give a formula and a source"),
        ("metrics", "M05", "source", "astrology", "no source 'astrology'"),
        ("metrics", "M05", "name_nl", "", "name_nl is empty"),
        ("metrics", "M05", "name_nl", "Followers per 100 inwoners", "another language: followers"),
        ("metrics", "M05", "name_de", "Aanwezigheid van het bestuur", "name_de has words of"),
        ("metrics", "M05", "name_fr", "Popularité", "name_fr is that of M05 too"),
        ("metrics", "M05", "description_fr", "Le nombre", "is no sentence"),
        ("metrics", "M05", "caveat_en", "This \u2014 not that.", "long dash"),
        ("metrics", "M05", "tier", "T1", "stream profiles is not read under tier T1"),
        ("metrics", "M05", "stream", "rumours", "stream 'rumours' is unknown"),
        ("metrics", "M05", "needs", "", "needs_followers and needs disagree"),
        ("metrics", "M05", "needs", "followers luck", "needs 'luck'"),
        ("metrics", "M21", "needs", "messages", "messages does not come with stream outgoing"),
        ("metrics", "M13", "stream", "posts", "reach does not come with stream posts"),
        ("metrics", "M06a", "base_metric_id", "M99", "base_metric_id 'M99' is no metric"),
        ("metrics", "M06a", "base_metric_id", "M06b", "only a group's metric"),
        ("metrics", "M06a", "base_metric_id", "M03", "another unit or scale than its base M03"),
        ("metrics", "M05", "is_group_only", "true", "only a group's metric"),
        ("metrics", "M05", "group_interval_kind", "none", "group's median is order_statistic"),
        ("metrics", "M01", "group_interval_kind", "none", "group's mean is wilson"),
        ("metrics", "M29", "interval_kind", "wilson", "a Wilson interval is one of a share"),
        ("metrics", "M26", "parameter_set", "answers", "no parameter set 'answers'"),
        ("metrics", "M05", "is_computed", "false", "is_computed and model must say the same"),
        ("metrics", "M05", "is_computed", "yes", "give true or false"),
        ("metrics", "M05", "scale", "1e2", "give a whole number"),
        ("metrics", "M05", "model", "fct_gossip", "there is no dbt model fct_gossip"),
        ("metrics", "M05", "model", "fct_metric", "comes from fct_audience_figure"),
        ("metrics", "M05", "model", "fct_service_figure", "comes from fct_audience_figure"),
        ("metrics", "M26", "model", "fct_service_figure", "fct_service_figure has no select"),
        ("metrics", "M27", "model", "fct_response_figure", "fct_response_figure has no select"),
        ("metrics", "M05", "name_nl", " Volgers", "begins or ends with a blank"),
        ("metric_terms", "quantity/weeks", "name_fr", "", "name_fr is empty"),
        ("metric_terms", "quantity/weeks", "code", "years", "years is used by no metric"),
        ("metric_terms", "quantity/weeks", "code", "days", "quantity days stands there twice"),
        ("metric_terms", "parameter/clock", "code", "watch", "no parameter clock"),
        ("metric_units", "hours", "most", "-1", "least must be less than most"),
        ("metric_units", "hours", "least", "", "least must be less than most"),
        ("reasons", "no_reach", "reason_de", "Kein Wert", "is no sentence"),
        ("reasons", "no_reach", "reason_code", "reachless", "reasons.csv has no 'no_reach'"),
        ("reasons", "no_reach", "reason_code", "reachless", "reachless is given by no platform"),
        ("platform_gaps", "x/reach", "need", "charm", "no metric needs that"),
        ("platform_gaps", "x/reach", "platform", "myspace", "no such platform"),
        ("platform_gaps", "instagram/shares", "platform", "x", "x: has_shares and platform_gaps"),
        ("platforms", "tiktok", "has_messages", "true", "has_messages and platform_gaps.csv"),
        ("metrics", "M02", "model", "", "is_computed and model must say the same"),
    ],
)  # fmt: skip
def test_each_rule_is_seen_failing(
    project: Path, change: Change, seed: str, key: str, column: str, text: str, said: str
) -> None:
    change(seed, key, column, text)
    assert said in faults(project)


def test_a_figure_that_the_catalogue_does_not_know_is_named(project: Path) -> None:
    (project / "models").unlink()
    shutil.copytree(PROJECT / "models", project / "models")
    model = project / "models/marts/fct_audience_figure.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(text + "\n-- 'M07'\n", encoding="utf-8")
    assert "fct_audience_figure.sql: gives M07" in faults(project)
    model.write_text(text.replace("'M05'", "'M55'"), encoding="utf-8")
    assert "fct_audience_figure has no select for 'M05'" in faults(project)


def test_faults_of_form_come_all_at_once(project: Path, change: Change) -> None:
    change("metrics", "M05", "scale", "much")
    change("metrics", "M09", "is_computed", "maybe")
    said = faults(project)
    assert "scale is 'much'" in said and "is_computed is 'maybe'" in said
    with (project / "seeds/metric_units.csv").open("a", encoding="utf-8") as file:
        file.write("yards,1,0\n")
    assert "3 cells instead of 13." in faults(project)
    (project / "seeds/reasons.csv").write_text("reason\n", encoding="utf-8")
    assert "reasons.csv, line 1: the columns must be reason_code,reason_nl" in faults(project)
    (project / "seeds/reasons.csv").unlink()
    assert "reasons.csv cannot be read" in faults(project)


def test_parameters_need_their_variables(project: Path) -> None:
    path = project / "dbt_project.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  window_hours: 168\n", ""), encoding="utf-8")
    assert "dbt_project.yml: the parameters cannot be read (KeyError('window_hours'))" in faults(
        project
    )


@given(st.binary(max_size=400))
@settings(max_examples=60)
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, wild: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "wild_catalogue"
    if not folder.exists():
        shutil.copytree(PROJECT / "seeds", folder / "seeds")
        shutil.copy(PROJECT / "dbt_project.yml", folder)
    for name in ("metrics", "metric_terms", "metric_units"):
        whole = (PROJECT / "seeds" / f"{name}.csv").read_bytes()
        (folder / "seeds" / f"{name}.csv").write_bytes(whole[: len(whole) // 2] + wild)
    try:
        rules.check(catalogue.read(folder))
    except CatalogueError as error:
        assert "line" in str(error) or "cannot be read" in str(error)


def test_words_of_other_languages_are_recognised() -> None:
    assert language.foreign_words("Het aandeel van the followers", "nl") == ["the", "followers"]
    assert language.foreign_words("Het aandeel van de volgers", "nl") == []
    assert language.foreign_words("Der Anteil het", "de") == ["het"]
    assert language.foreign_words("La part des questions", "fr") == []
    same = {"nl": "Alles.", "fr": "Tout.", "en": "All.", "de": "Alles."}
    assert list(language.faults(same, is_sentence=True)) == [("de", "is the same text as in nl.")]
    assert list(language.faults(same)) == []
