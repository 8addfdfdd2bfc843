# ruff: noqa: S608  (names of our own, no value of anybody)
"""What klankbord.horizon asks the database."""

_DIGEST = "select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) from {} as t"

#: name -> a digest of what concerns all rows alike
INPUTS = {
    **{
        f"register.{table}": _DIGEST.format(f"register.{table}")
        for table in (
            "accounts",
            "adjacency",
            "memberships",
            "mergers",
            "opening_hours",
            "organisations",
            "peer_groups",
            "populations",
        )
    },
    **{
        f"raw.{table}": _DIGEST.format(f"raw.{table}")
        for table in ("archive_followers", "import_files", "surveys")
    },
    # what was done for somebody's privacy changed rows of any age
    "privacy": "select coalesce(max(action_id), 0) from raw.privacy_actions where kind <> 'purge'"
    " or exists (select 1 from jsonb_object_keys(row_counts) as k (what)"
    " where k.what like 'persons in %%' or k.what like 'ids in %%')",
}

#: the extractions that a later look knows
NOTE_EXTRACTIONS = (
    "insert into builds.facts select true, 'extraction', extraction_id::text, ''"
    " from raw.extractions where started_at"
    " >= (select max(started_at) from raw.extractions) - make_interval(days => %(days)s)"
)

#: those of which rows may have come since the last publication
NEW_EXTRACTIONS = (
    "create temporary table new_extractions on commit drop as"
    " with known as (select max(e.started_at) as started_at from raw.extractions as e"
    " inner join builds.facts as f on not f.is_next and f.kind = 'extraction'"
    " and f.key = e.extraction_id::text)"
    " select e.extraction_id, e.scan_on, e.platform from raw.extractions as e cross join known"
    " where known.started_at is null"
    " or e.started_at >= known.started_at - make_interval(days => %(days)s)"
    " or (e.started_at >= known.started_at - make_interval(days => %(known)s)"
    " and not exists (select 1 from builds.facts as f where not f.is_next"
    " and f.kind = 'extraction' and f.key = e.extraction_id::text))"
)

_IS_NEW = (
    "{row}.scan_on in (select n.scan_on from new_extractions as n)"
    " and {row}.extraction_id in (select n.extraction_id from new_extractions as n)"
)

OLDEST_WINDOW = (
    "select (select min(scan_on) from new_extractions),"
    " (select min((least(o.window_since, o.observed_since) at time zone 'Europe/Brussels')::date)"
    f" from raw.outcomes as o where {_IS_NEW.format(row='o')})"
)

#: of the items of new rows: how many, the oldest day that any reading gave them, any without one
OLDEST_ITEM = (
    "select count(*), min((every.created_at at time zone 'Europe/Brussels')::date),"
    " coalesce(bool_or(every.created_at is null), false) from {0} as fresh"
    " inner join {0} as every using (account_id, item_id)"
    f" where {_IS_NEW.format(row='fresh')}"
)

NOTE_QUARANTINE = (
    "insert into builds.facts select true, 'quarantine', 'latest',"
    " coalesce(max(quarantined_at), '-infinity')::text from quarantine.rows"
)

QUARANTINED = (
    "select distinct subject as account_id from quarantine.rows where gate = 'raw'"
    " and quarantined_at > coalesce((select value::timestamptz from builds.facts"
    " where not is_next and kind = 'quarantine'), '-infinity')"
)

FRESH = (
    "insert into fresh select v.account_id, v.{key}, v.in_reply_to_id, v.created_at"
    " from {view} as v where v.in_reply_to_id is not null"
    f" and {_IS_NEW.format(row='v')}"
)

#: new rows whose ancestors hold a settled question that they may answer first
LATE_ANSWERS = """
with recursive known as not materialized (
    select account_id, item_id, parent_id from fresh
    union all
    select account_id, message_id, in_reply_to_id from intermediate.int_messages
    union all
    select account_id, message_id, in_reply_to_id from intermediate.int_outgoing_messages
),
climb as (
    select account_id, item_id, created_at, parent_id as ancestor_id, 1 as depth from fresh
    union
    select c.account_id, c.item_id, c.created_at, k.parent_id, c.depth + 1
    from climb as c
    inner join known as k on c.account_id = k.account_id and c.ancestor_id = k.item_id
    where k.parent_id is not null and c.depth < 20
)
select distinct q.account_id
from climb as c
inner join marts.fct_question as q
    on c.account_id = q.account_id and c.ancestor_id = q.question_id
where q.created_on < %(since)s and q.response_id is distinct from c.item_id
and (q.responded_at is null or q.responded_at >= c.created_at)"""

