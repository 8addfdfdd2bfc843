"""Labelled texts: the project's own set, or a file that somebody labelled."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from klankbord.errors import KlankbordError

SET = Path(__file__).with_name("labelled.csv")
#: what a file must have; the others are optional
NEEDED = ("language", "text", "is_question")
OPTIONAL = ("id", "part", "kind", "note")
YES = frozenset({"yes", "true", "1", "ja", "oui", "y"})
NO = frozenset({"no", "false", "0", "nee", "nein", "non", "n"})
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and whether its author asks the body something. part: development | held_out | hard
    of the project's set; "" in others."""

    text: str
    is_question: bool
    language: str
    kind: str = ""
    part: str = ""
    note: str = ""
    text_id: str = ""


class LabelError(KlankbordError):
    """A file of labelled texts cannot be read; names every faulty line, and quotes no text."""


def read(path: Path = SET) -> list[Labelled]:
    """The texts of a CSV file (comma or semicolon, UTF-8). Raises LabelError."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise LabelError(f"{path}: {why}; give a CSV file with a heading.") from None
    if "\0" in content:
        raise LabelError(f"{path}: is no text; give a CSV file with a heading.")
    lines = content.splitlines(keepends=True)
    heading = lines[0] if lines else ""
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.DictReader(lines, delimiter=delimiter, restkey="")
    names = [(name or "").strip() for name in reader.fieldnames or ()]
    if absent := [name for name in NEEDED if name not in names]:
        raise LabelError(
            f"{path}, line 1: no column {', '.join(absent)}; needed are {', '.join(NEEDED)}, "
            f"optional {', '.join(OPTIONAL)}."
        )
    reader.fieldnames = names
    rows, faults = _rows(reader, path)
    if faults:
        more = [f"… and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        raise LabelError("\n".join([*faults[:SHOWN], *more]))
    if not rows:
        raise LabelError(f"{path}: holds no text under its heading.")
    return rows


def _rows(reader: "csv.DictReader[str]", path: Path) -> tuple[list[Labelled], list[str]]:
    rows: list[Labelled] = []
    faults: list[str] = []
    places: dict[tuple[str, str], int] = {}
    try:
        for row in reader:
            line = reader.line_num
            label = (row["is_question"] or "").strip().lower()
            language, text = (row["language"] or "").strip().lower(), row["text"] or ""
            before = places.setdefault((language, text), line)
            if fault := _fault(label, language, text, "" in row, before, line):
                faults.append(f"{path}, line {line}: {fault}")
                continue
            more = [(row.get(name) or "").strip() for name in ("kind", "part", "note", "id")]
            rows.append(Labelled(text, label in YES, language, *more))
    except csv.Error as error:
        faults.append(f"{path}, line {reader.line_num}: {error}")
    return rows, faults


def _fault(
    label: str, language: str, text: str, is_long: bool, before: int, line: int
) -> str | None:
    if is_long:
        return "more cells than headings; put quotation marks around a text with a separator in it."
    if label not in YES | NO:
        return f"is_question is {label[:12]!r}; write yes or no."
    if not text.strip():
        return "the text is empty; take the line out."
    if not language:
        return "no language; write nl, fr, en, de or another code."
    if before != line:
        return f"the same text and language as in line {before}; a text counts once."
    return None


def languages(rows: Sequence[Labelled]) -> list[str]:
    """The languages of some texts, in the order in which they come."""
    return list(dict.fromkeys(row.language for row in rows))
