-- What was done for somebody's privacy, and what must outlive it (docs/design.md, runbooks).

-- Who must not come back: an HMAC of the platform id under a key of its own, nothing else.
create table if not exists raw.erased (
    platform text not null,
    digest text not null,
    primary key (platform, digest)
);

-- That it happened: no id, no pseudonym. Never deleted: it is what we can show to an authority.
create table if not exists raw.privacy_actions (
    action_id bigint generated always as identity primary key,
    happened_at timestamptz not null,
    kind text not null check (kind in ('erasure', 'purge', 'rotation', 'withdrawal')),
    platform text,
    asked_by text not null,
    row_counts jsonb not null,
    key_generation integer
);

create table if not exists register.consents (
    account_id text not null,
    scope text not null,
    granted_on date not null,
    withdrawn_on date check (withdrawn_on >= granted_on),
    token_expires_on date,
    evidence text not null,
    source_file text not null,
    source_line integer not null,
    recorded_at timestamptz not null,
    superseded_at timestamptz
);
create unique index if not exists consents_current
on register.consents (account_id, scope, granted_on)
where superseded_at is null;

-- Withdrawn from the command line, at once; the file may follow. Written by klankbord.consent.
-- It outvotes every consent of the file that was granted on that day or before.
create table if not exists register.withdrawals (
    account_id text not null,
    scope text not null,
    withdrawn_on date not null,
    recorded_at timestamptz not null,
    primary key (account_id, scope, withdrawn_on)
);