NOTE_STATES = (
    "insert into builds.facts select true, 'state', account_id, jsonb_build_object("
    "'refused', array[is_profiles_refused, is_posts_refused, is_messages_refused,"
    " is_insights_refused],"
    " 'posts', posts_known_until, 'messages', messages_known_until)::text"
    " from intermediate.int_account_states"
)

#: accounts that are refused or not since, and those that came back after a silence
MOVED_STATES = """
select coalesce(b.key, n.key) as account_id
from (select key, value::jsonb as value from builds.facts
      where kind = 'state' and not is_next) as b
full join (select key, value::jsonb as value from builds.facts
           where kind = 'state' and is_next) as n on b.key = n.key
where b.value is distinct from n.value and (
    b.value is null or n.value is null or b.value -> 'refused' <> n.value -> 'refused'
    or (
        b.value -> 'posts' <> n.value -> 'posts'
        and coalesce((b.value ->> 'posts')::timestamptz, '-infinity')
        < %(since)s::date + %(reach)s
    )
    or (
        b.value -> 'messages' <> n.value -> 'messages'
        and coalesce((b.value ->> 'messages')::timestamptz, '-infinity')
        < %(since)s::date + %(reach)s
    )
)"""

NOTE_PERIODS = """
insert into builds.facts
select
    true, 'period', concat_ws('|', p.platform, p.period_kind, p.period_start),
    concat_ws('|', p.last_on, peer.as_of_on, md5(string_agg(
        concat_ws('|', m.metric_id, m.status, m.not_applicable_reason,
            m.has_synthetic_accounts), ',' order by m.metric_id
    )))
from intermediate.int_platform_periods as p
left join intermediate.int_metric_periods as m
    on p.platform = m.platform and p.period_kind = m.period_kind
    and p.period_start = m.period_start
left join intermediate.int_peer_days as peer
    on p.platform = peer.platform and p.period_kind = peer.period_kind
    and p.period_start = peer.period_start
group by p.platform, p.period_kind, p.period_start, p.last_on, peer.as_of_on"""

NOTE_LATEST = """
insert into builds.facts
select true, 'latest', platform, max(latest_scan_on)::text
from intermediate.int_platform_periods group by platform"""

#: platforms of which the last scan that was published is there no more
GONE_BACK = (
    "select b.key from builds.facts as b"
    " left join builds.facts as n on n.is_next and n.kind = 'latest' and b.key = n.key"
    " where not b.is_next and b.kind = 'latest'"
    " and coalesce(n.value::date, '-infinity') < b.value::date order by 1"
)

OLDEST_MOVED_PERIOD = (
    "select min(split_part(coalesce(b.key, n.key), '|', 3)::date)"
    " from (select key, value from builds.facts where kind = 'period' and not is_next) as b"
    " full join (select key, value from builds.facts where kind = 'period' and is_next) as n"
    " on b.key = n.key where b.value is distinct from n.value"
)

#: kind -> which rows are open; {date} {since} {row} are put in by who asks
PREDICATES = r"""
with accounts as (
    select string_agg(quote_literal(account_id), ', ' order by account_id) as list
    from builds.reopened
),
channels as (
    select string_agg(distinct format('(%%L, %%L)', a.organisation_id, a.platform), ', ') as bodies,
        string_agg(distinct quote_literal(a.platform), ', ') as platforms
    from register.accounts as a inner join builds.reopened using (account_id)
)
insert into builds.predicates
select kind, case
    when %(everything)s or (kind = 'any' and accounts.list is not null) then 'true'
    else '({date} >= {since}' || coalesce(' or ' || more, '') || ')'
end
from accounts cross join channels cross join lateral (
    values
    ('date', null),
    ('any', null),
    ('account', '{row}.account_id in (' || accounts.list || ')'),
    ('organisation', '({row}.organisation_id, {row}.platform) in (' || channels.bodies || ')'),
    ('platform', '{row}.platform in (' || channels.platforms || ')'),
    ('block', case when accounts.list is not null then
        '({row}.platform, date_trunc(''quarter'', {date}::timestamp)::date)'
        ' in (select platform, quarter_start from builds.blocks)' end)
) as kinds (kind, more)"""
