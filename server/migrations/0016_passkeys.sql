-- Passkeys, and the ceremonies that make or use them. Of a passkey the public half rests here alone; the state of a ceremony
-- never leaves the server and is used up by the first answer to it.

create table passkeys (
    id bytea primary key,
    account_id bytea not null references accounts (id),
    credential_id bytea not null unique,
    -- The public key, its counter and what was learnt of it, as JSON.
    credential text not null,
    name text not null,
    created_at bigint not null,
    used_at bigint
);

create index passkeys_by_account on passkeys (account_id, created_at);

create table ceremonies (
    key_hash bytea primary key,
    -- add, sign_in
    purpose text not null,
    account_id bytea references accounts (id),
    state text not null,
    expires_at bigint not null
);

create index ceremonies_by_expiry on ceremonies (expires_at);
