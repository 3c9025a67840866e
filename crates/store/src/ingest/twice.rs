//! The same documents or journals under another name: a file that was imported before by another column map,
//! or that a live connection reads as well. They would count twice.

use rusqlite::params;

use crate::{db::Tx, error::Result};

/// How many of what an ingest brought another connection has already, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The other connection's name.
    pub connection: String,
    /// How many.
    pub items: u64,
}

const ENTRIES: &str = "
    SELECT count(*) FROM entry n CROSS JOIN entry o
    WHERE n.connection_seq = ?1 AND n.page_seq >= ?2 AND o.reference = n.reference AND o.connection_seq = ?3
        AND o.entity = n.entity AND o.posting_date = n.posting_date AND o.currency = n.currency
        AND o.status = n.status AND coalesce(o.number, o.erp_id) = coalesce(n.number, n.erp_id)
        AND NOT EXISTS (
            SELECT 1 FROM entry_line a WHERE a.entry_seq = n.seq AND NOT EXISTS (
                SELECT 1 FROM entry_line b WHERE b.entry_seq = o.seq AND b.line_no = a.line_no
                    AND b.account = a.account AND b.transaction_minor = a.transaction_minor))";

const DOCUMENTS: &str = "
    SELECT count(*) FROM document n CROSS JOIN document o
    WHERE n.connection_seq = ?1 AND n.page_seq >= ?2 AND o.reference = n.reference AND o.connection_seq = ?3
        AND o.kind = n.kind AND o.currency = n.currency AND o.total_minor = n.total_minor
        AND o.tax_minor = n.tax_minor AND o.status = n.status
        AND o.date_local IS NOT DISTINCT FROM n.date_local AND o.date_at IS NOT DISTINCT FROM n.date_at
        AND o.customer IS NOT DISTINCT FROM n.customer";

/// The connection that has most of what came since `first_page` already; `None` where no other has any.
pub(super) fn known(tx: &Tx<'_>, connection_seq: i64, first_page: i64) -> Result<Option<Known>> {
    let mut most: Option<Known> = None;
    for (table, count) in [("entry", ENTRIES), ("document", DOCUMENTS)] {
        let others: Vec<(i64, String)> = tx
            .prepare_cached(&format!(
                "SELECT c.seq, c.name FROM connection c WHERE c.seq <> ?1
                   AND EXISTS (SELECT 1 FROM {table} t WHERE t.connection_seq = c.seq)
                   AND EXISTS (SELECT 1 FROM {table} t WHERE t.connection_seq = ?1 AND t.page_seq >= ?2)"
            ))?
            .query_map(params![connection_seq, first_page], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (other, connection) in others {
            let items: i64 = tx
                .prepare_cached(count)?
                .query_row(params![connection_seq, first_page, other], |row| row.get(0))?;
            let items = u64::try_from(items).unwrap_or_default();
            if items > most.as_ref().map_or(0, |known| known.items) {
                most = Some(Known { connection, items });
            }
        }
    }
    Ok(most)
}
