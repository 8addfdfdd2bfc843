-- What the platforms' budgets were spent on. Written by klankbord.spending alone (docs/design.md).
-- One row an hour (or shorter window), process and purpose; what a process has reserved and not
-- settled stands under held_*: a killed one leaves it there, because nobody knows what it had sent.
create table if not exists raw.spending (
    platform text not null,
    token text not null,
    bucket text not null,
    purpose text not null,
    slot_at timestamptz not null,
    holder uuid not null,
    calls numeric not null default 0,
    units numeric not null default 0,
    usd numeric not null default 0,
    held_calls numeric not null default 0,
    held_units numeric not null default 0,
    held_usd numeric not null default 0,
    written_at timestamptz not null,
    primary key (platform, token, bucket, slot_at, purpose, holder)
);
