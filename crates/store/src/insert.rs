//! Rows that come by the ten thousand: what is written of one is also what the seal is told of it, so that
//! SQLite need not hand it back, column by column, to a trigger.

use rusqlite::{
    Params, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};
use tieout_evidence::Value;

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
    /// No column of ours holds a binary fraction.
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(number),
            Value::Bits(_) => {
                return Err(rusqlite::Error::ToSqlConversionFailure("a binary fraction".into()));
            }
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
pub(crate) const TOLD: [&Insert; 2] = [&DOCUMENT, &EXPECTATION];

/// How documents are added.
pub(crate) const DOCUMENT: Insert = Insert {
    table: "document",
    key: Some("seq"),
    #[rustfmt::skip]
    columns: &[
        "id", "connection_seq", "kind", "external_id", "reference", "status", "date_at", "date_local",
        "finalized_at", "changed_at", "currency", "total_minor", "tax_minor", "customer", "country",
        "entity_hint", "subscription", "invoice", "payment", "correlation", "content_hash", "version",
        "page_seq", "first_seen_at", "lines_hash", "outside",
    ],
    sql:
        "INSERT INTO document (id, connection_seq, kind, external_id, reference, status, date_at, date_local,
            finalized_at, changed_at, currency, total_minor, tax_minor, customer, country, entity_hint,
            subscription, invoice, payment, correlation, content_hash, version, page_seq, first_seen_at,
            lines_hash, outside)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
            ?21, ?22, ?23, ?24, ?25, ?26)
          ON CONFLICT (connection_seq, kind, external_id) DO NOTHING",
};

/// How expectations are added.
pub(crate) const EXPECTATION: Insert = Insert {
    table: "expectation",
    key: None,
    #[rustfmt::skip]
    columns: &[
        "document_seq", "source", "entity", "document_date", "period", "own_period", "late", "currency",
        "control", "tax_account", "control_minor", "books", "booked_before_minor", "gap_fingerprint",
        "gap_message", "due_at", "mapping_hash", "lines_hash",
    ],
    sql: "INSERT INTO expectation (document_seq, source, entity, document_date, period, own_period, late,
            currency, control, tax_account, control_minor, books, booked_before_minor, gap_fingerprint,
            gap_message, due_at, mapping_hash, lines_hash)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
          ON CONFLICT (document_seq) DO NOTHING",
};
