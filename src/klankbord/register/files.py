"""Register files -> `Register`, or one `RegisterError` with every fault of every file."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from klankbord.errors import RegisterError
from klankbord.register.cells import CellError, parse, shown
from klankbord.register.check import Fault, check
from klankbord.register.model import Register
from klankbord.register.rows import TABLES, Row, columns
from klankbord.settings import PROJECT_ROOT

#: Files of the same folders that somebody else reads: klankbord.incidents.verdicts,
#: klankbord.editions.silences.
ELSEWHERE = frozenset({"incident_matches", "election_silences"})
#: Characters; an open quote would otherwise swallow the rest of a file as one cell.
CELL_AT_MOST = 131_072


def read(folders: Sequence[Path]) -> Register:
    """All rows of `<folder>/**/<table>.csv`. References resolve over all folders together, so a
    folder may hold some of the files only. Raises RegisterError, one fault a line."""
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    faults: list[Fault] = []
    readers = [_Reader(path, faults) for path in _files(folders, faults)]
    for reader in readers:
        rows[reader.table] += reader.rows()
    register = Register(**rows)
    roots = [reader for reader in readers if reader.table == "organisations"]
    if not roots:
        where = ", ".join(_label(Path(folder)) for folder in folders) or "the register"
        faults.append(Fault(where, 0, "has no organisations.csv; add one, or its folder"))
    whole = roots and all(root.is_whole for root in roots)
    declared = set().union(*(root.declared for root in roots)) if whole else None
    faults += check(register, declared)
    if faults:
        raise RegisterError("\n".join(str(fault) for fault in sorted(set(faults))))
    return register


def _label(path: Path) -> str:
    """The path as people know it: from the project's root where it lies inside."""
    absolute = path.absolute()
    inside = absolute.is_relative_to(PROJECT_ROOT)
    return (absolute.relative_to(PROJECT_ROOT) if inside else path).as_posix()


def _files(folders: Sequence[Path], faults: list[Fault]) -> Iterator[Path]:
    """Each file once, also when one folder lies in another."""
    seen: set[Path] = set()
    for folder in map(Path, folders):
        paths = sorted(folder.rglob("*.csv"))
        if not folder.is_dir():
            faults.append(
                Fault(_label(folder), 0, "is not a folder; create it or correct the path")
            )
        elif not paths:
            faults.append(Fault(_label(folder), 0, "holds no CSV file; add one or leave it out"))
        for path in paths:
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            if path.stem in ELSEWHERE:
                continue
            if path.stem in TABLES:
                yield path
            else:
                names = ", ".join(f"{table}.csv" for table in TABLES)
                what = f"is no file of the register; rename it to one of {names}, or remove it"
                faults.append(Fault(_label(path), 0, what))


class _Reader:
    """One file. Adds its faults to `faults`; a faulty line gives no row.

    `is_whole`: every line could be told apart. `declared`: the organisation ids of all lines, also
    of faulty ones, so that one slip in organisations.csv does not make every row that refers to it
    look wrong.
    """

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self.table = path.stem
        self.is_whole = True
        self.declared: set[str] = set()
        self._path = path
        self._file = _label(path)
        self._names = columns(TABLES[self.table])
        self._faults = faults

    def rows(self) -> list[Row]:
        """The file's faultless rows, in its order."""
        records = self._records(self._text())
        line, header = next(records, (1, None))
        if header is None:
            if self.is_whole:
                names = ",".join(self._names)
                self._give_up(1, f"the file is empty; begin it with the line {names}")
            return []
        if not self._is_header(line, header):
            return []
        return [row for line, cells in records if (row := self._row(line, header, cells))]

    def _fault(self, line: int, what: str) -> None:
        self._faults.append(Fault(self._file, line, what))

    def _give_up(self, line: int, what: str) -> None:
        self.is_whole = False
        self._fault(line, what)

    def _text(self) -> str:
        try:
            raw = self._path.read_bytes()
        except OSError as error:
            self._give_up(0, f"cannot be read ({error.strerror}); make it a readable file")
            return ""
        try:
            return raw.decode("utf-8-sig")  # spreadsheets put a byte order mark before UTF-8
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self._give_up(line, "the text is not UTF-8; save the file as CSV in the encoding UTF-8")
            return ""

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """(line on which it starts, cells) of every record that is not blank."""
        csv.field_size_limit(CELL_AT_MOST)  # of the whole process: other readers set their own
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            for record in reader:
                if any(cell.strip() for cell in record):
                    yield line, [cell.strip() for cell in record]
                line = reader.line_num + 1
        except csv.Error as error:
            self._give_up(line, f"the line is broken CSV ({error}); check its quotes and commas")

    def _is_header(self, line: int, header: list[str]) -> bool:
        missing = [name for name in self._names if name not in header]
        unknown = [name for name in header if name not in self._names]
        twice = sorted({name for name in header if header.count(name) > 1})
        for kind, names, advice in (
            ("misses", missing, "add what is missing, with commas between"),
            ("has unknown", unknown, "remove what is unknown"),
            ("repeats", twice, "keep each once"),
        ):
            if names:
                listed = ", ".join(shown(name) for name in names)
                self._give_up(line, f"the header {kind} columns {listed}; {advice}")
        return not (missing or unknown or twice)

    def _row(self, line: int, header: list[str], cells: list[str]) -> Row | None:
        if self.table == "organisations":
            self.declared |= {
                cell
                for name, cell in zip(header, cells, strict=False)  # cells may be too few
                if name == "organisation_id"
            }
        if len(cells) != len(header):
            what = f"the line has {len(cells)} cells and the header {len(header)}"
            self._fault(line, f"{what}; put a text that holds commas between double quotes")
            return None
        values = {}
        for name, text in zip(header, cells, strict=True):
            try:
                values[name] = parse(name, text, self.table)
            except CellError as error:
                self._fault(line, f"{name} {error}")
        if len(values) != len(header):
            return None
        return TABLES[self.table](**values, source_file=self._file, source_line=line)
