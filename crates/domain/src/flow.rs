//! The five business flows between product, billing and finance: each has a named start, a named finish
//! and the time that it may take (`sla`).

use serde::{Deserialize, Serialize};

use crate::document::{DocumentKind, Nature};

/// A business flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// A signed customer becomes a customer in billing and in the ERP.
    CustomerActivation,
    /// Product usage becomes billed usage.
    UsageBilling,
    /// A subscription change becomes an invoice or a credit.
    SubscriptionAmendment,
    /// An invoice or credit note becomes a booked journal.
    InvoiceToErp,
    /// A payment, refund, dispute, payout or fee becomes a booked journal.
    PaymentsAndCollections,
}

/// What a flow measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowDefinition {
    /// The flow.
    pub flow: Flow,
    /// Its name.
    pub name: &'static str,
    /// The event that starts it.
    pub start: &'static str,
    /// The event that finishes it.
    pub finish: &'static str,
    /// Hours from start to finish, around the clock, where no policy says otherwise.
    pub sla_hours: u32,
    /// What a source must offer for the flow to be seen at all; without it the flow says so.
    pub source: &'static str,
}

impl Flow {
    /// All five, in the order in which business goes through them.
    pub const ALL: [Flow; 5] = [
        Flow::CustomerActivation,
        Flow::UsageBilling,
        Flow::SubscriptionAmendment,
        Flow::InvoiceToErp,
        Flow::PaymentsAndCollections,
    ];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Flow::CustomerActivation => "customer_activation",
            Flow::UsageBilling => "usage_billing",
            Flow::SubscriptionAmendment => "subscription_amendment",
            Flow::InvoiceToErp => "invoice_to_erp",
            Flow::PaymentsAndCollections => "payments_and_collections",
        }
    }

    /// Start, finish and time limit.
    #[must_use]
    pub fn definition(self) -> FlowDefinition {
        let (name, start, finish, sla_hours, source) = match self {
            Flow::CustomerActivation => (
                "Customer activation",
                "customer created in billing",
                "customer found in the ERP",
                48,
                "customers from billing and from the ERP",
            ),
            Flow::UsageBilling => (
                "Usage billing",
                "usage summary closed",
                "usage on a final invoice",
                72,
                "usage summaries from billing",
            ),
            Flow::SubscriptionAmendment => (
                "Subscription amendment",
                "subscription amended",
                "amendment on a final invoice",
                72,
                "subscriptions from billing",
            ),
            Flow::InvoiceToErp => (
                "Invoice to ERP",
                "invoice or credit note final",
                "journal booked in the ERP",
                24,
                "invoices from billing and journals from the ERP",
            ),
            Flow::PaymentsAndCollections => (
                "Payments and collections",
                "payment, refund or payout succeeded",
                "journal booked in the ERP",
                24,
                "payments from billing and journals from the ERP",
            ),
        };
        FlowDefinition { flow: self, name, start, finish, sla_hours, source }
    }

    /// The flow that takes a document to the ledger.
    #[must_use]
    pub fn of_document(kind: DocumentKind) -> Flow {
        match kind.nature() {
            Nature::Raises => Flow::InvoiceToErp,
            Nature::Settles | Nature::Moves => Flow::PaymentsAndCollections,
        }
    }
}
