//! What one run looks at: the temporary tables, and which references go into them.
//!
//! A run works over *references* (how an entry names a document), because documents and entries meet
//! there, and over the entries that have none. It looks at those of new documents and entries, those that
//! ingest marked, those whose documents fell due, and those that are tied to any of these by a reversal or
//! by one of our posting keys.

use std::collections::BTreeMap;

use super::{
    apart, batch, matched, naming, refund_without_credit,
    state::{self, LastRun},
    unread,
};
use crate::{db::Tx, error::Result, tieout};

/// The temporary tables of a run. They live in memory and are emptied before and after.
const TABLES: &[(&str, &str)] = &[
    ("work_clock", "(as_of INTEGER NOT NULL)"),
    ("work_reference", "(reference TEXT PRIMARY KEY) WITHOUT ROWID"),
    // entries without a reference
    ("work_entry", "(entry_seq INTEGER PRIMARY KEY)"),
    // entries whose reference is no document's
    ("work_unexplained", "(entry_seq INTEGER PRIMARY KEY)"),
    (
        "work_due",
        "(entity TEXT NOT NULL, control TEXT NOT NULL, after INTEGER NOT NULL, upto INTEGER NOT NULL)",
    ),
    // entries whose names are looked at, and the documents that they name otherwise than by their reference
    ("work_naming", "(entry_seq INTEGER PRIMARY KEY)"),
    ("work_named", "(entry_seq INTEGER PRIMARY KEY, reference TEXT NOT NULL)"),
    ("work_kind", "(kind TEXT PRIMARY KEY) WITHOUT ROWID"),
    ("work_net", "(entry_seq INTEGER PRIMARY KEY)"),
    (
        "work_document",
        "(document_seq INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
          shared INTEGER NOT NULL, status TEXT NOT NULL, total_minor INTEGER NOT NULL, currency TEXT NOT NULL,
          changed_at INTEGER, document_date TEXT NOT NULL, entity TEXT, period TEXT, own_period TEXT,
          late INTEGER NOT NULL, control TEXT, tax_account TEXT, control_minor INTEGER NOT NULL,
          books INTEGER NOT NULL, before_minor INTEGER NOT NULL, gap_fingerprint TEXT, gap_message TEXT,
          due_at INTEGER NOT NULL, opening INTEGER NOT NULL DEFAULT 0)",
    ),
    // entries that belong to a document by our key, or to one of several documents of one reference
    ("work_claim", "(entry_seq INTEGER PRIMARY KEY, document_seq INTEGER NOT NULL)"),
    // of them, those by our key
    ("work_key", "(entry_seq INTEGER PRIMARY KEY)"),
    // entries that settle a document under its name, and the payment that each books
    (
        "work_settlement",
        "(entry_seq INTEGER PRIMARY KEY, invoice_seq INTEGER NOT NULL, minor INTEGER NOT NULL,
          currency TEXT NOT NULL, day TEXT NOT NULL, document_seq INTEGER)",
    ),
    (
        "work_payment",
        "(document_seq INTEGER PRIMARY KEY, invoice_seq INTEGER NOT NULL, minor INTEGER NOT NULL,
          currency TEXT NOT NULL, day TEXT NOT NULL, refused INTEGER NOT NULL)",
    ),
    // matches of people that the work touches, and the accounts on which documents are compared
    ("work_matching", "(seq INTEGER PRIMARY KEY)"),
    ("work_control", "(account TEXT PRIMARY KEY) WITHOUT ROWID"),
    // the batches of the work, and what is in them
    ("work_batch_name", "(name TEXT PRIMARY KEY) WITHOUT ROWID"),
    ("work_batch_document", "(document_seq INTEGER PRIMARY KEY, name TEXT NOT NULL, live INTEGER NOT NULL)"),
    ("work_batch_entry", "(entry_seq INTEGER PRIMARY KEY, name TEXT NOT NULL, live INTEGER NOT NULL)"),
    // documents of a batch that the mapping lacks something for
    ("work_batch_gap", "(document_seq INTEGER PRIMARY KEY, name TEXT NOT NULL, minor INTEGER NOT NULL)"),
    (
        "work_batch_account",
        "(name TEXT NOT NULL, account TEXT NOT NULL, minor INTEGER NOT NULL,
          PRIMARY KEY (name, account)) WITHOUT ROWID",
    ),
    (
        "work_batch",
        "(name TEXT PRIMARY KEY, entity TEXT NOT NULL, currency TEXT NOT NULL, period TEXT,
          day TEXT NOT NULL, due INTEGER NOT NULL, documents INTEGER NOT NULL,
          expected_minor INTEGER NOT NULL,
          variance_minor INTEGER NOT NULL) WITHOUT ROWID",
    ),
    (
        "work_effective",
        "(document_seq INTEGER NOT NULL, entry_seq INTEGER NOT NULL, place INTEGER NOT NULL,
          same_currency INTEGER NOT NULL, control_minor INTEGER NOT NULL,
          PRIMARY KEY (document_seq, entry_seq)) WITHOUT ROWID",
    ),
    (
        "work_booked",
        "(document_seq INTEGER NOT NULL, account TEXT NOT NULL, minor INTEGER NOT NULL,
          PRIMARY KEY (document_seq, account)) WITHOUT ROWID",
    ),
    (
        "work_total",
        "(document_seq INTEGER PRIMARY KEY, entries INTEGER NOT NULL, elsewhere INTEGER NOT NULL,
          matching INTEGER NOT NULL, as_before INTEGER NOT NULL, control_net INTEGER NOT NULL,
          best INTEGER NOT NULL)",
    ),
    (
        "comparison",
        "(document_seq INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
          status TEXT NOT NULL, total_minor INTEGER NOT NULL, currency TEXT NOT NULL, changed_at INTEGER,
          document_date TEXT NOT NULL, entity TEXT, period TEXT, own_period TEXT, late INTEGER NOT NULL,
          tax_account TEXT, control_minor INTEGER NOT NULL, books INTEGER NOT NULL,
          before_minor INTEGER NOT NULL, gap_fingerprint TEXT, gap_message TEXT, due_at INTEGER NOT NULL,
          due INTEGER NOT NULL, blocked INTEGER NOT NULL, entries INTEGER NOT NULL,
          elsewhere INTEGER NOT NULL, matching INTEGER NOT NULL, as_before INTEGER NOT NULL,
          control_net INTEGER NOT NULL, variance_minor INTEGER NOT NULL, present INTEGER NOT NULL,
          refused INTEGER NOT NULL, agrees INTEGER NOT NULL, accounts_differ INTEGER NOT NULL,
          tax_expected INTEGER NOT NULL, tax_booked INTEGER NOT NULL, best_entity TEXT, best_period TEXT,
          best_currency TEXT, best_at INTEGER, best_date TEXT, approved_entity TEXT, approved_period TEXT,
          moved_from TEXT, moved_to TEXT)",
    ),
    (
        "work_finding",
        "(seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, cause TEXT NOT NULL, subject_kind TEXT NOT NULL,
          subject TEXT NOT NULL, document_seq INTEGER, external_ref TEXT NOT NULL, entity TEXT, period TEXT,
          currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, variance_minor INTEGER NOT NULL,
          since INTEGER, since_date TEXT, blocked INTEGER NOT NULL, fingerprint TEXT NOT NULL,
          label TEXT NOT NULL, a TEXT, b TEXT, m INTEGER, UNIQUE (subject_kind, subject, cause))",
    ),
    // entries that are no exceptions though no document explains them, and differences within the tolerance
    ("work_apart", "(entry_seq INTEGER PRIMARY KEY, what TEXT NOT NULL, name TEXT NOT NULL)"),
    ("work_tolerated", "(name TEXT PRIMARY KEY) WITHOUT ROWID"),
    ("work_open", "(exception_seq INTEGER PRIMARY KEY)"),
];

