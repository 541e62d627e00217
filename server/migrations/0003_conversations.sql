-- Conversations, who takes part, and their messages.
-- Positions are gapless: `last_position` moves in the transaction that stores the message.
-- A sender's key is unique for ever: the same message sent again is found again, never stored twice.
-- Bodies and drafts are opaque envelopes (suite, key reference, nonce, bytes).
-- Nothing here refers to a patient record, and nothing may.

create table conversations (
    id bytea primary key,
    low_id bytea not null references accounts (id),
    high_id bytea not null references accounts (id),
    -- How bodies are sealed; changed by both friends only.
    mode text not null,
    last_position bigint not null,
    active_at bigint not null,
    created_at bigint not null,
    unique (low_id, high_id)
);

create table participants (
    conversation_id bytea not null references conversations (id),
    account_id bytea not null references accounts (id),
    friend_id bytea not null references accounts (id),
    read_position bigint not null,
    read_at bigint,
    delivered_position bigint not null,
    delivered_at bigint,
    unread_count bigint not null,
    draft_suite bigint,
    draft_key_ref bytea,
    draft_nonce bytea,
    draft_bytes bytea,
    drafted_at bigint,
    primary key (conversation_id, account_id)
);

create index participants_by_account on participants (account_id, conversation_id);

create table messages (
    conversation_id bytea not null references conversations (id),
    position bigint not null,
    id bytea not null unique,
    sender_id bytea not null references accounts (id),
    key bytea not null,
    sent_at bigint not null,
    body_suite bigint not null,
    body_key_ref bytea,
    body_nonce bytea,
    body_bytes bytea not null,
    primary key (conversation_id, position),
    unique (sender_id, key)
);
