"""What Statbel and CBS call their columns, and how they write a number of people."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from klankbord.imports.faults import Place, said, shown

BE_CODES = ("cd_refnis", "cd_munty_refnis", "nis code", "nis-code", "niscode", "nis", "refnis")
BE_CODES += ("code ins", "refnis code", "code nis")
BE_MEASURES = ("ms_population", "total", "totaal", "bevolking", "population", "inwoners", "aantal")
NL_CODES = ("regios", "regio's", "regio", "wijkenenbuurten")
#: of tables 03759ned, 70072ned, 37230ned; the unit may follow the label
NL_MEASURES = (
    "bevolkingop1januari_1",
    "totalebevolking_1",
    "bevolkingaanhetbeginvandeperiode_1",
    "bevolking op 1 januari",
    "totale bevolking",
    "bevolking aan het begin van de periode",
)
NL_PERIODS = ("perioden", "periode")
#: `Measure` of the observations of version 4 -> inhabitants on 1 January
NL_OBSERVED = {"M000352"}
ABSENT = {"", ".", "-", "x", "None"}


@dataclass(slots=True)
class Figures:
    """What a file says. `counts`: code -> inhabitants; `lines`: code -> where it stands first;
    `wholes`: code of a larger area -> its own figure. `days`: the reference dates in the file."""

    table: str
    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    wholes: dict[str, int] = field(default_factory=dict)
    unknown: list[tuple[int, str]] = field(default_factory=list)  # a line and what it says
    day: date | None = None
    is_by_name: bool = False


def plain(cell: object) -> str:
    """A header's or a label's words for comparison."""
    return " ".join(str(cell or "").replace("\ufeff", "").split()).casefold()


def count(cell: object) -> int | None:
    """A number of people; None when the office gives none. ValueError for anything else."""
    if cell is None or (isinstance(cell, str) and cell.strip() in ABSENT):
        return None
    if isinstance(cell, bool):
        raise ValueError
    if isinstance(cell, int | float | Decimal):
        if cell != int(cell) or cell < 0:
            raise ValueError
        return int(cell)
    text = str(cell).strip()
    # 529.247, 529 247 and 529247 are one number; 529.2 is none
    if not re.fullmatch(r"\d{1,3}([.\u00a0\u202f ]\d{3})+|\d{1,10}", text, re.ASCII):
        raise ValueError
    return int(re.sub(r"\D", "", text))


def no_count(name: str, line: int, column: str, number: int, cell: object) -> str:
    """The sentence for a cell that is no number of people."""
    place = Place(name, line, column=column, number=number + 1)
    return said(place, f"{shown(cell)} is no number of people: export the file again")