/// Makes the temporary tables, empty.
pub(super) fn prepare(tx: &Tx<'_>, as_of: i64) -> Result<()> {
    for (name, columns) in TABLES {
        tx.execute_batch(&format!("CREATE TEMP TABLE IF NOT EXISTS {name} {columns}"))?;
    }
    clear(tx)?;
    tx.execute("INSERT INTO work_clock (as_of) VALUES (?1)", [as_of])?;
    Ok(())
}

/// Empties the temporary tables.
pub(super) fn clear(tx: &Tx<'_>) -> Result<()> {
    for (name, _) in TABLES {
        tx.execute_batch(&format!("DELETE FROM {name}"))?;
    }
    Ok(())
}

// `CROSS JOIN` in these statements keeps the order of the tables: the work first, which is small, and the
// big tables by their indexes. Nothing tells the planner so by itself.

/// Everything, for a run from scratch.
const ALL: &str = "
    INSERT INTO work_reference (reference) SELECT reference FROM document WHERE true
        ON CONFLICT DO NOTHING;
    INSERT INTO work_reference (reference)
        SELECT reference FROM entry WHERE reference IS NOT NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO work_entry (entry_seq) SELECT seq FROM entry WHERE reference IS NULL;
    INSERT INTO ledger_entity (entity, connection_seq, currency)
        SELECT DISTINCT entity, connection_seq, functional_currency FROM entry WHERE true
        ON CONFLICT DO NOTHING;";

