//! An older database is brought forward: what it held is counted and told as before.

#![expect(
    clippy::unwrap_used,
    reason = "a database that cannot be set up ends its test"
)]

mod harness;

use std::fmt::Write as _;
use std::sync::Arc;

use rusqlite::Connection;
use server::store::{Db, MIGRATIONS};

/// A database as the version before `name` left it, with a conversation of six messages: Anne (1) wrote 1, 2, 3 and 6,
/// Luc (2) wrote 4 and 5. Luc has read up to 2, Anne up to 5.
fn database_before(name: &str, path: &std::path::Path) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("create table migrations (name text primary key)")
        .unwrap();
    for migration in MIGRATIONS.iter().take_while(|migration| migration.name != name) {
        connection.execute_batch(migration.sqlite).unwrap();
        connection
            .execute("insert into migrations (name) values ($1)", [migration.name])
            .unwrap();
    }
    let mut story = String::new();
    for id in [1, 2] {
        let account = uuid(id);
        write!(
            story,
            "insert into accounts (id, email, title, name, profession, workplace, phone, language, enter_key, guide_step,
                state, is_admin, search_text, sort_name, created_at)
            values ({account}, '{id}@demo.example', '', '', '', '', '', 'fr-CA', 'auto', 4, 'active', 0, '', '', 0);
            insert into event_logs (account_id, last_cursor) values ({account}, 9);"
        )
        .unwrap();
    }
    let (anne, luc, conversation) = (uuid(1), uuid(2), uuid(9));
    write!(
        story,
        "insert into conversations (id, low_id, high_id, mode, last_position, active_at, created_at)
            values ({conversation}, {anne}, {luc}, 'server', 6, 0, 0);
        insert into participants (conversation_id, account_id, friend_id, read_position, read_at, delivered_position,
            unread_count)
            values ({conversation}, {anne}, {luc}, 5, 500, 0, 0), ({conversation}, {luc}, {anne}, 2, 200, 0, 2);"
    )
    .unwrap();
    for (position, author) in (1..).zip([1, 1, 1, 2, 2, 1]) {
        let (author, id, key) = (uuid(author), uuid(16 + position), uuid(32 + position));
        write!(
            story,
            "insert into messages (conversation_id, position, id, sender_id, key, sent_at, body_suite, body_bytes)
            values ({conversation}, {position}, {id}, {author}, {key}, {position}, 0, x'61');"
        )
        .unwrap();
    }
    connection.execute_batch(&story).unwrap();
}

/// An id of sixteen bytes, as SQLite writes it.
fn uuid(number: u32) -> String {
    format!("x'{number:032x}'")
}

#[test]
fn receipts_begin_with_what_was_read_and_counts_with_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pli.db");
    database_before("0008_receipts", &path);

    drop(Db::open_sqlite(&path, &harness::unlock(), Arc::new(|_| {})).unwrap());

    let connection = Connection::open(&path).unwrap();
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(
        rows("select position || ':' || nth from messages order by position"),
        ["1:1", "2:2", "3:3", "4:1", "5:2", "6:4"]
    );
    assert_eq!(
        rows(
            "select shared_read_position || ' ' || delivered_position || ' ' || n_from_friend || ' ' || last_from_friend
            from participants order by account_id"
        ),
        ["5 5 2 5", "2 2 4 6"]
    );
    assert_eq!(
        rows(
            "select substr(hex(account_id), 31) || ' ' || kind || ' ' || position || ' ' || at from receipts order by 1"
        ),
        [
            "01 delivered 5 500",
            "01 read 5 500",
            "02 delivered 2 200",
            "02 read 2 200"
        ]
    );
    assert_eq!(
        rows("select distinct body_suite || ' ' || length(body_bytes) || ' ' || hex(m.body_key_ref = c.key_ref)
            from messages m join conversations c on c.id = m.conversation_id"),
        ["1 17 31"],
        "sealed, under the key of their conversation"
    );
    assert_eq!(
        rows("select distinct acknowledged_cursor || '' from event_logs"),
        ["9"]
    );
    assert_eq!(
        rows("select distinct shares_read_receipts || '' from accounts"),
        ["1"]
    );
}
