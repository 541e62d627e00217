-- People are listed in the order of their folded names, letter by letter as stored. PostgreSQL compares by the rules of
-- the database's language unless a column says otherwise, and then pages could differ from one installation to the next.

alter table accounts
    alter column sort_name type text collate "C",
    alter column profession type text collate "C",
    alter column workplace type text collate "C";
