-- Words laid out to be searched: for each conversation a few segments, each of a range of its messages, sealed with the
-- conversation's key. What no segment covers is read and searched message by message: a segment may be missing, or be taken
-- away whenever a message of its range changes, and nothing is lost but time.

create table word_segments (
    conversation_id bytea not null references conversations (id),
    first_position bigint not null,
    last_position bigint not null,
    -- Empty when the messages of the range hold no words.
    suite bigint,
    key_ref bytea,
    nonce bytea,
    bytes bytea,
    primary key (conversation_id, first_position)
);

-- Moves with each change of a conversation's segments, and whenever one of its messages is changed: who has laid words out
-- meanwhile finds that they are no longer those of the messages.
alter table conversations add column words_version bigint not null default 0;
