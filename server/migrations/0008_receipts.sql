-- Receipts: when a message reached a device of the friend, when it was read, and what of that may be told.
--
-- `delivered_position` and `shared_read_position` are what the friend is told; they never move back. `read_position` is the
-- reader's own: the unread count follows from it, and it moves back when a message is marked as unread.
-- Each advance of a told position is one row of `receipts`: a message was delivered, or read, at the first advance to its
-- position or beyond it.
-- `nth` counts an author's messages in a conversation, so that what is unread after any position is a difference of two
-- numbers, however long the history.

alter table accounts add column shares_read_receipts bigint not null default 1;

alter table devices add column acknowledged_cursor bigint not null default 0;

-- Everything up to here has reached some device of the account.
alter table event_logs add column acknowledged_cursor bigint not null default 0;

alter table participants add column shared_read_position bigint not null default 0;

alter table participants add column n_from_friend bigint not null default 0;

alter table participants add column last_from_friend bigint not null default 0;

alter table messages add column nth bigint not null default 0;

create table receipts (
    conversation_id bytea not null references conversations (id),
    -- Who received or read.
    account_id bytea not null references accounts (id),
    -- delivered, read
    kind text not null,
    position bigint not null,
    at bigint not null,
    primary key (conversation_id, account_id, kind, position)
);

-- What was read until now was told, and what was read had been delivered. What came before nobody acknowledged.

update event_logs set acknowledged_cursor = last_cursor;

update messages set nth = counted.nth
from (
    select conversation_id, position,
        row_number() over (partition by conversation_id, sender_id order by position) as nth
    from messages
) as counted
where counted.conversation_id = messages.conversation_id and counted.position = messages.position;

update participants set
    shared_read_position = read_position,
    delivered_position = read_position,
    delivered_at = read_at,
    n_from_friend = (
        select count(*) from messages m
        where m.conversation_id = participants.conversation_id and m.sender_id = participants.friend_id
    ),
    last_from_friend = (
        select coalesce(max(m.position), 0) from messages m
        where m.conversation_id = participants.conversation_id and m.sender_id = participants.friend_id
    );

insert into receipts (conversation_id, account_id, kind, position, at)
select conversation_id, account_id, 'read', read_position, read_at
from participants where read_position > 0 and read_at is not null;

insert into receipts (conversation_id, account_id, kind, position, at)
select conversation_id, account_id, 'delivered', read_position, read_at
from participants where read_position > 0 and read_at is not null;
