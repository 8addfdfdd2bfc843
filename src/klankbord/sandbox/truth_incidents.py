"""What M34, M35 and M36 must be: from what the world's bodies said about its incidents, by the
definitions of docs/design.md ("Crisis clock"). Shares nothing with the warehouse.

A message counts that a scan could see and that the world knows to be about the incident; whether
its words tell it is no question here.
"""

import statistics
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from klankbord.register import AccountRow, Register, is_valid
from klankbord.sandbox.incident_script import REPEATING
from klankbord.sandbox.model import Message, WorldIncident
from klankbord.sandbox.readings import local_day, reads_outgoing
from klankbord.sandbox.truth import Scan
from klankbord.sandbox.world import World

FOLLOWED = timedelta(hours=6)
AMPLIFIED = timedelta(minutes=60)
NORM_MINUTES = 5
_OWN = frozenset({"original", "continuation"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """Of an organisation on a platform, or over all of them: minutes to the first message, updates
    after it and the median gap within six hours; `missing` where there is no first message."""

    delay_minutes: float | None
    updates: int | None = None
    gap_minutes: float | None = None
    missing: str | None = None
    platform: str | None = None

    @property
    def is_within_norm(self) -> bool | None:
        if self.delay_minutes is not None:
            return self.delay_minutes <= NORM_MINUTES
        return False if self.missing == "no_message" else None


@dataclass(frozen=True, slots=True)
class _Watched:
    """An account around an incident: `until` is how far it was watched from the alarm on, None
    where not even the alarm's moment was. `said` are its messages about it, oldest first; `repeats`
    its reposts."""

    organisation_id: str
    until: datetime | None
    said: tuple[Message, ...]
    repeats: tuple[Message, ...]


class IncidentTruth:
    """The truth about some incidents of a world that was scanned at certain moments."""

    def __init__(
        self,
        world: World,
        register: Register,
        scans: Sequence[Scan],
        incidents: Collection[WorldIncident],
        *,
        failed: Collection[tuple[str, object]] = (),
    ) -> None:
        self.incidents = tuple(incidents)
        self._world, self._scans, self._failed = world, scans, frozenset(failed)
        self._rows = [row for row in register.accounts if row.role == "official"]
        self._watched = {i.key: dict(self._around(i)) for i in self.incidents}

    def channels(self) -> Iterator[tuple[tuple[str, str, str], Spoken]]:
        """((incident, organisation, platform), what was said there) of every account."""
        for incident in self.incidents:
            for (body, platform), watched in self._watched[incident.key].items():
                if body in incident.concerned:
                    yield (incident.key, body, platform), _spoken(incident, platform, watched)

    def organisations(self) -> Iterator[tuple[tuple[str, str], Spoken]]:
        """((incident, organisation), its earliest channel): M34 at its grain."""
        found = dict(self.channels())
        for incident in self.incidents:
            for body in incident.concerned:
                mine = [s for (i, o, _), s in found.items() if (i, o) == (incident.key, body)]
                yield (incident.key, body), _over_channels(mine)

    def messages(self) -> Iterator[tuple[str, tuple[Message, ...]]]:
        """(incident, own messages about it that were seen) of every account around it."""
        for key, around in self._watched.items():
            for watched in around.values():
                yield key, watched.said

    def amplification(self) -> Iterator[tuple[tuple[str, str], tuple[int, int] | None]]:
        """((incident, platform), (partners that passed it on, partners)); None: no partner, or
        nobody spoke."""
        for incident in self.incidents:
            for platform in REPEATING:
                partners = self._partners(incident, platform)
                count = (sum(partners.values()), len(partners)) if partners else None
                yield (incident.key, platform), count

    def amplified(self, incident: WorldIncident) -> tuple[int, int] | None:
        """The same over all platforms: a partner on two of them is one."""
        every: dict[str, bool] = {}
        for platform in REPEATING:
            for body, passed in self._partners(incident, platform).items():
                every[body] = every.get(body, False) or passed
        return (sum(every.values()), len(every)) if every else None

    def _partners(self, incident: WorldIncident, platform: str) -> dict[str, bool]:
        """organisation -> whether it passed a message of another body on while it was young."""
        here = {
            body: watched
            for (body, where), watched in self._watched[incident.key].items()
            if where == platform
        }
        firsts = [
            (w.said[0].created_at, body)
            for body, w in here.items()
            if body in incident.concerned and _first_holds(incident, w)
        ]
        if not firsts:
            return {}
        at, speaker = min(firsts)
        needed = min(at + AMPLIFIED, incident.alarmed_at + FOLLOWED)
        ids = {m.message_id: (body, m.created_at) for body, w in here.items() for m in w.said}
        return {
            body: any(
                r.reposted_id in ids
                and ids[r.reposted_id][0] != body
                and timedelta() <= r.created_at - ids[r.reposted_id][1] <= AMPLIFIED
                for r in watched.repeats
            )
            for body, watched in here.items()
            if body != speaker and watched.until is not None and watched.until >= needed
        }

    def _around(self, incident: WorldIncident) -> Iterator[tuple[tuple[str, str], _Watched]]:
        bodies = {*incident.concerned, *incident.neighbours}
        on = local_day(incident.alarmed_at)
        for row in self._rows:
            if row.organisation_id in bodies and is_valid(row, on):
                yield (row.organisation_id, row.platform), self._watch(incident, row)

    def _watch(self, incident: WorldIncident, row: AccountRow) -> _Watched:
        account = self._world.account(row.account_id)
        seen: dict[int, Message] = {}
        windows = []
        for moment, window in self._scans:
            if not is_valid(row, window.scan_on) or row.access_tier < "T1":
                continue
            if (row.account_id, window.scan_on) in self._failed:
                continue
            windows.append((window.since, window.until))
            for m in self._world.own(account, window.since, moment):
                if m.created_at < window.until:
                    seen[m.message_id] = m
        end = incident.alarmed_at + FOLLOWED
        about = sorted(
            (m for m in seen.values() if m.about == incident.key),
            key=lambda m: (m.created_at, m.message_id),
        )
        kinds = _OWN if reads_outgoing(row) else {"original"}
        said = (m for m in about if m.kind in kinds and incident.alarmed_at <= m.created_at < end)
        until = _watched_until(sorted(windows), incident.alarmed_at)
        return _Watched(
            row.organisation_id,
            min(until, end) if until else None,
            tuple(said),
            tuple(m for m in about if m.kind == "repost"),
        )


def _watched_until(windows: list[tuple[datetime, datetime]], moment: datetime) -> datetime | None:
    """How far windows that touch each other reach from a moment inside one of them."""
    reached = None
    for since, until in windows:
        if since <= moment < until or (reached is not None and since <= reached < until):
            reached = until
    return reached


def _first_holds(incident: WorldIncident, watched: _Watched) -> bool:
    """Whether there is a first message, and everything between the alarm and it was seen."""
    if not watched.said or watched.until is None:
        return False
    return watched.until >= min(watched.said[0].created_at, incident.alarmed_at + FOLLOWED)


def _spoken(incident: WorldIncident, platform: str, watched: _Watched) -> Spoken:
    is_final = watched.until == incident.alarmed_at + FOLLOWED
    if not _first_holds(incident, watched):
        return Spoken(None, missing="no_message" if is_final else "not_observed")
    moments = [m.created_at for m in watched.said]
    gaps = [(later - earlier).total_seconds() / 60 for earlier, later in pairwise(moments)]
    return Spoken(
        (moments[0] - incident.alarmed_at).total_seconds() / 60,
        len(moments) - 1 if is_final else None,
        statistics.median(gaps) if gaps and is_final else None,
        platform=platform,
    )


def _over_channels(channels: list[Spoken]) -> Spoken:
    """The earliest; of none the reason that weighs most."""
    spoke = [s for s in channels if s.delay_minutes is not None]
    if spoke:
        return min(spoke, key=lambda s: (s.delay_minutes, -(s.updates or -1), s.platform))
    if not channels:
        return Spoken(None, missing="no_account")
    is_known = all(s.missing == "no_message" for s in channels)
    return Spoken(None, missing="no_message" if is_known else "not_observed")
