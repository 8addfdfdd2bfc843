-- What somebody should look at: raised by klankbord.alarms, one row a subject and a spell.
-- account_id '' stands for the platform as a whole.
create table if not exists raw.alarms (
    kind text not null,
    platform text not null,
    account_id text not null,
    raised_on date not null,
    last_seen_on date not null,
    detail text not null,
    noticed_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by text,
    -- when a state was no more; null while it holds, and of what happened on a day
    ended_on date,
    primary key (kind, platform, account_id, raised_on)
);
-- warehouses that were made before 2026-11-22
alter table raw.alarms add column if not exists ended_on date;
