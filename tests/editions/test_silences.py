"""Days on which nothing is made public: the project's, and those of a register's folder."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from klankbord import register
from klankbord.editions import silences
from klankbord.editions.silences import COLUMNS, DEFAULT_DAYS, SilenceFileError
from klankbord.errors import RegisterError

HEADER = ",".join(COLUMNS)


def own(folder: Path, *lines: str) -> Path:
    (folder / "election_silences.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    return folder


def test_the_projects_own_days() -> None:
    known = {(s.country, s.election_on): s for s in silences.read([])}
    assert {("BE", date(2024, 10, 13)), ("BE", date(2030, 10, 13)), ("NL", date(2026, 3, 18))} <= (
        known.keys()
    )
    dutch = known["NL", date(2026, 3, 18)]
    assert (dutch.first_on, dutch.last_on) == (date(2026, 2, 18), date(2026, 3, 18))
    assert DEFAULT_DAYS == 28
    # Belgians vote on Sundays, the Dutch on Wednesdays and for Europe on the Thursday before
    weekdays = {(s.country, s.name.startswith("European"), s.election_on.isoweekday())
                for s in known.values()}  # fmt: skip
    assert weekdays == {("BE", True, 7), ("BE", False, 7), ("NL", True, 4), ("NL", False, 3)}
    for day in (date(2024, 6, 9), date(2029, 6, 10)):
        assert ("BE", day) in known and ("NL", day - timedelta(3)) in known
    # in May, because municipal councils are chosen in March of that year
    assert {s.election_on for s in known.values() if s.name.startswith("House")} == {
        date(2025, 10, 29), date(2030, 5, 15)
    }  # fmt: skip


def test_own_days_stand_beside_them_and_the_register_does_not_mind(tmp_path: Path) -> None:
    own(tmp_path, "BE,02000,2028-05-07,2028-05-01,2028-05-07,,,By-election,,council")
    found = silences.read([tmp_path])
    assert len(found) == len(silences.read([])) + 1
    [mine] = [s for s in found if s.region_code]
    assert (mine.name, mine.first_on) == ("By-election", date(2028, 5, 1))
    with pytest.raises(RegisterError) as refused:
        register.read([tmp_path])
    assert "election_silences" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("DE,,2028-05-07,,,,,Vote,,law", "line 2: country is 'DE': give BE or NL"),
        ("BE,,2028-5-7,,,,,Vote,,law", "election_on is '2028-5-7': give a day such as"),
        ("BE,,20280507,,,,,Vote,,law", "election_on is '20280507'"),
        ("BE,,2028-05-07,soon,,,,Vote,,law", "first_on is 'soon'"),
        ("BE,,2028-05-07,2028-05-08,,,,Vote,,law", "ends on 2028-05-07, before it begins"),
        ("BE,,2028-05-07,,,,,Vote,,", "name_en and source must not be empty"),
        ("BE,,2028-05-07", "give 10 cells"),
        ("BE,,2028-05-07,,,,,Vote,,law,more", "give 10 cells"),
        ('BE,"', "cannot be read"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SilenceFileError, match=r"election_silences\.csv") as refused:
        silences.read([own(tmp_path, line)])
    assert said in str(refused.value)


def test_another_heading_is_refused(tmp_path: Path) -> None:
    (tmp_path / "election_silences.csv").write_text("country,day\nBE,2028-05-07\n")
    with pytest.raises(SilenceFileError, match="line 1: the columns must be country,region_code"):
        silences.read([tmp_path])


def test_a_silence_holds_from_its_first_to_its_last_day_where_it_is(tmp_path: Path) -> None:
    own(tmp_path, "BE,02000,2031-05-07,2031-05-01,2031-05-07,,,Flanders,,law",
        "NL,,2031-05-07,2031-05-01,2031-05-07,,,Netherlands,,law")  # fmt: skip
    known = silences.read([tmp_path])

    def names(day: date, *places: tuple[str, str]) -> set[str]:
        return {s.name for s in silences.in_force(known, day, places)}

    first, last = date(2031, 5, 1), date(2031, 5, 7)
    assert names(first - timedelta(1), ("BE", "02000")) == set()
    assert names(first, ("BE", "02000")) == names(last, ("BE", "02000")) == {"Flanders"}
    assert names(last + timedelta(1), ("BE", "02000")) == set()
    assert names(first, ("BE", "03000")) == set()
    assert names(first, ("NL", "")) == {"Netherlands"}
    assert names(first, ("BE", "02000"), ("NL", "")) == {"Flanders", "Netherlands"}
