//! What a payout is made of: the movements of the processor's balance that it pays out. No vendor's movement
//! names its payout, so the days tell which could be, and only the sum proves that they are: either what
//! became available since the payout before, or what came since then. What neither proves is not told.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{Currency, DocumentId, document::DocumentKind};

use crate::{
    db::Db,
    error::Result,
    sql::{at, named, text, text_opt},
};

/// One movement that a payout pays out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutMember {
    /// The vendor's id of the movement.
    pub movement: String,
    /// The document that books it, where it was read.
    pub document: Option<DocumentId>,
    /// How people name that; the movement's own id where it was not read.
    pub reference: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The document's customer, by name or the vendor's id.
    pub customer: Option<String>,
    /// What came in before fees, minor units of the payout's currency; negative where money left.
    pub gross_minor: i64,
    /// The fees kept of it; negative where some were given back.
    pub fee_minor: i64,
    /// When the balance moved.
    pub at: DateTime<Utc>,
}

/// A payout and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutContent {
    /// The currency.
    pub currency: Currency,
    /// What was paid out, minor units: the sum of its movements after fees.
    pub paid_minor: i64,
    /// The movements, the oldest first.
    pub members: Vec<PayoutMember>,
}

/// A payout that stands: its connection, currency and amount, and when it left the balance.
struct Payout {
    connection: i64,
    currency: Currency,
    paid_minor: i64,
    left: i64,
}

const PAYOUT: &str = "
    SELECT d.connection_seq, d.currency, d.total_minor, (
        SELECT min(m.at) FROM movement m
        WHERE m.connection_seq = d.connection_seq AND m.document = d.external_id) AS left
    FROM document d WHERE d.id = ?1 AND d.kind = 'payout' AND d.status = 'final'";

/// When the payout before left the balance.
const BEFORE: &str = "
    SELECT max(t.left) FROM (
        SELECT min(m.at) AS left FROM document d CROSS JOIN movement m
        WHERE d.kind = 'payout' AND d.connection_seq = ?1 AND d.currency = ?2 AND d.status = 'final'
            AND m.connection_seq = d.connection_seq AND m.document = d.external_id
        GROUP BY d.seq) t
    WHERE t.left < ?3";

/// Money is held back for at most so long before it can be paid out, in milliseconds.
const HELD_BACK: i64 = 45 * 86_400_000;

const MEMBERS: &str = "
    SELECT m.external_id, m.gross_minor, m.fee_minor, m.at, d.id, coalesce(d.reference, m.external_id) AS
        reference, coalesce(d.kind, 'movement') AS kind, coalesce(k.name, d.customer) AS customer
    FROM movement m
    LEFT JOIN document d ON d.connection_seq = m.connection_seq AND d.external_id = m.document
        AND d.kind IN ('payment', 'refund', 'dispute', 'fee', 'payout', 'top_up', 'transfer', 'reserve',
            'adjustment', 'conversion', 'movement')
    LEFT JOIN customer k ON k.connection_seq = d.connection_seq AND k.external_id = d.customer
    WHERE m.connection_seq = ?1 AND m.currency = ?2 AND m.at > ?5 AND m.at <= ?4
        AND {WHEN} > ?3 AND {WHEN} <= ?4 AND coalesce(d.kind, '') <> 'payout'
    ORDER BY m.at, m.external_id";

/// Of the two ways in which processors count, the one that comes first.
const WAYS: [&str; 2] = ["coalesce(m.available_at, m.at)", "m.at"];

fn member(row: &Row<'_>) -> rusqlite::Result<PayoutMember> {
    Ok(PayoutMember {
        movement: row.get("external_id")?,
        document: text_opt(row, "id")?,
        reference: row.get("reference")?,
        kind: named(row, "kind", DocumentKind::parse)?,
        customer: row.get("customer")?,
        gross_minor: row.get("gross_minor")?,
        fee_minor: row.get("fee_minor")?,
        at: at(row, "at")?,
    })
}

/// What a payout is made of; `None` where the document is none that stands, or where nothing proves it.
pub(crate) fn content(db: &Db, document: &DocumentId) -> Result<Option<PayoutContent>> {
    let read = |row: &Row<'_>| {
        Ok(Payout {
            connection: row.get("connection_seq")?,
            currency: text(row, "currency")?,
            paid_minor: row.get("total_minor")?,
            left: row.get::<_, Option<i64>>("left")?.unwrap_or(i64::MIN),
        })
    };
    let found = db.prepare_cached(PAYOUT)?.query_row([document.as_str()], read).optional()?;
    let Some(payout) = found.filter(|payout| payout.left > i64::MIN) else { return Ok(None) };
    let unit = payout.currency.code();
    let before: Option<i64> = db
        .prepare_cached(BEFORE)?
        .query_row(params![payout.connection, unit, payout.left], |row| row.get(0))?;
    let before = before.unwrap_or(i64::MIN);
    let oldest = before.saturating_sub(HELD_BACK);
    for way in WAYS {
        let mut statement = db.prepare_cached(&MEMBERS.replace("{WHEN}", way))?;
        let values = params![payout.connection, unit, before, payout.left, oldest];
        let members: Vec<PayoutMember> =
            statement.query_map(values, member)?.collect::<rusqlite::Result<_>>()?;
        let net = |one: &PayoutMember| i128::from(one.gross_minor) - i128::from(one.fee_minor);
        if !members.is_empty() && members.iter().map(net).sum::<i128>() == i128::from(payout.paid_minor) {
            let (currency, paid_minor) = (payout.currency, payout.paid_minor);
            return Ok(Some(PayoutContent { currency, paid_minor, members }));
        }
    }
    Ok(None)
}
