//! How the sets of rows that the log seals are kept up: beside every statement that changes a sealed table,
//! whoever wrote it.
//!
//! Each of our connections has temporary triggers on the sealed tables. They hand old and new values to
//! functions of this process, which add up what changed ([`Pending`]); the next entry of the log takes it
//! over, in the same transaction. Somebody else's connection has neither triggers nor functions. The rows
//! of [`TOLD`] are told by who inserts them instead.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
    types::{Null, ValueRef},
};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tieout_evidence::{Fields, RowSet, Value};

use crate::{
    insert::{Insert, TOLD},
    marking::MARKS,
    sealed::{APPEND_ONLY, SEALED, Said, Sealed},
};

/// Texts and bytes up to this length are said as they are; of longer ones the log says a hash.
const SAID_LENGTH: usize = 96;

/// A sealed column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub name: String,
    /// Its place in the table, from 0.
    pub place: u8,
    /// True where it is declared as text.
    is_text: bool,
}

impl Column {
    /// Its value for our functions. A text goes as its bytes: SQLite would copy it first, to end it with a
    /// zero.
    fn handed(&self, row: &str) -> String {
        match self.is_text {
            true => format!("CAST({row}.\"{}\" AS BLOB)", self.name),
            false => format!("{row}.\"{}\"", self.name),
        }
    }

    /// The value that was handed to our functions.
    fn taken<'v>(&self, value: ValueRef<'v>) -> ValueRef<'v> {
        match value {
            ValueRef::Blob(bytes) if self.is_text => ValueRef::Text(bytes),
            other => other,
        }
    }
}

/// A sealed table as the file has it.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub sealed: &'static Sealed,
    /// Its sealed columns, in the table's order.
    pub columns: Vec<Column>,
    /// Which of them name a row.
    key: Vec<usize>,
    /// Which of them says that nothing is to be said of the row, and by which text.
    unless: Option<(usize, &'static str)>,
}

impl Layout {
    /// Of this table; `None` where the file has none of that name.
    pub(crate) fn of(connection: &Connection, sealed: &'static Sealed) -> rusqlite::Result<Option<Self>> {
        let query = "SELECT cid, name, type FROM pragma_table_info(?1) ORDER BY cid";
        let mut statement = connection.prepare_cached(query)?;
        let columns = statement.query_map([sealed.table], |row| {
            let is_text = row.get_ref("type")?.as_str()? == "TEXT";
            Ok(Column { place: row.get("cid")?, name: row.get("name")?, is_text })
        })?;
        let kept = |column: &Column| sealed.without.iter().all(|(name, _)| *name != column.name);
        let mut columns: Vec<Column> = columns.collect::<rusqlite::Result<_>>()?;
        columns.retain(kept);
        if columns.is_empty() {
            return Ok(None);
        }
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        let key = sealed.key.iter().filter_map(|name| place(name)).collect();
        let unless = match sealed.said {
            Said::Unless(column, text) => place(column).zip(Some(text)),
            Said::None | Said::All => None,
        };
        Ok(Some(Self { sealed, columns, key, unless }))
    }

    /// Every sealed table that the file has.
    pub(crate) fn all(connection: &Connection) -> rusqlite::Result<Vec<Self>> {
        let all = SEALED.iter().filter_map(|sealed| Self::of(connection, sealed).transpose());
        all.collect()
    }

    /// Its columns as a list for a statement.
    pub(crate) fn list(&self) -> String {
        let each: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        each.join(", ")
    }

    /// The values of `OLD` or `NEW`, as they are handed to our functions.
    fn handed(&self, row: &str) -> String {
        let each: Vec<String> = self.columns.iter().map(|column| column.handed(row)).collect();
        each.join(", ")
    }

    /// Writes a row for its hash, its values in the order of the columns.
    pub(crate) fn write<'v>(
        &self,
        fields: &mut Fields,
        value: impl Fn(usize) -> rusqlite::Result<ValueRef<'v>>,
    ) -> rusqlite::Result<()> {
        fields.begin(self.sealed.table);
        for (at, column) in self.columns.iter().enumerate() {
            fields.value(column.place, value_of(value(at)?));
        }
        Ok(())
    }

    /// What the log says of a row; `None` where it says nothing.
    pub(crate) fn say<'v>(
        &self,
        value: impl Fn(usize) -> rusqlite::Result<ValueRef<'v>>,
    ) -> rusqlite::Result<Option<(String, Vec<Json>)>> {
        let silent = match (self.sealed.said, self.unless) {
            (Said::None, _) => true,
            (Said::Unless(..), Some((at, text))) => value(at)?.as_str().is_ok_and(|found| found == text),
            (Said::All | Said::Unless(..), _) => false,
        };
        if silent {
            return Ok(None);
        }
        let mut key = Vec::new();
        for at in &self.key {
            key.push(match said(value(*at)?) {
                Json::String(text) => text,
                other => other.to_string(),
            });
        }
        let values = (0..self.columns.len()).map(|at| Ok(said(value(at)?)));
        Ok(Some((key.join(" "), values.collect::<rusqlite::Result<_>>()?)))
    }
}

