//! What a read no longer had: noted page by page, and retired once the read has come to its end without a
//! gap ([`tieout_domain::absence`] says when that is proven). What is retired keeps its row; what rests on it
//! is judged again.

use std::collections::BTreeSet;

use rusqlite::params;
use tieout_domain::{
    DocumentId,
    absence::{Listed, Scope},
    document::{DocumentKind, DocumentStatus},
    ledger::LedgerEntry,
};

use super::page::{IngestPage, PageItems};
use crate::{
    db::Tx,
    error::Result,
    sql::{instant, ms, parsed},
    table::{
        document, entry,
        full_read::{self, Of, UnderWay},
        page::PageRecord,
        rejected_item,
        removal::{self, Noticed, Removed},
    },
};

/// What can be found missing of a resource.
#[derive(Clone, Copy)]
enum What {
    Entries,
    Documents(DocumentKind),
    Customers,
}

impl What {
    fn of(resource: &str) -> Option<Self> {
        Some(match resource {
            "entries" => What::Entries,
            "invoices" => What::Documents(DocumentKind::Invoice),
            "credit_notes" => What::Documents(DocumentKind::CreditNote),
            "payments" => What::Documents(DocumentKind::Payment),
            "refunds" => What::Documents(DocumentKind::Refund),
            "disputes" => What::Documents(DocumentKind::Dispute),
            "payouts" => What::Documents(DocumentKind::Payout),
            "customers" => What::Customers,
            _ => return None,
        })
    }

    /// Whether anything of it came before the page.
    fn any_before(self) -> &'static str {
        match self {
            What::Entries => {
                "SELECT EXISTS (SELECT 1 FROM entry WHERE connection_seq = ?1 AND page_seq < ?2)"
            }
            What::Documents(_) => {
                "SELECT EXISTS (SELECT 1 FROM document WHERE connection_seq = ?1 AND page_seq < ?2)"
            }
            What::Customers => {
                "SELECT EXISTS (SELECT 1 FROM customer WHERE connection_seq = ?1 AND page_seq < ?2)"
            }
        }
    }
}

/// Where a page is taken in.
#[derive(Clone, Copy)]
pub(super) struct On<'o> {
    pub tx: &'o Tx<'o>,
    pub connection_seq: i64,
    pub connection_id: &'o str,
    pub page_seq: i64,
    pub record: &'o PageRecord,
}

impl<'o> On<'o> {
    fn of(&self) -> Of<'o> {
        Of { connection_seq: self.connection_seq, resource: &self.record.resource }
    }

    fn noticed(&self) -> Noticed<'o> {
        Noticed {
            connection_seq: self.connection_seq,
            resource: &self.record.resource,
            page_seq: Some(self.page_seq),
            at: self.record.received_at,
        }
    }
}

/// Takes what a page proves; answers how many items were retired.
pub(super) fn take(on: On<'_>, page: &IngestPage) -> Result<u64> {
    let Some(what) = What::of(&on.record.resource) else { return Ok(0) };
    let of = on.of();
    let mut retired = parts_gone(on, page)?;
    for id in &page.absence.deleted {
        retired += deleted(on, id)?;
    }
    let Some(part) = &page.absence.listed else {
        full_read::give_up(on.tx, of)?;
        return Ok(retired);
    };
    // A row of a file that belongs to no item could be any: what is missing may be there.
    let whole = page.rejected.iter().all(|aside| aside.concerns.item.is_some());
    let Some(read) = going_on(on, what, part)?.filter(|_| whole) else {
        full_read::give_up(on.tx, of)?;
        return Ok(retired);
    };
    if read.tracks {
        page.ids().try_for_each(|id| full_read::list(on.tx, of, id))?;
    }
    match &part.through {
        Some(through) => full_read::reach(on.tx, of, through)?,
        None => {
            if read.tracks {
                retired += missing(on, what, (&read, &part.scope))?;
                let place = rejected_item::Place {
                    connection_seq: on.connection_seq,
                    page_seq: on.page_seq,
                    resource: &on.record.resource,
                    at: on.record.received_at,
                };
                rejected_item::gone(on.tx, &place, (read.first_page_seq, part.scope.dated))?;
            }
            full_read::complete(on.tx, of)?;
        }
    }
    Ok(retired)
}

/// The read that this part begins or goes on with; `None` where it does neither.
fn going_on(on: On<'_>, what: What, part: &Listed) -> Result<Option<UnderWay>> {
    if part.after.is_empty() {
        let mut statement = on.tx.prepare_cached(what.any_before())?;
        let before: bool = statement.query_row(params![on.connection_seq, on.page_seq], |row| row.get(0))?;
        return Ok(Some(full_read::begin(on.tx, on.of(), (on.record.received_at, on.page_seq), before)?));
    }
    Ok(full_read::under_way(on.tx, on.of())?.filter(|read| read.reached == part.after))
}

/// An item of the store that the read did not have.
struct Gone {
    seq: i64,
    external_id: String,
    status: String,
    page_seq: i64,
    received_at: i64,
}

