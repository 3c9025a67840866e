//! Tables `expectation` and `expected_line`: what the ledger should hold for each document, derived by
//! the desk from document and mapping. Once a posting is approved, entity, period and accounts are the
//! posting's.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{AccountCode, Currency, DocumentId, EntityCode, calendar::PeriodKey};
use tieout_evidence::Value;

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    insert::{EXPECTATION, bound},
    sql::{at, date, ms, named, stored_enum, text, text_opt},
    table::{
        dirty,
        document::{self, DocumentSeq, StoredDocument},
        document_lines,
        lines::of_expectation,
        posting,
        schedule::{self, ScheduleLine},
    },
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE expectation (document_seq INTEGER PRIMARY KEY, source TEXT NOT NULL, entity TEXT,
            document_date TEXT NOT NULL, period TEXT, own_period TEXT, late INTEGER NOT NULL,
            currency TEXT NOT NULL, control TEXT, tax_account TEXT, control_minor INTEGER NOT NULL,
            books INTEGER NOT NULL, booked_before_minor INTEGER NOT NULL, gap_fingerprint TEXT,
            gap_message TEXT, due_at INTEGER NOT NULL, mapping_hash TEXT NOT NULL);
          CREATE TABLE expected_line (document_seq INTEGER NOT NULL, account TEXT NOT NULL,
            amount_minor INTEGER NOT NULL, PRIMARY KEY (document_seq, account)) WITHOUT ROWID;",
}];

stored_enum! {
    /// Where an expectation comes from.
    ExpectationSource {
        /// Derived from document and mapping.
        Derived => "derived",
        /// Entity, period and accounts as the last approved posting has them.
        Posting => "posting",
    }
}

/// What is missing in the mapping, where nothing can be expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapNote {
    /// What groups the same root cause.
    pub fingerprint: String,
    /// In words.
    pub message: String,
}

/// What the ledger should hold for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedExpectation {
    /// The document, as [`Db::documents_to_derive`](crate::Db::documents_to_derive) gave it.
    pub seq: DocumentSeq,
    /// Its stamp, as given.
    pub stamp: i64,
    /// The legal entity; `None` where the mapping names none.
    pub entity: Option<EntityCode>,
    /// The document date in the entity's time zone (UTC where there is no entity).
    pub document_date: NaiveDate,
    /// The period in which it belongs.
    pub period: Option<PeriodKey>,
    /// The period of its document date.
    pub own_period: Option<PeriodKey>,
    /// True when it was finalised after its own period was closed.
    pub late: bool,
    /// The transaction currency.
    pub currency: Currency,
    /// The control account.
    pub control: Option<AccountCode>,
    /// The tax account.
    pub tax_account: Option<AccountCode>,
    /// Debit-positive minor units per account; empty when nothing is to be booked.
    pub lines: Vec<(AccountCode, i64)>,
    /// The control amount before a void, write-off or dispute: the document's total.
    pub booked_before_minor: i64,
    /// Its revenue schedule, where the mapping asks for one; of a stored one it is not read.
    pub schedule: Vec<ScheduleLine>,
    /// What is missing in the mapping.
    pub gap: Option<GapNote>,
    /// Until when its flow may take.
    pub due_at: DateTime<Utc>,
    /// The mapping that it was derived by.
    pub mapping_hash: String,
}

/// An expectation as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExpectation {
    /// Derived, or taken from a posting.
    pub source: ExpectationSource,
    /// All else.
    pub expected: DerivedExpectation,
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredExpectation> {
    let fingerprint: Option<String> = row.get("gap_fingerprint")?;
    let message: Option<String> = row.get("gap_message")?;
    let expected = DerivedExpectation {
        seq: DocumentSeq(row.get("document_seq")?),
        stamp: 0,
        entity: text_opt(row, "entity")?,
        document_date: text(row, "document_date")?,
        period: row.get::<_, Option<String>>("period")?.map(PeriodKey::new),
        own_period: row.get::<_, Option<String>>("own_period")?.map(PeriodKey::new),
        late: row.get("late")?,
        currency: text(row, "currency")?,
        control: text_opt(row, "control")?,
        tax_account: text_opt(row, "tax_account")?,
        lines: Vec::new(),
        schedule: Vec::new(),
        booked_before_minor: row.get("booked_before_minor")?,
        gap: fingerprint.zip(message).map(|(fingerprint, message)| GapNote { fingerprint, message }),
        due_at: at(row, "due_at")?,
        mapping_hash: row.get("mapping_hash")?,
    };
    Ok(StoredExpectation { source: named(row, "source", ExpectationSource::parse)?, expected })
}

