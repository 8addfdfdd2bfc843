"""The study of 2016, from the platforms' answers to the files of a public edition: every printed
figure comes back, at the precision at which it was printed. The world is chosen for it, nothing of
the pipeline is: register, connectors, DAGs, models, gates and edition are those of every day."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from klankbord import database
from klankbord.editions import export, workflow
from klankbord.editions.rounding import MEAN_DIGITS, significant
from klankbord.imports import survey, survey_mapping
from klankbord.sandbox import study_2016 as study
from klankbord.sandbox import study_2016_counts as counts
from klankbord.sandbox import study_2016_survey, study_2016_table
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.register_files import write_register
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.study_2016_table import FIGURES, FLEMISH, Figure
from tests.conftest import free_port
from tests.dags.airflow_house import AirflowHouse, copied

EXTRACTIONS = ("extract_facebook", "extract_x")
EDITION = "2016-Q2.1"
#: what was said in the quarter, and what answered it until its windows had closed
BACKFILL = {"since": "2016-04-01", "until": "2016-07-15"}


@dataclass(frozen=True)
class Published:
    """A house in which the quarter was made an edition, and that edition's files by audience."""

    house: AirflowHouse
    folders: dict[str, Path]

    def rows(self, table: str, audience: str = "public") -> list[dict[str, str]]:
        with (self.folders[audience] / f"{table}.csv").open(newline="") as file:
            return list(csv.DictReader(file))


