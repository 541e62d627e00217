-- A message that is attached to a report goes with what it said before its author changed it, and since when it reads as it
-- does: who reads the report sees what the reporter could have seen. The earlier words are sealed like the message itself,
-- under the key of the report.

alter table report_messages add column edited_at bigint;

create table report_message_versions (
    report_id bytea not null references reports (id),
    position bigint not null,
    -- 1 for the words as they were sent.
    version bigint not null,
    written_at bigint not null,
    -- Empty when they could not be shown.
    body_suite bigint,
    body_key_ref bytea,
    body_nonce bytea,
    body_bytes bytea,
    primary key (report_id, position, version)
);
