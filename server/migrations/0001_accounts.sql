-- Accounts, their photos, the one-time links that open them, and the devices on which they are signed in.
-- A session is a device row; only the SHA-256 of its token is stored, so a stolen database opens none.

create table accounts (
    id bytea primary key,
    email text not null unique,
    title text not null,
    name text not null,
    profession text not null,
    workplace text not null,
    phone text not null,
    language text not null,
    enter_key text not null,
    guide_step bigint not null,
    state text not null,
    is_admin bigint not null,
    password_hash text,
    photo_version bigint,
    -- Folded words of name, profession and workplace, each behind a space; folded name to sort by.
    search_text text not null,
    sort_name text not null,
    created_at bigint not null
);

create index accounts_by_name on accounts (sort_name, id);

create table photos (
    account_id bytea primary key references accounts (id),
    version bigint not null,
    bytes bytea not null
);

create table one_time_links (
    key_hash bytea primary key,
    purpose text not null,
    account_id bytea references accounts (id),
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);

create index one_time_links_by_account on one_time_links (account_id);

create table devices (
    id bytea primary key,
    account_id bytea not null references accounts (id),
    token_hash bytea not null unique,
    kind text not null,
    name text not null,
    signed_in_at bigint not null,
    seen_at bigint not null,
    revoked_at bigint
);

create index devices_by_account on devices (account_id, seen_at);
