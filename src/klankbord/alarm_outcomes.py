"""What outcomes tell the alarms: how the platforms answered last, and what was missing."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import tokens
from klankbord.alarm_base import LISTED, Found, about
from klankbord.database import Access
from klankbord.platforms.base import discover
from klankbord.settings import LOCAL_ZONE
from klankbord.tombstones import CREDIBLE_LEAST

#: The register is read at 04:15, the extractions follow it: who is silent by now is late. Before,
#: the day before is judged.
LATE_FROM = time(9)
#: so many accounts, and this share of a platform's, in one state at once: it is the platform
WHOLE_LEAST, WHOLE_SHARE = 6, 0.9

#: kind -> which last word of a stream means it
WORDS = {
    "moved": "stream = 'profiles' and reason in ('page_migrated', 'moved')",
    "protected": "reason = 'protected'",
    "dead": "stream = 'profiles' and status = 'gone' and reason <> 'page_migrated'",
    "hijacked": "reason = 'wrong_account'",
    "token_refused": "reason = 'token_expired'",
}


def said(cursor: Cursor, kind: str, on: date) -> Iterator[Found]:
    """Accounts of whom the last word of the last week was this. A failure is no word: it says
    nothing about the account, except that its website sends us elsewhere."""
    cursor.execute(
        f"with {LISTED}, words as (select distinct on (o.account_id, o.stream) l.platform,"  # noqa: S608
        " o.account_id, o.stream, o.status, o.reason, o.detail from raw.outcomes as o"
        " inner join listed as l using (account_id) where o.scan_on > %(since)s"
        " and o.scan_on <= %(on)s and (o.status <> 'failed' or o.reason = 'moved')"
        " order by o.account_id, o.stream, o.scan_on desc, o.attempted_at desc),"
        " asked as (select platform, count(distinct account_id) as n from words group by platform),"
        " hit as (select distinct on (account_id) * from words"
        f" where {WORDS[kind]} order by account_id, stream)"
        " select h.platform, h.account_id, h.reason || ': ' || h.detail, a.n"
        " from hit as h inner join asked as a using (platform) order by 1, 2",
        about(on),
    )
    by_platform: dict[tuple[str, int], list[Found]] = {}
    for platform, account_id, detail, asked in cursor.fetchall():
        found = Found(platform, account_id, detail.removesuffix(": "), on)
        by_platform.setdefault((platform, asked), []).append(found)
    for (platform, asked), hit in by_platform.items():
        if len(hit) >= WHOLE_LEAST and len(hit) >= WHOLE_SHARE * asked:
            said = f"{len(hit)} of {asked} accounts, such as {hit[0].account_id}: {hit[0].detail}"
            yield Found(platform, "", said, on)
        else:
            yield from hit


def quarantined(cursor: Cursor, on: date, rules: str) -> Iterator[Found]:
    """What gate 1 took out because of rules whose name begins so, and was not read after all."""
    cursor.execute(
        "select distinct on (q.account_id, q.scan_on) q.platform, q.account_id, q.detail, q.scan_on"
        " from raw.outcomes as q where q.scan_on > %(since)s and q.scan_on <= %(on)s"
        " and q.reason = 'quarantined' and starts_with(q.detail, 'refused by ' || %(rules)s)"
        " and not exists (select 1 from raw.outcomes as ok where ok.account_id = q.account_id"
        " and ok.stream = q.stream and ok.scan_on = q.scan_on and ok.status = 'ok')"
        " order by q.account_id, q.scan_on, q.stream",
        {**about(on), "rules": rules},
    )
    yield from (Found(*row) for row in cursor.fetchall())


def shrunken(cursor: Cursor, on: date) -> Iterator[Found]:
    """Answers that shrank and that no gate has judged yet, or that it believed."""
    cursor.execute(
        "select distinct on (account_id, scan_on) platform, account_id, stream || ': '"
        " || missing_count || ' of ' || known_count || ' are missing', scan_on from raw.outcomes"
        " where scan_on > %(since)s and scan_on <= %(on)s and status = 'ok'"
        " and known_count >= %(least)s and 2 * missing_count > known_count"
        " order by account_id, scan_on, stream",
        {**about(on), "least": CREDIBLE_LEAST},
    )
    yield from (Found(*row) for row in cursor.fetchall())


def expiring(access: Access, on: date, source: tokens.TokenSource) -> Iterator[Found]:
    """Owners' tokens that end soon, or have ended."""
    for token in tokens.expiring(access, on, source):
        yield Found(token.platform, token.account_id, f"the token ends on {token.expires_on}", on)


def late(cursor: Cursor, now: datetime) -> Iterator[Found]:
    """Platforms with accounts of which none was read on the day that should be over by now. Only
    profiles count: a backfill of older posts is no scan of the day."""
    local = now.astimezone(LOCAL_ZONE)
    due = local.date() - timedelta(days=local.time() < LATE_FROM)
    cursor.execute(
        f"with {LISTED}, last as (select platform, max(scan_on) as scan_on from raw.outcomes"  # noqa: S608
        " where status = 'ok' and stream = 'profiles' and scan_on <= %(today)s group by platform)"
        " select platform, 'last answer on ' || coalesce(max(last.scan_on)::text, 'no day')"
        " from listed left join last using (platform) where platform = any(%(known)s)"
        " group by platform having coalesce(max(last.scan_on) < %(on)s, true) order by platform",
        {**about(due), "today": local.date(), "known": list(discover())},
    )
    yield from (Found(platform, "", said, local.date()) for platform, said in cursor.fetchall())
