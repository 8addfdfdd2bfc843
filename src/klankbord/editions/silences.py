"""Election silences: days on which nothing is made public (the seed election_silences.csv).

Who adds days of their own writes the same columns into `election_silences.csv` of any folder of the
register. first_on and last_on may be empty: then the silence is DEFAULT_DAYS days before the
election and the day itself. That number is this project's choice, not a law (docs/editions.md).
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from klankbord import settings
from klankbord.editions.model import SilenceError

DEFAULT_DAYS = 28
SEED = settings.PROJECT_ROOT / "dbt_project" / "seeds" / "election_silences.csv"
FILE = "election_silences.csv"
COLUMNS = (
    "country", "region_code", "election_on", "first_on", "last_on", "name_nl", "name_fr",
    "name_en", "name_de", "source",
)  # fmt: skip


class SilenceFileError(SilenceError):
    """A file of silences is faulty; names every fault with file, line and column."""


@dataclass(frozen=True, slots=True)
class Silence:
    """From first_on to last_on, both included. region_code '' is the whole country."""

    country: str
    region_code: str
    election_on: date
    first_on: date
    last_on: date
    name: str
    source: str


def read(folders: Sequence[Path] | None = None, seed: Path = SEED) -> list[Silence]:
    """All silences of the project and of the register's folders, by their first day."""
    paths = [seed]
    for folder in settings.register_folders() if folders is None else folders:
        paths += sorted(Path(folder).rglob(FILE))
    faults: list[str] = []
    found = [silence for path in paths for silence in _of_file(path, faults)]
    if faults:
        raise SilenceFileError("\n".join(faults))
    return sorted(found, key=lambda s: (s.first_on, s.country, s.region_code))


def _of_file(path: Path, faults: list[str]) -> Iterable[Silence]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                faults.append(f"{path.name}, line 1: the columns must be {','.join(COLUMNS)}.")
                return
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        faults.append(f"{path.name} cannot be read: {error}.")
        return
    for number, row in rows:
        where = f"{path.name}, line {number}"
        try:
            yield _silence(row)
        except ValueError as error:
            faults.append(f"{where}: {error}.")


def _silence(row: dict) -> Silence:
    if None in row or None in row.values():
        raise ValueError(f"give {len(COLUMNS)} cells")
    if row["country"] not in ("BE", "NL"):
        raise ValueError(f"country is {row['country']!r}: give BE or NL")
    if not row["name_en"] or not row["source"]:
        raise ValueError("name_en and source must not be empty")
    election = _day(row, "election_on")
    first = _day(row, "first_on") if row["first_on"] else election - timedelta(DEFAULT_DAYS)
    last = _day(row, "last_on") if row["last_on"] else election
    if last < first:
        raise ValueError(f"the silence ends on {last}, before it begins on {first}")
    return Silence(
        row["country"], row["region_code"], election, first, last, row["name_en"], row["source"]
    )


def _day(row: dict, column: str) -> date:
    try:
        if len(row[column]) == 10:  # not the 20260318 that fromisoformat takes too
            return date.fromisoformat(row[column])
    except ValueError:
        pass
    raise ValueError(f"{column} is {row[column]!r}: give a day such as 2026-03-18")


def in_force(
    silences: Iterable[Silence], day: date, places: Iterable[tuple[str, str]]
) -> list[Silence]:
    """The silences of a day that concern bodies in `places` (country, region_code)."""
    known = set(places)
    countries = {country for country, _ in known}
    return [
        s
        for s in silences
        if s.first_on <= day <= s.last_on
        and (s.country in countries if not s.region_code else (s.country, s.region_code) in known)
    ]