/// What this statement finds; it answers the columns of [`Gone`] in their order.
fn find(on: On<'_>, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Gone>> {
    let mut statement = on.tx.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| {
        Ok(Gone {
            seq: row.get(0)?,
            external_id: row.get(1)?,
            status: row.get(2)?,
            page_seq: row.get(3)?,
            received_at: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Notes the removal of each, with when it was last known to be there.
fn note(on: On<'_>, gone: &[Gone]) -> Result<()> {
    let listed = full_read::completed_at(on.tx, on.of())?.unwrap_or(i64::MIN);
    for one in gone {
        let removed = Removed {
            external_id: &one.external_id,
            status: &one.status,
            last_seen_at: one.received_at.max(listed),
            seen_page_seq: Some(one.page_seq),
        };
        removal::note(on.tx, on.noticed(), &removed)?;
    }
    Ok(())
}

/// One that the vendor names as deleted, unless a later read had it.
fn deleted(on: On<'_>, id: &str) -> Result<u64> {
    let gone = find(
        on,
        "SELECT e.seq, e.erp_id, e.status, e.page_seq, p.received_at
         FROM entry e JOIN page p ON p.seq = e.page_seq
         WHERE e.connection_seq = ?1 AND (e.erp_id = ?2 OR e.part_of = ?2) AND p.received_at <= ?3
           AND NOT EXISTS (
             SELECT 1 FROM removal r WHERE r.connection_seq = e.connection_seq AND r.resource = 'entries'
               AND r.external_id = e.erp_id AND r.returned_at IS NULL)",
        &[&on.connection_seq, &id, &ms(on.record.received_at)],
    )?;
    retire_entries(on, &gone)
}

/// What a transaction was kept as before and is no longer: the whole where it is of several entities now, the
/// parts where it is of one.
pub(super) fn reshaped(on: On<'_>, now: &LedgerEntry) -> Result<u64> {
    let gone = find(
        on,
        "SELECT e.seq, e.erp_id, e.status, e.page_seq, p.received_at
         FROM entry e JOIN page p ON p.seq = e.page_seq
         WHERE e.connection_seq = ?1 AND (e.erp_id = ?2 OR e.part_of = ?3) AND NOT EXISTS (
             SELECT 1 FROM removal r WHERE r.connection_seq = e.connection_seq AND r.resource = 'entries'
               AND r.external_id = e.erp_id AND r.returned_at IS NULL)",
        &[&on.connection_seq, &now.part_of, &now.part_of.is_none().then_some(&now.erp_id)],
    )?;
    retire_entries(on, &gone)
}

/// The parts of transactions of several entities that are not on the page with the others: the entity is none
/// of the transaction's any more.
fn parts_gone(on: On<'_>, page: &IngestPage) -> Result<u64> {
    let PageItems::Entries(entries) = page.items() else { return Ok(0) };
    let wholes: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.part_of.as_deref()).collect();
    let mut retired = 0;
    for whole in wholes {
        let there: BTreeSet<&str> = entries.iter().map(|entry| entry.erp_id.as_str()).collect();
        let mut gone = find(
            on,
            "SELECT e.seq, e.erp_id, e.status, e.page_seq, p.received_at
             FROM entry e JOIN page p ON p.seq = e.page_seq
             WHERE e.connection_seq = ?1 AND e.part_of = ?2 AND NOT EXISTS (
                 SELECT 1 FROM removal r WHERE r.connection_seq = e.connection_seq AND r.resource = 'entries'
                   AND r.external_id = e.erp_id AND r.returned_at IS NULL)",
            &[&on.connection_seq, &whole],
        )?;
        gone.retain(|one| !there.contains(one.external_id.as_str()));
        retired += retire_entries(on, &gone)?;
    }
    Ok(retired)
}

fn retire_entries(on: On<'_>, gone: &[Gone]) -> Result<u64> {
    note(on, gone)?;
    for one in gone {
        entry::retire(on.tx, on.connection_seq, one.seq, on.page_seq)?;
    }
    Ok(gone.len() as u64)
}

/// What the whole list did not have of what was there before it began.
fn missing(on: On<'_>, what: What, (read, scope): (&UnderWay, &Scope)) -> Result<u64> {
    match what {
        What::Entries => {
            let gone = missing_entries(on, read, scope)?;
            retire_entries(on, &gone)
        }
        What::Documents(kind) => missing_documents(on, kind, (read, scope)),
        What::Customers => missing_customers(on, read),
    }
}

fn missing_entries(on: On<'_>, read: &UnderWay, scope: &Scope) -> Result<Vec<Gone>> {
    let (from, to) = match scope.dated {
        Some((from, to)) => (from.to_string(), to.to_string()),
        None => (String::new(), String::new()),
    };
    let mut gone = find(
        on,
        "SELECT e.seq, e.erp_id, e.status, e.page_seq, p.received_at
         FROM entry e JOIN page p ON p.seq = e.page_seq
         WHERE e.connection_seq = ?1 AND e.page_seq < ?2 AND p.received_at <= ?3
           AND (?4 = '' OR (e.posting_date BETWEEN ?4 AND ?5 AND EXISTS (
             SELECT 1 FROM entry_line l WHERE l.entry_seq = e.seq AND l.account IN (
               SELECT k.account FROM full_read_item j
               JOIN entry h ON h.connection_seq = j.connection_seq AND h.erp_id = j.external_id
               JOIN entry_line k ON k.entry_seq = h.seq
               WHERE j.connection_seq = ?1 AND j.resource = 'entries'))))
           AND NOT EXISTS (SELECT 1 FROM full_read_item i WHERE i.connection_seq = ?1
             AND i.resource = 'entries' AND (i.external_id = e.erp_id OR i.external_id = e.part_of))
           AND NOT EXISTS (SELECT 1 FROM removal r WHERE r.connection_seq = ?1
             AND r.resource = 'entries' AND r.external_id = e.erp_id AND r.returned_at IS NULL)",
        &[&on.connection_seq, &read.first_page_seq, &read.began_at, &from, &to],
    )?;
    if let Some(entities) = &scope.entities {
        let seen: BTreeSet<String> = entities.iter().map(entry::entity_text).collect();
        let mut statement = on.tx.prepare_cached("SELECT entity FROM entry WHERE seq = ?1")?;
        let mut kept = Vec::with_capacity(gone.len());
        for one in gone {
            let entity: String = statement.query_row([one.seq], |row| row.get(0))?;
            if seen.contains(&entity) {
                kept.push(one);
            }
        }
        gone = kept;
    }
    Ok(gone)
}

/// A document that billing has no more is as if it had been voided: nothing of it is to be in the ledger. A
/// draft was none. Money outside of the processor is on no list of the processor's money.
fn missing_documents(on: On<'_>, kind: DocumentKind, (read, scope): (&UnderWay, &Scope)) -> Result<u64> {
    let gone = find(
        on,
        "SELECT d.seq, d.external_id, d.status, d.page_seq, p.received_at
         FROM document d JOIN page p ON p.seq = d.page_seq
         WHERE d.connection_seq = ?1 AND d.kind = ?2 AND d.page_seq < ?3 AND p.received_at <= ?4
           AND d.outside = 0
           AND (?5 = 0 OR d.status = 'draft')
           AND NOT EXISTS (SELECT 1 FROM full_read_item i WHERE i.connection_seq = ?1 AND i.resource = ?6
             AND i.external_id = d.external_id)
           AND NOT EXISTS (SELECT 1 FROM removal r WHERE r.connection_seq = ?1 AND r.resource = ?6
             AND r.external_id = d.external_id AND r.returned_at IS NULL)",
        &[
            &on.connection_seq,
            &kind.as_str(),
            &read.first_page_seq,
            &read.began_at,
            &scope.drafts_only,
            &on.record.resource,
        ],
    )?;
    note(on, &gone)?;
    for one in gone.iter().filter(|one| one.status != DocumentStatus::Draft.as_str()) {
        void(on, one)?;
    }
    Ok(gone.len() as u64)
}

fn void(on: On<'_>, one: &Gone) -> Result<()> {
    let id: String = on
        .tx
        .prepare_cached("SELECT id FROM document WHERE seq = ?1")?
        .query_row([one.seq], |row| row.get(0))?;
    let mut gone = document::find(on.tx, &parsed::<DocumentId>(&id)?)?.document;
    gone.status = DocumentStatus::Void;
    gone.changed_at = Some(instant(ms(on.record.received_at))?);
    let source = document::Source {
        connection_seq: on.connection_seq,
        page_seq: on.page_seq,
        received_at: on.record.received_at,
    };
    let keys = document::Keys::of(on.connection_id, &gone);
    document::put(on.tx, &source, (&gone, &keys))?;
    Ok(())
}

fn missing_customers(on: On<'_>, read: &UnderWay) -> Result<u64> {
    let gone = find(
        on,
        "SELECT c.seq, c.external_id, 'active', c.page_seq, p.received_at
         FROM customer c JOIN page p ON p.seq = c.page_seq
         WHERE c.connection_seq = ?1 AND c.deleted = 0 AND c.page_seq < ?2 AND p.received_at <= ?3
           AND NOT EXISTS (SELECT 1 FROM full_read_item i WHERE i.connection_seq = ?1
             AND i.resource = 'customers' AND i.external_id = c.external_id)",
        &[&on.connection_seq, &read.first_page_seq, &read.began_at],
    )?;
    note(on, &gone)?;
    let mut delete = on.tx.prepare_cached("UPDATE customer SET deleted = 1, page_seq = ?2 WHERE seq = ?1")?;
    for one in &gone {
        delete.execute([one.seq, on.page_seq])?;
    }
    drop(delete);
    Ok(gone.len() as u64)
}
