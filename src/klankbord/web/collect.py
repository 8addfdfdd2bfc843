"""From the register's websites to rows of raw: `klankbord extract-web` and the DAG.

Only days that are over are read. A visit may be counted late, so the last three days are read
again; what was missed before (no run, a dead token) is caught up on.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from klankbord import settings, tokens
from klankbord.database import Access
from klankbord.errors import KlankbordError, SettingsError
from klankbord.http import Client
from klankbord.platforms.base import OwnerToken
from klankbord.verdicts import RequestError
from klankbord.web import landing
from klankbord.web.landing import Place, Reading
from klankbord.web.matomo import Matomo, classify

REREAD_DAYS = 3
FIRST_DAYS = 30
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Site:
    """A website of the register. `last_on`: the last day that was read of it."""

    organisation_id: str
    site_id: str
    address: str
    valid_from: date | None
    last_on: date | None

    @property
    def place(self) -> Place:
        """Where its days are stored."""
        return Place(self.organisation_id, "matomo", f"{self.site_id}@{self.address}")


@dataclass(frozen=True, slots=True)
class Collected:
    """Of one site: days read and changed, and how it ended (reason '' is good)."""

    site: Site
    days: int
    changed: int
    status: str
    reason: str
    detail: str


def sites(access: Access, on: date) -> list[Site]:
    """The websites that the register knows on a day."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select w.organisation_id, w.site_id, w.address, w.valid_from, (select max(visited_on)"
            " from raw.web_days as d where d.organisation_id = w.organisation_id"
            " and d.source = 'matomo' and d.site = w.site_id || '@' || w.address)"
            " from register.web_sites as w where w.superseded_at is null"
            " and (w.valid_from is null or w.valid_from <= %s)"
            " and (w.valid_to is null or %s < w.valid_to) order by 1, 2, 3",
            [on, on],
        )
        return [Site(*row) for row in cursor.fetchall()]


def collect(
    access: Access,
    *,
    since: date | None = None,
    only: Collection[str] | None = None,
    on_site: Callable[[Collected], None] | None = None,
    owner_token: OwnerToken | None = None,
) -> list[Collected]:
    """Read every website (or those of the organisations `only`); one that fails stops no other.

    since: an earlier first day, to read the past again; else what is missing and the last days.
    owner_token: where the tokens come from, the environment and the tokens' folder by default; they
    are asked for "matomo" and the organisation.
    """
    today = settings.today()
    if since is not None and since >= today:
        raise SettingsError(f"--since {since} is not over yet: give a day before {today}.")
    wanted = [s for s in sites(access, today) if only is None or s.organisation_id in only]
    if only is not None and (unknown := set(only) - {s.organisation_id for s in wanted}):
        raise KlankbordError(
            f"The register has no website of {', '.join(sorted(unknown))}: see web_sites.csv."
        )
    token_of = owner_token or tokens.for_connectors()
    done = []
    for site in wanted:
        done.append(_collect(access, site, _first(site, since, today), today, token_of))
        if on_site:
            on_site(done[-1])
    return done


def summary(done: Collection[Collected]) -> dict[str, int]:
    """Sites by how they ended (`ok` or a reason); an error when not one of them answered."""
    found: dict[str, int] = {}
    for one in done:
        found[one.reason or "ok"] = found.get(one.reason or "ok", 0) + 1
    if done and all(one.status != "ok" for one in done):
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(found.items()))
        raise KlankbordError(f"Not one Matomo answered ({reasons}): see raw.web_outcomes.")
    return found


def _first(site: Site, since: date | None, today: date) -> date:
    first = since or min(
        today - timedelta(days=REREAD_DAYS),
        site.last_on + timedelta(days=1) if site.last_on else today - timedelta(days=FIRST_DAYS),
    )
    return max(first, site.valid_from) if site.valid_from else first


def _collect(
    access: Access, site: Site, first: date, today: date, token_of: OwnerToken
) -> Collected:
    """One site: its days and its outcome in one transaction."""
    readings: list[Reading] = []
    ending = ("ok", "", "")
    last = today - timedelta(days=1)
    try:
        if first <= last:
            readings = _read(site, first, last, token_of)
    except RequestError as error:
        ending = (error.status, error.reason, str(error))
    now = settings.now()
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        doubtful = landing.shrunken(cursor, site.place, readings)
        # a site without one visit in a day is a site that was not measured that day
        silent = [r.visited_on for r in readings if not r.visits and r.visited_on not in doubtful]
        kept = [r for r in readings if r.visits and r.visited_on not in doubtful]
        if doubtful:
            ending = (
                "failed",
                "shrunken",
                f"Matomo now counts less than half of the visits of {_listed(doubtful)}: the"
                " figures of before stand.",
            )
        elif silent and ending[0] == "ok":
            ending = ("ok", "", f"No visit at all on {_listed(silent)}: counted as not measured.")
        changed = landing.store(cursor, site.place, kept, now)
        landing.note(cursor, site.place, today, ending, len(kept), now)
    return Collected(site, len(kept), changed, *ending)


def _read(site: Site, first: date, last: date, token_of: OwnerToken) -> list[Reading]:
    token = token_of("matomo", site.organisation_id)
    where = urlsplit(site.address)
    if not token:
        body = site.organisation_id.upper().replace("-", "_")
        raise _refused("token_missing", f"No token: set KLANKBORD_TOKEN__MATOMO__{body}.")
    if where.scheme != "https" and where.hostname not in LOOPBACK:
        raise _refused("insecure_address", "The address is not https: the token would be read.")
    client = Client(
        site.address.removesuffix("/index.php"), classify, only_loopback=settings.is_sandbox()
    )
    try:
        matomo = Matomo(client, site.site_id, token)
        return [Reading.of(day) for day in matomo.days(first, last)]
    finally:
        client.close()


def _refused(reason: str, detail: str) -> RequestError:
    error = RequestError(detail, reason)
    error.status = "refused"
    return error


def _listed(days: Collection[date]) -> str:
    return ", ".join(day.isoformat() for day in sorted(days)[:5]) + (" …" if len(days) > 5 else "")
