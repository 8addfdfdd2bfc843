"""What every figure must be, computed from the world in plain Python by the definitions of
docs/design.md. Nothing here is shared with the pipeline, and nothing is read from the warehouse.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from klankbord.platforms.base import Window
from klankbord.register import AccountRow, Register, is_valid
from klankbord.sandbox import (
    truth_conversation,
    truth_engagement,
    truth_insights,
    truth_response,
    truth_service,
)
from klankbord.sandbox.readings import (
    PLATFORMS_WITHOUT_FOLLOWERS,
    PLATFORMS_WITHOUT_MESSAGES,
    Known,
    days_between,
    local_day,
    reads_messages,
    reads_outgoing,
)
from klankbord.sandbox.truth_figures import Figure, Period, next_period, start_of
from klankbord.sandbox.truth_provenance import told
from klankbord.sandbox.world import World

ACTIVE_DAYS = 28
#: of which so many must have been read, to say that nothing appeared or that something did
ACTIVE_DAYS_READ = 21
PERIOD_KINDS = ("month", "quarter")
OUTGOING = frozenset({"original", "reply", "continuation"})
OF_OUTGOING = ("M21", "M22")
OF_QUESTIONS = truth_response.METRICS
OF_THREADS = ("M23",)

Scan = tuple[datetime, Window]


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
        self._lives = defaultdict(list)
        for body in register.organisations:
            self._lives[body.organisation_id].append(body)

    def figures(self) -> Iterator[Figure]:
        """Every figure of every organisation, platform and period that was looked at."""
        periods = {platform: list(self.periods(platform)) for platform in self._windows}
        for row in self._rows_asked():
            known = self.known(row)
            for kind, first, last in periods[row.platform]:
                lives = self._lives[row.organisation_id]
                if is_valid(row, last) and any(is_valid(life, last) for life in lives):
                    period = Period(row.organisation_id, row.platform, kind, first, last)
                    for figure in self._of_account(period, known):
                        yield told(figure, period, known, self._latest(row.platform))
        for platform in periods:
            for period in periods[platform]:
                yield from self._of_absent(platform, *period)

    def vendors_figures(self) -> Iterator[tuple[str, Figure]]:
        """(definition, figure) of every account that conversations are read of, as others count."""
        for row in filter(reads_messages, self._rows_asked()):
            known = self.known(row)
            for kind, first, last in self.periods(row.platform):
                days = days_between(first, last)
                lives = self._lives[row.organisation_id]
                is_there = is_valid(row, last) and any(is_valid(life, last) for life in lives)
                if is_there and days & known.days:
                    period = Period(row.organisation_id, row.platform, kind, first, last)
                    yield from truth_response.vendors_figures(period, known, days, self.register)

    def questions(self) -> Iterator[tuple[str, datetime, float | None, bool]]:
        """(account_id, asked_at, response_hours, is_closed) of every question; M28."""
        for row in self._rows_asked():
            for q in self.known(row).questions():
                yield row.account_id, q.asked_at, q.response_hours, q.is_closed

    def periods(self, platform: str) -> Iterator[tuple[str, date, date]]:
        """(kind, first day, last day up to the latest scan) of all months and quarters that were
        looked at."""
        windows = self._windows[platform]
        counted = [] if platform in PLATFORMS_WITHOUT_FOLLOWERS else self.archive_dates
        starts = [local_day(w.since) for w in windows] + counted
        ends = [w.scan_on for w in windows] or counted
        if not starts:
            return
        for kind in PERIOD_KINDS:
            first = start_of(kind, min(starts))
            while first <= max(ends):
                following = next_period(kind, first)
                yield kind, first, min(following - timedelta(days=1), max(ends))
                first = following

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

    def _of_account(self, period: Period, known: Known) -> Iterator[Figure]:
        yield period.ratio("M01", 1, 1, 1)
        if period.platform not in PLATFORMS_WITHOUT_FOLLOWERS:
            yield self._audience(period, known)
            yield from truth_engagement.growth(period, known)
        if not self._is_scanned(period.platform, period.end):
            return
        days = days_between(period.first, period.last)
        active = days_between(period.last - timedelta(days=ACTIVE_DAYS - 1), period.last)
        originals = [m for m in known.own.values() if m.kind == "original"]
        recent = sum(local_day(m.created_at) in active for m in originals)
        if len(active & known.days) >= ACTIVE_DAYS_READ:
            yield period.ratio("M02", int(recent > 0), 1, recent)
        else:
            yield period.missing("M02")
        posted = [m for m in originals if local_day(m.created_at) in days]
        if days & known.days:
            yield period.ratio("M03", len(posted), len(days & known.days), len(posted))
        else:
            yield period.missing("M03")
        yield truth_engagement.posting_days(period, known, posted, days)
        yield from truth_engagement.engagement(period, known, posted, days)
        yield from truth_insights.figures(period, known, posted)
        if period.platform in truth_service.PLATFORMS:
            yield truth_service.figure(period, known, days)
        if period.platform not in PLATFORMS_WITHOUT_MESSAGES:
            yield from self._conversation(period, known, days)

    def _conversation(self, period: Period, known: Known, days: set[date]) -> Iterator[Figure]:
        """What is said to and fro; nothing of it where conversations are not read."""
        observed = bool(days & known.days)
        if not (observed and reads_outgoing(known.row)):
            yield from map(period.missing, OF_OUTGOING)
        else:
            yield from self._outgoing(period, known, days)
        if not (observed and reads_messages(known.row)):
            yield from map(period.missing, (*OF_QUESTIONS, *OF_THREADS))
        else:
            yield from truth_response.figures(period, known, days, self.register)
            yield truth_conversation.depth(period, known, days)

    def _outgoing(self, period: Period, known: Known, days: set[date]) -> Iterator[Figure]:
        said = [m.kind for m in known.own.values() if local_day(m.created_at) in days]
        outgoing, replies = sum(kind in OUTGOING for kind in said), said.count("reply")
        yield period.ratio("M21", replies, outgoing, outgoing)
        if outgoing:
            yield period.ratio("M22", int(replies > 0), 1, outgoing)
        else:
            yield period.figure("M22", None, None, None, 0)

    def _audience(self, period: Period, known: Known) -> Figure:
        read = [day for day in known.followers if period.first <= day <= period.end]
        inhabitants = self.register.inhabitants(period.organisation_id, period.last)
        if not read or not inhabitants:
            return period.missing("M05")
        followers = known.followers[max(read)]
        return period.figure("M05", 100 * followers / inhabitants, followers, inhabitants, 1)

    def _of_absent(self, platform: str, kind: str, first: date, last: date) -> Iterator[Figure]:
        """The two figures of organisations that have no account."""
        on_it = [row for row in self.rows if row.platform == platform]
        present = {row.organisation_id for row in on_it if is_valid(row, last)}
        for body in self.register.organisations:
            name = body.organisation_id
            if is_valid(body, last) and name not in present and self._is_asked(name):
                period = Period(name, platform, kind, first, last)
                latest = self._latest(platform)
                yield told(period.ratio("M01", 0, 1, 1), period, None, latest)
                if self._is_scanned(platform, period.end):
                    yield told(period.ratio("M02", 0, 1, 0), period, None, latest)

    def _latest(self, platform: str) -> date:
        """The day of the platform's last scan; of the last count of the archive, if it had none."""
        days = [w.scan_on for w in self._windows[platform]]
        return max(days or self.archive_dates)

    def _windows_of(self, platform: str) -> list[Window]:
        """The windows that at least one account of the platform was read in; all when none was."""
        windows = [window for _, window in self.scans]
        ids = [row.account_id for row in self.rows if row.platform == platform]
        read = [w for w in windows if any((name, w.scan_on) not in self.failed for name in ids)]
        return read or windows

    def _is_scanned(self, platform: str, end: date) -> bool:
        """Whether a scan could read anything of the period that ends on `end`."""
        return any(local_day(w.since) <= end for w in self._windows[platform])

    def _rows_asked(self) -> Iterator[AccountRow]:
        return (row for row in self.rows if self._is_asked(row.organisation_id))

    def _is_asked(self, organisation_id: str) -> bool:
        return self.only is None or organisation_id in self.only
