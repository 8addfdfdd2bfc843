"""Gate 1: what arrived, against what the register and the last scan expected.

Read from the staging views, so that every platform is one shape. The rules look at the scans of the
last week, because a build that failed may have left one unjudged; dbt's own tests guard keys,
relations and accepted values, not these.
"""

from klankbord.gates import Rule
from klankbord.platforms.base import discover

#: by the index of scans: years of outcomes are not read for the last one
LATEST = """
latest as (
    select known.platform, last.scan_on
    from (select distinct platform from register.accounts) as known
    cross join lateral (
        select scan_on from {batch} as o where o.platform = known.platform and o.status = 'ok'
        order by scan_on desc limit 1
    ) as last
)"""


def _scanned(days: int) -> str:
    """A condition on the scans of the last days. An array and no range: of an array whose values
    are still to be found PostgreSQL expects ten and goes by the index of scans; of a range it
    expects a third of all years, and reads them all."""
    return (
        "scan_on = any (array (select (select max(scan_on) from {batch}) - back"
        f" from generate_series(0, {days - 1}) as days (back)))"
    )


#: the scans that may not have been judged yet
IS_RECENT = _scanned(7)
RECENT = f"""
recent as (
    select distinct platform, scan_on from {{batch}}
    where status = 'ok' and {IS_RECENT}
)"""


def _all(entity: str) -> str:
    """The staging view of an entity, in one shape, of every platform that has it."""
    return " union all ".join(
        f"select '{name}' as platform, s.* from staging.stg_{name}__{entity} as s"
        for name, connector in discover().items()
        if entity in connector.streams
    )


def _changes() -> str:
    """Follower counts of recent scans beside the one known before each, from API or archive."""
    return f"""
with {RECENT},
known as (
    select account_id, platform, followers, scan_on from ({_all("profiles")}) as profiles
    where {_scanned(7 + 62)}
    union all
    select account_id, null, followers, observed_on from raw.archive_followers
    where observed_on > (select max(scan_on) from {{batch}}) - 69
),
now as (
    select *, last_value(followers) over before as previous_followers,
        last_value(scan_on) over before as previous_on
    from known where followers is not null
    window before as (partition by account_id order by scan_on
        range between interval '62 days' preceding and interval '1 day' preceding)
)
select account_id as subject, scan_on,
    previous_followers || ' -> ' || followers || ' followers' as detail
from now inner join recent using (platform, scan_on)
where previous_followers >= 50 and"""


def _unconfirmed(rule: str, previous_on: str) -> str:
    """A change that was refused on an earlier day and is seen again is believed; not when a good
    answer came in between: then the refused one was a slip, and so may this one be."""
    return (
        f"not exists (select 1 from quarantine.rows as q where q.subject = now.account_id"
        f" and q.expectation = '{rule}' and q.scan_on > {previous_on} and q.scan_on < now.scan_on)"
    )