/// Documents and entries that the last run did not see.
const NEW: [&str; 2] = [
    "INSERT INTO work_reference (reference) SELECT reference FROM document WHERE seq > ?1
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT reference FROM entry WHERE seq > ?1 AND reference IS NOT NULL
        ON CONFLICT DO NOTHING",
];

/// What ingest marked; what the ERP moved, until its entry comes; where the ledger has entities.
const MARKED: &str = "
    INSERT INTO work_reference (reference)
        SELECT reference FROM dirty_reference WHERE true
        ON CONFLICT DO NOTHING;
    INSERT INTO work_reference (reference)
        SELECT d.reference FROM posting_step s
        JOIN posting p ON p.seq = s.posting_seq JOIN document d ON d.seq = p.document_seq
        WHERE s.booked_period <> s.period
        ON CONFLICT DO NOTHING;
    INSERT INTO work_entry (entry_seq)
        SELECT e.seq FROM exception x JOIN entry e ON e.id = x.subject
        WHERE x.subject_kind = 'reference' AND x.state <> 'closed' AND e.reference IS NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO work_reference (reference)
        SELECT e.reference FROM exception x JOIN entry e ON e.id = x.subject
        WHERE x.subject_kind = 'reference' AND x.state <> 'closed' AND e.reference IS NOT NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO ledger_entity (entity, connection_seq, currency)
        SELECT DISTINCT e.entity, e.connection_seq, e.functional_currency
        FROM work_reference w CROSS JOIN entry e
        WHERE e.reference = w.reference
        ON CONFLICT DO NOTHING;";

/// The document that says for all of them what they lack: another one, where it needs nothing any more.
const TOLD_ONCE: &str = "
    INSERT INTO work_reference (reference)
        SELECT d.reference FROM (
            SELECT min(x.document_seq) AS seq FROM expectation x JOIN document o ON o.seq = x.document_seq
            WHERE x.gap_fingerprint >= 'role:' AND x.gap_fingerprint < 'role;' AND o.status = 'final'
            GROUP BY x.gap_fingerprint) f CROSS JOIN document d
        WHERE d.seq = f.seq
        ON CONFLICT DO NOTHING";

