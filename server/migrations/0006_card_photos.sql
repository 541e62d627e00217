-- The form of a photo for cards; made when it is first asked for.

alter table photos add column card bytea;
