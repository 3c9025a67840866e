//! What a booked step shows that was not approved: an exception, not a success.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tieout_domain::{AccountCode, Money, calendar::PeriodKey, exception::ExceptionKind};

/// Something about the ledger that people must see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The ERP put the entry into another period, without an error.
    PeriodMoved {
        /// As approved.
        sent: PeriodKey,
        /// As booked.
        booked: PeriodKey,
    },
    /// The ERP put the entry under another date of the same period.
    DateMoved {
        /// As approved.
        sent: NaiveDate,
        /// As booked.
        booked: NaiveDate,
    },
    /// An account's amount differs.
    AmountDiffers {
        /// The account.
        account: AccountCode,
        /// As approved.
        sent: Money,
        /// As booked.
        booked: Money,
    },
    /// The ERP booked it in another legal entity.
    EntityDiffers {
        /// The ERP's id of the entity, as approved.
        sent: String,
        /// As booked.
        booked: String,
    },
    /// The ERP holds the entry as a draft, or it awaits approval there.
    NotBooked {
        /// The ERP's id of the entry.
        erp_id: String,
    },
    /// More than one entry of the step's key is booked.
    BookedTwice {
        /// The ERP's ids of all of them.
        erp_ids: Vec<String>,
    },
    /// A surplus draft could not be deleted.
    DraftLeft {
        /// The ERP's id of the draft.
        erp_id: String,
        /// The ERP's words.
        why: String,
    },
    /// A posting that was taken for unbooked is in the ledger after all.
    BookedAfterAll {
        /// The ERP's id of the entry.
        erp_id: String,
    },
}

impl Finding {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Finding::PeriodMoved { .. } => "period_moved",
            Finding::DateMoved { .. } => "date_moved",
            Finding::AmountDiffers { .. } => "amount_differs",
            Finding::EntityDiffers { .. } => "entity_differs",
            Finding::NotBooked { .. } => "not_booked_in_erp",
            Finding::BookedTwice { .. } => "booked_twice",
            Finding::DraftLeft { .. } => "draft_left",
            Finding::BookedAfterAll { .. } => "booked_after_all",
        }
    }

    /// The kind of exception under which it is worked.
    #[must_use]
    pub fn kind(&self) -> ExceptionKind {
        match self {
            Finding::PeriodMoved { .. } | Finding::DateMoved { .. } => ExceptionKind::PeriodMoved,
            Finding::AmountDiffers { .. } => ExceptionKind::AmountMismatch,
            Finding::EntityDiffers { .. } => ExceptionKind::WrongEntity,
            Finding::BookedTwice { .. } => ExceptionKind::DuplicatePosting,
            Finding::NotBooked { .. } | Finding::DraftLeft { .. } | Finding::BookedAfterAll { .. } => {
                ExceptionKind::PostingInDoubt
            }
        }
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Finding::PeriodMoved { sent, booked } => {
                format!("approved for period {sent}, and the ERP booked it into {booked}")
            }
            Finding::DateMoved { sent, booked } => {
                format!("approved under {sent}, and the ERP booked it under {booked}")
            }
            Finding::AmountDiffers { account, sent, booked } => {
                format!("account {account}: approved {sent}, and the ERP booked {booked}")
            }
            Finding::EntityDiffers { sent, booked } => {
                format!("approved for the ERP's entity {sent}, and the ERP booked it in {booked}")
            }
            Finding::NotBooked { erp_id } => {
                format!("the ERP holds entry {erp_id}, but it is not booked: it awaits approval there")
            }
            Finding::BookedTwice { erp_ids } => {
                format!("the ERP holds more than one booked entry of this key: {}", erp_ids.join(", "))
            }
            Finding::DraftLeft { erp_id, why } => {
                format!("the surplus draft {erp_id} could not be deleted: {why}")
            }
            Finding::BookedAfterAll { erp_id } => {
                format!(
                    "taken for unbooked, but the ERP holds it as booked entry {erp_id}: reverse or accept it"
                )
            }
        }
    }
}
