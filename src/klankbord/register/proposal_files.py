"""proposals.csv and accounts.csv: where proposals wait, and where accepted ones go."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple
from datetime import date
from pathlib import Path

from klankbord import settings
from klankbord.imports import files
from klankbord.register import safely
from klankbord.register.model import Register
from klankbord.register.proposals import DECISIONS, HEADER, Proposal, ProposalError
from klankbord.register.rows import AccountRow, columns, is_valid


def path() -> Path:
    """Where proposals wait: outside the register's folders, whose every CSV is the register's."""
    return settings.home() / "proposals.csv"


def load(file: Path) -> list[Proposal]:
    """The proposals of a file that a person may have saved from a spreadsheet."""
    if not file.exists():
        return []
    for _, sheets in files.read(file).ways:
        header, *rows = sheets[0].rows
        if {str(cell) for cell in header.cells} >= set(HEADER):
            place = {name: header.cells.index(name) for name in HEADER}
            return [
                _proposal(file, row.line, {n: row.cells[i : i + 1] for n, i in place.items()})
                for row in rows
                if row.filled
            ]
    names = ",".join(HEADER)
    raise ProposalError(f"{file}:1: the header must hold {names}; propose again to make it anew.")


def _proposal(file: Path, line: int, cells: dict[str, tuple]) -> Proposal:
    texts = {name: str(cell[0]) if cell and cell[0] else "" for name, cell in cells.items()}
    texts["decision"] = texts["decision"].lower()
    if texts["decision"] not in DECISIONS:
        raise ProposalError(f"{file}:{line}: decision is yes, no or empty; correct it.")
    return Proposal(**texts)


def save(file: Path, proposals: Iterable[Proposal]) -> None:
    """Write the file in one step."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(
        [HEADER, *(list(astuple(p)) for p in proposals)]
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(stream.getvalue(), encoding="utf-8", newline="")
    draft.replace(file)


def chosen(
    proposals: Sequence[Proposal], only: Collection[str]
) -> tuple[list[Proposal], list[Proposal]]:
    """(what may be accepted, what was wanted and is a conflict). Wanted is what says yes in the
    file, or, with names, what has no `no` and is called so: an organisation_id, a platform, or
    organisation_id/platform. ProposalError for a name that nothing answers to."""
    wanted = [p for p in proposals if p.decision == "yes"]
    if only:
        called = {
            p.key: {p.organisation_id, p.platform, f"{p.organisation_id}/{p.platform}"}
            for p in proposals
        }
        if unknown := set(only).difference(*called.values()):
            listed = ", ".join(sorted(unknown))
            raise ProposalError(f"no proposal is called {listed}: see {path()}.")
        wanted = [p for p in proposals if called[p.key] & set(only) and p.decision != "no"]
    return (
        [p for p in wanted if p.status == "new"],
        [p for p in wanted if p.status == "conflict"],
    )


def accept(
    proposals: Sequence[Proposal], register: Register, folders: Sequence[Path], on: date
) -> list[str]:
    """Append them to the accounts.csv beside their body's organisations.csv; the new account_ids.
    Two sources of one account make one row with both as its source."""
    bodies = {o.organisation_id: o for o in register.organisations if is_valid(o, on)}
    taken = Counter(a.account_id for a in register.accounts)
    together: dict[tuple[str, str, str], list[Proposal]] = {}
    for p in proposals:
        together.setdefault(p.key[:3], []).append(p)
    contents: dict[Path, str] = {}
    accepted = []
    for same in together.values():
        p = same[0]
        file = settings.PROJECT_ROOT / bodies[p.organisation_id].source_file
        file = file.with_name("accounts.csv")
        if file not in contents:
            text = file.read_text(encoding="utf-8-sig") if file.is_file() else ""
            contents[file] = (text or ",".join(columns(AccountRow))).rstrip("\n") + "\n"
        names = contents[file].partition("\n")[0].split(",")
        row = _row(same, taken)
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerow([row[n.strip()] for n in names])
        contents[file] += stream.getvalue()
        accepted.append(row["account_id"])
    if contents:
        safely.replace(contents, folders)
    return accepted


def _row(same: Sequence[Proposal], taken: Counter) -> dict[str, str]:
    p = same[0]
    stem = f"{p.organisation_id}-{p.platform.replace('_', '-')}"
    account_id = stem
    while taken[account_id]:
        taken[stem] += 1
        account_id = f"{stem}-{taken[stem]}"
    taken[account_id] += 1
    return {
        "account_id": account_id,
        "organisation_id": p.organisation_id,
        "platform": p.platform,
        "handle": p.handle,
        "platform_user_id": next((s.platform_user_id for s in same if s.platform_user_id), ""),
        "role": "official",
        "access_tier": "T0",
        # nobody knows since when, except that it was there on the day it was found
        "valid_from": min((s.valid_from for s in same if s.valid_from), default=p.found_on),
        "valid_to": "",
        "is_synthetic": "false",
        "basis": "secondary",
        "source": "; ".join(f"{s.source}: {s.evidence}" for s in same),
    }