/// What hangs on the work so far: entries tied by a reversal (now or before), and documents whose posting
/// key an entry carries. Run until nothing is added.
const TIED: &[&str] = &[
    // the entry that an entry of the work reverses
    "INSERT INTO work_net (entry_seq)
        SELECT t.seq
        FROM work_reference w CROSS JOIN entry e CROSS JOIN entry t
        WHERE e.reference = w.reference AND t.connection_seq = e.connection_seq
            AND t.erp_id = e.reverses AND e.reverses IS NOT NULL
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT t.seq
        FROM work_entry w CROSS JOIN entry e CROSS JOIN entry t
        WHERE e.seq = w.entry_seq AND t.connection_seq = e.connection_seq
            AND t.erp_id = e.reverses AND e.reverses IS NOT NULL
        ON CONFLICT DO NOTHING",
    // the entry that reverses an entry of the work
    "INSERT INTO work_net (entry_seq)
        SELECT r.seq
        FROM work_reference w CROSS JOIN entry e CROSS JOIN entry r
        WHERE e.reference = w.reference AND r.reverses = e.erp_id AND r.reverses IS NOT NULL
            AND r.connection_seq = e.connection_seq
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT r.seq
        FROM work_entry w CROSS JOIN entry e CROSS JOIN entry r
        WHERE e.seq = w.entry_seq AND r.reverses = e.erp_id AND r.reverses IS NOT NULL
            AND r.connection_seq = e.connection_seq
        ON CONFLICT DO NOTHING",
    // the partner of an earlier run
    "INSERT INTO work_net (entry_seq)
        SELECT n.partner_seq
        FROM work_reference w CROSS JOIN entry e CROSS JOIN netted_pair n
        WHERE e.reference = w.reference AND n.entry_seq = e.seq
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT n.partner_seq
        FROM work_entry w CROSS JOIN netted_pair n
        WHERE n.entry_seq = w.entry_seq
        ON CONFLICT DO NOTHING",
    // entries that carry the key of a posting of the work, and what our own reversals reverse
    "INSERT INTO work_net (entry_seq)
        SELECT e.seq
        FROM work_reference w CROSS JOIN posting p CROSS JOIN posting_step s CROSS JOIN entry e
        WHERE p.reference = w.reference AND s.posting_seq = p.seq AND e.external_id = s.key
            AND length(e.external_id) = 20 AND e.connection_seq = p.connection_seq
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT e.seq
        FROM work_reference w CROSS JOIN document d CROSS JOIN posting p CROSS JOIN posting_step s
        CROSS JOIN entry e
        WHERE d.reference = w.reference AND p.document_seq = d.seq AND s.posting_seq = p.seq
            AND e.external_id = s.key AND length(e.external_id) = 20
            AND e.connection_seq = p.connection_seq
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_net (entry_seq)
        SELECT t.seq
        FROM work_reference w CROSS JOIN entry e CROSS JOIN posting_step s CROSS JOIN posting p
        CROSS JOIN entry t
        WHERE e.reference = w.reference AND s.key = e.external_id AND p.seq = s.posting_seq
            AND t.connection_seq = p.connection_seq AND t.erp_id = s.reverses
            AND s.reverses IS NOT NULL
        ON CONFLICT DO NOTHING",
    // the payments of an invoice that is settled under its own name, and the invoice of such a payment
    "INSERT INTO work_reference (reference)
        SELECT p.reference
        FROM work_reference w CROSS JOIN document d CROSS JOIN document p
        WHERE d.reference = w.reference AND d.kind IN ('invoice', 'credit_note')
            AND p.connection_seq = d.connection_seq AND p.invoice = d.external_id
            AND (EXISTS (SELECT 1 FROM settlement s WHERE s.invoice_seq = d.seq)
                OR (SELECT count(*) FROM entry e
                    WHERE e.reference = d.reference AND e.status = 'booked' AND e.netted = 0) > 1
                OR EXISTS (
                    SELECT 1 FROM entry e
                    WHERE e.reference = d.reference AND e.status = 'booked' AND (
                        SELECT sign(sum(l.transaction_minor)) FROM entry_line l
                        WHERE l.entry_seq = e.seq AND l.account IN (SELECT account FROM control_account)
                    ) = 0 - sign(d.total_minor)))
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT i.reference
        FROM work_reference w CROSS JOIN document p CROSS JOIN document i
        WHERE p.reference = w.reference AND p.invoice IS NOT NULL
            AND i.connection_seq = p.connection_seq AND i.kind IN ('invoice', 'credit_note')
            AND i.external_id = p.invoice
            AND EXISTS (SELECT 1 FROM settlement s WHERE s.invoice_seq = i.seq)
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT r.reference
        FROM work_reference w CROSS JOIN document p CROSS JOIN document r
        WHERE p.reference = w.reference AND p.kind = 'payment' AND p.invoice IS NOT NULL
            AND r.connection_seq = p.connection_seq AND r.payment = p.external_id AND r.kind = 'refund'
            AND r.invoice IS NULL
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT p.reference
        FROM work_reference w CROSS JOIN document r CROSS JOIN document p
        WHERE r.reference = w.reference AND r.kind = 'refund' AND r.invoice IS NULL
            AND p.connection_seq = r.connection_seq AND p.kind = 'payment' AND p.external_id = r.payment
            AND EXISTS (SELECT 1 FROM document i CROSS JOIN settlement s
                WHERE i.connection_seq = p.connection_seq AND i.kind IN ('invoice', 'credit_note')
                    AND i.external_id = p.invoice AND s.invoice_seq = i.seq)
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT i.reference
        FROM work_reference w CROSS JOIN document p CROSS JOIN settlement s CROSS JOIN document i
        WHERE p.reference = w.reference AND s.document_seq = p.seq AND s.document_seq IS NOT NULL
            AND i.seq = s.invoice_seq
        ON CONFLICT DO NOTHING",
    // what a dispute took back may be booked under its payment's name
    "INSERT INTO work_reference (reference)
        SELECT p.reference
        FROM work_reference w CROSS JOIN document d CROSS JOIN document p
        WHERE d.reference = w.reference AND d.kind = 'dispute' AND p.connection_seq = d.connection_seq
            AND p.kind = 'payment' AND p.external_id = d.payment
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT x.reference
        FROM work_reference w CROSS JOIN document p CROSS JOIN document x
        WHERE p.reference = w.reference AND p.kind = 'payment' AND x.connection_seq = p.connection_seq
            AND x.payment = p.external_id AND x.kind = 'dispute'
        ON CONFLICT DO NOTHING",
    // they bring their references, or themselves
    "INSERT INTO work_entry (entry_seq)
        SELECT e.seq
        FROM work_net n CROSS JOIN entry e
        WHERE e.seq = n.entry_seq AND e.reference IS NULL
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT e.reference
        FROM work_net n CROSS JOIN entry e
        WHERE e.seq = n.entry_seq AND e.reference IS NOT NULL
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT d.reference
        FROM work_reference w CROSS JOIN entry e CROSS JOIN posting_step s CROSS JOIN posting p
        CROSS JOIN document d
        WHERE e.reference = w.reference AND s.key = e.external_id AND p.seq = s.posting_seq
            AND d.seq = p.document_seq
        ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
        SELECT d.reference
        FROM work_entry w CROSS JOIN entry e CROSS JOIN posting_step s CROSS JOIN posting p
        CROSS JOIN document d
        WHERE e.seq = w.entry_seq AND s.key = e.external_id AND p.seq = s.posting_seq
            AND d.seq = p.document_seq
        ON CONFLICT DO NOTHING",
];

