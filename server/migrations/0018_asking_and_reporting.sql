-- Whose requests for friendship an account takes: everybody, workplace (people who work at the same place), nobody.

alter table accounts add column who_may_ask text not null default 'everybody';

-- Reports of a person to the administrators. What the reporter added, and the copies of messages that they have chosen, rest
-- sealed under a key of the report, which is destroyed thirty days after the report was closed. That there was a report, of
-- whom, by whom and why stays.
create table reports (
    id bytea primary key,
    reporter_id bytea not null references accounts (id),
    -- Made by the client: the same report sent again is one report.
    key bytea not null,
    reported_id bytea not null references accounts (id),
    -- harassment, unwanted, impersonation, confidentiality, other
    reason text not null,
    at bigint not null,
    has_words bigint not null,
    -- Where the copies come from; none without any.
    conversation_id bytea references conversations (id),
    n_messages bigint not null,
    words_suite bigint,
    words_key_ref bytea,
    words_nonce bytea,
    words_bytes bytea,
    closed_at bigint,
    closed_by bytea references accounts (id),
    erased_at bigint,
    unique (reporter_id, key)
);

create index reports_by_conversation on reports (conversation_id);

create index reports_by_closing on reports (closed_at, id);

create table report_messages (
    report_id bytea not null references reports (id),
    position bigint not null,
    author_id bytea not null references accounts (id),
    sent_at bigint not null,
    body_suite bigint,
    body_key_ref bytea,
    body_nonce bytea,
    body_bytes bytea,
    primary key (report_id, position)
);
