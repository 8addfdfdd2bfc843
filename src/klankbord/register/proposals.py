"""Proposed accounts: found in public lists, judged by a person, only then in the register.

They wait in `<home>/proposals.csv`. A person writes yes or no under `decision`, or
names rows on the command line; only what was decided and is still new goes to accounts.csv.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date

from klankbord.errors import KlankbordError
from klankbord.register.handles import impossible_handle
from klankbord.register.model import Register
from klankbord.register.rows import AccountRow, Organisation, is_valid

DECISIONS = {"", "yes", "no"}
STATUSES = ("new", "known", "conflict")


class ProposalError(KlankbordError):
    """A proposals file or a choice of rows that cannot be followed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of proposals.csv; all texts as they stand there. handle "": see the remark."""

    organisation_id: str
    organisation_name: str
    platform: str
    handle: str
    platform_user_id: str
    valid_from: str
    evidence: str
    source: str
    found_on: str
    status: str
    remark: str
    decision: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two finds of one source the same."""
        return self.organisation_id, self.platform, self.handle.casefold(), self.source


HEADER = [f.name for f in fields(Proposal)]


def found(
    body: Organisation,
    platform: str,
    handle: str | None,
    value: str,
    *,
    evidence: str,
    source: str,
    today: date,
    started: date | None = None,
    number: str | None = None,
) -> Proposal:
    """A find, not yet compared with anything. `value`: what the source wrote."""
    problem = "says no handle" if not handle else impossible_handle(platform, handle)
    value = " ".join(value.split())  # a remark is one line
    shown = value if len(value) <= 80 else f"{value[:77]}..."
    return Proposal(
        organisation_id=body.organisation_id,
        organisation_name=body.name_nl or body.name_fr or body.name_de or "",
        platform=platform,
        handle="" if problem else handle or "",
        platform_user_id=number if number and number.isascii() and number.isdigit() else "",
        valid_from=str(started or ""),
        evidence=evidence,
        source=source,
        found_on=str(today),
        status="",
        # in quotes, so that no spreadsheet takes it for a formula
        remark=f"“{shown}”: {problem}" if problem else "",
        decision="",
    )


def merge(
    earlier: Iterable[Proposal], now: Iterable[Proposal], source: str, register: Register, on: date
) -> list[Proposal]:
    """Earlier finds with today's of one source. What was decided stays; what that source no longer
    says and nobody decided goes; who was found before keeps that day."""
    before = {p.key: p for p in earlier}
    fresh = {}
    for proposal in now:
        old = before.get(proposal.key)
        fresh[proposal.key] = (
            replace(proposal, found_on=old.found_on, decision=old.decision) if old else proposal
        )
    kept = [p for k, p in before.items() if k not in fresh and (p.source != source or p.decision)]
    return judged([*kept, *fresh.values()], register, on)


def judged(proposals: Iterable[Proposal], register: Register, on: date) -> list[Proposal]:
    """The same with status and remark as the register stands on that day, sorted."""
    unique = sorted(proposals, key=lambda p: p.key)
    officials: dict[tuple[str, str], list[AccountRow]] = {}
    owners: dict[tuple[str, str], set[str]] = {}
    for account in register.accounts:
        if is_valid(account, on) and not account.is_synthetic:
            owners.setdefault((account.platform, account.handle.casefold()), set()).add(
                account.organisation_id
            )
            key = (account.organisation_id, account.platform)
            officials.setdefault(key, []).append(account)
    named: dict[tuple[str, str], set[str]] = {}
    for p in unique:
        if p.handle:
            owners.setdefault((p.platform, p.handle.casefold()), set()).add(p.organisation_id)
            if p.decision != "no":
                named.setdefault((p.organisation_id, p.platform), set()).add(p.handle.casefold())
    alive = {o.organisation_id for o in register.organisations if is_valid(o, on)}

    def judge(p: Proposal) -> Proposal:
        mine = officials.get((p.organisation_id, p.platform), [])
        same = [
            a
            for a in mine
            if a.handle.casefold() == p.handle.casefold()
            or (p.platform_user_id and a.platform_user_id == p.platform_user_id)
        ]
        official = [a for a in mine if a.role == "official"]
        others = named.get((p.organisation_id, p.platform), set()) - {p.handle.casefold()}
        shared = owners.get((p.platform, p.handle.casefold()), set()) - {p.organisation_id}
        if not p.handle:
            return replace(p, status="conflict")
        if same:
            return replace(p, status="known", remark=f"the register's {same[0].account_id}")
        if p.organisation_id not in alive:
            return replace(p, status="conflict", remark="the register has no such body today")
        if official:
            remark = f"the register has {official[0].handle} as the official account"
            return replace(p, status="conflict", remark=remark)
        if shared:
            remark = f"also named for {', '.join(sorted(shared)[:3])}"
            return replace(p, status="conflict", remark=remark)
        if others:
            remark = f"{len(others) + 1} accounts are named: write no under the wrong ones"
            return replace(p, status="conflict", remark=remark)
        return replace(p, status="new", remark="")

    return [judge(p) for p in unique]
