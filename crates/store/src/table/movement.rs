//! Table `movement`: the movements of the processors' balances, each with the document that books it. Their
//! fees add up per document, and they tell which money was settled in another currency than it was paid in.

use rusqlite::{OptionalExtension, params};
use rust_decimal::Decimal;
use tieout_domain::{Money, document::Movement};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, at_opt, ms, text, text_opt},
    table::dirty,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 6,
        // What earlier versions left out (movements that are no payment's, disputes in part, the day on which
        // money arrived) is read anew by the next sync: the lists begin again.
        sql: "CREATE TABLE movement (connection_seq INTEGER NOT NULL, external_id TEXT NOT NULL,
                document TEXT NOT NULL, source TEXT, category TEXT NOT NULL, currency TEXT NOT NULL,
                gross_minor INTEGER NOT NULL, fee_minor INTEGER NOT NULL, fee_tax_minor INTEGER NOT NULL,
                rate TEXT, at INTEGER NOT NULL, page_seq INTEGER NOT NULL,
                PRIMARY KEY (connection_seq, external_id)) WITHOUT ROWID;
              CREATE INDEX movement_by_document ON movement (connection_seq, document);
              CREATE INDEX movement_by_source ON movement (connection_seq, source) WHERE source IS NOT NULL;
              UPDATE sync_state SET next_cursor = NULL, resume_cursor = NULL, scan_started_at = NULL
                WHERE resource IN ('payments', 'refunds', 'disputes', 'fees');",
    },
    // What was read before says nothing of when it can be paid out: then the day on which it came tells.
    Migration {
        version: 8,
        sql: "ALTER TABLE movement ADD COLUMN available_at INTEGER;
              CREATE INDEX movement_by_time ON movement (connection_seq, currency, at);
              CREATE INDEX document_payouts ON document (connection_seq, currency) WHERE kind = 'payout';",
    },
];

/// The fees of `document d`, in its currency: of its movements, or as versions before them kept it.
pub(crate) const FEE: &str = "coalesce(
      (SELECT sum(m.fee_minor) FROM movement m WHERE m.connection_seq = d.connection_seq
        AND m.document = d.external_id AND m.currency = d.currency),
      (SELECT f.fee_minor FROM payment_fee f WHERE f.connection_seq = d.connection_seq
        AND f.payment = d.external_id AND d.kind = 'payment'), 0)";

/// The part of them that is tax.
pub(crate) const FEE_TAX: &str = "coalesce(
      (SELECT sum(m.fee_tax_minor) FROM movement m WHERE m.connection_seq = d.connection_seq
        AND m.document = d.external_id AND m.currency = d.currency), 0)";

/// Whether versions before there were documents of disputes kept one that withdrew a payment's funds.
pub(crate) const DISPUTED: &str = "EXISTS (SELECT 1 FROM dispute x WHERE x.connection_seq = d.connection_seq
      AND x.payment = d.external_id AND x.funds_withdrawn = 1 AND d.kind = 'payment')";

/// Whether the money of `document d` was settled in another currency, by a conversion of its own.
pub(crate) const CONVERTED: &str =
    "EXISTS (SELECT 1 FROM movement m WHERE m.connection_seq = d.connection_seq
      AND m.source = d.external_id AND m.document <> d.external_id)";

/// Writes a movement; when anything changed, what it is of is to be derived again. Answers that, and the fee
/// that it had before.
pub(crate) fn put(
    tx: &Tx<'_>,
    connection_seq: i64,
    movement: &Movement,
    page_seq: i64,
) -> Result<(bool, i64)> {
    let before = fee_of(tx, connection_seq, &movement.external_id)?;
    let count = tx
        .prepare_cached(
            "INSERT INTO movement (connection_seq, external_id, document, source, category, currency,
               gross_minor, fee_minor, fee_tax_minor, rate, at, page_seq, available_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (connection_seq, external_id) DO UPDATE SET document = excluded.document,
               source = excluded.source, category = excluded.category, currency = excluded.currency,
               gross_minor = excluded.gross_minor, fee_minor = excluded.fee_minor,
               fee_tax_minor = excluded.fee_tax_minor, rate = excluded.rate, at = excluded.at,
               page_seq = excluded.page_seq, available_at = excluded.available_at
             WHERE (movement.document, movement.source, movement.category, movement.currency,
                 movement.gross_minor, movement.fee_minor, movement.fee_tax_minor, movement.rate, movement.at,
                 movement.available_at)
               IS DISTINCT FROM (excluded.document, excluded.source, excluded.category, excluded.currency,
                 excluded.gross_minor, excluded.fee_minor, excluded.fee_tax_minor, excluded.rate,
                 excluded.at, excluded.available_at)",
        )?
        .execute(params![
            connection_seq,
            movement.external_id,
            movement.document,
            movement.source,
            movement.category,
            movement.gross.currency().code(),
            movement.gross.minor(),
            movement.fee_minor,
            movement.fee_tax_minor,
            movement.rate.map(|rate| rate.normalize().to_string()),
            ms(movement.at),
            page_seq,
            movement.available_at.map(ms),
        ])?;
    if count == 0 {
        return Ok((false, before));
    }
    for whose in [Some(&movement.document), movement.source.as_ref()].into_iter().flatten() {
        tx.prepare_cached("DELETE FROM payment_fee WHERE connection_seq = ?1 AND payment = ?2")?
            .execute(params![connection_seq, whose])?;
        dirty::mark_money(tx, connection_seq, whose)?;
    }
    Ok((true, before))
}

fn fee_of(db: &Db, connection_seq: i64, external_id: &str) -> Result<i64> {
    let mut statement =
        db.prepare_cached("SELECT fee_minor FROM movement WHERE connection_seq = ?1 AND external_id = ?2")?;
    let found = statement.query_row(params![connection_seq, external_id], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

/// The movement of this id.
pub(crate) fn find(db: &Db, connection_seq: i64, external_id: &str) -> Result<Option<Movement>> {
    let mut statement =
        db.prepare_cached("SELECT * FROM movement WHERE connection_seq = ?1 AND external_id = ?2")?;
    let found = statement.query_row(params![connection_seq, external_id], |row| {
        Ok(Movement {
            external_id: row.get("external_id")?,
            document: row.get("document")?,
            source: row.get("source")?,
            category: row.get("category")?,
            gross: Money::new(row.get("gross_minor")?, text(row, "currency")?),
            fee_minor: row.get("fee_minor")?,
            fee_tax_minor: row.get("fee_tax_minor")?,
            rate: text_opt::<Decimal>(row, "rate")?,
            at: at(row, "at")?,
            available_at: at_opt(row, "available_at")?,
        })
    });
    Ok(found.optional()?)
}

/// Forgets a movement; what it is of is to be derived again.
pub(crate) fn forget(tx: &Tx<'_>, connection_seq: i64, external_id: &str) -> Result<()> {
    let Some(gone) = find(tx, connection_seq, external_id)? else { return Ok(()) };
    tx.prepare_cached("DELETE FROM movement WHERE connection_seq = ?1 AND external_id = ?2")?
        .execute(params![connection_seq, external_id])?;
    for whose in [Some(&gone.document), gone.source.as_ref()].into_iter().flatten() {
        dirty::mark_money(tx, connection_seq, whose)?;
    }
    Ok(())
}