/// A value for a hash.
pub(crate) fn value_of(value: ValueRef<'_>) -> Value<'_> {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(fraction) => Value::Bits(fraction.to_bits()),
        ValueRef::Text(text) => Value::Text(text),
        ValueRef::Blob(bytes) => Value::Bytes(bytes),
    }
}

fn hashed(bytes: &[u8]) -> Json {
    Json::String(format!("sha256:{}", hex::encode(&Sha256::digest(bytes)[..16])))
}

/// A value as the log says it.
fn said(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) => Json::from(number),
        ValueRef::Real(fraction) => Json::String(format!("bits:{:x}", fraction.to_bits())),
        ValueRef::Text(text) if text.len() <= SAID_LENGTH => {
            Json::String(String::from_utf8_lossy(text).into_owned())
        }
        ValueRef::Text(text) => hashed(text),
        ValueRef::Blob(bytes) if bytes.len() <= SAID_LENGTH => {
            Json::String(format!("hex:{}", hex::encode(bytes)))
        }
        ValueRef::Blob(bytes) => hashed(bytes),
    }
}

/// A row of which the log says what it holds, before and after.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowChange {
    pub before: Option<Vec<Json>>,
    pub after: Option<Vec<Json>>,
}

/// What changed in one table since the last seal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changed {
    pub set: RowSet,
    pub rows: BTreeMap<String, RowChange>,
}

/// What changed since the last seal, by the place of the table among the layouts.
pub(crate) type Pending = BTreeMap<usize, Changed>;

#[derive(Default)]
struct Shared {
    layouts: Arc<Vec<Layout>>,
    pending: Pending,
    old: Fields,
    new: Fields,
    /// Of the tables whose inserts are told: its place among the layouts, and where the [`Insert`] has each
    /// sealed column.
    told: BTreeMap<&'static str, (usize, Vec<Place>)>,
}

/// Where an [`Insert`] has the value of a sealed column.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// It is the internal key that SQLite made.
    Key,
    /// The value at this place.
    Value(usize),
}

/// What the triggers of one connection tell.
#[derive(Clone, Default)]
pub(crate) struct Sealing(Arc<Mutex<Shared>>);

impl Sealing {
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the row of this internal key that was inserted.
    pub(crate) fn tell(&self, insert: &Insert, key: i64, values: &[Value<'_>]) {
        self.shared().inserted(insert, key, values);
    }

    /// Makes the connection tell of every change of a sealed table, once it has them.
    pub(crate) fn install(&self, connection: &Connection) -> rusqlite::Result<()> {
        if !self.shared().layouts.is_empty() {
            return Ok(());
        }
        let layouts = Layout::all(connection)?;
        if layouts.is_empty() {
            return Ok(());
        }
        self.functions(connection)?;
        let told: BTreeMap<_, _> = TOLD.iter().filter_map(|insert| places(insert, &layouts)).collect();
        connection.execute_batch(&triggers(&layouts, &told))?;
        connection.execute_batch(MARKS)?;
        self.shared().told = told;
        self.shared().layouts = Arc::new(layouts);
        Ok(())
    }

    fn functions(&self, connection: &Connection) -> rusqlite::Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8;
        let sealing = self.clone();
        connection.create_scalar_function("seal_add", -1, flags, move |row| {
            sealing.shared().changed(row, None, Some(1)).map(|()| Null)
        })?;
        let sealing = self.clone();
        connection.create_scalar_function("seal_take", -1, flags, move |row| {
            sealing.shared().changed(row, Some(1), None).map(|()| Null)
        })?;
        let sealing = self.clone();
        connection.create_scalar_function("seal_move", -1, flags, move |row| {
            let width = (row.len() - 1) / 2;
            sealing.shared().changed(row, Some(1), Some(1 + width)).map(|()| Null)
        })
    }

    /// The tables as this connection seals them; empty before it does.
    pub(crate) fn layouts(&self) -> Arc<Vec<Layout>> {
        Arc::clone(&self.shared().layouts)
    }

    /// What changed since the last seal, which is to be taken over now.
    pub(crate) fn take(&self) -> Pending {
        std::mem::take(&mut self.shared().pending)
    }

    /// What changed since the last seal, to come back to.
    pub(crate) fn kept(&self) -> Pending {
        self.shared().pending.clone()
    }

    /// Goes back to what had changed then, because what was written since is taken back.
    pub(crate) fn back_to(&self, pending: Pending) {
        self.shared().pending = pending;
    }

