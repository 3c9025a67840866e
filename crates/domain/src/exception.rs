//! Exceptions: the ways in which two ledgers disagree, where each is listed and who owns it.
//! How one is found is a file in the store's `detectors`.

use chrono::Duration;
use serde::{Deserialize, Serialize};

/// A queue of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// In billing, not in the ledger.
    Unposted,
    /// Something between the systems failed.
    FailedSyncs,
    /// Stands in the way of closing a period.
    PeriodClose,
    /// In both, and they differ.
    Mismatch,
    /// Customers and mappings.
    MasterData,
}

impl Queue {
    /// All of them, in the order of the screen.
    pub const ALL: [Queue; 5] =
        [Queue::Unposted, Queue::FailedSyncs, Queue::PeriodClose, Queue::Mismatch, Queue::MasterData];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Queue::Unposted => "unposted",
            Queue::FailedSyncs => "failed_syncs",
            Queue::PeriodClose => "period_close",
            Queue::Mismatch => "mismatch",
            Queue::MasterData => "master_data",
        }
    }

    /// The queue of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == name)
    }
}

/// Which team works an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerTeam {
    /// Those who run the integrations.
    Integration,
    /// Those who keep the books.
    FinanceOperations,
}

impl OwnerTeam {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            OwnerTeam::Integration => "integration",
            OwnerTeam::FinanceOperations => "finance_operations",
        }
    }
}

/// The independent causes that a document can have at once: one exception each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Whether and how much is booked.
    Value,
    /// On which accounts.
    Account,
    /// In which legal entity.
    Entity,
    /// In which period.
    Period,
    /// A customer's own record.
    Customer,
    /// A posting of ours.
    Posting,
    /// A connection.
    Connection,
    /// What was given back, and whether it was credited.
    Credit,
    /// Whether the bank shows it.
    Bank,
}

impl Cause {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Value => "value",
            Cause::Account => "account",
            Cause::Entity => "entity",
            Cause::Period => "period",
            Cause::Customer => "customer",
            Cause::Posting => "posting",
            Cause::Connection => "connection",
            Cause::Credit => "credit",
            Cause::Bank => "bank",
        }
    }
}

/// How bad something is, told apart from its words so that nobody reads it out of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// A door is closed, or the books are wrong: it does not pass without a decision.
    Blocked,
    /// Something is ambiguous, or waits for somebody.
    Doubtful,
    /// Work that only has to be done, or nothing any more.
    Routine,
}

/// How a posting settles an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// What is expected is booked.
    Book,
    /// All that is booked is undone, and what is right is booked.
    Correct,
    /// What is booked beyond once is undone.
    ReverseSurplus,
    /// All that is booked is undone.
    ReverseAll,
    /// What one document differs by is booked, and what is there stays.
    Difference,
    /// The mapping has to cover it first.
    Map,
    /// None does: it is mended at its source.
    AtSource,
}

macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $variant:ident => $name:literal, $queue:ident, $owner:ident, $cause:ident, $hours:literal,
            $label:literal, $gravity:ident, $in_the_way:literal, $gravity_of_that:ident, $remedy:ident,
            $act:literal, $title:literal;
    )*) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ExceptionKind {
            $($(#[$doc])* $variant,)*
        }

        impl ExceptionKind {
            /// All kinds. Within one cause an earlier one is the more specific: it wins.
            pub const ALL: &'static [ExceptionKind] = &[$(ExceptionKind::$variant,)*];

            /// The stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(ExceptionKind::$variant => $name,)* }
            }

            /// The queue that lists it.
            #[must_use]
            pub fn home(self) -> Queue {
                match self { $(ExceptionKind::$variant => Queue::$queue,)* }
            }

            /// The team that works it.
            #[must_use]
            pub fn owner(self) -> OwnerTeam {
                match self { $(ExceptionKind::$variant => OwnerTeam::$owner,)* }
            }

            /// The independent cause that it belongs to.
            #[must_use]
            pub fn cause(self) -> Cause {
                match self { $(ExceptionKind::$variant => Cause::$cause,)* }
            }

            /// How long after it was opened it should be settled.
            #[must_use]
            pub fn time_to_settle(self) -> Duration {
                match self { $(ExceptionKind::$variant => Duration::hours($hours),)* }
            }

            /// Its name in plain words.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(ExceptionKind::$variant => $label,)* }
            }

            /// How bad it is by itself.
            #[must_use]
            pub fn gravity(self) -> Gravity {
                match self { $(ExceptionKind::$variant => Gravity::$gravity,)* }
            }

            /// What is in the way of settling it where nothing of ours is under way, in two or three words,
            /// and how bad that is.
            #[must_use]
            pub fn in_the_way(self) -> (&'static str, Gravity) {
                match self { $(ExceptionKind::$variant => ($in_the_way, Gravity::$gravity_of_that),)* }
            }

            /// How a posting settles it.
            #[must_use]
            pub fn remedy(self) -> Remedy {
                match self { $(ExceptionKind::$variant => Remedy::$remedy,)* }
            }

            /// What a person does about it, with its verb first: "correct the amount".
            #[must_use]
            pub fn act(self) -> &'static str {
                match self { $(ExceptionKind::$variant => $act,)* }
            }

            /// What happened, as the title of one exception's screen. It is filled with: `{noun}` (the
            /// document), `{reference}`, `{own period}`, and of what is booked `{count}`, `{currencies}`,
            /// `{entities}` and `{periods}`.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(ExceptionKind::$variant => $title,)* }
            }
        }
    };
}

