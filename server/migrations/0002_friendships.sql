-- One row per pair of accounts, the smaller id first: friendship, open request and blocks in one place, so that the
-- state machine reads and writes a single row. `epoch` counts the openings; a right to write belongs to one epoch.
-- The note of a request is an opaque envelope.

create table relations (
    low_id bytea not null references accounts (id),
    high_id bytea not null references accounts (id),
    epoch bigint not null,
    -- never, open, closed
    friendship text not null,
    opened_at bigint,
    closed_at bigint,
    closed_by bytea,
    request_from bytea,
    requested_at bigint,
    is_ignored bigint not null,
    note_suite bigint,
    note_key_ref bytea,
    note_nonce bytea,
    note_bytes bytea,
    low_blocked_at bigint,
    high_blocked_at bigint,
    primary key (low_id, high_id)
);

create index relations_by_high on relations (high_id, low_id);
