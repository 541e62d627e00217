-- The small form of a photo, for lists; made when it is first asked for.

alter table photos add column small bytea;
