-- The log of each account: what happened and concerns it, in an order without gaps. Written in the transaction of the
-- act itself. It holds references, never words: the text of a message is read from the message.

create table event_logs (
    account_id bytea primary key references accounts (id),
    last_cursor bigint not null
);

create table events (
    account_id bytea not null references accounts (id),
    cursor bigint not null,
    at bigint not null,
    kind text not null,
    conversation_id bytea,
    subject_id bytea,
    position bigint,
    unread_count bigint,
    primary key (account_id, cursor)
);
