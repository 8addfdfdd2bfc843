"""How each kind of alarm is found, in SQL over schema raw, so that it needs no build.

What a profile says of followers, handle and so on stands where the connector's `profile_paths` say;
a platform without a path has no such alarm.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import settings
from klankbord.platforms.base import Connector, discover

#: A jump: more than a quarter and at least 100 followers within a week. In the sandbox's world and
#: in the archives of the study accounts move by a few per cent a month.
JUMP_SHARE = 0.25
JUMP_LEAST = 100
JUMP_DAYS = 7
COMPARED_DAYS = 31
SHRUNK_LEAST = 10
WARNING_DAYS = 14  # before an owner's token ends

#: kind -> what it means, in the words of `klankbord alarms`
KINDS: dict[str, str] = {
    "follower_jump": "followers changed by more than a quarter within a week",
    "shrunken_answer": "more than half of what was known is missing from an answer",
    "renamed": "the handle changed",
    "moved": "the account says that it moved elsewhere",
    "protected": "the account shows its posts to followers only",
    "dead": "the platform knows the account no more",
    "hijacked": "the handle belongs to another account than before",
    "token_refused": "the platform refuses the token",
    "token_expiring": "an owner's token ends within 14 days",
    "late_platform": "nothing of a platform arrived today",
}
#: what stays true until somebody does something: raised once, not every day
LASTING = frozenset(
    {"moved", "protected", "dead", "token_refused", "token_expiring", "late_platform"}
)

_Found = tuple[str, str, str]

#: kind -> (status, reason or None for any, stream or None for any) of an outcome
_OUTCOMES: dict[str, tuple[str, str | None, str | None]] = {
    "protected": ("refused", "protected", None),
    "dead": ("gone", None, "profiles"),
    "token_refused": ("refused", "token_expired", None),
}
#: kind -> (what of a profile, when, what to say of it); `said` is the profile's word as text
_PROFILES = {
    "follower_jump": (
        "followers",
        sql.SQL(
            "now.scan_on - before.scan_on <= {days} and abs(now.said::numeric"
            " - before.said::numeric) > greatest({least}, {share} * before.said::numeric)"
        ).format(
            days=sql.Literal(JUMP_DAYS),
            least=sql.Literal(JUMP_LEAST),
            share=sql.Literal(JUMP_SHARE),
        ),
        sql.SQL("before.said || ' -> ' || now.said || ' followers'"),
    ),
    "renamed": (
        "handle",
        sql.SQL("lower(now.said) <> lower(before.said)"),
        sql.SQL("before.said || ' -> ' || now.said"),
    ),
    "hijacked": (
        "user_id",
        sql.SQL("now.said <> before.said"),
        sql.SQL("'platform id ' || before.said || ' -> ' || now.said"),
    ),
    "moved": ("moved_to", sql.SQL("now.said <> ''"), sql.SQL("'moved to ' || now.said")),
    "protected": ("is_protected", sql.SQL("now.said = 'true'"), sql.SQL("'posts are protected'")),
}


def found_by(cursor: Cursor, kind: str, on: date, now: datetime) -> Iterator[_Found]:
    """(platform, account_id, what was seen) of a kind on a day."""
    match kind:
        case "late_platform":
            yield from _late(cursor, on)
        case "shrunken_answer":
            yield from _shrunken(cursor, on)
        case "token_expiring":
            yield from _expiring(cursor, on)
        case _:
            if kind in _OUTCOMES:
                yield from _ended(cursor, on, *_OUTCOMES[kind])
            if kind == "follower_jump":
                yield from _quarantined(cursor, on, "followers_")
            for name, connector in discover().items():
                yield from _by_profile(cursor, kind, name, connector, on)


def _late(cursor: Cursor, on: date) -> list[_Found]:
    cursor.execute(
        "select a.platform, '', 'last answer on ' || coalesce(max(o.scan_on)::text, 'no day')"
        " from (select platform from register.accounts where superseded_at is null"
        " and coalesce(valid_from, '-infinity') <= %(on)s"
        " and coalesce(valid_to, 'infinity') > %(on)s"
        " and is_synthetic = %(synthetic)s group by platform) as a"
        " left join raw.outcomes as o on o.platform = a.platform and o.status = 'ok'"
        " where a.platform = any(%(known)s) group by a.platform"
        " having coalesce(max(o.scan_on) < %(on)s, true)",
        {"on": on, "synthetic": settings.is_sandbox(), "known": list(discover())},
    )
    return cursor.fetchall()


def _ended(
    cursor: Cursor, on: date, status: str, reason: str | None, stream: str | None
) -> list[_Found]:
    """Accounts of which a stream ended so on the day, and was not read after all."""
    cursor.execute(
        "select distinct on (o.account_id) o.platform, o.account_id, o.reason || ': ' || o.detail"
        " from raw.outcomes as o where o.scan_on = %s and o.status = %s"
        " and (%s::text is null or o.reason = %s) and (%s::text is null or o.stream = %s)"
        " and not exists (select 1 from raw.outcomes as ok where ok.account_id = o.account_id"
        " and ok.stream = o.stream and ok.scan_on = o.scan_on and ok.status = 'ok')"
        " order by o.account_id, o.attempted_at desc",
        [on, status, reason, reason, stream, stream],
    )
    return cursor.fetchall()


def _quarantined(cursor: Cursor, on: date, rules: str) -> list[_Found]:
    """What gate 1 took out because of rules whose name begins so."""
    cursor.execute(
        "select distinct platform, account_id, detail from raw.outcomes where scan_on = %s"
        " and reason = 'quarantined' and starts_with(detail, 'refused by ' || %s)",
        [on, rules],
    )
    return cursor.fetchall()


def _shrunken(cursor: Cursor, on: date) -> Iterator[_Found]:
    yield from _quarantined(cursor, on, "items_")
    cursor.execute(
        "select platform, account_id, stream || ': ' || missing_count || ' of ' || known_count"
        " || ' are missing' from raw.outcomes where scan_on = %s and status = 'ok'"
        " and known_count >= %s and 2 * missing_count > known_count",
        [on, SHRUNK_LEAST],
    )
    yield from cursor.fetchall()


def _expiring(cursor: Cursor, on: date) -> list[_Found]:
    """Owners' tokens that end within the days of warning."""
    cursor.execute("select to_regclass('register.consents')")
    if cursor.fetchone() == (None,):
        return []
    cursor.execute(
        "select a.platform, a.account_id, 'the token ends on ' || min(c.token_expires_on)"
        " from register.consents as c inner join register.accounts as a using (account_id)"
        " where c.superseded_at is null and a.superseded_at is null"
        " and coalesce(c.withdrawn_on, 'infinity') > %(on)s"
        " group by a.platform, a.account_id"
        " having max(c.token_expires_on) <= %(on)s::date + %(days)s",
        {"on": on, "days": WARNING_DAYS},
    )
    return cursor.fetchall()


def _by_profile(
    cursor: Cursor, kind: str, platform: str, connector: type[Connector], on: date
) -> list[_Found]:
    """Kinds that show in a profile, compared with the one before it."""
    if kind not in _PROFILES or _PROFILES[kind][0] not in connector.profile_paths:
        return []
    what, condition, detail = _PROFILES[kind]
    cursor.execute(
        sql.SQL(
            "with said as (select account_id, scan_on, payload #>> %(path)s as said from {table}"
            " where scan_on > %(since)s and scan_on <= %(on)s)"
            " select %(name)s, now.account_id, {detail} from said as now"
            " left join lateral (select b.scan_on, b.said from said as b"
            " where b.account_id = now.account_id and b.scan_on < now.scan_on"
            " order by b.scan_on desc limit 1) as before on true"
            " where now.scan_on = %(on)s and {condition}"
        ).format(
            table=sql.Identifier("raw", f"{platform}_profiles"), detail=detail, condition=condition
        ),
        {
            "path": connector.profile_paths[what].split("."),
            "since": on - timedelta(days=COMPARED_DAYS),
            "on": on,
            "name": platform,
        },
    )
    return cursor.fetchall()