    /// True where nothing waits to be sealed.
    pub(crate) fn is_nothing(&self) -> bool {
        self.shared().pending.values().all(|changed| changed.set.is_nothing())
    }
}

impl Shared {
    /// Takes in a row that was inserted, where no trigger tells of it.
    fn inserted(&mut self, insert: &Insert, key: i64, values: &[Value<'_>]) {
        let Self { layouts, pending, new, told, .. } = self;
        let Some((at, places)) = told.get(insert.table) else { return };
        let Some(layout) = layouts.get(*at) else { return };
        new.begin(layout.sealed.table);
        for (column, from) in layout.columns.iter().zip(places) {
            let value = match from {
                Place::Key => Some(Value::Integer(key)),
                Place::Value(at) => values.get(*at).copied(),
            };
            new.value(column.place, value.unwrap_or(Value::Null));
        }
        pending.entry(*at).or_default().set.add(new);
    }

    /// Takes a change in: the table's place, and the values of the old and the new row from these places on.
    fn changed(&mut self, row: &Context<'_>, old: Option<usize>, new: Option<usize>) -> rusqlite::Result<()> {
        let table = usize::from(row.get::<u16>(0)?);
        let Self { layouts, pending, old: old_row, new: new_row, .. } = self;
        let Some(layout) = layouts.get(table) else { return Ok(()) };
        let columns = &layout.columns;
        let value = |from: usize| {
            move |at: usize| Ok(columns.get(at).map_or(ValueRef::Null, |c| c.taken(row.get_raw(from + at))))
        };
        if let Some(from) = old {
            layout.write(old_row, value(from))?;
        }
        if let Some(from) = new {
            layout.write(new_row, value(from))?;
        }
        if old.is_some() && new.is_some() && old_row == new_row {
            return Ok(());
        }
        let changed = pending.entry(table).or_default();
        if let Some(from) = old {
            changed.set.take(old_row);
            if let Some((key, values)) = layout.say(value(from))? {
                let row = changed.rows.entry(key).or_insert(RowChange { before: Some(values), after: None });
                row.after = None;
            }
        }
        if let Some(from) = new {
            changed.set.add(new_row);
            if let Some((key, values)) = layout.say(value(from))? {
                changed.rows.entry(key).or_default().after = Some(values);
            }
        }
        Ok(())
    }
}

/// The place of an insert's table among the layouts, and where it has each sealed column; `None` where it
/// does not have them all, so that a trigger has to tell.
fn places(insert: &Insert, layouts: &[Layout]) -> Option<(&'static str, (usize, Vec<Place>))> {
    let at = layouts.iter().position(|layout| layout.sealed.table == insert.table)?;
    let place = |column: &Column| {
        let value = insert.columns.iter().position(|name| *name == column.name);
        let key = insert.key.filter(|key| *key == column.name).map(|_| Place::Key);
        key.or(value.map(Place::Value))
    };
    let layout = layouts.get(at).filter(|layout| layout.sealed.said == Said::None)?;
    Some((insert.table, (at, layout.columns.iter().map(place).collect::<Option<_>>()?)))
}

/// The triggers of our own connections. A statement with a trigger keeps a copy of every page that it
/// touches, to be taken back with it: what comes by the ten thousand has none for its inserts.
fn triggers(layouts: &[Layout], told: &BTreeMap<&str, (usize, Vec<Place>)>) -> String {
    let mut sql = String::new();
    for (at, layout) in layouts.iter().enumerate() {
        let (table, columns) = (layout.sealed.table, layout.list());
        let (old, new) = (layout.handed("OLD"), layout.handed("NEW"));
        if !told.contains_key(table) {
            sql.push_str(&format!(
                "CREATE TEMP TRIGGER sealing_{table}_insert AFTER INSERT ON main.\"{table}\"
                   BEGIN SELECT seal_add({at}, {new}); END;\n"
            ));
        }
        sql.push_str(&format!(
            "CREATE TEMP TRIGGER sealing_{table}_delete AFTER DELETE ON main.\"{table}\"
               BEGIN SELECT seal_take({at}, {old}); END;
             CREATE TEMP TRIGGER sealing_{table}_update AFTER UPDATE OF {columns} ON main.\"{table}\"
               BEGIN SELECT seal_move({at}, {old}, {new}); END;\n"
        ));
    }
    for (table, words) in APPEND_ONLY {
        for verb in ["UPDATE", "DELETE"] {
            sql.push_str(&format!(
                "CREATE TEMP TRIGGER own_{table}_{verb} BEFORE {verb} ON main.{table}
                   BEGIN SELECT RAISE(ABORT, '{words}'); END;\n"
            ));
        }
    }
    sql.push_str(
        "CREATE TEMP TRIGGER own_log_insert BEFORE INSERT ON main.log
           WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM main.log)
           BEGIN SELECT RAISE(ABORT, 'the log grows at its end only'); END;",
    );
    sql
}
