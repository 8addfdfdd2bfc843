"""The only writer of raw.web_days, raw.web_visits and raw.web_outcomes.

A day is replaced as a whole by what was read last, in one transaction: Matomo is the register of
its visits and can be asked again, so no older reading is kept.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import execute_values

from klankbord.web.matomo import Day

#: a day of so many visits that comes back with less than half of them is not believed
CREDIBLE_LEAST = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Of what website, from what source: matomo (site: number@address) or file (site: a name)."""

    organisation_id: str
    source: str
    site: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A day as a source tells it; `visits` None where a file holds social visits only."""

    visited_on: date
    visits: int | None
    networks: Sequence[tuple[str, int]]

    @classmethod
    def of(cls, day: Day) -> "Reading":
        """Of Matomo."""
        return cls(day.visited_on, day.visits, sorted(day.networks.items()))


def shrunken(cursor: Cursor, place: Place, readings: Collection[Reading]) -> set[date]:
    """The days that had visits and lost more than half of them: their old reading stands."""
    cursor.execute(
        "select visited_on, visits from raw.web_days where organisation_id = %s and source = %s"
        " and site = %s and visits >= %s and visited_on = any(%s)",
        [
            place.organisation_id,
            place.source,
            place.site,
            CREDIBLE_LEAST,
            [reading.visited_on for reading in readings],
        ],
    )
    before = dict(cursor.fetchall())
    return {
        reading.visited_on
        for reading in readings
        if reading.visited_on in before and 2 * (reading.visits or 0) < before[reading.visited_on]
    }


def store(cursor: Cursor, place: Place, readings: Iterable[Reading], now: datetime) -> int:
    """Replace these days; returns how many changed. The caller commits."""
    key = (place.organisation_id, place.source, place.site)
    changed = 0
    for reading in readings:
        cursor.execute(
            "select d.visits, coalesce(array_agg(array[v.network, v.visits::text] order by"
            " v.network) filter (where v.network is not null), array[]::text[]) from raw.web_days"
            " as d left join raw.web_visits as v using (organisation_id, source, site, visited_on)"
            " where d.organisation_id = %s and d.source = %s and d.site = %s and d.visited_on = %s"
            " group by d.visits",
            [*key, reading.visited_on],
        )
        networks = sorted(reading.networks)
        known = cursor.fetchone()
        if known == (reading.visits, [[name, str(count)] for name, count in networks]):
            continue
        changed += 1
        cursor.execute(
            "delete from raw.web_days where organisation_id = %s and source = %s and site = %s"
            " and visited_on = %s",
            [*key, reading.visited_on],
        )
        cursor.execute(
            "insert into raw.web_days values (%s, %s, %s, %s, %s, %s)",
            [*key, reading.visited_on, reading.visits, now],
        )
        execute_values(
            cursor,
            "insert into raw.web_visits values %s",
            [(*key, reading.visited_on, name, count, now) for name, count in networks],
        )
    return changed


def note(
    cursor: Cursor,
    place: Place,
    read_on: date,
    ending: tuple[str, str, str],
    day_count: int,
    now: datetime,
) -> None:
    """How the reading of a site ended today: (status, reason, detail) of the last attempt."""
    cursor.execute(
        "insert into raw.web_outcomes values (%s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (organisation_id, site, read_on) do update set status = excluded.status,"
        " reason = excluded.reason, detail = excluded.detail, day_count = excluded.day_count,"
        " attempted_at = excluded.attempted_at",
        [place.organisation_id, place.site, read_on, *ending, day_count, now],
    )
