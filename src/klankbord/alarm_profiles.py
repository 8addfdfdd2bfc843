"""What profiles tell the alarms: who answers, under which name, and how many follow.

Where that stands in a stored profile, the connector's `profile_paths` say; a platform without a
path has no such alarm.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.alarm_base import LISTED, LOOK_BACK_DAYS, Found, about
from klankbord.platforms.base import Connector

#: A jump: more than a quarter, and at least 100 followers, within a week (docs/decisions.md says
#: what was measured).
JUMP_SHARE = 0.25
JUMP_LEAST = 100
JUMP_DAYS = 7
#: platforms that take a name with and without these signs for the same
_IGNORED = {"facebook": "."}

_NAME = "translate(split_part(ltrim(lower({}), '@'), '@', 1), %(ignored)s, '')"
#: kind -> (what of a profile, when, what to say of it). `now.said` is the profile's word as text,
#: `l` the register's line. A profile that another id answered with was never stored, unless the
#: register's id is newer: then the name may be a citizen's, and is nobody's business.
_STATES = {
    "renamed": (
        "handle",
        "now.id = coalesce(l.platform_user_id, now.id) and l.handle <> now.id"
        f" and {_NAME.format('now.said')}"
        f" <> {_NAME.format('l.handle')}",
        "l.handle || ' -> ' || now.said",
    ),
    "moved": ("moved_to", "now.said <> ''", "'moved to ' || now.said"),
    "protected": ("is_protected", "now.said = 'true'", "'posts are protected'"),
}


def states(
    cursor: Cursor, kind: str, platform: str, connector: type[Connector], on: date
) -> Iterator[Found]:
    """A state that shows in the last profile of the last week."""
    paths = connector.profile_paths
    if kind not in _STATES or _STATES[kind][0] not in paths or "user_id" not in paths:
        return
    what, condition, detail = _STATES[kind]
    cursor.execute(
        sql.SQL(
            f"with {LISTED}, said as (select account_id, scan_on, payload #>> %(path)s as said,"  # noqa: S608
            " payload #>> %(id_path)s as id from {table}"
            " where scan_on > %(since)s and scan_on <= %(on)s),"
            " now as (select distinct on (account_id) * from said"
            " order by account_id, scan_on desc)"
            f" select l.platform, l.account_id, {detail} from now inner join listed as l"
            f" using (account_id) where {condition} order by l.account_id"
        ).format(table=sql.Identifier("raw", f"{platform}_profiles")),
        {
            **about(on),
            "path": paths[what].split("."),
            "id_path": paths["user_id"].split("."),
            "ignored": _IGNORED.get(platform, ""),
        },
    )
    yield from (Found(*row, on) for row in cursor.fetchall())


def jumps(
    cursor: Cursor,
    platform: str,
    connector: type[Connector],
    on: date,
    refused: Iterable[Found] = (),
) -> Iterator[Found]:
    """Accounts whose followers changed too much, on each day of the last week.

    A day is compared with every reading of the seven days before it, but not with those from before
    the last jump: what was raised once is the new level, or it would be raised for a week.
    `refused`: the jumps that gate 1 refused.
    """
    if "followers" not in connector.profile_paths:
        return
    cursor.execute(
        "select account_id, raised_on from raw.alarms where kind = 'follower_jump'"
        " and platform = %s and raised_on > %s and raised_on <= %s",
        [platform, on - timedelta(days=LOOK_BACK_DAYS + JUMP_DAYS), on],
    )
    raised: dict[str, set[date]] = {}
    for account_id, day in [*cursor.fetchall(), *((f.account_id, f.on) for f in refused)]:
        raised.setdefault(account_id, set()).add(day)
    for account_id, pairs in _far_apart(cursor, platform, connector, on).items():
        known = raised.get(account_id, set())
        for day, before_on, before, now in pairs:
            last = max((d for d in known if d < day), default=date.min)
            if day not in known and before_on >= last:
                known.add(day)
                yield Found(platform, account_id, f"{before} -> {now} followers", day)


def _far_apart(
    cursor: Cursor, platform: str, connector: type[Connector], on: date
) -> dict[str, list[tuple[date, date, int, int]]]:
    """account_id -> (day, an earlier day, followers then, followers now) of readings that are too
    far apart; by day, the longest span first."""
    cursor.execute(
        sql.SQL(
            f"with {LISTED}, said as (select account_id, scan_on, payload #>> %(path)s as said"  # noqa: S608
            " from {table} where scan_on > %(first)s and scan_on <= %(on)s),"
            " counted as (select account_id, scan_on, said::bigint as n from said"
            " inner join listed using (account_id) where said ~ '^[0-9]{{1,15}}$'),"
            # nearly nobody is far from the least and the most of a week: pairs of those alone
            " ends as (select *, min(n) over week as least, max(n) over week as most from counted"
            " window week as (partition by account_id order by scan_on"
            " range between %(span)s preceding and interval '1 day' preceding)),"
            " now as materialized (select * from ends where scan_on > %(since)s"
            " and (n - least > greatest(%(least)s, %(share)s * least)"
            " or most - n > greatest(%(least)s, %(share)s * most)))"
            " select now.account_id, now.scan_on, before.scan_on, before.n, now.n"
            " from now inner join counted as before"
            " on before.account_id = now.account_id and before.scan_on < now.scan_on"
            " and before.scan_on >= now.scan_on - %(days)s"
            " where abs(now.n - before.n) > greatest(%(least)s, %(share)s * before.n)"
            " order by now.account_id, now.scan_on, before.scan_on"
        ).format(table=sql.Identifier("raw", f"{platform}_profiles")),
        {
            **about(on),
            "path": connector.profile_paths["followers"].split("."),
            "first": on - timedelta(days=LOOK_BACK_DAYS + JUMP_DAYS),
            "days": JUMP_DAYS,
            "span": timedelta(days=JUMP_DAYS),
            "least": JUMP_LEAST,
            "share": JUMP_SHARE,
        },
    )
    found: dict[str, list[tuple[date, date, int, int]]] = {}
    for account_id, *pair in cursor.fetchall():
        found.setdefault(account_id, []).append((pair[0], pair[1], pair[2], pair[3]))
    return found
