"""xlsx (openpyxl) and xls (xlrd) as rows of plain values; a damaged workbook is one sentence.

LinkedIn's `.xls` are real BIFF workbooks. A web page that calls itself `.xls` is refused: Excel
opens it, and saves it as a workbook.
"""

import contextlib
import io
import math
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from klankbord.imports.faults import FileRefusedError, Place, said

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS_AT_MOST = 200_000
COLUMNS_AT_MOST = 500

Rows = list[tuple[int, list[Any]]]


def is_workbook(content: bytes) -> bool:
    """Whether bytes are a workbook, or something that only Excel can make one of."""
    head = content[:400].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return content.startswith((_ZIP, _OLE)) or head.startswith(
        (b"<html", b"<table", b"<!doctype", b"<?xml", b"<meta")
    )


def read(content: bytes, place: Place) -> tuple[str, list[tuple[str, Rows]]]:
    """("xlsx" | "xls", [(sheet, [(row number, cells)])]); FileRefusedError for anything else."""
    if not content.startswith((_ZIP, _OLE)):
        raise FileRefusedError(
            [said(place, "it is a web page or XML: open it in Excel and save it as xlsx")]
        )
    kind, reader = ("xlsx", _xlsx) if content.startswith(_ZIP) else ("xls", _xls)
    try:
        # both libraries print or warn about what they cannot make sense of
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return kind, [(name, _cut(rows, place)) for name, rows in reader(content)]
    except FileRefusedError:
        raise
    except Exception as error:  # on damaged bytes both raise whatever comes up
        advice = "unpack it, and give the CSV inside" if kind == "xlsx" else "save it as xlsx"
        raise FileRefusedError(
            [said(place, f"it is no workbook that can be read: {advice}, or export it again")]
        ) from error


def _cut(rows: Iterator[tuple[int, list[Any]]], place: Place) -> Rows:
    """The rows with something in them, without empty cells behind the last."""
    kept: Rows = []
    for number, row in rows:
        while row and row[-1] in (None, ""):
            row.pop()
        if len(kept) >= ROWS_AT_MOST or len(row) > COLUMNS_AT_MOST:
            raise FileRefusedError(
                [said(place, f"a sheet has over {ROWS_AT_MOST} rows or {COLUMNS_AT_MOST} columns")]
            )
        if row:
            kept.append((number, row))
    return kept


def _xlsx(content: bytes) -> Iterator[tuple[str, Iterator[tuple[int, list[Any]]]]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = sheet.iter_rows(max_row=ROWS_AT_MOST + 1, max_col=COLUMNS_AT_MOST + 1)
            yield (
                sheet.title,
                (
                    (number, [_plain(cell.value) for cell in row])
                    for number, row in enumerate(rows, 1)
                ),
            )
    finally:
        book.close()


def _xls(content: bytes) -> Iterator[tuple[str, Iterator[tuple[int, list[Any]]]]]:
    import xlrd

    book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())

    def value(cell: Any) -> Any:
        if cell.ctype == xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(cell.value, book.datemode)
        if cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER):
            return _plain(cell.value)
        return None if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) else "#?"

    for sheet in book.sheets():
        rows = ((n + 1, [value(cell) for cell in sheet.row(n)]) for n in range(sheet.nrows))
        yield sheet.name, rows


def _plain(value: Any) -> Any:
    """What a cell can be further on: text, a decimal number, a date, or nothing."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return "#?"
        # repr: 0.1 stays 0.1; a whole number loses its ".0"
        return Decimal(int(value)) if value == int(value) else Decimal(repr(value))
    return value if value is None or isinstance(value, str | date | datetime) else str(value)
