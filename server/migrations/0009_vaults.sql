-- What opens the vault in which a browser keeps unsent words: a secret for one account in one browser. It is tied to the
-- device row that opened it last and goes with that: what rests in the browser cannot be read from then on.

create table vaults (
    account_id bytea not null references accounts (id),
    vault_id bytea not null,
    device_id bytea not null references devices (id),
    secret bytea not null,
    created_at bigint not null,
    opened_at bigint not null,
    primary key (account_id, vault_id)
);

create index vaults_by_device on vaults (device_id, opened_at);
