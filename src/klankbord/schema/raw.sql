-- Schema raw: what the platforms said. Written by klankbord.landing alone (docs/design.md).
create table if not exists raw.extractions (
    extraction_id uuid primary key,
    platform text not null,
    scan_on date not null,
    started_at timestamptz not null,
    run_id text not null,
    request_count integer not null
);

create table if not exists raw.outcomes (
    account_id text not null,
    platform text not null,
    stream text not null,
    scan_on date not null,
    status text not null check (status in ('ok', 'failed', 'refused', 'gone')),
    reason text not null,
    detail text not null,
    row_count integer not null,
    window_since timestamptz not null,
    window_until timestamptz not null,
    attempts integer not null,
    attempted_at timestamptz not null,
    extraction_id uuid not null,
    -- where the platform showed less than the window; null: all of it
    observed_since timestamptz,
    observed_until timestamptz,
    -- where an answer was complete: how many items were known there, how many did not come again
    known_count integer,
    missing_count integer,
    -- a scan and a backfill of the same day read two windows
    primary key (account_id, stream, scan_on, window_since, status, reason)
);
-- ok once: two processes that read the same account at the same moment land it once
create unique index if not exists outcomes_ok
on raw.outcomes (account_id, stream, scan_on, window_since)
where status = 'ok';
-- who closes a scan or judges one asks for a day
create index if not exists outcomes_scan on raw.outcomes (scan_on, platform);
-- gate 2 asks who withdrew a consent
create index if not exists outcomes_withdrawn
on raw.outcomes (account_id) where reason = 'consent_withdrawn';

-- what was read once and is no more; its row stays, its own text does not
create table if not exists raw.tombstones (
    account_id text not null,
    platform text not null,
    stream text not null,
    item_id text not null,
    scan_on date not null,
    noticed_at timestamptz not null,
    extraction_id uuid not null,
    primary key (account_id, stream, item_id)
);

-- metrics that a platform would not give: `klankbord.platforms.refusals`
create table if not exists raw.metric_refusals (
    platform text not null,
    metric_name text not null,
    first_seen_on date not null,
    last_seen_on date not null,
    detail text not null,
    primary key (platform, metric_name)
);

create table if not exists raw.archive_followers (
    account_id text not null,
    observed_on date not null,
    followers bigint not null check (followers >= 0),
    source text not null,
    file_name text not null,
    file_line integer not null,
    imported_at timestamptz not null,
    primary key (account_id, observed_on, source)
);