fn lines(db: &Db, document_seq: i64) -> Result<Vec<(AccountCode, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT account, amount_minor FROM expected_line WHERE document_seq = ?1 ORDER BY account",
    )?;
    let rows =
        statement.query_map([document_seq], |row| Ok((text(row, "account")?, row.get("amount_minor")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

const UPDATE: &str = "
    UPDATE expectation SET source = ?2, entity = ?3, document_date = ?4, period = ?5, own_period = ?6,
        late = ?7, currency = ?8, control = ?9, tax_account = ?10, control_minor = ?11, books = ?12,
        booked_before_minor = ?13, gap_fingerprint = ?14, gap_message = ?15, due_at = ?16, mapping_hash = ?17,
        lines_hash = ?18
    WHERE document_seq = ?1";

/// The values of a row, in the order of [`EXPECTATION`].
fn with_values<T>(
    document_seq: i64,
    new: &DerivedExpectation,
    write: impl FnOnce(&[Value<'_>]) -> Result<T>,
) -> Result<T> {
    let (day, lines_hash) = (date(new.document_date), of_expectation(&new.lines));
    write(&[
        Value::Integer(document_seq),
        Value::word(ExpectationSource::Derived.as_str()),
        Value::text(new.entity.as_ref().map(EntityCode::as_str)),
        Value::word(&day),
        Value::text(new.period.as_ref().map(PeriodKey::as_str)),
        Value::text(new.own_period.as_ref().map(PeriodKey::as_str)),
        Value::Integer(new.late.into()),
        Value::word(new.currency.code()),
        Value::text(new.control.as_ref().map(AccountCode::as_str)),
        Value::text(new.tax_account.as_ref().map(AccountCode::as_str)),
        Value::Integer(net(document_seq, &new.lines, new.control.as_ref())?),
        Value::Integer((!new.lines.is_empty()).into()),
        Value::Integer(new.booked_before_minor),
        Value::text(new.gap.as_ref().map(|gap| gap.fingerprint.as_str())),
        Value::text(new.gap.as_ref().map(|gap| gap.message.as_str())),
        Value::Integer(ms(new.due_at)),
        Value::word(&new.mapping_hash),
        Value::bytes(lines_hash.as_ref()),
    ])
}

/// Documents of an entity, dated from a day on, that were final only after their own period was closed, and
/// that book something.
pub(crate) fn late(db: &Db, entity: &EntityCode, from: NaiveDate) -> Result<Vec<DocumentId>> {
    let mut statement = db.prepare_cached(
        "SELECT d.id FROM expectation x JOIN document d ON d.seq = x.document_seq
         WHERE x.entity = ?1 AND x.late = 1 AND x.books = 1 AND x.document_date >= ?2 ORDER BY d.seq",
    )?;
    let rows = statement.query_map(params![entity.as_str(), date(from)], |row| text(row, "id"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes the expectation of a document that has none and that no detection has seen.
pub(crate) fn insert(tx: &Tx<'_>, document_seq: i64, new: &DerivedExpectation) -> Result<()> {
    with_values(document_seq, new, |values| tx.insert(&EXPECTATION, values))?;
    schedule::insert(tx, document_seq, &new.schedule)?;
    insert_lines(tx, document_seq, &new.lines)
}

/// Writes one expectation, whether or not there is an earlier one, and has its reference compared again.
fn put(tx: &Tx<'_>, document_seq: i64, new: &DerivedExpectation) -> Result<()> {
    with_values(document_seq, new, |values| match tx.insert(&EXPECTATION, values)? {
        Some(_) => Ok(1),
        None => Ok(tx.prepare_cached(UPDATE)?.execute(bound(values))?),
    })?;
    put_lines(tx, document_seq, &new.lines)?;
    schedule::put(tx, document_seq, &new.schedule)?;
    dirty::mark_reference_of(tx, document_seq)
}

/// What the lines put on the control account.
fn net(document_seq: i64, lines: &[(AccountCode, i64)], control: Option<&AccountCode>) -> Result<i64> {
    let mut of_control = lines.iter().filter(|(account, _)| Some(account) == control);
    let sum = of_control.try_fold(0_i64, |sum, (_, minor)| sum.checked_add(*minor));
    sum.ok_or_else(|| StoreError::out_of_range("expectation of document", document_seq))
}

fn put_lines(tx: &Tx<'_>, document_seq: i64, lines: &[(AccountCode, i64)]) -> Result<()> {
    tx.prepare_cached("DELETE FROM expected_line WHERE document_seq = ?1")?.execute([document_seq])?;
    insert_lines(tx, document_seq, lines)
}

fn insert_lines(tx: &Tx<'_>, document_seq: i64, lines: &[(AccountCode, i64)]) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO expected_line (document_seq, account, amount_minor) VALUES (?1, ?2, ?3)",
    )?;
    for (account, minor) in lines {
        statement.execute(params![document_seq, account.as_str(), minor])?;
    }
    Ok(())
}

/// Takes entity, period and accounts from an approved posting. Without an expectation row (a document
/// that was never derived) nothing is there to change; the derivation asks for the posting by itself.
pub(crate) fn follow_posting(tx: &Tx<'_>, document_seq: i64, follow: &posting::Placement) -> Result<()> {
    let control: Option<Option<String>> = tx
        .prepare_cached("SELECT control FROM expectation WHERE document_seq = ?1")?
        .query_row([document_seq], |row| row.get(0))
        .optional()?;
    let Some(control) = control else { return Ok(()) };
    let control: Option<AccountCode> = control.and_then(|c| c.parse().ok());
    tx.prepare_cached(
        "UPDATE expectation SET source = 'posting', entity = ?2, period = ?3, control_minor = ?4,
              books = 1,
               gap_fingerprint = NULL, gap_message = NULL, lines_hash = ?5 WHERE document_seq = ?1",
    )?
    .execute(params![
        document_seq,
        follow.entity.as_str(),
        follow.period.as_str(),
        net(document_seq, &follow.lines, control.as_ref())?,
        of_expectation(&follow.lines),
    ])?;
    put_lines(tx, document_seq, &follow.lines)?;
    dirty::mark_reference_of(tx, document_seq)
}

/// Documents whose expectation is to be derived, with their lines, in the order in which they came.
/// Derive them, hand the result to [`Store::put_expectations`], and ask again until none is left.
pub(crate) fn to_derive(db: &Db, limit: u32) -> Result<Vec<StoredDocument>> {
    let query = format!(
        "SELECT {}, x.stamp FROM dirty_document x JOIN document d ON d.seq = x.document_seq
         JOIN connection c ON c.seq = d.connection_seq ORDER BY x.document_seq LIMIT ?1",
        document::columns()
    );
    let mut statement = db.prepare_cached(&query)?;
    let mut documents: Vec<StoredDocument> =
        statement.query_map([limit], document::read)?.collect::<rusqlite::Result<_>>()?;
    let (Some(first), Some(last)) = (documents.first(), documents.last()) else { return Ok(documents) };
    let query = format!(
        "SELECT x.document_seq, {} FROM dirty_document x CROSS JOIN document_lines l
         WHERE l.document_seq = x.document_seq AND x.document_seq BETWEEN ?1 AND ?2
         ORDER BY x.document_seq",
        document_lines::COLUMN
    );
    let mut statement = db.prepare_cached(&query)?;
    let mut rows = statement.query([first.seq.0, last.seq.0])?;
    let mut index = 0;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        while documents.get(index).is_some_and(|d| d.seq.0 < seq) {
            index += 1;
        }
        if let Some(stored) = documents.get_mut(index).filter(|d| d.seq.0 == seq) {
            stored.document.lines = document_lines::read(row, 1)?;
        }
    }
    Ok(documents)
}

/// What the ledger should hold for a document; `None` until it was derived.
pub(crate) fn of_document(db: &Db, id: &DocumentId) -> Result<Option<StoredExpectation>> {
    let found = db
        .prepare_cached(
            "SELECT e.* FROM expectation e JOIN document d ON d.seq = e.document_seq WHERE d.id = ?1",
        )?
        .query_row([id.as_str()], read)
        .optional()?;
    let Some(mut stored) = found else { return Ok(None) };
    stored.expected.lines = lines(db, stored.expected.seq.0)?;
    Ok(Some(stored))
}

/// Keeps what was derived. Where an approved posting of the document's present version exists, entity, period
/// and accounts stay the posting's. A document that changed since it was given keeps its mark.
pub(crate) fn keep(tx: &Tx<'_>, new: &DerivedExpectation) -> Result<()> {
    put(tx, new.seq.0, new)?;
    if let Some(placement) = posting::placement_in_force(tx, new.seq.0)? {
        follow_posting(tx, new.seq.0, &placement)?;
    }
    dirty::unmark_document(tx, new.seq.0, new.stamp)
}
