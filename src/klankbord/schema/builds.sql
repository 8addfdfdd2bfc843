-- What of the warehouse is open: rebuilt by the next build, while all else stands (docs/design.md,
-- "What a build rebuilds"). Written by klankbord.horizon; dbt reads it and adds blocks.

-- Of the build under way or, when it was published, of the last one: tables that hold what is open
-- hold it until the next build looks.
create table if not exists builds.horizon (
    is_only boolean primary key default true check (is_only),
    is_published boolean not null default false,
    -- the first day of a quarter; -infinity: everything
    open_since date not null,
    reasons text [] not null,
    looked_at timestamptz not null
);

-- Accounts of which every day is open.
create table if not exists builds.reopened (
    account_id text primary key,
    reason text not null
);

-- Quarters before open_since in which a figure of an organisation changed after all.
create table if not exists builds.blocks (
    platform text not null,
    quarter_start date not null,
    primary key (platform, quarter_start)
);
grant insert on builds.blocks to klankbord_transformer;

-- What "open" means to a table, by the kind of its rows: SQL with {date}, {since} and {row}.
create table if not exists builds.predicates (
    kind text primary key,
    predicate text not null
);

-- What the last publication rested on, and (is_next) what the build under way rests on.
create table if not exists builds.facts (
    is_next boolean not null,
    kind text not null,
    key text not null,
    value text not null,
    primary key (is_next, kind, key)
);

-- Whether a table wants new statistics now, because who reads it next does not wait for autovacuum: it
-- has none, or a tenth of its rows was exchanged since (an exchanged row is gone once and come once),
-- this transaction's among them. Of ten years of rows a day exchanges a thirtieth, and what came is
-- like what went.
create or replace function builds.is_stale(relation regclass) returns boolean
language sql volatile
set search_path = pg_catalog
as $$
    select
        coalesce(stat.last_analyze, stat.last_autoanalyze) is null
        or stat.n_mod_since_analyze + own.n_tup_ins + own.n_tup_upd + own.n_tup_del
        > 0.2 * stat.n_live_tup
    from pg_stat_all_tables as stat
    inner join pg_stat_xact_all_tables as own on stat.relid = own.relid
    where stat.relid = relation
$$;
