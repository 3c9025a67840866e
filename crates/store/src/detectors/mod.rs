//! Detection: finds what does not tie out, and opens, updates and closes exceptions. It never edits a
//! document or an entry, but for `entry.netted`, which only it keeps, and the `reference` that an entry
//! counts for, which [`naming`] finds among its other names.
//!
//! One run: choose the references to look at ([`work`]), let reversals cancel ([`netting`]), put expectation
//! and ledger side by side ([`compare`]), let each detector insert what it finds, and bring the exceptions
//! in line ([`settle`]). Each detector is one file: the condition and the sentence that explains it.
//!
//! Precedence: detectors run in the order of [`ExceptionKind::ALL`] and the first finding of a subject and
//! cause stays, so that a document is listed once per cause, under the most specific kind.

mod amount_mismatch;
mod apart;
mod batch;
mod batch_mismatch;
mod changed_after_posting;
mod clearing_mismatch;
mod compare;
mod customer_not_in_erp;
mod dead_letter;
mod detector;
mod duplicate_customer;
mod duplicate_posting;
mod facts;
mod forms;
mod handover_unproven;
mod input;
mod late_for_closed_period;
mod matched;
mod memo;
mod missing_mapping;
mod naming;
mod netting;
mod orphan_journal;
mod payment_status_mismatch;
mod payout_mismatch;
mod payout_not_received;
mod period_moved;
mod population_gap;
mod posting_in_doubt;
mod posting_rejected;
mod refund_without_credit;
mod released;
mod removed_from_ledger;
mod schedule_mismatch;
mod schedule_missing;
mod schema_drift;
mod settle;
mod settlement;
mod settlement_not_in_billing;
mod sign_reversed;
pub(crate) mod state;
mod sync_failed;
mod tax_mismatch;
mod unmatched;
mod unposted;
mod unread;
mod work;
mod wrong_account;
mod wrong_currency;
mod wrong_entity;
mod wrong_period;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests_batch;
#[cfg(test)]
mod tests_incremental;
#[cfg(test)]
mod tests_life;
#[cfg(test)]
mod tests_matched;
#[cfg(test)]
mod tests_naming;
#[cfg(test)]
mod tests_netting;
#[cfg(test)]
pub(crate) mod tests_scale;
#[cfg(test)]
mod tests_schedules;
#[cfg(test)]
mod tests_settlement;

use detector::Detector;
use tieout_domain::{exception::ExceptionKind, hash::sha256_hex};

use crate::{db::Tx, error::Result, sql::ms, table::tie_out_cell, tieout};

pub use input::{DetectInput, DetectSummary};

