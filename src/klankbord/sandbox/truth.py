"""What every figure must be, computed from the world in plain Python by the definitions of
docs/design.md. Nothing here is shared with the pipeline, and nothing is read from the warehouse.
"""

import statistics
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from klankbord.platforms.base import Window
from klankbord.register import AccountRow, Register, is_valid
from klankbord.sandbox.model import Message
from klankbord.sandbox.readings import (
    PLATFORMS_WITHOUT_FOLLOWERS,
    PLATFORMS_WITHOUT_MESSAGES,
    Known,
    days_between,
    local_day,
    reads_messages,
    reads_outgoing,
)
from klankbord.sandbox.world import World

ACTIVE_DAYS = 28
OUTGOING = frozenset({"original", "reply", "continuation"})
OF_OUTGOING = ("M21", "M22")
OF_QUESTIONS = ("M26", "M29", "M30")

Scan = tuple[datetime, Window]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one organisation. `value` None: there is none; numerator and denominator are None
    where the value is no ratio (a median) or there is no value."""

    organisation_id: str
    platform: str
    metric_id: str
    period_start: date
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    n_cases: int | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """An organisation's month on a platform; `last` is its last day up to the latest scan."""

    organisation_id: str
    platform: str
    first: date
    last: date

    def missing(self, metric_id: str) -> Figure:
        """Not observed."""
        return Figure(self.organisation_id, self.platform, metric_id, self.first)

    def figure(self, metric_id: str, value: float | None, *rest: float | None) -> Figure:
        """rest: numerator, denominator, n_cases."""
        return Figure(self.organisation_id, self.platform, metric_id, self.first, value, *rest)

    def ratio(self, metric_id: str, top: float, bottom: float, n_cases: int) -> Figure:
        """top / bottom; without a value when bottom is 0: not applicable."""
        return self.figure(metric_id, top / bottom if bottom else None, top, bottom, n_cases)


