-- Files that messages carry. Their bytes rest sealed, in parts, in the store of objects; here is what they are. A name, a
-- description and a sum of the bytes say as much as words, so they are an envelope like these.
-- A row begins with an upload. It is sendable once it is `ready`, and belongs to a message once it has a position.

create table attachments (
    id bytea primary key,
    conversation_id bytea not null references conversations (id),
    account_id bytea not null references accounts (id),
    -- The client's, unique for ever among the person's uploads.
    key bytea not null,
    made_at bigint not null,
    touched_at bigint not null,
    -- begun, ready, refused
    state text not null,
    -- Why it was refused.
    problem text,
    extension text not null,
    -- What was announced, and what is on the disk of it.
    announced_bytes bigint not null,
    received_bytes bigint not null,
    -- What it takes of the person's room.
    size_bytes bigint not null,
    -- Of a finished file: in which form it is handed out, how long that is, and how long its small form.
    form bigint not null,
    content_bytes bigint not null,
    thumbnail_bytes bigint not null,
    kind text not null,
    media_type text not null,
    width bigint,
    height bigint,
    note text,
    parts_key_ref bytea not null,
    label_suite bigint not null,
    label_key_ref bytea,
    label_nonce bytea,
    label_bytes bytea not null,
    -- The message that carries it, and its place there.
    position bigint,
    nth bigint not null,
    unique (key, account_id)
);

create index attachments_by_message on attachments (conversation_id, position, nth);

create index attachments_by_account on attachments (account_id, size_bytes);

create index attachments_unsent on attachments (touched_at) where position is null;

-- So that a page of messages without files asks for none.
alter table messages add column n_files bigint not null default 0;
