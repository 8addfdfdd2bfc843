"""Register files -> `Register`, or one `RegisterError` with every fault of every file."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from klankbord.errors import RegisterError
from klankbord.register import cells
from klankbord.register.check import Fault, check
from klankbord.register.model import TABLES, Register, Row, columns
from klankbord.settings import PROJECT_ROOT


def read(folders: Sequence[Path]) -> Register:
    """All rows of `<folder>/**/<table>.csv`. References resolve over all folders together, so a
    folder may hold some of the files only. Raises RegisterError, one fault a line."""
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    faults: list[Fault] = []
    seen: set[str] = set()  # tables that some folder has
    broken: set[str] = set()  # tables of which rows could not be read
    for path in _files(folders, faults):
        seen.add(path.stem)
        found = _Reader(path, faults)
        rows[path.stem] += found.rows()
        if found.has_lost_rows:
            broken.add(path.stem)
    if "organisations" not in seen:
        where = ", ".join(_label(Path(folder)) for folder in folders) or "no folder"
        faults.append(Fault(where, 0, "has no organisations.csv; add one, or add its folder"))
    register = Register(**rows)
    faults += check(register, references="organisations" in seen and "organisations" not in broken)
    if faults:
        raise RegisterError("\n".join(str(fault) for fault in sorted(set(faults))))
    return register


def _label(path: Path) -> str:
    """The path as people know it: from the project's root where it lies inside."""
    absolute = path.absolute()
    inside = absolute.is_relative_to(PROJECT_ROOT)
    return (absolute.relative_to(PROJECT_ROOT) if inside else path).as_posix()


def _files(folders: Sequence[Path], faults: list[Fault]) -> Iterator[Path]:
    for folder in map(Path, folders):
        paths = sorted(folder.rglob("*.csv"))
        if not folder.is_dir():
            faults.append(Fault(_label(folder), 0, "is not a folder; create it or correct the path"))
        elif not paths:
            faults.append(Fault(_label(folder), 0, "holds no CSV file; add one or leave it out"))
        for path in paths:
            if path.stem in TABLES:
                yield path
            else:
                names = ", ".join(f"{table}.csv" for table in TABLES)
                what = f"is no file of the register; rename it to one of {names}, or remove it"
                faults.append(Fault(_label(path), 0, what))


class _Reader:
    """One file. Adds its faults to `faults`; a faulty line gives no row."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self._path = path
        self._file = _label(path)
        self._row_type = TABLES[path.stem]
        self._names = columns(self._row_type)
        self._faults = faults
        self.has_lost_rows = False

    def _fault(self, line: int, what: str) -> None:
        self.has_lost_rows = True
        self._faults.append(Fault(self._file, line, what))

    def rows(self) -> list[Row]:
        text = self._text()
        if text is None:
            return []
        records = self._records(text)
        line, header = next(records, (1, None))
        if header is None:
            if not self.has_lost_rows:
                self._fault(1, f"the file is empty; give it the columns {','.join(self._names)}")
            return []
        if not self._is_header(line, header):
            return []
        return [row for line, cell in records if (row := self._row(line, header, cell))]

    def _text(self) -> str | None:
        try:
            raw = self._path.read_bytes()
        except OSError as error:
            self._fault(0, f"cannot be read ({error.strerror}); check that it is a readable file")
            return None
        try:
            return raw.decode("utf-8-sig")  # spreadsheets put a byte order mark before UTF-8
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self._fault(line, "is not UTF-8; save the file as CSV in the encoding UTF-8")
            return None

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """(line on which the record starts, its cells) of every record that is not blank."""
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            for record in reader:
                if any(cell.strip() for cell in record):
                    yield line, [cell.strip() for cell in record]
                line = reader.line_num + 1
        except csv.Error as error:
            self._fault(line, f"the line is broken CSV ({error}); check its quotes and commas")

    def _is_header(self, line: int, header: list[str]) -> bool:
        missing = [name for name in self._names if name not in header]
        unknown = [name for name in header if name not in self._names]
        twice = sorted({name for name in header if header.count(name) > 1})
        for kind, names, advice in (
            ("misses", missing, "add them, separated by commas"),
            ("has unknown", unknown, "remove them"),
            ("repeats", twice, "keep each once"),
        ):
            if names:
                listed = ", ".join(cells.shown(name) for name in names)
                self._fault(line, f"the header {kind} columns {listed}; {advice}")
        return not (missing or unknown or twice)

    def _row(self, line: int, header: list[str], record: list[str]) -> Row | None:
        if len(record) != len(header):
            what = f"the line has {len(record)} cells, the header {len(header)}"
            self._fault(line, f"{what}; put text with a comma between double quotes")
            return None
        values = {}
        for name, text in zip(header, record, strict=True):
            try:
                if not text.isprintable():
                    raise cells.CellError(f"{cells.shown(text)} holds a control character; remove it")
                values[name] = cells.PARSERS[name](text)
            except cells.CellError as error:
                self._fault(line, f"{name} {error}.")
        if len(values) != len(header):
            return None
        return self._row_type(**values, source_file=self._file, source_line=line)