class Truth:
    """The truth about a world that was scanned at certain moments.

    scans: (moment, window) of each scan. archive_dates: days on which an earlier study counted
    followers. failed: (account_id, scan_on) of scans that never succeeded. only: organisations.
    Accounts and their validity are the register's, or the world's where it has none of them.
    """

    def __init__(
        self,
        world: World,
        register: Register,
        scans: Sequence[Scan],
        archive_dates: Collection[date] = (),
        *,
        failed: Collection[tuple[str, date]] = (),
        only: Collection[str] | None = None,
    ) -> None:
        self.world = world
        self.register = register
        self.scans = sorted(scans, key=lambda scan: scan[0])
        self.archive_dates = sorted(archive_dates)
        self.failed = frozenset(failed)
        self.only = only
        made_up = world.account_rows()
        names = {row.account_id for row in made_up}
        rows = [row for row in register.accounts if row.account_id in names] or made_up
        self.rows = [row for row in rows if row.role == "official"]
        platforms = sorted({row.platform for row in self.rows})
        self._windows = {platform: self._windows_of(platform) for platform in platforms}

    def figures(self) -> Iterator[Figure]:
        """Every figure of every organisation, platform and month that was looked at."""
        months = {platform: list(self.months(platform)) for platform in self._windows}
        for row in self._rows_asked():
            known = self.known(row)
            for first, last in months[row.platform]:
                if is_valid(row, last):
                    month = Month(row.organisation_id, row.platform, first, last)
                    yield from self._of_account(month, known)
        for platform in months:
            for first, last in months[platform]:
                yield from self._of_absent(platform, first, last)

    def questions(self) -> Iterator[tuple[str, datetime, float | None, bool]]:
        """(account_id, asked_at, response_hours, is_closed) of every question; M28."""
        for row in self._rows_asked():
            for q in self.known(row).questions():
                yield row.account_id, q.asked_at, q.response_hours, q.is_closed

    def months(self, platform: str) -> Iterator[tuple[date, date]]:
        """(first day, last day up to the latest scan) of every month that was looked at."""
        windows = self._windows[platform]
        counted = [] if platform in PLATFORMS_WITHOUT_FOLLOWERS else self.archive_dates
        starts = [local_day(w.since) for w in windows] + counted
        ends = [w.scan_on for w in windows] or counted
        if not starts:
            return
        first = min(starts).replace(day=1)
        while first <= max(ends):
            yield first, min(_next_month(first) - timedelta(days=1), max(ends))
            first = _next_month(first)

    def known(self, row: AccountRow) -> Known:
        """What was read of an account."""
        account = self.world.account(row.account_id)
        known = Known(row)
        has_followers = row.platform not in PLATFORMS_WITHOUT_FOLLOWERS
        for day in self.archive_dates if has_followers else ():
            known.read_archive(self.world, account, day)
        for moment, window in self.scans:
            is_read = (row.account_id, window.scan_on) not in self.failed
            if is_read and is_valid(row, window.scan_on):
                known.read(self.world, account, moment, window)
        return known

    def _of_account(self, month: Month, known: Known) -> Iterator[Figure]:
        yield month.ratio("M01", 1, 1, 1)
        if month.platform not in PLATFORMS_WITHOUT_FOLLOWERS:
            yield self._audience(month, known)
        if not self._is_scanned(month.platform, month.first):
            return
        days = days_between(month.first, month.last)
        active = days_between(month.last - timedelta(days=ACTIVE_DAYS - 1), month.last)
        originals = [m for m in known.own.values() if m.kind == "original"]
        recent = sum(local_day(m.created_at) in active for m in originals)
        if active & known.days:
            yield month.ratio("M02", int(recent > 0), 1, recent)
        else:
            yield month.missing("M02")
        posted = [m for m in originals if local_day(m.created_at) in days]
        if month.platform not in PLATFORMS_WITHOUT_FOLLOWERS:
            yield _engagement(month, known, posted)
        if days & known.days:
            yield month.ratio("M03", len(posted), len(days & known.days), len(posted))
        else:
            yield month.missing("M03")
        if month.platform not in PLATFORMS_WITHOUT_MESSAGES:
            yield from self._conversation(month, known, days)

    def _conversation(self, month: Month, known: Known, days: set[date]) -> Iterator[Figure]:
        """What is said to and fro; nothing of it where conversations are not read."""
        observed = bool(days & known.days)
        if not (observed and reads_outgoing(known.row)):
            yield from map(month.missing, OF_OUTGOING)
        else:
            yield from self._outgoing(month, known, days)
        if not (observed and reads_messages(known.row)):
            yield from map(month.missing, OF_QUESTIONS)
        else:
            yield from self._responses(month, known, days)

    def _outgoing(self, month: Month, known: Known, days: set[date]) -> Iterator[Figure]:
        said = [m.kind for m in known.own.values() if local_day(m.created_at) in days]
        outgoing, replies = sum(kind in OUTGOING for kind in said), said.count("reply")
        yield month.ratio("M21", replies, outgoing, outgoing)
        if outgoing:
            yield month.ratio("M22", int(replies > 0), 1, outgoing)
        else:
            yield month.figure("M22", None, None, None, 0)

    def _responses(self, month: Month, known: Known, days: set[date]) -> Iterator[Figure]:
        asked = [q for q in known.questions() if local_day(q.asked_at) in days and q.is_closed]
        hours = [q.response_hours for q in asked if q.is_answered]
        yield month.ratio("M26", len(hours), len(asked), len(asked))
        median = statistics.median(hours) if hours else None
        yield month.figure("M29", median, None, None, len(hours))
        yield month.ratio("M30", sum(hours), len(hours), len(hours))

    def _audience(self, month: Month, known: Known) -> Figure:
        read = [day for day in known.followers if month.first <= day < _next_month(month.first)]
        inhabitants = self.register.inhabitants(month.organisation_id, month.last)
        if not read or not inhabitants:
            return month.missing("M05")
        followers = known.followers[max(read)]
        return month.figure("M05", 100 * followers / inhabitants, followers, inhabitants, 1)

    def _of_absent(self, platform: str, first: date, last: date) -> Iterator[Figure]:
        """The two figures of organisations that have no account."""
        on_it = [row for row in self.rows if row.platform == platform]
        present = {row.organisation_id for row in on_it if is_valid(row, last)}
        for body in self.register.organisations:
            name = body.organisation_id
            if is_valid(body, last) and name not in present and self._is_asked(name):
                month = Month(name, platform, first, last)
                yield month.ratio("M01", 0, 1, 1)
                if self._is_scanned(platform, first):
                    yield month.ratio("M02", 0, 1, 0)

    def _windows_of(self, platform: str) -> list[Window]:
        """The windows that at least one account of the platform was read in; all when none was."""
        windows = [window for _, window in self.scans]
        ids = [row.account_id for row in self.rows if row.platform == platform]
        read = [w for w in windows if any((name, w.scan_on) not in self.failed for name in ids)]
        return read or windows

    def _is_scanned(self, platform: str, first: date) -> bool:
        """Whether a scan could read anything of the month."""
        return any(local_day(w.since) < _next_month(first) for w in self._windows[platform])

    def _rows_asked(self) -> Iterator[AccountRow]:
        return (row for row in self.rows if self._is_asked(row.organisation_id))

    def _is_asked(self, organisation_id: str) -> bool:
        return self.only is None or organisation_id in self.only


def _engagement(month: Month, known: Known, posted: list[Message]) -> Figure:
    """M11: the mean over the posts that have both interactions and followers."""
    shares = []
    for post in posted:
        followers = known.followers_at(local_day(post.created_at))
        if followers and post.message_id in known.interactions:
            shares.append(100 * known.interactions[post.message_id] / followers)
    if not shares:
        return month.missing("M11")
    return month.ratio("M11", sum(shares), len(shares), len(shares))


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
