"""opening_hours.csv of the register: what is read, what is refused, how it reaches the warehouse;
and the seed of holidays against the library it was made with."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import holidays
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from klankbord import database, public_holidays, register, warehouse
from klankbord.errors import RegisterError
from klankbord.register.opening_hours import faults
from klankbord.register.rows import OpeningHours, columns
from klankbord.sandbox import truth_clock
from klankbord.settings import PROJECT_ROOT
from tests.databases import new_warehouse
from tests.inputs.conftest import EXAMPLES, NOW, folder, rows  # noqa: F401

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
HEADER = "organisation_id,weekday,opens_at,closes_at,valid_from,valid_to,basis,source\n"
TOWN = "be-municipality-91001"


@pytest.fixture
def with_hours(folder: Path) -> Callable[..., Path]:  # noqa: F811
    def write(*lines: str) -> Path:
        (folder / "opening_hours.csv").write_text(HEADER + "".join(f"{x}\n" for x in lines))
        return folder

    return write


def line(weekday="1", opens="09:00", closes="17:00", since="", to="", body=TOWN) -> str:
    return f"{body},{weekday},{opens},{closes},{since},{to},declared,its website"


@pytest.mark.parametrize(
    ("lines", "number", "fault"),
    [
        ([line("8")], 2, "weekday '8' is not a day; write 1 for Monday to 7 for Sunday"),
        ([line("Monday")], 2, "weekday 'Monday' is not a day"),
        ([line(opens="9:00")], 2, "opens_at '9:00' is not a time from 00:00 to 23:59; write it as"),
        ([line(opens="24:00")], 2, "opens_at '24:00' is not a time"),
        ([line(closes="24:01")], 2, "closes_at '24:01' is not a time from 00:01 to 24:00"),
        ([line(closes="17.00")], 2, "closes_at '17.00' is not a time"),
        ([line(closes="")], 2, "closes_at is empty; fill it in"),
        ([line(opens="20:00", closes="02:00")], 2,
         "closes_at 02:00 is not after opens_at 20:00; write hours past midnight on two lines"),
        ([line(opens="09:00", closes="09:00")], 2, "closes_at 09:00 is not after opens_at 09:00"),
        ([line(), line(opens="16:59", closes="18:00")], 3,
         f"16:59-18:00 of {TOWN} on 1 overlaps with"),
        ([line(to="2026-01-02"), line(since="2026-01-01")], 3, "overlaps with"),
        ([line(), line()], 3, "09:00-17:00"),
        ([line("holiday")], 2, f"{TOWN} has hours on holidays only and would be closed on all"),
        ([line(since="2026-01-01", to="2026-01-01")], 2, "valid_to 2026-01-01 is not after"),
        ([line(body="be-nowhere")], 2, "organisation_id 'be-nowhere' is in no organisations.csv"),
    ],
)  # fmt: skip
def test_each_fault_has_its_line(with_hours, lines, number, fault) -> None:
    where = with_hours(*lines)
    with pytest.raises(RegisterError) as caught:
        register.read([where])
    (said,) = str(caught.value).splitlines()
    assert said.startswith(f"{where}/opening_hours.csv:{number}: ")
    assert fault in said


def test_hours_that_touch_follow_or_take_turns_are_fine(with_hours) -> None:
    lines = [
        line(opens="09:00", closes="12:00"),
        line(opens="12:00", closes="24:00"),
        line("2", opens="00:00"),
        line(to="2026-01-01", opens="09:00", closes="18:00").replace(",1,", ",3,"),
        line(since="2026-01-01", opens="08:00").replace(",1,", ",3,"),
        line("holiday", opens="10:00", closes="11:00"),
    ]
    found = register.read([with_hours(*lines)]).opening_hours
    assert [(row.weekday, row.opens_at, row.closes_at) for row in found] == [
        ("1", "09:00", "12:00"),
        ("1", "12:00", "24:00"),
        ("2", "00:00", "17:00"),
        ("3", "09:00", "18:00"),
        ("3", "08:00", "17:00"),
        ("holiday", "10:00", "11:00"),
    ]


@given(st.lists(st.tuples(st.sampled_from("12"), st.integers(0, 23), st.integers(1, 24))))
def test_rows_overlap_exactly_when_an_hour_is_in_two_of_them(cells) -> None:
    made = [
        OpeningHours(
            organisation_id="b", weekday=day, opens_at=f"{a:02}:00", closes_at=f"{b:02}:00",
            valid_from=None, valid_to=None, basis="declared", source="s", source_line=n,
        )
        for n, (day, a, b) in enumerate(cells)
    ]  # fmt: skip
    said = [what for _, what in faults(made)]
    right = [(day, set(range(a, b))) for day, a, b in cells if a < b]
    pairs = sum(
        bool(hours & others) and day == other
        for n, (day, hours) in enumerate(right)
        for other, others in right[:n]
    )
    assert sum("overlaps" in what for what in said) == pairs
    assert sum("is not after" in what for what in said) == len(cells) - len(right)


def test_changed_hours_leave_their_history_and_reach_staging(postgres, with_hours) -> None:
    def load(access: database.Access, *lines: str) -> register.Counts:
        with access.connect("klankbord_loader") as connection:
            read = register.read([with_hours(*lines)])
            return register.load(connection, read, NOW).tables["opening_hours"]

    with new_warehouse(postgres) as access:
        assert load(access, line(), line("2", closes="24:00")) == register.Counts(2, 0, 0)
        assert load(access, line(), line("2", closes="24:00")) == register.Counts(0, 0, 2)
        assert load(access, line(), line("2", closes="20:00")) == register.Counts(1, 1, 1)
        warehouse.run(access, ["run", "--select", "stg_register__opening_hours"])
        query = (
            "select weekday, opens_minute, closes_minute from staging.stg_register__opening_hours"
        )
        found = rows(access, f"{query} order by 1", "klankbord_transformer")
    assert found == [("1", 540, 1020), ("2", 540, 1200)]


def test_a_column_is_what_the_page_says() -> None:
    text = (PROJECT_ROOT / "docs" / "inputs.md").read_text()
    section = text.split("## Opening hours")[1].split("\n## ")[0]
    for name in columns(OpeningHours):
        assert f"`{name}`" in section, name


# --- holidays and default hours ---


def test_the_seed_is_what_the_library_says_today() -> None:
    """Run `python -m klankbord.public_holidays` and look at the difference when this fails."""
    assert public_holidays.SEED.read_text() == public_holidays.text()
    variables = yaml.safe_load((PROJECT_ROOT / "dbt_project" / "dbt_project.yml").read_text())[
        "vars"
    ]
    assert variables["holiday_calendar"] == f"holidays-{holidays.__version__}"


@pytest.mark.parametrize("country", ["BE", "NL"])
def test_the_seed_has_every_public_holiday_and_no_other(country: str) -> None:
    with public_holidays.SEED.open() as file:
        seeded = [row for row in csv.DictReader(file) if row["country"] == country]
    days = {date.fromisoformat(row["holiday_on"]) for row in seeded if not row["region_code"]}
    years = range(2010, 2036)
    assert days == set(holidays.country_holidays(country, years=years))
    # and a second opinion, from Easter and the law
    assert days == set().union(*(truth_clock.holidays(country, year) for year in years))
    assert all(row[f"name_{language}"] for row in seeded for language in ("nl", "fr", "de", "en"))


def test_every_type_that_the_register_knows_has_default_hours() -> None:
    with (SEEDS / "default_opening_hours.csv").open() as file:
        seeded = list(csv.DictReader(file))
    bodies = register.read([PROJECT_ROOT / "register"]).organisations
    kinds = {(body.country, body.organisation_type) for body in bodies}
    assert {(row["country"], row["organisation_type"]) for row in seeded} == kinds
    for kind in kinds:
        hours = {
            (row["weekday"], row["opens_at"], row["closes_at"])
            for row in seeded
            if (row["country"], row["organisation_type"]) == kind
        }
        assert hours == {(day, "09:00", "17:00") for day in truth_clock.DEFAULT_HOURS}
