"""What is wrong with a file, where, and how that is said without repeating anybody's words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from klankbord.errors import KlankbordError

FAULTS_SHOWN = 50
QUOTED = 24  # characters of a cell that a sentence repeats


class FileRefusedError(KlankbordError):
    """Files that were not loaded: `faults` holds every sentence, the text the first fifty."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - FAULTS_SHOWN
        lines = [*self.faults[:FAULTS_SHOWN], *([f"… and {more} more"] if more > 0 else [])]
        super().__init__("\n".join([*lines, "Nothing was loaded."]))


class MappingError(KlankbordError):
    """A mapping file that describes no format."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell stands: a line of a text file, or a row of a workbook's sheet."""

    file: str
    line: int
    sheet: str = ""
    column: str = ""  # the header's own words
    number: int = 0  # of the column, from 1

    def __str__(self) -> str:
        sheet = f" (sheet {self.sheet})" if self.sheet else ""
        column = f", column {self.number} “{self.column}”" if self.number else ""
        return f"{self.file}:{self.line}{sheet}{column}"


def said(place: Place, fault: str) -> str:
    """One sentence of a refusal."""
    return f"{place}: {fault}{'' if fault.endswith('?') else '.'}"


def shown(cell: object) -> str:
    """A cell for a message. A shifted row brings a post's text, with whoever is named in it, under
    a number's header: only what is made of digits and marks is repeated, not a word."""
    text = " ".join(str(cell).split())
    if text and len(text) <= QUOTED and not re.search(r"[^\W\d_]{2}", text):
        return repr(text)
    return f"a text of {len(text)} characters" if text else "an empty cell"


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
