-- What people decided about matches of messages and incidents: a row of the register's files
-- incident_matches.csv. Written by klankbord.incidents.verdicts alone, as a whole.
create table if not exists raw.incident_matches (
    source text not null,
    incident_id text not null,
    account_id text not null,
    post_id text not null,
    verdict text not null check (verdict in ('confirm', 'reject')),
    note text not null,
    file_name text not null,
    file_line integer not null,
    recorded_at timestamptz not null,
    primary key (source, incident_id, account_id, post_id)
);
