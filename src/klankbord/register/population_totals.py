"""Rows of a population file -> one figure a code: what is summed, and what must add up."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from klankbord.imports.faults import FileRefusedError, Place, said, shown
from klankbord.register import population_layouts as layout

Rows = Iterable[tuple[int, list[Any]]]
#: the two Brabants: all other larger areas end in three zeros
_PROVINCES = {"20001", "20002"}
_TOTAL_WORDS = {"t", "totaal", "total", "tot", "gesamt"}
_SEXES = ({"m", "f"}, {"1", "2"}, {"m", "v"}, {"h", "f"})
#: dimension -> (codes and labels of its total, codes and labels of its two halves)
_CBS_DIMENSIONS: dict[str, tuple[set[str], set[str]]] = {
    "geslacht": (
        {"t001038", "totaal mannen en vrouwen"},
        {"3000", "4000", "mannen", "vrouwen"},
    ),
    "leeftijd": ({"10000", "totaal", "totaal leeftijd", "alle leeftijden"}, set()),
    "burgerlijkestaat": ({"t001019", "totaal burgerlijke staat"}, set()),
    "burgerlijke staat": ({"t001019", "totaal burgerlijke staat"}, set()),
    "migratieachtergrond": ({"t001040", "totaal"}, set()),
    "geboorteland": ({"t001638", "totaal"}, set()),
}


def _column(header: dict[str, int], names: Iterable[str]) -> str | None:
    return next((name for name in names if name in header), None)


def _cell(row: list[Any], header: dict[str, int], name: str) -> Any:
    place = header[name]
    return row[place] if place < len(row) else None


def statbel(
    file: str, header_line: int, header: dict[str, int], rows: Rows, day: date | None
) -> layout.Figures:
    """Sum what stands in several rows of a code; keep what Statbel itself says of larger areas."""
    code_name = _column(header, layout.BE_CODES)
    measure = _column(header, layout.BE_MEASURES)
    if code_name is None or measure is None:
        what = "the header has no column of inhabitants (MS_POPULATION, Totaal or Total)"
        raise FileRefusedError([said(Place(file, header_line), f"{what}: see docs/inputs.md")])
    halves = [n for n in ("mannen", "vrouwen", "hommes", "femmes") if n in header]
    sex = _column(header, ("cd_sex", "geslacht", "sexe"))
    year = _column(header, ("cd_year",))
    dimensions = [n for n in header if n.startswith("cd_") and n not in (code_name, measure)]
    found, faults = layout.Figures("Statbel"), []
    seen: set[int] = set()
    sexes: dict[str, set[str]] = {}
    years: set[str] = set()
    for line, row in rows:
        code = str(_cell(row, header, code_name) or "").strip()
        if not any(cell not in (None, "") for cell in row):
            continue
        if not re.fullmatch(r"\d{4,5}", code):
            # sources and notes stand below the table, without a figure
            if _cell(row, header, measure) not in (None, ""):
                place = Place(file, line, column=code_name, number=header[code_name] + 1)
                faults.append(said(place, f"{shown(code)} is no NIS code of five digits"))
            continue
        code = code.zfill(5)
        try:
            people = layout.count(_cell(row, header, measure))
        except ValueError:
            cell = _cell(row, header, measure)
            faults.append(layout.no_count(file, line, measure, header[measure], cell))
            continue
        if people is None:
            faults.append(said(Place(file, line), f"{code} has no number of people: export again"))
            continue
        key = hash((code, *(_cell(row, header, n) for n in dimensions)))
        if key in seen and len(dimensions) > 0:
            faults.append(said(Place(file, line), f"the row of {code} stands in the file twice"))
        seen.add(key)
        words = {layout.plain(_cell(row, header, n)) for n in dimensions}
        if words & _TOTAL_WORDS:
            what = f"a total stands between the parts of {code}: remove the totals"
            faults.append(said(Place(file, line), what))
        if sex:
            sexes.setdefault(code, set()).add(layout.plain(_cell(row, header, sex)))
        if year:
            years.add(str(_cell(row, header, year)).strip())
        if halves and len(halves) == 2:
            faults += _halves(file, line, code, people, row, header, halves)
        if not dimensions and code in found.counts | found.wholes:
            faults.append(said(Place(file, line), f"{code} stands in the file twice"))
        is_whole = code.endswith("000") or code in _PROVINCES
        target = found.wholes if is_whole else found.counts
        target[code] = target.get(code, 0) + people
        found.lines.setdefault(code, line)
    faults += [
        said(Place(file, found.lines[code]), f"{code} has one sex only: half of its rows miss")
        for code, kinds in sexes.items()
        if kinds not in _SEXES
    ]
    if len(years) > 1:
        listed = ", ".join(sorted(years))
        faults.append(said(Place(file, header_line), f"it holds the years {listed}: keep one"))
    if faults:
        raise FileRefusedError(faults)
    if len(years) == 1 and re.fullmatch(r"\d{4}", text := years.pop()):
        day = date(int(text), 1, 1)
    found.day = day
    return found


def _halves(
    file: str,
    line: int,
    code: str,
    people: int,
    row: list[Any],
    header: dict[str, int],
    halves: list[str],
) -> list[str]:
    try:
        parts = [layout.count(_cell(row, header, name)) for name in halves]
    except ValueError:
        parts = [None]
    if None in parts:
        return [said(Place(file, line), f"{code} lacks its men or its women: export again")]
    if sum(parts) != people:
        what = f"{code} has {people} people, and its men and women are {sum(parts)}"
        return [said(Place(file, line), what)]
    return []


def cbs(file: str, header: dict[str, int], rows: Rows, on: date | None) -> layout.Figures:
    """Take the row in which every dimension is its total; men and women must add up to it."""
    region = _column(header, layout.NL_CODES)
    period = _column(header, layout.NL_PERIODS)
    measure, is_observations = _cbs_measure(header)
    if region is None or period is None or measure is None:
        what = "the header needs a column of regions, Perioden, and the inhabitants on 1 January"
        raise FileRefusedError([said(Place(file, 1), f"{what}: see docs/inputs.md")])
    dimensions = [name for name in _CBS_DIMENSIONS if name in header]
    found, faults = layout.Figures("CBS"), []
    figures: dict[tuple[date, str], tuple[int, int]] = {}
    parts: dict[tuple[date, str], dict[str, int]] = {}
    partial: dict[tuple[date, str], int] = {}
    for line, row in rows:
        place = str(_cell(row, header, region) or "").strip()
        day = _day(_cell(row, header, period))
        kind = str(_cell(row, header, "measure") or "").strip() if is_observations else ""
        if not place or (is_observations and kind not in layout.NL_OBSERVED):
            continue  # notes and sources below the table; averages beside the count
        if day is None:
            if _cell(row, header, measure) not in (None, ""):
                faults.append(said(Place(file, line), "its period is no 1 January: take years"))
            continue
        try:
            people = layout.count(_cell(row, header, measure))
        except ValueError:
            cell = _cell(row, header, measure)
            faults.append(layout.no_count(file, line, measure, header[measure], cell))
            continue
        if people is None:
            continue  # StatLine lists every region that ever was; who misses is seen later
        key = (day, place)
        off = [
            (name, layout.plain(_cell(row, header, name)))
            for name in dimensions
            if layout.plain(_cell(row, header, name)) not in _CBS_DIMENSIONS[name][0]
        ]
        if not off:
            if key in figures:
                faults.append(said(Place(file, line), f"{place} stands in the file twice"))
            figures[key] = (people, line)
        elif len(off) == 1 and off[0][1] in _CBS_DIMENSIONS[off[0][0]][1]:
            parts.setdefault(key, {})[off[0][1]] = people
            partial.setdefault(key, line)
        else:
            partial.setdefault(key, line)
    days = sorted({day for day, _ in [*figures, *partial]})
    if on is None and len(days) > 1:
        what = f"it holds {len(days)} dates, {days[0]} to {days[-1]}: name one with --date"
        raise FileRefusedError([*faults, said(Place(file, 1), what)])
    found.day = on or (days[0] if days else None)
    faults += [
        said(Place(file, line), f"{place} has parts and no total: select the totals in StatLine")
        for (day, place), line in partial.items()
        if day == found.day and (day, place) not in figures
    ]
    for (day, place), halves in parts.items():
        people, line = figures.get((day, place), (None, 0))
        both = sum(halves.values())
        if day == found.day and people is not None and len(halves) == 2 and both != people:
            what = f"{place} has {people} people, and its men and women are {both}"
            faults.append(said(Place(file, line), what))
    if faults:
        raise FileRefusedError(faults)
    chosen = {place: f for (day, place), f in figures.items() if day == found.day}
    found.is_by_name = not any(re.fullmatch(r"GM\d{4}", place) for place in chosen)
    for place, (people, line) in chosen.items():
        is_whole = re.fullmatch(r"(NL|LD|PV)\d\d", place) or layout.plain(place) == "nederland"
        (found.wholes if is_whole else found.counts)[place] = people
        found.lines[place] = line
    return found


def _cbs_measure(header: dict[str, int]) -> tuple[str | None, bool]:
    if "measure" in header and "value" in header:
        return "value", True
    for name in header:
        # "Bevolking|Totale bevolking (aantal)": topics before the label, the unit behind it
        if re.sub(r" \([^()]*\)$", "", name.rpartition("|")[2]) in layout.NL_MEASURES:
            return name, False
    return None, False


def _day(cell: object) -> date | None:
    """The 1 January of 2024JJ00, 2024MM01, 2024 and 2024* (provisional)."""
    text = str(cell or "").strip()
    found = re.fullmatch(r"((?:19|20)\d\d)(JJ00|MM01| januari)?\*{0,2}", text)
    return date(int(found[1]), 1, 1) if found else None
