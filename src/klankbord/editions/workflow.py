"""From provisional to the members' embargo to public; never back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from klankbord.database import Access
from klankbord.editions import canonical, silences, sources, store, writing
from klankbord.editions.model import ROLE, STATES, Edition, EditionError, SilenceError
from klankbord.settings import LOCAL_ZONE

#: how long members have an edition to themselves, unless somebody says otherwise
EMBARGO_DAYS = 14


@dataclass(frozen=True, slots=True)
class Advanced:
    """What `advance` did; provisional: figures of a public edition that are not final."""

    edition: Edition
    provisional: int = 0


def advance(
    access: Access,
    edition_id: str,
    state: str,
    now: datetime,
    *,
    embargo_days: int = EMBARGO_DAYS,
    despite_silence: str = "",
    known: Sequence[silences.Silence] | None = None,
) -> Advanced:
    """Move an edition on: to `embargo` (members may read it) or to `public` (everybody may).

    Public is refused while the embargo runs, when the edition was made before its windows had
    closed, when a later revision is public, when another revision became public after this one was
    made (what it must repeat was not known then), and in an election silence, except with a reason
    that everybody can read. From provisional straight to public is allowed: no members, no embargo.
    """
    if state not in STATES[1:]:
        raise EditionError(f"{state!r} is no state to go to: choose embargo or public.")
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        writing.lock(cursor)
        one = store.edition(cursor, edition_id)
        if STATES.index(state) <= STATES.index(one.state):
            raise EditionError(
                f"{edition_id} is {one.state} already: an edition never goes back; make a revision"
                f" (`klankbord edition make --period {one.period}`)."
            )
        detail: dict[str, Any] = {}
        provisional = 0
        if state == "embargo":
            if embargo_days < 0:
                raise EditionError(f"{embargo_days} days is no embargo: give 0 or more.")
            until = now + timedelta(days=embargo_days)
            detail["embargo_until"] = canonical.value(until)
        else:
            _refuse_early(cursor, one, now)
            detail |= _silence(cursor, one, now, despite_silence, known)
            provisional = _provisional(cursor, one)
            detail["provisional_figures"] = provisional
        writing.append(cursor, edition_id, state, now, detail)
        return Advanced(store.edition(cursor, edition_id), provisional)


def _refuse_early(cursor: Any, one: Edition, now: datetime) -> None:
    closed = sources.closed_on(cursor, one.quarter)
    if one.known_at.astimezone(LOCAL_ZONE).date() < closed:
        raise EditionError(
            f"{one.edition_id} is of {one.known_at.astimezone(LOCAL_ZONE):%Y-%m-%d}, and the last"
            f" windows of {one.period} close on {closed}: scan and build on that day or later, then"
            f" make a revision (`klankbord edition make --period {one.period}`)."
        )
    if one.embargo_until and now < one.embargo_until:
        raise EditionError(
            f"{one.edition_id} is under the members' embargo until"
            f" {one.embargo_until:%Y-%m-%d %H:%M} UTC."
        )
    for other in store.editions(cursor, one.period):
        if other.state != "public":
            continue
        if other.revision > one.revision:
            raise EditionError(
                f"{other.edition_id} is public: an older edition does not follow a newer one."
            )
        if other.published_at and other.published_at > one.made_at:
            raise EditionError(
                f"{other.edition_id} became public after {one.edition_id} was made, which does not"
                " know what it must repeat: make a revision."
            )


def _silence(
    cursor: Any,
    one: Edition,
    now: datetime,
    reason: str,
    known: Sequence[silences.Silence] | None,
) -> dict[str, Any]:
    """What the ledger says of the silences in force; SilenceError without a reason."""
    table = next(t for t in store.tables(cursor, one.edition_id) if t.table_name == "organisation")
    bodies = canonical.rows(table.header, store.lines(cursor, one.edition_id, "organisation"))
    found = silences.in_force(
        silences.read() if known is None else known,
        now.astimezone(LOCAL_ZONE).date(),
        {(body["country"], body["region_code"]) for body in bodies},
    )
    if not found:
        return {}
    told = "; ".join(f"{s.name} ({s.country}), {s.first_on} to {s.last_on}" for s in found)
    reason = reason.strip()
    if not reason:
        last = max(s.last_on for s in found)
        raise SilenceError(
            f"{one.edition_id} is not made public in an election silence ({told}): wait until"
            f" {last + timedelta(days=1)}, or give a reason that everybody can read with"
            " --despite-silence."
        )
    return {"despite_silence": reason, "silences": told}


def _provisional(cursor: Any, one: Edition) -> int:
    """Group figures that are not final although the quarter's windows have closed: of a platform
    that was not read since. They keep their status."""
    table = next(t for t in store.tables(cursor, one.edition_id) if t.table_name == "group_metric")
    rows = canonical.rows(table.header, store.lines(cursor, one.edition_id, "group_metric"))
    return sum(row["status"] == "provisional" for row in rows)
