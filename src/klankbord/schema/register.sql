-- Schema register: what people declared and when we knew it. Written by klankbord.register alone
-- (docs/design.md). A row is never changed or deleted: a new version is recorded and the old one
-- superseded. superseded_at is null = what the register says now. Two times that differ:
-- valid_from/valid_to is the body's life, recorded_at/superseded_at our knowledge of it.
create table if not exists register.organisations (
    organisation_id text not null,
    country text not null,
    organisation_type text not null,
    official_code text,
    name_nl text,
    name_fr text,
    name_de text,
    province_code text,
    region_code text,
    website text,
    kbo text,
    wikidata text,
    latitude double precision,
    longitude double precision,
    valid_from date,
    valid_to date check (valid_to > valid_from),
    basis text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
-- one current version of each key; these indexes also serve every reader, who wants current rows
create unique index if not exists organisations_current
on register.organisations (organisation_id, valid_from) nulls not distinct
where superseded_at is null;

create table if not exists register.memberships (
    organisation_id text not null,
    member_id text not null check (member_id <> organisation_id),
    valid_from date,
    valid_to date check (valid_to > valid_from),
    basis text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists memberships_current
on register.memberships (organisation_id, member_id, valid_from) nulls not distinct
where superseded_at is null;

create table if not exists register.populations (
    organisation_id text not null,
    reference_date date not null,
    inhabitants integer not null check (inhabitants >= 0),
    basis text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists populations_current
on register.populations (organisation_id, reference_date)
where superseded_at is null;

create table if not exists register.accounts (
    account_id text not null,
    organisation_id text not null,
    platform text not null,
    handle text not null,
    platform_user_id text,
    role text not null,
    access_tier text not null,
    valid_from date,
    valid_to date check (valid_to > valid_from),
    is_synthetic boolean not null,
    basis text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists accounts_current
on register.accounts (account_id, valid_from) nulls not distinct
where superseded_at is null;
-- an extraction asks for one platform's accounts, a batch of it for those between two ids
create index if not exists accounts_platform
on register.accounts (platform, account_id collate "C") where superseded_at is null;
-- an extraction asks since when its accounts have their handles
create index if not exists accounts_before
on register.accounts (account_id) where superseded_at is not null;

create table if not exists register.mergers (
    effective_date date not null,
    predecessor_id text not null,
    successor_id text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists mergers_current
on register.mergers (predecessor_id, successor_id, effective_date)
where superseded_at is null;

create table if not exists register.targets (
    target_id text not null,
    organisation_id text not null,
    metric_id text not null,
    platform text,
    segment text not null,
    kind text not null,
    direction text not null,
    target_value numeric(14, 4) not null,
    unit text not null,
    denominator text not null,
    baseline_date date not null,
    baseline_value numeric(14, 4),
    due_date date not null check (due_date > baseline_date),
    basis text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists targets_current
on register.targets (target_id) where superseded_at is null;

create table if not exists register.opening_hours (
    organisation_id text not null,
    weekday text not null check (weekday ~ '^([1-7]|holiday)$'),
    -- text: the type time turns 24:00 into 00:00 on its way into Python
    opens_at text not null check (opens_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    closes_at text not null check (closes_at ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
    valid_from date,
    valid_to date check (valid_to > valid_from),
    basis text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists opening_hours_current
on register.opening_hours (organisation_id, weekday, opens_at, valid_from) nulls not distinct
where superseded_at is null;

create table if not exists register.web_sites (
    organisation_id text not null,
    site_id text not null,
    address text not null,
    valid_from date,
    valid_to date check (valid_to > valid_from),
    basis text not null,
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists web_sites_current
on register.web_sites (address, site_id, valid_from) nulls not distinct
where superseded_at is null;

create table if not exists register.peer_groups (
    group_id text not null,
    name_nl text not null,
    name_fr text not null,
    name_en text not null,
    name_de text not null,
    organisation_id text not null,
    valid_from date,
    valid_to date check (valid_to > valid_from),
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists peer_groups_current
on register.peer_groups (group_id, organisation_id, valid_from) nulls not distinct
where superseded_at is null;

create table if not exists register.adjacency (
    organisation_id text not null,
    neighbour_id text not null check (neighbour_id <> organisation_id),
    valid_from date,
    valid_to date check (valid_to > valid_from),
    source text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists adjacency_current
on register.adjacency (organisation_id, neighbour_id, valid_from) nulls not distinct
where superseded_at is null;
