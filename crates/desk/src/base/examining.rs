//! A workspace file held against its own log, as a restore and the check of a backup do it.

use tieout_store::{LogFault, LogHead, LoggedRoster, Store, VerifyInput, VerifyReport};

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
    logged_people::{self, logged_roster},
    workspace::{file_faults, log_fault, table_faults},
};

/// What the file's own log says, and what there is beside it.
pub(crate) struct Found {
    pub(crate) roster: LoggedRoster,
    /// True where the chain holds, so that what it says of people may be believed.
    pub(crate) holds: bool,
    pub(crate) head: LogHead,
    pub(crate) entries: u64,
    pub(crate) faults: Vec<String>,
}

/// Reads the log and holds the file against itself and against the log.
pub(crate) fn examined(store: &Store) -> DeskResult<Found> {
    let mut faults = file_faults(store);
    // By the keys that the chain records: those that stand in the file beside it are not believed.
    let report = store.verify_log_with(&VerifyInput::default(), &mut |_| true)?;
    let VerifyReport { entries, head, findings, seals, .. } = report.ok_or_else(|| {
        DeskError::new(Code::Cancelled, "the check of the log was stopped: nothing was kept")
    })?;
    faults.extend(findings.iter().map(log_fault));
    faults.extend(table_faults(store, &seals, &mut |_| true).unwrap_or_default());
    let holds = findings.iter().all(|found| !breaks_the_chain(found.fault));
    let roster = logged_roster(store)?;
    if !holds {
        let told = "the log from which the roster is read does not hold: a restore takes nobody of it over";
        faults.push(told.to_owned());
    }
    let told = logged_people::faults(store, &roster).into_iter();
    faults.extend(told.map(|fault| format!("{fault}; a restore believes the log")));
    Ok(Found { roster, holds, head, entries, faults })
}

fn breaks_the_chain(fault: LogFault) -> bool {
    matches!(
        fault,
        LogFault::Gap
            | LogFault::BrokenLink
            | LogFault::Edited
            | LogFault::BadSignature
            | LogFault::UnknownSigner
            | LogFault::Unsigned
            | LogFault::CarriedTwice
    )
}
