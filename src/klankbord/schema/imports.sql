-- Export files of the platforms. Written by klankbord.imports.loading alone (docs/imports.md).
-- A file is its content: loaded again, under any name, it is the same row.
create table if not exists raw.import_files (
    import_id bigint generated always as identity unique,
    file_hash text primary key,
    file_name text not null,
    formats text [] not null,
    account_ids text [] not null,
    observed_on date not null,
    row_count integer not null,
    figure_count integer not null,
    decisions text [] not null,
    imported_at timestamptz not null
);

-- One row a figure and reading. post_id '' is the account's own figure; start_on -infinity is not
-- known (lifetime, or a period of which the file names no first day). A lifetime figure ends on the
-- day it was observed on.
create table if not exists raw.import_insights (
    account_id text not null,
    platform text not null,
    post_id text not null,
    metric_name text not null,
    metric_basis text not null,
    period text not null check (period in ('day', 'lifetime', 'range')),
    start_on date not null,
    end_on date not null check (end_on >= start_on),
    observed_on date not null check (observed_on >= end_on),
    value numeric not null,
    import_id bigint not null references raw.import_files (import_id),
    file_line integer not null,
    file_column text not null,
    primary key (
        account_id, post_id, metric_name, period, start_on, end_on, observed_on, import_id
    )
);
create index if not exists import_insights_file on raw.import_insights (import_id);
