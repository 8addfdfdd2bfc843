"""Where accounts can be found: each finder gives its finds, and how many named no body of ours."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from klankbord.register import almanac, wikidata
from klankbord.register.model import Register
from klankbord.register.proposals import Proposal, found
from klankbord.register.rows import Organisation, is_valid

Finder = Callable[[Register, Path | None, date], tuple[list[Proposal], int]]


def _bodies(register: Register, today: date) -> list[Organisation]:
    return [o for o in register.organisations if is_valid(o, today)]


def queries(register: Register, today: date) -> Iterator[str]:
    """The SPARQL that would be asked, a batch each, to save the answers by hand."""
    items, codes = wikidata.keys(_bodies(register, today))
    for name, wanted in (("items", items), ("codes", codes)):
        for start in range(0, len(wanted), wikidata.BATCH):
            yield wikidata.query(**{name: wanted[start : start + wikidata.BATCH]})


def from_wikidata(register: Register, file: Path | None, today: date) -> tuple[list[Proposal], int]:
    """Accounts that Wikidata names, from the endpoint or a saved JSON answer."""
    bodies = _bodies(register, today)
    if file is None:
        claims = wikidata.ask(bodies)
    else:
        try:
            answer = json.loads(file.read_bytes().decode("utf-8-sig"))
        except (OSError, ValueError) as error:
            raise wikidata.WikidataError(
                f"{file.name} cannot be read as JSON ({type(error).__name__}): save it again."
            ) from error
        claims = wikidata.parse(answer, file.name)
    match = wikidata.matcher(bodies)
    finds, others = [], 0
    for claim, platform, handle in wikidata.current(claims, today):
        mine = match(claim)
        others += not mine
        finds += [
            found(
                body,
                platform,
                handle,
                claim.value,
                evidence=wikidata.evidence(claim),
                source="wikidata",
                today=today,
                started=claim.started,
                number=claim.number,
            )
            for body in mine
        ]
    return finds, others


def from_almanac(register: Register, file: Path | None, today: date) -> tuple[list[Proposal], int]:
    """Accounts that the Dutch almanac names, from its address or a saved export."""
    bodies = {o.organisation_id: o for o in _bodies(register, today)}
    match = almanac.matcher(bodies.values(), today)
    finds, others = [], 0
    for body in almanac.read(file, today) if file else almanac.ask(today):
        organisation = bodies.get(match(body) or "")
        for name, user, url in body.accounts:
            account = almanac.account(name, user, url)
            if account is None:
                continue
            others += organisation is None
            if organisation:
                platform, handle = account
                evidence = body.evidence
                value = url or user
                finds.append(
                    found(
                        organisation,
                        platform,
                        handle,
                        value,
                        evidence=evidence,
                        source="almanac",
                        today=today,
                    )
                )
    return finds, others


SOURCES: dict[str, Finder] = {"wikidata": from_wikidata, "almanac": from_almanac}
