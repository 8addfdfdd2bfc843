"""What moved between two revisions of a quarter, row by row, and why.

The cause is read from the rows themselves and from what became known in between; the first that
holds: definition (parameters or version differ), suppression (hidden before or after, or repeated
so that nobody is given away), merger (bodies of the group merged by the register), composition
(other members), late data (a window was still open, or more was read), correction (a final figure
of the same members on the same coverage became another).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from klankbord.editions import canonical
from klankbord.editions.contents import BY_NAME
from klankbord.editions.spool import Spool
from klankbord.editions.store import Change, Table

Cells = dict[str, str]
#: columns that tell of how a figure was made, and no figure
_MEMBERS = ("n_members", "organisation_type", "size_class", "group_id", "inhabitants")
_READ = (
    "coverage",
    "n",
    "n_cases",
    "access_tier",
    "observed_at",
    "accounts_ok",
    "questions",
    "at_risk",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What became known between two revisions.

    mergers: ids of bodies that the register says merged since; merged_types: of what types (the
    group of all of them). definitions: (metric_id, definition_id) of which the definition moved.
    """

    mergers: frozenset[str] = frozenset()
    merged_types: frozenset[str] = frozenset()
    definitions: frozenset[tuple[str, str]] = frozenset()
    #: the edition before was made while windows of the quarter were open
    was_open: bool = False


def moved(before: Sequence[Table], after: Sequence[Table], known: Known) -> Iterator[Change]:
    """Every row that is not as it was, in the order of tables and keys.

    Tables for the house's memory are not compared: they follow from the figures.
    """
    old_tables = {table.table_name: table for table in before}
    for table in sorted(after, key=lambda t: t.table_name):
        if table.table_name in BY_NAME:
            was = old_tables.get(table.table_name)
            if was is None or (was.sha256, was.header) != (table.sha256, table.header):
                yield from _of_table(was, table, known)


def moved_definitions(before: Sequence[Table], after: Sequence[Table]) -> frozenset:
    """(metric_id, definition_id) of which version or parameters are not as they were."""
    said = []
    for tables in (before, after):
        rows = [
            row
            for table in tables
            if table.table_name == "definition"
            for row in canonical.rows(table.header, table.lines)
        ]
        said.append(
            {
                (r["metric_id"], r["definition_id"]): (r["definition_version"], r["parameters"])
                for r in rows
            }
        )
    old, new = said
    return frozenset(key for key in old.keys() & new.keys() if old[key] != new[key])


def _of_table(was: Table | None, now: Table, known: Known) -> Iterator[Change]:
    key = BY_NAME[now.table_name].key
    for name, earlier, later in _pairs(was, now, key):
        if earlier == later:
            continue
        columns = [
            column
            for column in (later or earlier or {})
            if column not in key
            and (not earlier or not later or earlier.get(column) != later.get(column))
        ]
        cause, note = explained(earlier, later, known)
        yield Change(
            now.audience,
            now.table_name,
            canonical.dumps(dict(zip(key, name, strict=True))),
            _chosen(earlier, columns),
            _chosen(later, columns),
            cause,
            note,
        )


def _pairs(
    was: Table | None, now: Table, key: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Cells | None, Cells | None]]:
    """The rows that are not the same, before and after, in the order of their keys."""
    headers = (was.header if was else now.header, now.header)
    sides: tuple[Iterable[str], Iterable[str]] = (was.lines if was else (), now.lines)
    lines = unlike(*sides) if headers[0] == headers[1] else _told_apart(*sides)
    keyed = ((*_key(key, headers[side], text), side, text) for side, text in lines)
    spool = Spool(keyed, len(key) + 2)
    for name, rows in groupby(spool, key=lambda row: row[:-2]):
        found: list[Cells | None] = [None, None]
        for *_, side, text in rows:
            found[side] = next(canonical.rows(headers[side], [text]))
        yield name, found[0], found[1]


def _key(key: tuple[str, ...], header: str, text: str) -> tuple[str, ...]:
    row = next(canonical.rows(header, [text]))
    return tuple(row[column] for column in key)


def _told_apart(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[int, str]]:
    yield from ((0, text) for text in old)
    yield from ((1, text) for text in new)


def unlike(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(0, line) that only `old` has, (1, line) that only `new` has; both in their order, each line
    once. The order of bytes in UTF-8 is that of Python's texts."""
    olds, news = iter(old), iter(new)
    here, there = next(olds, None), next(news, None)
    while here is not None or there is not None:
        if here == there:
            here, there = next(olds, None), next(news, None)
        elif there is None or (here is not None and here < there):
            yield 0, here
            here = next(olds, None)
        else:
            yield 1, there
            there = next(news, None)


def _chosen(row: Cells | None, columns: Sequence[str]) -> str | None:
    return None if row is None else canonical.dumps({c: row.get(c, "") for c in columns})


def explained(old: Cells | None, new: Cells | None, known: Known) -> tuple[str, str]:
    """The cause of a change and a sentence; `old` or `new` is None where there is no row."""
    row = new or old or {}

    def differs(*columns: str) -> bool:
        return bool(old and new) and any(old.get(c) != new.get(c) for c in columns)  # type: ignore[union-attr]

    definition = row.get("metric_id", ""), row.get("definition_id", "")
    if differs("parameters", "definition_version") or definition in known.definitions:
        return "definition", "the definition or its parameters are others"
    reasons = {r["missing_reason"] for r in (old, new) if r and "missing_reason" in r}
    if "suppressed" in reasons and len(reasons) > 1:
        hidden = bool(new) and new.get("missing_reason") == "suppressed"  # type: ignore[union-attr]
        return "suppression", "hidden now" if hidden else "hidden before"
    if row.get("organisation_id") in known.mergers:
        return "merger", "the register says that this body merged"
    if old is None or new is None:
        if "group_id" in row and _type_of(row["group_id"]) in known.merged_types:
            return "merger", "bodies of this type merged"
        return "composition", "not there before" if old is None else "no longer there"
    if differs(*_MEMBERS):
        if _type_of(row.get("group_id", "")) in known.merged_types:
            return "merger", "bodies of this type merged: other members"
        return "composition", "other members, or other inhabitants"
    # a curve has no status of its own: it is as final as its edition
    is_open = old["status"] == "provisional" if "status" in old else known.was_open
    if is_open or differs(*_READ):
        return "late data", "a window was open, or more was read since"
    return "correction", "of the same members on the same coverage: raw, register or code"


def _type_of(group_id: str) -> str:
    return group_id.partition("/")[0]