// Name, queue, owner, cause, hours to settle; label and how bad; what is in the way and how bad that is;
// remedy and act; title.
kinds! {
    /// No account, entity or rate can be determined.
    MissingMapping => "missing_mapping", MasterData, FinanceOperations, Value, 24,
        "Mapping missing", Doubtful, "Mapping missing", Doubtful, Map,
        "map what is missing",
        "{noun} has no place in the account mapping";
    /// Billing says failed or pending, the ledger shows a payment.
    PaymentStatusMismatch => "payment_status_mismatch", Mismatch, FinanceOperations, Value, 24,
        "Payment status differs", Doubtful, "Status differs", Doubtful, Correct,
        "undo the booking",
        "{noun} is booked, but did not succeed in billing";
    /// Voided, amended, written off or disputed in billing after booking.
    ChangedAfterPosting => "changed_after_posting", Mismatch, FinanceOperations, Value, 24,
        "Changed after posting", Doubtful, "Changed since", Doubtful, Correct,
        "correct what is booked",
        "{noun} changed in billing after it was booked";
    /// Not booked, and finalised after its period was closed.
    LateForClosedPeriod => "late_for_closed_period", Unposted, FinanceOperations, Value, 24,
        "Late for a closed period", Blocked, "Period closed", Blocked, Book,
        "choose the period it goes to",
        "{noun} arrived after AR closed for {own period}";
    /// Not booked any more, although people had answered for the entry.
    RemovedFromLedger => "removed_from_ledger", Mismatch, FinanceOperations, Value, 24,
        "Removed from the ledger", Blocked, "Entry removed", Blocked, Book,
        "book it again",
        "The entry of {noun} is gone from the ledger";
    /// Not booked.
    Unposted => "unposted", Unposted, Integration, Value, 24,
        "Not posted", Routine, "Propose posting", Routine, Book,
        "propose its posting",
        "{noun} is not in the ledger";
    /// Booked in another currency.
    WrongCurrency => "wrong_currency", Mismatch, FinanceOperations, Value, 24,
        "Wrong currency", Doubtful, "Wrong currency", Doubtful, Correct,
        "correct the currency",
        "{noun} is booked in {currencies}";
    /// Debits and credits are swapped.
    SignReversed => "sign_reversed", Mismatch, FinanceOperations, Value, 24,
        "Debit and credit swapped", Doubtful, "Sign reversed", Doubtful, Correct,
        "correct the sign",
        "{noun} is booked with debit and credit swapped";
    /// Booked more than once.
    DuplicatePosting => "duplicate_posting", Mismatch, Integration, Value, 24,
        "Posted more than once", Blocked, "Booked twice", Blocked, ReverseSurplus,
        "reverse the second entry",
        "{noun} is booked {count} times";
    /// The bank's deposit of a payout has another amount.
    PayoutMismatch => "payout_mismatch", Mismatch, FinanceOperations, Value, 24,
        "Payout differs", Doubtful, "Payout differs", Doubtful, Correct,
        "correct the amount",
        "{noun} is at the bank with another amount";
    /// The bank's statements do not show a payout, or show another amount.
    PayoutNotReceived => "payout_not_received", Mismatch, FinanceOperations, Bank, 24,
        "Payout not received", Blocked, "Not at the bank", Blocked, AtSource,
        "ask processor and bank",
        "{noun} is not at the bank as it was paid out";
    /// Booked with another amount.
    AmountMismatch => "amount_mismatch", Mismatch, FinanceOperations, Value, 24,
        "Amount differs", Doubtful, "Amount differs", Doubtful, Correct,
        "correct the amount",
        "{noun} is booked with another amount";
    /// Tax and net are split otherwise.
    TaxMismatch => "tax_mismatch", Mismatch, FinanceOperations, Account, 48,
        "Tax differs", Doubtful, "Tax differs", Doubtful, Correct,
        "correct the tax",
        "{noun} is booked with another tax";
    /// Booked on another account.
    WrongAccount => "wrong_account", Mismatch, FinanceOperations, Account, 48,
        "Wrong account", Doubtful, "Wrong account", Doubtful, Correct,
        "correct the account",
        "{noun} is booked on another account";
    /// Booked in another legal entity.
    WrongEntity => "wrong_entity", Mismatch, FinanceOperations, Entity, 24,
        "Wrong entity", Doubtful, "Wrong entity", Doubtful, Correct,
        "move it to its entity",
        "{noun} is booked in {entities}";
    /// The ERP put our posting into another period than was approved.
    PeriodMoved => "period_moved", PeriodClose, FinanceOperations, Period, 24,
        "Moved to another period", Blocked, "Period moved", Blocked, Correct,
        "move it to its period",
        "The ERP moved {noun} into another period";
    /// Booked in another period.
    WrongPeriod => "wrong_period", PeriodClose, FinanceOperations, Period, 48,
        "Wrong period", Blocked, "Wrong period", Blocked, Correct,
        "move it to its period",
        "{noun} is booked in {periods} instead of {own period}";
    /// An entry settles an invoice, and billing, which knows every receipt, knows none.
    SettlementNotInBilling => "settlement_not_in_billing", Mismatch, FinanceOperations, Value, 48,
        "Receipt not in billing", Doubtful, "Not in billing", Doubtful, AtSource,
        "explain the settlement",
        "Entry {reference} settles an invoice, and billing knows no payment";
    /// Given back without a credit note, where one is required.
    RefundWithoutCredit => "refund_without_credit", Mismatch, FinanceOperations, Credit, 48,
        "Refund without credit note", Doubtful, "Credit note missing", Doubtful, AtSource,
        "credit the refund",
        "{noun} was given back without a credit note";
    /// In the ledger, not in billing.
    OrphanJournal => "orphan_journal", Mismatch, FinanceOperations, Value, 48,
        "Entry without a document", Routine, "Not in billing", Doubtful, ReverseAll,
        "explain the journal",
        "{reference} is in the ledger, and not in billing";
    /// The ledger books many documents together, with another sum than theirs.
    BatchMismatch => "batch_mismatch", Mismatch, FinanceOperations, Value, 48,
        "Batch differs", Doubtful, "Batch differs", Doubtful, Difference,
        "find what the batch misses",
        "{reference} is booked with another sum than its documents have";
    /// The same customer twice in billing.
    DuplicateCustomer => "duplicate_customer", MasterData, FinanceOperations, Customer, 120,
        "Customer twice", Routine, "Merge customers", Routine, AtSource,
        "merge the customers",
        "Customer {reference} is in billing twice";
    /// A customer with documents that the ERP does not know.
    CustomerNotInErp => "customer_not_in_erp", MasterData, Integration, Customer, 48,
        "Customer not in the ERP", Routine, "Create customer", Routine, AtSource,
        "create the customer",
        "Customer {reference} is not in the ERP";
    /// The outcome of a posting is not known.
    PostingInDoubt => "posting_in_doubt", FailedSyncs, Integration, Posting, 4,
        "Posting in doubt", Doubtful, "In doubt", Doubtful, AtSource,
        "decide what is in doubt",
        "It is not known whether {reference} was booked";
    /// The ERP refused a posting.
    PostingRejected => "posting_rejected", FailedSyncs, FinanceOperations, Posting, 24,
        "Refused by the ERP", Blocked, "Refused by ERP", Blocked, AtSource,
        "mend it and replay",
        "The ERP refused the posting of {reference}";
    /// A posting was tried as often as allowed.
    DeadLetter => "dead_letter", FailedSyncs, Integration, Posting, 8,
        "Tries used up", Blocked, "Tries used up", Blocked, AtSource,
        "find out and replay",
        "The posting of {reference} was given up";
    /// A posting that was handed over in a file is not in the ledger as it was approved.
    HandoverUnproven => "handover_unproven", FailedSyncs, FinanceOperations, Posting, 24,
        "Handed over, not shown", Doubtful, "Not shown", Doubtful, AtSource,
        "find out what became of the file",
        "The ledger does not show {reference} as it was handed over";
    /// The clearing account does not hold what the processor's balance holds.
    ClearingMismatch => "clearing_mismatch", Mismatch, FinanceOperations, Connection, 48,
        "Clearing differs", Doubtful, "Clearing differs", Doubtful, AtSource,
        "find what clearing misses",
        "Clearing account {reference} is not what the processor's balance is";
    /// What schedules release in a period is not booked.
    ScheduleMissing => "schedule_missing", PeriodClose, FinanceOperations, Value, 48,
        "Release not booked", Routine, "Book the release", Routine, AtSource,
        "book the release",
        "The release of deferred revenue {reference} is not booked";
    /// Deferred revenue is released with another amount, or to another account, than its schedules say.
    ScheduleMismatch => "schedule_mismatch", PeriodClose, FinanceOperations, Value, 48,
        "Release differs", Doubtful, "Release differs", Doubtful, AtSource,
        "correct the release",
        "The release of deferred revenue {reference} is booked otherwise than its schedules say";
    /// What was read of an account in a period is not what the ERP itself says.
    PopulationGap => "population_gap", PeriodClose, Integration, Connection, 24,
        "Ledger not read whole", Blocked, "Entries missing", Blocked, AtSource,
        "read the ledger again",
        "What was read of {reference} is not what the ERP says of it";
    /// A source answers in another shape than was agreed.
    SchemaDrift => "schema_drift", FailedSyncs, Integration, Connection, 8,
        "Source answers differently", Routine, "Source changed", Blocked, AtSource,
        "look at the source",
        "{reference} arrives in an unknown shape";
    /// A sync did not finish.
    SyncFailed => "sync_failed", FailedSyncs, Integration, Connection, 8,
        "Sync failed", Routine, "Sync failed", Blocked, AtSource,
        "mend the connection",
        "The sync of {reference} did not finish";
}

