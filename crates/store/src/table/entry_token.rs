//! Table `entry_token`: the words of a memo that could be a document's name, of entries that no name ties to
//! a document. Detection keeps it (`detectors/memo.rs`).

use crate::db::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 7,
    sql: "CREATE TABLE entry_token (entry_seq INTEGER NOT NULL, token TEXT NOT NULL,
            PRIMARY KEY (entry_seq, token)) WITHOUT ROWID;
          CREATE INDEX entry_token_by_token ON entry_token (token);",
}];
