"""Files that are no export but belong somewhere else: which command takes them, by their header."""

from collections.abc import Iterable, Iterator
from functools import cache

from klankbord.imports.files import Document

HEADER_WITHIN = 25
#: heading of a LimeSurvey export beside the number of a response
_SURVEY = {"submitdate", "date submitted", "datum ingediend", "datum verzonden",
           "date de soumission", "lastpage", "startlanguage"}  # fmt: skip
_POPULATION = {"cd_refnis", "cd_munty_refnis", "nis code", "niscode", "code ins", "refnis",
               "regios", "regio's"}  # fmt: skip


def command(document: Document) -> str | None:
    """The end of a sentence with the command for a file that is no export, or None."""
    for names in _headers(document):
        if {"incident_id", "municipality"} <= names:
            return (
                "it is a log of incidents: klankbord import incidents FILE, with --mapping, or "
                "--source and --country (docs/inputs.md)"
            )
        if names & _SURVEY or any(name.startswith("submitdate.") for name in names):
            return (
                "it is a survey of LimeSurvey: klankbord import survey FILE --mapping FILE.yaml "
                "(docs/inputs.md)"
            )
        if names & _POPULATION or any(n.startswith(("regio's", "nis-code")) for n in names):
            return (
                "it is a population file: klankbord register population FILE --country be, or nl "
                "(docs/inputs.md)"
            )
        if {"handle", "evidence", "decision"} <= names:
            return "these are proposed accounts: klankbord register accept (docs/inputs.md)"
        for table, columns in _register():
            if columns <= names:
                return (
                    f"it is a table of the register: put it into the register's folder as "
                    f"{table}.csv, then klankbord register check and klankbord register load"
                )
        if all(names.intersection(known) for known in _visits()):
            return (
                "these are visits to a website: klankbord import web FILE --organisation ID "
                "(klankbord import web --help)"
            )
    return None


def _headers(document: Document) -> Iterator[set[str]]:
    for _, sheets in document.ways:
        for row in (row for sheet in sheets for row in sheet.rows[:HEADER_WITHIN]):
            names = {" ".join(c.split()).casefold() for c in row.filled if isinstance(c, str)}
            if len(names) > 1:
                yield names


def _visits() -> Iterable[tuple[str, ...]]:
    from klankbord.web.file import HEADERS

    return HEADERS.values()


@cache
def _register() -> tuple[tuple[str, frozenset[str]], ...]:
    from klankbord.register.rows import TABLES, columns

    return tuple((table, frozenset(columns(kind))) for table, kind in TABLES.items())
