-- Messages and events lie in the order in which they are read: by conversation and position, by account and cursor. A page
-- of a conversation is then a few neighbouring pages of the file, and each write touches one tree less.
-- Keys are unique for their sender as before. They come in the order of time, as browsers make them, so the index begins
-- with them: writes of all senders fall on the same few pages.

create table clustered_messages (
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
    nth bigint not null default 0,
    primary key (conversation_id, position),
    unique (key, sender_id)
) without rowid;

insert into clustered_messages (conversation_id, position, id, sender_id, key, sent_at, body_suite, body_key_ref,
    body_nonce, body_bytes, nth)
select conversation_id, position, id, sender_id, key, sent_at, body_suite, body_key_ref, body_nonce, body_bytes, nth
from messages
order by conversation_id, position;

drop table messages;

alter table clustered_messages rename to messages;

create table clustered_events (
    account_id bytea not null references accounts (id),
    cursor bigint not null,
    at bigint not null,
    kind text not null,
    conversation_id bytea,
    subject_id bytea,
    position bigint,
    unread_count bigint,
    primary key (account_id, cursor)
) without rowid;

insert into clustered_events (account_id, cursor, at, kind, conversation_id, subject_id, position, unread_count)
select account_id, cursor, at, kind, conversation_id, subject_id, position, unread_count
from events
order by account_id, cursor;

drop table events;

alter table clustered_events rename to events;
