-- What is done with a message that is there: it is answered, changed, deleted, pinned, starred, forwarded.
-- No act takes a position, and none moves a message. Each is done once under its key, for ever.
-- Words rest sealed, as all words do: what a message said before, and the words of one answer. A quote has none of its own:
-- it is the position of the message that is answered.

-- The message that this one answers, by its position in the same conversation.
alter table messages add column reply_to bigint;

-- The message whose words this one took over. Told to nobody.
alter table messages add column forwards_id bytea;

-- Counts what the message has said: 1 as it was sent. Each of them is sealed for its own number.
alter table messages add column version bigint not null default 1;

alter table messages add column edited_at bigint;

-- Its body is empty from then on, and what it said before is gone.
alter table messages add column deleted_at bigint;

alter table messages add column pinned_at bigint;

-- Counts what was done with it that both see: of two copies the higher number is the later one.
alter table messages add column revision bigint not null default 0;

-- Its rows in message_reactions and message_stars: most have none, and nobody looks for them.
alter table messages add column n_marks bigint not null default 0;

create index messages_by_pin on messages (conversation_id, position) where pinned_at is not null;

-- What a message said before its author changed it, under the numbers below the present one.
create table message_versions (
    conversation_id bytea not null references conversations (id),
    position bigint not null,
    version bigint not null,
    written_at bigint not null,
    body_suite bigint not null,
    body_key_ref bytea,
    body_nonce bytea,
    body_bytes bytea not null,
    primary key (conversation_id, position, version)
);

-- One word of each participant at most.
create table message_reactions (
    conversation_id bytea not null references conversations (id),
    position bigint not null,
    account_id bytea not null references accounts (id),
    reacted_at bigint not null,
    word_suite bigint not null,
    word_key_ref bytea,
    word_nonce bytea,
    word_bytes bytea not null,
    primary key (conversation_id, position, account_id)
);

-- For the one who starred alone. A row stays when its star is taken away: together with the message's revision its count
-- tells this person's copies of the message apart, and tells the other nothing.
create table message_stars (
    account_id bytea not null references accounts (id),
    conversation_id bytea not null references conversations (id),
    position bigint not null,
    starred_at bigint,
    n_changes bigint not null,
    primary key (account_id, conversation_id, position)
);

-- Which acts were done: the same key on the same message is the same act.
create table message_acts (
    account_id bytea not null references accounts (id),
    key bytea not null,
    conversation_id bytea not null references conversations (id),
    position bigint not null,
    -- edit, react, pin, star
    act text not null,
    -- The version that an edit made; 1 or 0 for a pin or a star that was set or taken away; 0 for a word, which rests sealed.
    outcome bigint not null,
    primary key (key, account_id, conversation_id, position, act)
);
