//! The schema, one step after the other. Each table's file holds its own steps; here they are put in
//! order, run in one transaction, and counted in the file's `user_version`.

use rusqlite::Connection;

use crate::{
    detectors::state,
    error::Result,
    table::{
        attempt, cell, change, connection, customer, decision, dirty, dispute, document, document_line,
        document_version, entry, exception, expectation, ledger_account, ledger_customer, log, outbox, page,
        payload, payment_fee, period, person, posting, rejected_item, saved_view, search, subscription,
        sync_state, usage_summary, workspace,
    },
};

/// One step of the schema.
pub(crate) struct Migration {
    /// The schema version that it belongs to, from 1.
    pub version: i64,
    /// Its statements.
    pub sql: &'static str,
}

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
    decision::MIGRATIONS,
    attempt::MIGRATIONS,
    outbox::MIGRATIONS,
    log::MIGRATIONS,
    saved_view::MIGRATIONS,
    // Indexes over the tables above, and what detection remembers.
    state::MIGRATIONS,
];

/// The newest schema that this binary knows.
pub(crate) fn newest() -> i64 {
    TABLES.iter().flat_map(|steps| steps.iter()).map(|step| step.version).max().unwrap_or(0)
}

/// The file's schema: 0 for an empty one.
pub(crate) fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the schema up to the newest: all steps or none.
pub(crate) fn run(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let (from, to) = (version(&transaction)?, newest());
    for step_version in from + 1..=to {
        for step in TABLES.iter().flat_map(|steps| steps.iter()).filter(|s| s.version == step_version) {
            transaction.execute_batch(step.sql)?;
        }
    }
    if from < to {
        transaction.execute_batch(&format!("PRAGMA user_version = {to}"))?;
    }
    Ok(transaction.commit()?)
}
