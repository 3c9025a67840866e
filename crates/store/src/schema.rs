//! The schema, one step after the other. Each table's file holds its own steps; here they are put in
//! order, run in one transaction, and counted in the file's `user_version`.

use crate::{
    db::{Db, Migration, Tx},
    detectors::state,
    error::Result,
    table::{
        attempt, cell, change, connection, customer, decision, dirty, dispute, document, document_line,
        document_version, enrolment, entry, exception, expectation, full_read, held_weight, ledger_account,
        ledger_customer, log, outbox, page, payload, payment_fee, period, person, person_key, posting,
        posting_edit, posting_step, rejected_item, removal, saved_view, search, secret_try, subscription,
        sync_state, usage_summary, workspace,
    },
};

/// Every table's steps, in the order in which one version runs them.
const TABLES: &[&[Migration]] = &[
    workspace::MIGRATIONS,
    person::MIGRATIONS,
    connection::MIGRATIONS,
    sync_state::MIGRATIONS,
    payload::MIGRATIONS,
    page::MIGRATIONS,
    rejected_item::MIGRATIONS,
    customer::MIGRATIONS,
    subscription::MIGRATIONS,
    usage_summary::MIGRATIONS,
    dispute::MIGRATIONS,
    payment_fee::MIGRATIONS,
    document::MIGRATIONS,
    document_line::MIGRATIONS,
    document_version::MIGRATIONS,
    expectation::MIGRATIONS,
    entry::MIGRATIONS,
    ledger_customer::MIGRATIONS,
    ledger_account::MIGRATIONS,
    period::MIGRATIONS,
    dirty::MIGRATIONS,
    exception::MIGRATIONS,
    cell::MIGRATIONS,
    search::MIGRATIONS,
    change::MIGRATIONS,
    posting::MIGRATIONS,
    posting_step::MIGRATIONS,
    posting_edit::MIGRATIONS,
    decision::MIGRATIONS,
    attempt::MIGRATIONS,
    outbox::MIGRATIONS,
    log::MIGRATIONS,
    saved_view::MIGRATIONS,
    removal::MIGRATIONS,
    full_read::MIGRATIONS,
    held_weight::MIGRATIONS,
    // What is kept of people beside the roster; their first rows come of the log.
    person_key::MIGRATIONS,
    enrolment::MIGRATIONS,
    secret_try::MIGRATIONS,
    // Indexes over the tables above, and what detection remembers.
    state::MIGRATIONS,
];

/// The newest schema that this binary knows.
pub(crate) fn newest() -> i64 {
    TABLES.iter().flat_map(|steps| steps.iter()).map(|step| step.version).max().unwrap_or(0)
}

/// The file's schema: 0 for an empty one.
pub(crate) fn version(db: &Db) -> Result<i64> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the schema up to the newest: all steps or none.
pub(crate) fn run(db: &Db) -> Result<()> {
    let tx = Tx::begin(db)?;
    let (from, to) = (version(&tx)?, newest());
    for step_version in from + 1..=to {
        for step in TABLES.iter().flat_map(|steps| steps.iter()).filter(|s| s.version == step_version) {
            tx.execute_batch(step.sql)?;
        }
    }
    if from < to {
        tx.execute_batch(&format!("PRAGMA user_version = {to}"))?;
    }
    tx.commit()
}
