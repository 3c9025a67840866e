//! The schema as a whole: a change of it is seen here, and must come with a new migration.

use crate::support::{attacker, desk};

#[test]
fn the_tables_are_those_that_were_agreed() {
    let desk = desk();
    let connection = attacker(&desk.path, 1);
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    let mut statement = connection
        .prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
        .unwrap();
    let rows = statement.query_map([], |row| {
        let (kind, name, sql): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("{kind} {name}\n  {}\n", sql.split_whitespace().collect::<Vec<_>>().join(" ")))
    });
    let schema: String = rows.unwrap().map(Result::unwrap).collect();
    insta::assert_snapshot!("schema", format!("version {version}\n{schema}"));
}
