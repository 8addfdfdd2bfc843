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

-- What each gate said, every time it was asked.
create table if not exists quarantine.verdicts (
    checked_at timestamptz not null default clock_timestamp(),
    gate text not null,
    rules_checked integer not null,
    failed_critical text [] not null,
    failed_warning text [] not null,
    primary key (gate, checked_at)
);
grant select, insert on quarantine.verdicts to klankbord_publisher;
