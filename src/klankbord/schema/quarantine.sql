-- What a gate refused: kept aside with the rule that refused it, never read by a metric.
create table if not exists quarantine.rows (
    quarantined_at timestamptz not null default clock_timestamp(),
    gate text not null,
    expectation text not null,
    subject text not null,
    table_name text not null,
    scan_on date,
    content jsonb not null
);
create index if not exists rows_subject on quarantine.rows (subject, table_name);
grant insert on quarantine.rows to klankbord_publisher;
