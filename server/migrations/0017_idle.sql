-- When a person last did something at a device, and whether others use it too: what a lock and an end by idleness follow from.
-- Streams and calls in the background leave it as it is.

alter table devices add column active_at bigint not null default 0;

alter table devices add column is_shared bigint not null default 0;

update devices set active_at = seen_at;

-- What was said of a browser holds for whoever signs in there next.
create table shared_browsers (
    browser_hash bytea primary key,
    at bigint not null
);
