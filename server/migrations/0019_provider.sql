-- Signing in by the organisation's OpenID provider: whose account one of its identities opens, and the ways there that were
-- begun and not finished.
--
-- An identity is issuer and subject, and nothing else: an address may be given to somebody else one day. Of an attempt
-- hashes rest here; what they are of, the browser holds.

create table provider_links (
    issuer text not null,
    subject text not null,
    account_id bytea not null references accounts (id),
    created_at bigint not null,
    used_at bigint,
    -- The latest proof to the provider that was believed here: none counts as a new one twice.
    proven_at bigint,
    primary key (issuer, subject),
    unique (account_id, issuer)
);

create table provider_attempts (
    key_hash bytea primary key,
    state_hash bytea not null,
    -- sign_in, join, link, proof
    purpose text not null,
    issuer text not null,
    -- Of whoever was signed in when it began.
    account_id bytea references accounts (id),
    device_id bytea references devices (id),
    -- Of whoever joins: the invitation.
    link_hash bytea,
    -- A path of ours that it leads to.
    next text not null,
    -- Whether the provider must ask anew who is there.
    is_fresh bigint not null,
    begun_at bigint not null,
    expires_at bigint not null
);

create index provider_attempts_by_expiry on provider_attempts (expires_at);

-- Since when it is proven who waits for the second step; absent where nobody says so.
alter table sign_in_tickets add column proven_at bigint;

-- Whether the provider has vouched for two factors when somebody signed in.
alter table devices add column is_vouched bigint not null default 0;
