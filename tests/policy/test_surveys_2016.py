"""The survey of the 2016 study: its response and its shares come back, from file to table."""

import csv
from datetime import date
from pathlib import Path

import pytest

from klankbord.errors import KlankbordError
from klankbord.imports import survey, survey_mapping
from klankbord.register import Register
from klankbord.sandbox.truth_survey import Asked
from tests.inputs.conftest import NOW
from tests.policy.bodies import body, population, register
from tests.policy.test_surveys import MODELS, differences
from tests.policy.warehouse import bench

#: type -> bodies in the register, asked, answered
STUDY = {
    "municipality": (308, 241, 119),
    "ocmw": (308, 181, 44),
    "police_zone": (118, 117, 30),
    "emergency_zone": (20, 20, 5),
}
#: what was printed: box -> percent of those who answered
PRINTED = {
    "answers": 78, "participation": 15, "discussion": 24, "community": 36, "department": 82,
    "knowledge": 62, "time": 54, "budget": 52, "snapchat": 14,
}  # fmt: skip
BARRIERS = {"knowledge", "time", "budget"}


def bodies() -> Register:
    """As many bodies as there were; a fifth of the towns are of the middle class, some large."""
    organisations, populations = [], []
    for kind, (count, _, _) in STUDY.items():
        for n in range(count):
            organisations.append(body(f"be-{kind}-{n}", kind.replace("-", "_")))
            size = 60_000 if n % 20 == 0 else 30_000 if n % 5 == 1 else 9_000
            populations.append(population(f"be-{kind}-{n}", size, date(2019, 1, 1)))
    organisations += [body(f"be-municipality-w{n}", region="03000") for n in range(50)]
    return register(organisations, [], populations)


def answers() -> dict[str, dict[tuple[str, str], bool]]:
    """Who answered, and each box ticked by as many of all as were printed."""
    who = [f"be-{kind}-{n}" for kind, (_, _, said) in STUDY.items() for n in range(said)]
    found: dict[str, dict[tuple[str, str], bool]] = {one: {} for one in who}
    for step, (box, percent) in enumerate(PRINTED.items()):
        yes = round(percent * len(who) / 100)
        question = "barriers" if box in BARRIERS else "does"
        for place, one in enumerate(who):
            # spread over types and sizes, differently for each box
            found[one][question, box] = (place * 89 + 7 * step) % len(who) < yes
    return found


def files(folder: Path) -> tuple[Path, Path]:
    """The export and its mapping, as LimeSurvey and its owner would write them."""
    boxes = {q: [b for b in PRINTED if (b in BARRIERS) == (q == "barriers")]
             for q in ("does", "barriers")}  # fmt: skip
    heads = [f"{question}[{box}]" for question, parts in boxes.items() for box in parts]
    with (folder / "study.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "submitdate", "lastpage", "body", *heads])
        for number, (one, said) in enumerate(answers().items(), 1):
            cells = ["Y" if said[question, box] else "N"
                     for question, parts in boxes.items() for box in parts]  # fmt: skip
            writer.writerow([number, "2016-06-30 12:00:00", 3, one, *cells])
    asked = "\n".join(
        f'  - {{country: BE, type: {kind}, number: {asked}, regions: ["02000"]}}'
        for kind, (_, asked, _) in STUDY.items()
    )
    questions = "\n".join(
        f"  - {{code: {question}, kind: multiple, subquestions: {{"
        + ", ".join(f"{box}: {box}" for box in parts) + "}}"
        for question, parts in boxes.items()
    )  # fmt: skip
    (folder / "study.yaml").write_text(
        "survey: study-2016\nyear: 2016\norganisation: {country: BE, column: body,"
        f" by: organisation_id}}\naddressed:\n{asked}\nquestions:\n{questions}\n"
    )
    return folder / "study.csv", folder / "study.yaml"


@pytest.fixture(scope="module")
def study(built, tmp_path_factory):
    """The study's file imported by our own command's code, and the tables of it."""
    with bench(built, keep=True) as desk:
        desk.empty()
        desk.register(bodies())
    export, mapping = files(tmp_path_factory.mktemp("study"))
    survey.load(built, export, survey_mapping.read(mapping), NOW)
    with bench(built, keep=True) as desk:
        desk.run(*MODELS)
    with bench(built) as desk:
        yield desk
    with bench(built, keep=True) as desk:
        desk.empty()


def test_its_response_is_what_was_printed(study) -> None:
    rates = study.rows(
        "select group_id, responses, round(100 * response_rate::numeric, 1), bodies"
        " from reporting.rpt_survey_response where group_kind <> 'cell'"
    )
    assert {group: (said, float(rate), bodies) for group, said, rate, bodies in rates} == {
        "be-municipality": (119, 49.4, 308),
        "be-ocmw": (44, 24.3, 308),
        "be-police_zone": (30, 25.6, 118),
        "be-emergency_zone": (5, 25.0, 20),
        "all": (198, 35.4, 754),
    }


def test_its_shares_are_what_was_printed_and_weighted_are_others(study) -> None:
    """Unweighted, the study's own; weighted they lie within their interval and tell of 754."""
    rows = study.rows(
        "select subquestion_code, round(100 * unweighted_share), share, lower, upper, n,"
        " n_population, n_effective, basis, population_nl from reporting.rpt_survey_share"
        " where group_id = 'all'"
    )
    assert {row[0]: int(row[1]) for row in rows} == PRINTED
    for _, printed, share, lower, upper, n, bodies, effective, basis, label in rows:
        assert lower < share < upper
        assert lower < float(printed) / 100 < upper
        assert (n, bodies, basis) == (198, 754, "survey")
        assert 100 < effective < 198
        assert "op 1 januari 2016, geschat uit een enquête" in label
    assert any(abs(row[2] - float(row[1]) / 100) > 0.005 for row in rows)


def test_they_are_what_plain_python_makes_of_it(study) -> None:
    regions = {("BE", kind): ("02000",) for kind in STUDY}
    asked = Asked(2016, regions, answers())
    assert differences(study, bodies(), asked) == []


def test_a_region_that_nobody_has_is_refused(study, built, tmp_path: Path) -> None:
    export, mapping = files(tmp_path)
    text = mapping.read_text()
    mapping.write_text(text.replace('["02000"]', '["02000", "09000"]'))
    with pytest.raises(KlankbordError, match="names 09000, which no organisation"):
        survey.load(built, export, survey_mapping.read(mapping), NOW)
    for wrong in ("02000", "[]", '["Flanders"]'):
        mapping.write_text(text.replace('["02000"]', wrong, 1))
        with pytest.raises(KlankbordError, match=r"`regions` lists|no region code"):
            survey_mapping.read(mapping)