/// Fills the work of a run and keeps control accounts and horizons. True: the run is one from scratch.
pub(super) fn choose(tx: &Tx<'_>, as_of: i64, last: Option<&LastRun>) -> Result<bool> {
    let pairs = state::control_pairs(tx)?;
    let changed = state::keep_control_accounts(tx, &pairs)?;
    let Some(last) = last.filter(|_| !changed) else {
        tx.execute_batch(ALL)?;
        state::keep_horizons(tx, &state::horizons(tx, as_of, &pairs)?)?;
        unread::refresh(tx)?;
        naming::run(tx, true)?;
        return Ok(true);
    };
    for (sql, seen) in NEW.iter().zip([last.document_seq, last.entry_seq]) {
        tx.execute(sql, [seen])?;
    }
    tx.execute_batch(MARKED)?;
    apart::mark(tx)?;
    tx.execute(TOLD_ONCE, [])?;
    tx.execute(
        "INSERT INTO work_entry (entry_seq)
         SELECT seq FROM entry WHERE reference IS NULL AND page_seq > ?1
         ON CONFLICT DO NOTHING",
        [last.page_seq],
    )?;
    tx.execute(
        "INSERT INTO ledger_entity (entity, connection_seq, currency)
         SELECT DISTINCT e.entity, e.connection_seq, e.functional_currency
         FROM work_entry w CROSS JOIN entry e
         WHERE e.seq = w.entry_seq
         ON CONFLICT DO NOTHING",
        [],
    )?;
    let before = state::last_horizons(tx)?;
    let now = state::horizons(tx, as_of, &pairs)?;
    fell_due(tx, &pairs, &before, &now)?;
    state::keep_horizons(tx, &now)?;
    unread::refresh(tx)?;
    naming::run(tx, false)?;
    tie(tx)?;
    Ok(false)
}

/// Adds the documents whose due time lies between an entity's old horizon and its new one, whichever is
/// later: an earlier `as_of` takes back what it must not know yet.
fn fell_due(
    tx: &Tx<'_>,
    pairs: &[(String, String)],
    before: &BTreeMap<String, i64>,
    now: &BTreeMap<String, i64>,
) -> Result<()> {
    let mut insert =
        tx.prepare_cached("INSERT INTO work_due (entity, control, after, upto) VALUES (?1, ?2, ?3, ?4)")?;
    for (entity, control) in pairs {
        let of = |side: &BTreeMap<String, i64>| side.get(entity).copied().unwrap_or(i64::MIN);
        let (old, new) = (of(before), of(now));
        if old != new {
            tieout::mark_due(tx, entity, old.min(new), old.max(new))?;
            insert.execute((entity, control, old.min(new), old.max(new)))?;
        }
    }
    tx.execute(
        "INSERT INTO work_reference (reference)
         SELECT d.reference
         FROM work_due r CROSS JOIN expectation x CROSS JOIN document d
         WHERE x.entity = r.entity AND x.control = r.control AND x.due_at > r.after
             AND x.due_at <= r.upto AND d.seq = x.document_seq
         ON CONFLICT DO NOTHING",
        [],
    )?;
    Ok(())
}

fn tie(tx: &Tx<'_>) -> Result<()> {
    let size = || -> Result<i64> {
        let sql = "SELECT (SELECT count(*) FROM work_reference) + (SELECT count(*) FROM work_entry)";
        Ok(tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    };
    let mut before = size()?;
    loop {
        for sql in TIED {
            tx.prepare_cached(sql)?.execute([])?;
        }
        matched::tie(tx)?;
        batch::tie(tx)?;
        refund_without_credit::tie(tx)?;
        let after = size()?;
        if after == before {
            return Ok(());
        }
        before = after;
    }
}
