-- Keys are unique for their sender as before. They come in the order of time, as browsers make them, so the index begins
-- with them: writes of all senders fall on the same few pages.

alter table messages drop constraint messages_sender_id_key_key;

alter table messages add constraint messages_key_sender_id_key unique (key, sender_id);
