-- Whose requests for friendship an account takes: everybody, workplace (people who work at the same place), nobody.

alter table accounts add column who_may_ask text not null default 'everybody';