def exact(published: Published, key: str, folder: Path) -> float:
    """A figure of groups as the warehouse publishes it, before an edition rounds."""
    found = published.house.rows("select to_json(t) from published.rpt_group_metric as t")
    with (folder / "group_metric.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, found[0][0])
        writer.writeheader()
        writer.writerows(row for (row,) in found)
    return FIGURES[key].value(folder)


def run(house: AirflowHouse, *dags: str, **conf: object) -> None:
    """DAGs for real, every task; each must succeed without an error."""
    arguments = ["--conf", json.dumps(conf)] if conf else []
    done = house.python("-m", "orchestration.run_dags", *dags, *arguments)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.fixture(scope="module")
def published(
    postgres: database.Access, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Published]:
    world = study.StudyWorld()
    sandbox = Sandbox(world, study.COUNTED_AT)
    folder = tmp_path_factory.mktemp("study")
    known = replace(world.register, accounts=world.account_rows())
    variables = {
        "KLANKBORD_SANDBOX": "1",
        "KLANKBORD_NOW": study.COUNTED_AT.isoformat(),
        "KLANKBORD_REGISTER": str(write_register(known, folder / "register")),
        "KLANKBORD_AIRFLOW_PORT": str(free_port()),
    }
    with run_in_thread(sandbox) as url:
        variables["KLANKBORD_SANDBOX_PORT"] = url.rsplit(":", 1)[1]
        empty = AirflowHouse(postgres, "airflow", world, sandbox, variables)
        done = empty.python("-m", "orchestration.setup")
        assert done.returncode == 0, done.stderr
        with copied(empty) as house:
            yield Published(house, _publish(house, folder))


def _publish(house: AirflowHouse, folder: Path) -> dict[str, Path]:
    """From an empty warehouse to the files of a public edition, as the house does it."""
    # followers can only be counted on the day itself
    run(house, "sync_register", *EXTRACTIONS, streams=["profiles"])
    later = house.at(study.READ_AT)
    said = study_2016_survey.write(house.world.register, folder / "survey")
    survey.load(house.access, said[0], survey_mapping.read(said[1]), study.READ_AT)
    run(later, *EXTRACTIONS, "build_benchmark", "publish_edition", **BACKFILL)
    workflow.advance(house.access, EDITION, "public", study.READ_AT)
    found = {}
    for audience in ("public", "members"):
        found[audience] = folder / audience
        export.export(house.access, EDITION, found[audience], audience)
    return found


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_a_printed_figure_comes_back(published: Published, figure: Figure) -> None:
    folder = published.folders[figure.audience]
    if figure.tolerance:
        printed = float(figure.printed)
        assert abs(figure.value(folder) - printed) <= figure.tolerance
    else:
        assert figure.shown(folder) == figure.printed


def test_the_census_is_of_everybody(published: Published) -> None:
    """73 % and 65 % are of all 308, and the average municipality is the average of all 308."""
    towns = [
        row
        for row in published.rows("organisation")
        if (row["country"], row["organisation_type"]) == ("BE", "municipality")
    ]
    assert len(towns) == 308
    census = [
        row
        for row in published.rows("group_metric")
        if (row["group_id"], row["metric_id"], row["period"]) == (FLEMISH, "M01", study.QUARTER)
    ]
    assert {row["platform"]: (row["n"], row["n_members"], row["status"]) for row in census} == {
        platform: ("308", "308", "final") for platform in ("facebook", "x")
    }


def test_all_of_the_rest_is_as_much_as_the_whole_allows(published: Published, tmp_path) -> None:
    """73 % of all and everybody over 50,000 leave 72 % of the rest: "about 75 %" cannot be more."""
    most = (int(0.735 * 308) - counts.BODIES_OF_CLASS[2]) / sum(counts.BODIES_OF_CLASS[:2])
    rest = FIGURES["rest_facebook"].value(published.folders["public"])
    assert exact(published, "rest_facebook", tmp_path) == pytest.approx(100 * 213 / 296)
    # of two shares in five digits
    assert rest == pytest.approx(100 * 213 / 296, abs=0.001)
    assert rest <= 100 * most < 72.5


def test_figures_are_final_synthetic_and_of_a_whole_quarter(published: Published) -> None:
    for key in ("interact_facebook", "interact_x", "response_hours"):
        where = FIGURES[key].where
        [row] = [
            row
            for row in published.rows("group_metric")
            if all(row[column] == text for column, text in where.items())
        ]
        assert (row["status"], row["is_synthetic"]) == ("final", "true"), key
        assert float(row["coverage"]) == 1.0, key
        assert "window_hours" in row["parameters"] or key != "response_hours"


def test_the_response_time_is_that_of_the_world_itself(published: Published, tmp_path) -> None:
    """Every question and answer came through: the mean is the world's own, not only 19 hours."""
    known = study.mean_response_hours(published.house.world)
    assert exact(published, "response_hours", tmp_path) == pytest.approx(known, abs=1e-9)
    mean = FIGURES["response_hours"].value(published.folders["public"])
    assert mean == significant(known, MEAN_DIGITS)


def test_what_organisations_say_is_never_among_what_was_counted(published: Published) -> None:
    """95 % called themselves active and 73 % had a page: one is a survey's, one the census's."""
    census = published.rows("group_metric")
    assert not any(name.startswith("survey") for name in census[0])
    assert {"M01", "M02", "M22"} <= {row["metric_id"] for row in census}
    assert "M50" not in {row["metric_id"] for row in census}
    for table in ("organisation_presence", "organisation_metric"):
        rows = published.rows(table, "members")
        assert rows and "M50" not in {row["metric_id"] for row in rows}, table
    survey_rows = published.rows("survey_share")
    assert {(row["basis"], row["metric_id"]) for row in survey_rows} == {("survey", "M50")}
    assert not {"platform", "period"} & set(survey_rows[0])
    # those of the survey are 198 of 753 bodies of four types, those of the census all of one type
    everyone = [row for row in survey_rows if row["group_id"] == "all"]
    assert {row["n"] for row in everyone} == {"198"}


def test_channels_without_an_api_are_counted_by_hand(published: Published) -> None:
    """14 % of the municipalities, in the warehouse: no edition has the channels by hand yet."""
    found = published.house.rows(
        "select platform, 100.0 * count(*) filter (where is_present) / count(*)"
        " from marts.fct_presence where period_kind = 'quarter' and period_start = '2016-04-01'"
        " and organisation_id like 'be-municipality-%%' and platform = any(%s) group by 1",
        sorted(counts.BY_HAND),
    )
    assert {name: f"{share:.0f}" for name, share in found} == dict.fromkeys(counts.BY_HAND, "14")
    measured = {row["platform"] for row in published.rows("group_metric")}
    assert not measured & set(counts.BY_HAND), "nothing of them is measured"


def test_the_page_shows_this_table() -> None:
    page = (Path(study_2016_table.__file__).parents[3] / "docs" / "study-2016.md").read_text()
    assert study_2016_table.markdown() in page, (
        "docs/study-2016.md has another table than `python -m klankbord.sandbox.study_2016_table`"
    )
