"""A register as the files that people edit, for worlds whose register is made."""

import csv
from pathlib import Path

from klankbord.register import Register, columns
from klankbord.register.rows import TABLES


def write_register(register: Register, folder: Path) -> Path:
    """Every table that has rows as `<table>.csv` in a folder, which is made; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, row_type in TABLES.items():
        if not (rows := register.rows(table)):
            continue
        names = columns(row_type)
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    return folder


def _cell(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
