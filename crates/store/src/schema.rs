//! The schema, one step after the other. Each table's file holds its own steps; here they are put in
//! order, run in one transaction, and counted in the file's `user_version`.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::{
    db::{Db, Migration, Tx},
    detectors::state,
    error::Result,
    table::{
        apart, attachment, attempt, bank, batch, booked_elsewhere, cell, change, connection, customer,
        customer_sum, decision, dirty, dispute, document, document_lines, document_version, enrolment,
        entity_rule, entry, entry_name, entry_token, exception, expectation, flow_limit, full_read, handover,
        held_weight, house_rule, import, known_roster, ledger_account, ledger_customer, lines, log, matching,
        movement, name_rule, outbox, packet, page, payload, payment_fee, payout_receipt, period, person,
        person_card, person_key, posting, posting_edit, posting_step, rejected_item, removal, saved_view,
        schedule, seal, search, secret_try, settlement, subscription, sync_state, tie_out_cell,
        trial_balance, usage_summary, workspace,
    },
    verify::TableFinding,
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
    document_lines::MIGRATIONS,
    document_version::MIGRATIONS,
    expectation::MIGRATIONS,
    schedule::MIGRATIONS,
    entry::MIGRATIONS,
    entry_name::MIGRATIONS,
    entry_token::MIGRATIONS,
    ledger_customer::MIGRATIONS,
    ledger_account::MIGRATIONS,
    period::MIGRATIONS,
    dirty::MIGRATIONS,
    exception::MIGRATIONS,
    cell::MIGRATIONS,
    customer_sum::MIGRATIONS,
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
    trial_balance::MIGRATIONS,
    // What is kept of people beside the roster; their first rows come of the log.
    person_key::MIGRATIONS,
    enrolment::MIGRATIONS,
    secret_try::MIGRATIONS,
    lines::MIGRATIONS,
    seal::MIGRATIONS,
    settlement::MIGRATIONS,
    batch::MIGRATIONS,
    movement::MIGRATIONS,
    house_rule::MIGRATIONS,
    apart::MIGRATIONS,
    matching::MIGRATIONS,
    name_rule::MIGRATIONS,
    entity_rule::MIGRATIONS,
    import::MIGRATIONS,
    attachment::MIGRATIONS,
    flow_limit::MIGRATIONS,
    known_roster::MIGRATIONS,
    person_card::MIGRATIONS,
    packet::MIGRATIONS,
    handover::MIGRATIONS,
    booked_elsewhere::MIGRATIONS,
    bank::MIGRATIONS,
    payout_receipt::MIGRATIONS,
    tie_out_cell::MIGRATIONS,
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

/// Brings the schema up to the newest: all steps or none. What is there is sealed as the newest schema has
/// it; tables that were not as they had been sealed before are named in the log.
pub(crate) fn run(db: &Db) -> Result<()> {
    let tx = Tx::begin_unsealed(db)?;
    let (from, to) = (version(&tx)?, newest());
    if from >= to {
        return tx.commit();
    }
    let mut broken = if seal::is_kept(&tx)? { seal::broken(&tx)? } else { Vec::new() };
    for step_version in from + 1..=to {
        for step in TABLES.iter().flat_map(|steps| steps.iter()).filter(|s| s.version == step_version) {
            tx.execute_batch(step.sql)?;
        }
    }
    tx.execute_batch(&format!("PRAGMA user_version = {to}"))?;
    if from < document_lines::SINCE && !document_lines::take_over(&tx)? {
        broken.push("document_line".to_owned());
    }
    if from < lines::SINCE {
        lines::hash_those_without(&tx)?;
    }
    log::seal_everything(&tx, from, broken)?;
    tx.commit()
}

/// A table, index, trigger or view, with its statement without line breaks.
type Objects = BTreeMap<(String, String), String>;

fn objects(db: &Db) -> Result<Objects> {
    let mut statement = db.prepare(
        "SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_master
         WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let rows = statement.query_map([], |row| {
        let sql: String = row.get("sql")?;
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(((row.get("type")?, row.get("name")?), sql))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What the file's schema has that ours does not, or lacks, or has otherwise: somebody changed it with a
/// tool of their own.
pub(crate) fn strange(db: &Db) -> Result<Vec<TableFinding>> {
    let ours = Db::new(Connection::open_in_memory()?);
    run(&ours)?;
    let (ours, theirs) = (objects(&ours)?, objects(db)?);
    let mut found = Vec::new();
    for (kind, name) in ours.keys().chain(theirs.keys().filter(|name| !ours.contains_key(*name))) {
        let key = (kind.clone(), name.clone());
        let what = match (ours.get(&key), theirs.get(&key)) {
            (Some(ours), Some(theirs)) if ours == theirs => continue,
            (Some(_), Some(_)) => "is not as Tieout makes it",
            (Some(_), None) => "is gone",
            _ => "is none of Tieout's",
        };
        let message = format!("the {kind} {name} of the file {what}: it was changed with another tool");
        found.push(TableFinding { table: name.clone(), row: None, message });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as the program of this schema made it, with nothing in it.
    fn of_schema(version: i64) -> Db {
        let db = Db::new(Connection::open_in_memory().unwrap());
        for step_version in 1..=version {
            for step in TABLES.iter().flat_map(|steps| steps.iter()).filter(|s| s.version == step_version) {
                db.raw().execute_batch(step.sql).unwrap();
            }
        }
        // What the program does itself beside its statements.
        if version >= document_lines::SINCE {
            db.raw().execute_batch("DROP TABLE document_line").unwrap();
        }
        db.raw().execute_batch(&format!("PRAGMA user_version = {version}")).unwrap();
        db
    }

    #[test]
    fn a_file_of_every_earlier_schema_comes_to_the_schema_of_a_new_one() {
        let fresh = of_schema(0);
        run(&fresh).unwrap();
        let fresh = objects(&fresh).unwrap();
        for from in 1..newest() {
            let old = of_schema(from);
            run(&old).unwrap();
            assert_eq!(version(&old).unwrap(), newest(), "from {from}");
            let old = objects(&old).unwrap();
            let lacks: Vec<_> = fresh.iter().filter(|(key, sql)| old.get(*key) != Some(*sql)).collect();
            let besides: Vec<_> = old.keys().filter(|key| !fresh.contains_key(*key)).collect();
            assert!(lacks.is_empty() && besides.is_empty(), "from {from}: {lacks:?} {besides:?}");
        }
    }
}
