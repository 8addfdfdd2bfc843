"""The log of revisions: what moved from one number to the next and why, as CSV and Markdown."""

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator

from klankbord.editions import canonical
from klankbord.editions.model import CAUSES, Edition
from klankbord.editions.store import Change

HEADER = "table,key,old,new,cause,note"
#: a page that names more lines is read by nobody; the CSV has them all
AT_MOST = 40


def as_csv(changes: Iterable[Change]) -> Iterator[bytes]:
    """changes.csv of an edition: one line a row that moved, in the log's order."""
    rows = ((c.table_name, c.key, c.old, c.new, c.cause, c.note) for c in changes)
    return canonical.file(HEADER, map(canonical.line, rows))


def all_as_csv(logs: Iterable[tuple[Edition, Iterable[Change]]]) -> Iterator[bytes]:
    """The logs of several editions in one file."""
    rows = (
        (one.edition_id, one.previous_id, c.table_name, c.key, c.old, c.new, c.cause, c.note)
        for one, changes in logs
        for c in changes
    )
    return canonical.file(f"edition,previous,{HEADER}", map(canonical.line, rows))


def as_markdown(one: Edition, changes: Iterable[Change]) -> str:
    """A section for one edition: its dates, its causes, its first changes (read twice)."""
    lines = [f"## {one.edition_id}", "", _said(one), ""]
    if one.previous_id is None:
        return "\n".join([*lines, "The first edition of this quarter.", ""])
    causes = Counter(change.cause for change in changes)
    told = ", ".join(f"{causes[cause]} {cause}" for cause in CAUSES if causes[cause])
    lines += [f"{causes.total()} rows moved since {one.previous_id}: {told or 'none'}.", ""]
    if causes:
        lines += ["| table | figure | was | is | cause | note |", "|---|---|---|---|---|---|"]
        lines += [_row(change) for change in heapq.nsmallest(AT_MOST, changes, key=_weight)]
        if causes.total() > AT_MOST:
            lines += ["", f"{causes.total() - AT_MOST} more in changes.csv of the edition."]
        lines.append("")
    return "\n".join(lines)


def _weight(change: Change) -> tuple[int, str, str]:
    """What a reader must see first: corrections and what is hidden, late data last."""
    order = ("correction", "definition", "suppression", "merger", "composition", "late data")
    return order.index(change.cause), change.table_name, change.key


def _said(one: Edition) -> str:
    parts = [f"Data of {one.known_at:%Y-%m-%d %H:%M} UTC, frozen {one.made_at:%Y-%m-%d}"]
    if one.published_at:
        parts.append(f"public since {one.published_at:%Y-%m-%d}")
    else:
        parts.append(one.state)
    text = ", ".join(parts) + f"; content {one.content_hash[:16]}."
    if one.despite_silence:
        text += f" Made public in an election silence: {one.despite_silence}"
    return text + (" Invented figures of the sandbox." if one.is_synthetic else "")


def _row(change: Change) -> str:
    key = ", ".join(str(cell) for cell in json.loads(change.key).values() if cell)
    cells = (
        change.table_name, key, _cells(change.old), _cells(change.new), change.cause, change.note,
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _cells(text: str | None) -> str:
    if text is None:
        return "–"
    shown = [f"{name} {cell}" for name, cell in json.loads(text).items() if cell != ""]
    return "; ".join(shown[:4]) + (" …" if len(shown) > 4 else "")
