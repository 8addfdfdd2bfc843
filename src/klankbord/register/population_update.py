"""A population file against the register: every disagreement at once, or new populations.csv."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from klankbord.errors import RegisterError
from klankbord.imports.faults import FileRefusedError, Place, said
from klankbord.register import safely
from klankbord.register.model import Register
from klankbord.register.population_layouts import Figures, plain
from klankbord.register.rows import Organisation, Population, is_valid
from klankbord.register.vocabulary import Country
from klankbord.settings import PROJECT_ROOT

#: A country that shrinks or grows by more in the years between two files is half a table.
COUNTRY_RATIO = 1.3
#: A municipality may grow faster; under this many inhabitants anything goes.
BODY_RATIO, SMALL_BODY = 1.6, 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """One row to write: before None where the register has no figure of that date."""

    organisation_id: str
    name: str
    before: int | None
    after: int


@dataclass(frozen=True, slots=True)
class Update:
    """What a file means for populations.csv. `changes` leaves out what is the same already."""

    file: Path
    day: date
    total: int
    bodies: int
    changes: tuple[Change, ...]
    content: str


def plan(
    found: Figures, name: str, register: Register, country: Country, source: str | None = None
) -> Update:
    """The update; FileRefusedError with every code that does not agree with the register."""
    day = found.day
    if day is None:
        what = "it does not say of which day it is: add --date 2025-01-01"
        raise FileRefusedError([said(Place(name, 1), what)])
    bodies = [
        o
        for o in register.organisations
        if (o.country, o.organisation_type) == (country, "municipality")
    ]
    if not bodies:
        raise RegisterError(f"the register has no municipalities of {country}: add its folder.")
    valid = [b for b in bodies if is_valid(b, day)]
    counts, faults = _matched(found, name, bodies, valid)
    missing = [b for b in valid if b.organisation_id not in counts]
    faults += [
        f"{name}: {_said_body(b)} exists on {day} and has no figure: the file is not whole, or of "
        "other boundaries than the register's on that day."
        for b in missing
    ]
    if not faults:
        faults += [*_wholes(found, name, valid, counts), *_implausible(name, register, counts, day)]
    if faults:
        raise FileRefusedError(faults)
    file = PROJECT_ROOT / bodies[0].source_file
    file = file.with_name("populations.csv")
    row_source = source or f"{found.table}, {name}"
    return _update(file, day, counts, {b.organisation_id: b for b in valid}, row_source, register)


def write(update: Update, register_folders: Sequence[Path]) -> None:
    """Replace populations.csv, unless the register would have a fault with it."""
    if update.changes:
        safely.replace({update.file: update.content}, register_folders)


def _matched(
    found: Figures, name: str, bodies: list[Organisation], valid: list[Organisation]
) -> tuple[dict[str, int], list[str]]:
    key = _by_name if found.is_by_name else _by_code
    current, ever = key(valid), key(bodies)
    counts: dict[str, int] = {}
    faults: list[str] = []
    for code, people in found.counts.items():
        place = Place(name, found.lines[code])
        wanted = plain(code).removesuffix(" (gemeente)") if found.is_by_name else code
        here = current.get(wanted, [])
        if len(here) == 1:
            counts[here[0].organisation_id] = people
        elif here:
            what = f"the name {code} belongs to {len(here)} municipalities: export with codes"
            faults.append(said(place, what))
        elif wanted in ever:
            faults.append(said(place, _elsewhen(ever[wanted], found.day)))
        else:
            what = f"{code} is no municipality of the register: correct it, or add the body first"
            faults.append(said(place, what))
    return counts, faults


def _by_code(bodies: list[Organisation]) -> dict[str, list[Organisation]]:
    found: dict[str, list[Organisation]] = {}
    for body in bodies:
        if body.official_code:
            found.setdefault(body.official_code, []).append(body)
    return found


def _by_name(bodies: list[Organisation]) -> dict[str, list[Organisation]]:
    found: dict[str, list[Organisation]] = {}
    for body in bodies:
        for name in {plain(n) for n in (body.name_nl, body.name_fr, body.name_de) if n}:
            found.setdefault(name, []).append(body)
    return found


def _said_body(body: Organisation) -> str:
    return f"{body.official_code} {body.name_nl or body.name_fr or body.name_de}"


def _elsewhen(bodies: list[Organisation], day: date) -> str:
    body = bodies[-1]
    if body.valid_to and body.valid_to <= day:
        return (
            f"{_said_body(body)} ended on {body.valid_to}, and the file is of {day}: the date is "
            "wrong, or the file is on older boundaries"
        )
    return (
        f"{_said_body(body)} begins on {body.valid_from}, and the file is of {day}: the date is "
        "wrong, or the file is on newer boundaries"
    )


def _wholes(
    found: Figures, name: str, valid: list[Organisation], counts: dict[str, int]
) -> Iterator[str]:
    """The office's own figure of a larger area is the sum of its municipalities."""
    for code, people in found.wholes.items():
        members = [b for b in valid if _lies_in(b, code)]
        total = sum(counts[b.organisation_id] for b in members)
        # parts of the country that the register does not know (CBS's four) are not checked
        if members and total != people:
            what = f"{code} has {people} people, and its {len(members)} municipalities {total}"
            place = Place(name, found.lines[code])
            yield said(place, f"{what}: the file is not whole, or mixes two tables")