/// The detector of a kind.
fn detector(kind: ExceptionKind) -> &'static Detector {
    match kind {
        ExceptionKind::MissingMapping => &missing_mapping::DETECTOR,
        ExceptionKind::BatchMismatch => &batch_mismatch::DETECTOR,
        ExceptionKind::PaymentStatusMismatch => &payment_status_mismatch::DETECTOR,
        ExceptionKind::ChangedAfterPosting => &changed_after_posting::DETECTOR,
        ExceptionKind::LateForClosedPeriod => &late_for_closed_period::DETECTOR,
        ExceptionKind::RemovedFromLedger => &removed_from_ledger::DETECTOR,
        ExceptionKind::Unposted => &unposted::DETECTOR,
        ExceptionKind::WrongCurrency => &wrong_currency::DETECTOR,
        ExceptionKind::SignReversed => &sign_reversed::DETECTOR,
        ExceptionKind::DuplicatePosting => &duplicate_posting::DETECTOR,
        ExceptionKind::PayoutMismatch => &payout_mismatch::DETECTOR,
        ExceptionKind::PayoutNotReceived => &payout_not_received::DETECTOR,
        ExceptionKind::AmountMismatch => &amount_mismatch::DETECTOR,
        ExceptionKind::TaxMismatch => &tax_mismatch::DETECTOR,
        ExceptionKind::WrongAccount => &wrong_account::DETECTOR,
        ExceptionKind::WrongEntity => &wrong_entity::DETECTOR,
        ExceptionKind::PeriodMoved => &period_moved::DETECTOR,
        ExceptionKind::WrongPeriod => &wrong_period::DETECTOR,
        ExceptionKind::SettlementNotInBilling => &settlement_not_in_billing::DETECTOR,
        ExceptionKind::RefundWithoutCredit => &refund_without_credit::DETECTOR,
        ExceptionKind::OrphanJournal => &orphan_journal::DETECTOR,
        ExceptionKind::DuplicateCustomer => &duplicate_customer::DETECTOR,
        ExceptionKind::CustomerNotInErp => &customer_not_in_erp::DETECTOR,
        ExceptionKind::PostingInDoubt => &posting_in_doubt::DETECTOR,
        ExceptionKind::PostingRejected => &posting_rejected::DETECTOR,
        ExceptionKind::DeadLetter => &dead_letter::DETECTOR,
        ExceptionKind::HandoverUnproven => &handover_unproven::DETECTOR,
        ExceptionKind::ClearingMismatch => &clearing_mismatch::DETECTOR,
        ExceptionKind::ScheduleMissing => &schedule_missing::DETECTOR,
        ExceptionKind::ScheduleMismatch => &schedule_mismatch::DETECTOR,
        ExceptionKind::PopulationGap => &population_gap::DETECTOR,
        ExceptionKind::SchemaDrift => &schema_drift::DETECTOR,
        ExceptionKind::SyncFailed => &sync_failed::DETECTOR,
    }
}

/// Which kinds are looked for, in which order, and how. A run by others than the last one looks at everything
/// again: a kind that is new, or found otherwise, is then found in what was there before as well.
fn detectors() -> String {
    let one = |kind: &ExceptionKind| format!("{}: {}\n", kind.as_str(), detector(*kind).rows());
    sha256_hex(ExceptionKind::ALL.iter().map(one).collect::<String>().as_bytes())
}

/// Runs detection over what changed since the last run, or over everything if there was none, or none by
/// these very detectors.
///
/// Works within the caller's transaction. Reads `dirty_reference` and empties it. The tables must be
/// those of the newest schema; expectations of changed documents must have been derived before.
///
/// # Errors
/// A database error.
pub(crate) fn run(tx: &Tx<'_>, input: &DetectInput) -> Result<DetectSummary> {
    let as_of = ms(input.as_of);
    let (last, detectors) = (state::last_run(tx)?, detectors());
    let known = last.as_ref().filter(|last| last.detectors == detectors);
    payout_not_received::run(tx, known)?;
    work::prepare(tx, as_of)?;
    let all = work::choose(tx, as_of, known)?;
    if all {
        tie_out_cell::forget(tx)?;
    }
    netting::run(tx)?;
    compare::run(tx, all)?;
    for kind in ExceptionKind::ALL {
        detector(*kind).find(tx)?;
    }
    let mut summary = settle::run(tx, input, all, detector)?;
    settle::age(tx, input, last.as_ref())?;
    settle::set_apart(tx)?;
    settle::rename(tx, last.as_ref())?;
    let looked_at = "SELECT (SELECT count(*) FROM work_reference) + (SELECT count(*) FROM work_entry)";
    let looked_at: i64 = tx.query_row(looked_at, [], |row| row.get(0))?;
    summary.looked_at = looked_at.unsigned_abs();
    tx.execute("DELETE FROM dirty_reference", [])?;
    state::remember(tx, as_of, &detectors)?;
    tieout::keep_up(tx)?;
    work::clear(tx)?;
    Ok(summary)
}

/// As [`run`], over everything: forgets what earlier runs worked out (but no exception) first.
///
/// # Errors
/// As [`run`].
#[cfg(test)]
fn run_from_scratch(tx: &Tx<'_>, input: &DetectInput) -> Result<DetectSummary> {
    state::forget(tx)?;
    run(tx, input)
}