def rules() -> list[Rule]:
    """The rules for the platforms that exist here."""
    return [
        Rule(
            "followers_are_a_count",
            "Every profile, where there are followers, carries a count of zero or more",
            "raw.outcomes",
            f"with {RECENT}, profiles as ({_all('profiles')}) select account_id as subject,"
            " scan_on, coalesce(followers::text, 'absent') || ' followers' as detail"
            " from profiles inner join recent using (platform, scan_on)"
            " inner join staging.platforms as known using (platform)"
            f" where {IS_RECENT} and known.has_followers"
            " and (followers is null or followers < 0)",
        ),
        Rule(
            "followers_did_not_collapse",
            "No account lost more than half of at least 50 followers since its last count",
            "raw.outcomes",
            f"{_changes()} followers * 2 < previous_followers"
            f" and {_unconfirmed('followers_did_not_collapse', 'now.previous_on')}",
        ),
        Rule(
            "followers_did_not_explode",
            "No account of at least 50 followers became twenty times as large since its last count",
            "raw.outcomes",
            f"{_changes()} followers > 20 * previous_followers"
            f" and {_unconfirmed('followers_did_not_explode', 'now.previous_on')}",
        ),
        Rule(
            "items_did_not_collapse",
            "Of at least 10 items that were known no more than half are missing from an answer",
            "raw.outcomes",
            f"with {RECENT} select now.account_id as subject, now.scan_on,"
            " now.stream || ': ' || missing_count || ' of ' || known_count || ' are missing'"
            " as detail from raw.outcomes as now inner join recent using (platform, scan_on)"
            # the last answer that held what was known
            " cross join lateral (select coalesce(max(o.scan_on), '-infinity') as scan_on"
            " from raw.outcomes as o where o.account_id = now.account_id"
            " and o.stream = now.stream and o.status = 'ok' and o.scan_on < now.scan_on"
            " and 2 * o.missing_count <= o.known_count) as previous"
            f" where now.{IS_RECENT} and now.status = 'ok' and now.known_count >= 10"
            " and 2 * now.missing_count > now.known_count"
            f" and {_unconfirmed('items_did_not_collapse', 'previous.scan_on')}",
        ),
        Rule(
            "posts_are_not_from_the_future",
            "No post was created more than a day after it was read",
            "raw.outcomes",
            f"with {RECENT}, posts as ({_all('posts')}) select account_id as subject, scan_on,"
            " post_id || ' of ' || coalesce(created_at::text, 'no moment') as detail"
            " from posts inner join recent using (platform, scan_on)"
            f" where {IS_RECENT}"
            " and (created_at is null or created_at > observed_at + interval '1 day')",
        ),
        Rule(
            "accounts_are_registered",
            "Every account that yielded something stands in the register",
            "raw.outcomes",
            f"with {RECENT} select distinct o.account_id as subject, o.scan_on,"
            " 'not in the register' as detail from {batch} as o"
            f" inner join recent using (platform, scan_on) where o.{IS_RECENT}"
            " and not exists (select 1 from register.accounts as a"
            " where a.account_id = o.account_id)",
        ),
        Rule(
            "citizens_stay_nobody",
            "No item of a citizen carries a text, a name or an address (contract 9)",
            "raw.outcomes",
            " union all ".join(
                "select account_id as subject, scan_on, item_id || ' carries text' as detail"
                # what landed in the last week, whatever day it is about
                f" from raw.{name}_messages where scan_on = any (array (select scan_on"
                " from raw.extractions where started_at > (select max(started_at)"
                " from raw.extractions) - interval '7 days'"
                " union select distinct scan_on from {batch}"
                f" where {IS_RECENT})) and payload #>> '{{{{klankbord,is_own}}}}' = 'false'"
                # keyvalue() of a number is an error, and @? takes an error for a no
                ' and payload @? \'$.** ? (@.type() == "object").keyvalue()'
                ' ? (@.key == "text" || @.key == "message"'
                ' || @.key == "content" || @.key == "name" || @.key == "username"'
                ' || @.key == "display_name" || @.key == "handle" || @.key == "avatar")\''
                for name in discover()
            ),
            is_private=True,
        ),
        Rule(
            "platform_is_nearly_complete",
            "At least nine in ten registered accounts of a platform answered in its latest scan",
            "raw.outcomes",
            f"with {LATEST}, expected as (select platform, count(*) as n from register.accounts"
            " where superseded_at is null and valid_to is null group by platform),"
            " answered as (select platform, count(distinct account_id) as n from {batch}"
            " inner join latest using (platform, scan_on) where status = 'ok'"
            " and stream = 'profiles' group by platform)"
            " select e.platform as subject, coalesce(a.n, 0) || ' of ' || e.n as detail"
            " from expected as e left join answered as a using (platform)"
            " where coalesce(a.n, 0) < 0.9 * e.n",
            severity="warning",
        ),
    ]
