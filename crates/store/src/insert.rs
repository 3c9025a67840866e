//! Rows that come by the ten thousand: what is written of one is also what the seal is told of it, so that
//! SQLite need not hand it back, column by column, to a trigger.

use rusqlite::{
    Params, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};
use tieout_evidence::Value;

use crate::{
    db::Tx,
    error::Result,
    table::{document, expectation},
};

/// A statement that adds a row to a sealed table, where there is none of its names yet.
#[derive(Debug)]
pub(crate) struct Insert {
    /// The sealed table.
    pub table: &'static str,
    /// Its internal key, where SQLite makes it.
    pub key: Option<&'static str>,
    /// Every other column.
    pub columns: &'static [&'static str],
    /// The statement: its values are those of `columns`, in their order.
    pub sql: &'static str,
}

/// A value as it is bound.
struct Bind<'v>(Value<'v>);

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(number),
            Value::Bits(bits) => ValueRef::Real(f64::from_bits(bits)),
            Value::Text(text) => ValueRef::Text(text),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Values as they are bound to a statement.
pub(crate) fn bound<'v>(values: &'v [Value<'v>]) -> impl Params + 'v {
    params_from_iter(values.iter().copied().map(Bind))
}

/// The tables of which every row is added by its [`Insert`], and by no other statement.
pub(crate) const TOLD: &[&Insert] = &[&document::INSERT, &expectation::INSERT];

impl Insert {
    /// Adds the row; its internal key, or `None` where one of its names is there already.
    pub(crate) fn row(&self, tx: &Tx<'_>, values: &[Value<'_>]) -> Result<Option<i64>> {
        if tx.prepare_cached(self.sql)?.execute(bound(values))? == 0 {
            return Ok(None);
        }
        let key = tx.last_insert_rowid();
        tx.sealing().tell(self, key, values);
        Ok(Some(key))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Every source of ours, with its text.
    fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
        for one in fs::read_dir(folder).unwrap() {
            match one.unwrap().path() {
                path if path.is_dir() => sources(&path, found),
                path => found.push((path.display().to_string(), fs::read_to_string(path).unwrap())),
            }
        }
    }

    #[test]
    fn what_its_writer_tells_of_is_inserted_by_no_other_statement() {
        let mut all = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        for insert in TOLD {
            let statement = format!("INTO {} (", insert.table);
            let own = format!("table/{}.rs", insert.table);
            for (path, text) in
                all.iter().filter(|(path, _)| !path.contains("test") && !path.ends_with("fixture.rs"))
            {
                let times = text.matches(&statement).count();
                assert_eq!(times, usize::from(path.ends_with(&own)), "{path}: {statement}");
            }
        }
    }

    #[test]
    fn it_is_told_of_every_sealed_column() {
        let db = crate::db::Db::new(rusqlite::Connection::open_in_memory().unwrap());
        crate::schema::run(&db).unwrap();
        for insert in TOLD {
            let list = "SELECT name FROM pragma_table_info(?1) WHERE name IS NOT ?2 ORDER BY name";
            let mut statement = db.prepare(list).unwrap();
            let columns = statement.query_map((insert.table, insert.key), |row| row.get::<_, String>(0));
            let columns: Vec<String> = columns.unwrap().map(|name| name.unwrap()).collect();
            let mut told = insert.columns.to_vec();
            told.sort_unstable();
            assert_eq!(told, columns, "{}", insert.table);
        }
    }
}
