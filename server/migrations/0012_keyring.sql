-- Keys, so that words rest sealed. Each conversation has a key of its own; so has each pair of accounts, for the notes of
-- requests between them, and each account, for what opens the vaults of its browsers. Here they rest wrapped by a key that
-- is not in the database. They stand in a table of their own, so that destroying a row makes unreadable, in this database and
-- in every copy of the other tables, what was sealed under it.

-- The wrapping keys that rows of the keyring refer to, by their names; one is the present one.
create table wrapping_keys (
    name bytea primary key,
    made_at bigint not null,
    is_current bigint not null
);

create table keyring (
    id bytea primary key,
    -- conversation, pair, account
    purpose text not null,
    -- The ids of the owner, one after the other.
    owner bytea not null,
    made_at bigint not null,
    -- Empty once the key is destroyed.
    wrapping_key bytea,
    wrap_suite bigint,
    wrap_nonce bytea,
    wrapped bytea,
    destroyed_at bigint
);

create index keyring_by_owner on keyring (owner, purpose);

create index keyring_by_wrapping_key on keyring (wrapping_key, id);

-- The key that seals what is written now; none before the first message, and after an erasure.
alter table conversations add column key_ref bytea;

-- A vault's secret is an envelope like the others.
alter table vaults add column secret_suite bigint not null default 0;

alter table vaults add column secret_key_ref bytea;

alter table vaults add column secret_nonce bytea;

-- What was done about words that rested in the clear: `begun` once one was found, `whole` when none is left.
create table sealing (
    step text primary key
);
