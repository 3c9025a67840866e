//! Who an entity believes about money that came in, and whether it gives money back without a credit note.

use serde::{Deserialize, Serialize};

/// Which side knows every receipt of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptsMaster {
    /// The ERP: a wire or cheque that billing does not know is no exception.
    Erp,
    /// Billing: what settles an invoice in the ledger and billing does not know is an exception.
    Billing,
}

impl ReceiptsMaster {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ReceiptsMaster::Erp => "erp",
            ReceiptsMaster::Billing => "billing",
        }
    }
}

/// Whether a refund wants a credit note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditNotes {
    /// A refund may stand alone: the receivable is then open by so much.
    #[default]
    Optional,
    /// A refund beyond what credit notes say is an exception.
    Required,
}
