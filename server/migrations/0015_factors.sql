-- Who somebody is, beyond a password: browsers that are known from before, an authenticator app, recovery codes, sign-ins
-- that wait for their second step, what the owner of an account is told, and what the organisation asks of everybody.
--
-- Nothing here opens an account by itself: keys and codes rest as hashes, and the key of an authenticator app follows from
-- a seed, which rests sealed, and from the pepper, which is not in the database.

alter table accounts add column has_second_factor bigint not null default 0;

-- When the person at the device has last proven who they are.
alter table devices add column confirmed_at bigint not null default 0;

-- In which browser the device is signed in; none for programs.
alter table devices add column browser_hash bytea;

create table known_browsers (
    account_id bytea not null references accounts (id),
    browser_hash bytea not null,
    first_seen_at bigint not null,
    seen_at bigint not null,
    primary key (account_id, browser_hash)
);

create table authenticators (
    account_id bytea primary key references accounts (id),
    seed_suite bigint not null,
    seed_key_ref bytea,
    seed_nonce bytea,
    seed bytea not null,
    created_at bigint not null,
    -- Absent until a first code was given.
    confirmed_at bigint,
    -- The step of time of the last code that was taken: it and those before it are used up.
    last_step bigint not null
);

create table recovery_codes (
    account_id bytea not null references accounts (id),
    code_hash bytea not null,
    created_at bigint not null,
    used_at bigint,
    primary key (account_id, code_hash)
);

create table sign_in_tickets (
    key_hash bytea primary key,
    account_id bytea not null references accounts (id),
    expires_at bigint not null,
    n_tries bigint not null
);

create index sign_in_tickets_by_account on sign_in_tickets (account_id);

create table notices (
    id bytea primary key,
    account_id bytea not null references accounts (id),
    kind text not null,
    device_name text not null,
    at bigint not null,
    seen_at bigint
);

create index notices_by_account on notices (account_id, at);

-- second_factor: on, off. pepper: the id of the pepper that hashes and seeds were made with.
create table instance_settings (
    name text primary key,
    value text not null
);
