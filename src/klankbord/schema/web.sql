-- Schema raw: visits to the bodies' own websites, and what of them came from social networks.
-- Written by klankbord.web.landing alone (docs/design.md). A day is replaced as a whole.
create table if not exists raw.web_days (
    organisation_id text not null,
    source text not null check (source in ('matomo', 'file')),
    site text not null,
    visited_on date not null,
    -- of the whole site, wherever they came from; null where a file does not say
    visits bigint check (visits >= 0),
    observed_at timestamptz not null,
    primary key (organisation_id, source, site, visited_on)
);
create table if not exists raw.web_visits (
    organisation_id text not null,
    source text not null,
    site text not null,
    visited_on date not null,
    network text not null,
    visits bigint not null check (visits >= 0),
    observed_at timestamptz not null,
    primary key (organisation_id, source, site, visited_on, network),
    foreign key (organisation_id, source, site, visited_on) references raw.web_days on delete cascade
);
-- how each reading of a site ended: the last attempt of a day
create table if not exists raw.web_outcomes (
    organisation_id text not null,
    site text not null,
    read_on date not null,
    status text not null check (status in ('ok', 'failed', 'refused', 'gone')),
    reason text not null,
    detail text not null,
    day_count integer not null,
    attempted_at timestamptz not null,
    primary key (organisation_id, site, read_on)
);
