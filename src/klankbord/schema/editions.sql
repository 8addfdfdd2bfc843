-- Schema editions: what was frozen, and the ledger of what became of it (docs/editions.md).
-- Written by klankbord.editions alone, as klankbord_publisher. Rows are added and never changed: even
-- the owner's own commands may not, so a change takes a person with the administrator's password, and
-- `klankbord edition verify` names what that person touched. No foreign keys: their check asks for the
-- right to update; `verify` looks for what belongs to nothing.
create table if not exists editions.editions (
    edition_id text primary key,
    period text not null,
    period_kind text not null check (period_kind = 'quarter'),
    period_start date not null,
    revision integer not null check (revision >= 1),
    -- the revision before; null: the first
    previous_id text,
    made_at timestamptz not null,
    -- the publication that was frozen: what was read until then
    known_at timestamptz not null,
    content_hash text not null,
    code_version text not null,
    definitions text not null,
    question_rules text not null,
    holiday_calendar text not null,
    opening_hours_version text not null,
    register_digest text not null,
    licence text not null,
    is_synthetic boolean not null,
    unique (period, revision)
);

-- a table of an edition, and the digest of its file
create table if not exists editions.tables (
    edition_id text not null,
    table_name text not null,
    audience text not null check (audience in ('public', 'members', 'house')),
    -- the file's first line, and the types of its columns
    header text not null,
    types text not null,
    row_count integer not null,
    sha256 text not null,
    primary key (edition_id, table_name)
);

-- a line of a file, as text, without its end
create table if not exists editions.rows (
    edition_id text not null,
    table_name text not null,
    row_number integer not null,
    content text not null,
    sha256 text not null,
    primary key (edition_id, table_name, row_number)
);

-- files that are no table: the data package, as it was written then
create table if not exists editions.documents (
    edition_id text not null,
    audience text not null check (audience in ('public', 'members', 'house')),
    path text not null,
    content text not null,
    sha256 text not null,
    primary key (edition_id, audience, path)
);

-- what moved since the revision before, and why
create table if not exists editions.changes (
    edition_id text not null,
    change_number integer not null,
    audience text not null check (audience in ('public', 'members', 'house')),
    previous_id text not null,
    table_name text not null,
    key text not null,
    -- the columns that moved, as JSON; null: there was no such row, or there is none any more
    old text,
    new text,
    cause text not null check (
        cause in ('late data', 'composition', 'merger', 'definition', 'suppression', 'correction')
    ),
    note text not null,
    primary key (edition_id, change_number)
);

-- each entry holds the hash of the one before
create table if not exists editions.ledger (
    entry integer primary key,
    edition_id text not null,
    event text not null check (event in ('provisional', 'embargo', 'public')),
    happened_at timestamptz not null,
    -- JSON as text: what the event rests on
    detail text not null,
    previous_hash text not null,
    hash text not null,
    unique (edition_id, event)
);

revoke update, delete, truncate
on editions.editions, editions.tables, editions.rows, editions.documents, editions.changes,
editions.ledger
from klankbord_publisher;

-- who sees what: an edition by its last event, a row by its audience too
create or replace view editions.current as
select
    editions.*,
    -- without an entry somebody removed it: `verify` says so
    coalesce(last.event, 'provisional') as state,
    made.embargo_until,
    published.happened_at as published_at,
    published.detail::jsonb ->> 'despite_silence' as despite_silence
from editions.editions
left join
    lateral (
        select ledger.event
        from editions.ledger
        where ledger.edition_id = editions.edition_id
        order by ledger.entry desc
        limit 1
    ) as last on true
left join
    lateral (
        select (ledger.detail::jsonb ->> 'embargo_until')::timestamptz as embargo_until
        from editions.ledger
        where ledger.edition_id = editions.edition_id and ledger.event = 'embargo'
    ) as made on true
left join editions.ledger as published
    on editions.edition_id = published.edition_id and published.event = 'public';

create or replace view editions.public_editions with (security_barrier) as
select * from editions.current
where state = 'public';

create or replace view editions.public_rows with (security_barrier) as
select rows.*
from editions.rows
inner join editions.tables using (edition_id, table_name)
where
    tables.audience = 'public'
    and exists (
        select 1 from editions.ledger
        where ledger.edition_id = rows.edition_id and ledger.event = 'public'
    );

create or replace view editions.public_changes with (security_barrier) as
select changes.*
from editions.changes
where
    changes.audience = 'public'
    and exists (
        select 1 from editions.ledger
        where ledger.edition_id = changes.edition_id and ledger.event = 'public'
    );

create or replace view editions.member_editions with (security_barrier) as
select * from editions.current
where state in ('embargo', 'public');

create or replace view editions.member_rows with (security_barrier) as
select rows.*
from editions.rows
inner join editions.tables using (edition_id, table_name)
where
    tables.audience in ('public', 'members')
    and exists (
        select 1 from editions.ledger
        where ledger.edition_id = rows.edition_id and ledger.event in ('embargo', 'public')
    );

create or replace view editions.member_changes with (security_barrier) as
select changes.*
from editions.changes
where
    changes.audience in ('public', 'members')
    and exists (
        select 1 from editions.ledger
        where ledger.edition_id = changes.edition_id and ledger.event in ('embargo', 'public')
    );

grant usage on schema editions to klankbord_reader, klankbord_member;
grant select on editions.public_editions, editions.public_rows, editions.public_changes
to klankbord_reader, klankbord_member;
grant select on editions.member_editions, editions.member_rows, editions.member_changes
to klankbord_member;
