-- What was done, by whom, to whom, when: never a word of what was said. Each row holds the hash of itself and of the row
-- before it, so that a row which was changed, taken out, put in or moved does not fit; the last one is signed outside.

create table audit (
    number bigint primary key,
    at bigint not null,
    act text not null,
    -- The account that did it; none for the command line of the machine.
    actor bytea,
    -- The account, device, conversation or key that it was done to.
    subject bytea,
    hash bytea not null
);