def _lies_in(body: Organisation, code: str) -> bool:
    if code in ("01000", "NL01") or plain(code) == "nederland":
        return True
    if code in (body.province_code, body.region_code):
        return True
    # a Belgian arrondissement shares its first two digits with its municipalities
    is_area = body.country == "BE" and code.endswith("000") and code[1] != "0"
    return is_area and (body.official_code or "")[:2] == code[:2]


def _implausible(name: str, register: Register, counts: dict[str, int], day: date) -> Iterator[str]:
    known = {
        body: before for body in counts if (before := _nearest(register, body, day)) is not None
    }
    before, after = sum(known.values()), sum(counts[body] for body in known)
    if known and not 1 / COUNTRY_RATIO <= after / max(before, 1) <= COUNTRY_RATIO:
        yield (
            f"{name}: its {len(known)} known municipalities have {after} people together, and the "
            f"register {before}: half a table, or another measure than inhabitants."
        )
        return
    for body, past in known.items():
        ratio = counts[body] / max(past, 1)
        if max(past, counts[body]) >= SMALL_BODY and not 1 / BODY_RATIO <= ratio <= BODY_RATIO:
            yield f"{name}: {body} has {counts[body]} people, and the register {past}: check it."


def _nearest(register: Register, body: str, day: date) -> int | None:
    """The register's figure of the date that is closest."""
    known = [p for p in register.populations if p.organisation_id == body]
    return min(known, key=lambda p: abs(p.reference_date - day)).inhabitants if known else None


def _update(
    file: Path,
    day: date,
    counts: dict[str, int],
    bodies: dict[str, Organisation],
    source: str,
    register: Register,
) -> Update:
    known = {p.organisation_id: p for p in register.populations if p.reference_date == day}
    changes = tuple(
        Change(
            body,
            bodies[body].name_nl or bodies[body].name_fr or body,
            known[body].inhabitants if body in known else None,
            people,
        )
        for body, people in sorted(counts.items())
        if body not in known or known[body].inhabitants != people
    )
    new = {
        c.organisation_id: [c.organisation_id, str(day), str(c.after), "source", source]
        for c in changes
    }
    return Update(file, day, sum(counts.values()), len(counts), changes, _content(file, day, new))


def _content(file: Path, day: date, new: dict[str, list[str]]) -> str:
    """The file with its lines in order: a changed row in its place, a new one by its body's."""
    rows: list[list[str]] = []
    if file.is_file():
        text = file.read_bytes().decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    header = list(Population.__dataclass_fields__)[2:]
    if not rows:
        rows = [header]
    place = {name: rows[0].index(name) for name in header}
    ordered = {b: [r[header.index(n)] for n in rows[0]] for b, r in new.items()}
    written: list[list[str]] = [rows[0]]
    last: dict[str, int] = {}
    for row in rows[1:]:
        body = row[place["organisation_id"]].strip()
        if body in ordered and row[place["reference_date"]].strip() == str(day):
            row = ordered.pop(body)
        last[body] = len(written)
        written.append(row)
    for body in sorted(ordered, key=lambda b: (-last.get(b, -1), b)):
        at = last.get(body)
        written.insert(at + 1, ordered[body]) if at is not None else written.append(ordered[body])
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(written)
    return stream.getvalue()