impl ExceptionKind {
    /// What lateness alone makes of a document or customer; everything else is broken.
    pub const LATENESS: [ExceptionKind; 3] =
        [ExceptionKind::Unposted, ExceptionKind::LateForClosedPeriod, ExceptionKind::CustomerNotInErp];

    /// The kind of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Every queue that shows an exception of this kind: its home, and period close for an unposted
    /// document whose period takes no more entries of its subledger.
    #[must_use]
    pub fn queues(self, period_blocked: bool) -> Vec<Queue> {
        let mut queues = vec![self.home()];
        if period_blocked && self.home() == Queue::Unposted {
            queues.push(Queue::PeriodClose);
        }
        queues
    }
}

/// Where an exception stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    /// Nobody has proposed anything.
    Open,
    /// A posting that would settle it is under way.
    InProgress,
    /// A person put it aside until something happens.
    OnHold,
    /// A person decided, with a reason, that nothing is to be done.
    Dismissed,
    /// Its cause is gone: the ledger shows it.
    Closed,
}

impl ExceptionState {
    /// All of them.
    pub const ALL: [ExceptionState; 5] = [
        ExceptionState::Open,
        ExceptionState::InProgress,
        ExceptionState::OnHold,
        ExceptionState::Dismissed,
        ExceptionState::Closed,
    ];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ExceptionState::Open => "open",
            ExceptionState::InProgress => "in_progress",
            ExceptionState::OnHold => "on_hold",
            ExceptionState::Dismissed => "dismissed",
            ExceptionState::Closed => "closed",
        }
    }

    /// The state of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// True while its cause holds and nobody has dismissed it: what `open` means in lists and counts.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            ExceptionState::Open | ExceptionState::InProgress | ExceptionState::OnHold => true,
            ExceptionState::Dismissed | ExceptionState::Closed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_listed_once_in_its_home_queue() {
        let of = |queue| {
            let names: Vec<&str> =
                ExceptionKind::ALL.iter().filter(|k| k.home() == queue).map(|k| k.as_str()).collect();
            names.join(" ")
        };
        assert_eq!(of(Queue::Unposted), "late_for_closed_period unposted");
        assert_eq!(
            of(Queue::FailedSyncs),
            "posting_in_doubt posting_rejected dead_letter handover_unproven schema_drift sync_failed"
        );
        assert_eq!(
            of(Queue::PeriodClose),
            "period_moved wrong_period schedule_missing schedule_mismatch population_gap"
        );
        assert_eq!(of(Queue::MasterData), "missing_mapping duplicate_customer customer_not_in_erp");
    }

    #[test]
    fn an_unposted_document_of_a_blocked_period_also_shows_in_period_close() {
        assert_eq!(ExceptionKind::Unposted.queues(true), [Queue::Unposted, Queue::PeriodClose]);
        assert_eq!(ExceptionKind::Unposted.queues(false), [Queue::Unposted]);
        assert_eq!(ExceptionKind::AmountMismatch.queues(true), [Queue::Mismatch]);
    }
}
