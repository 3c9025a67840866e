//! The roles that a column may play.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// What a column is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Role { $($(#[$doc])* $name,)* }

        impl Role {
            /// How many there are.
            pub const COUNT: usize = [$(Role::$name),*].len();

            /// The key in `[columns]`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Role::$name => $text,)* }
            }
        }
    };
}

roles! {
    /// Billing: the document's number, which is also how an ERP entry names it.
    Number => "number",
    /// Billing: the document date.
    Date => "date",
    /// Billing: when the document was made final, an instant (RFC 3339).
    FinalizedAt => "finalized_at",
    /// Billing: quantity of a line.
    Quantity => "quantity",
    /// Billing: price of one.
    UnitPrice => "unit_price",
    /// Billing: amount of a line. Ledger: signed amount of a line.
    Amount => "amount",
    /// Billing: tax on a line.
    Tax => "tax",
    /// Billing: tax code of a line.
    TaxCode => "tax_code",
    /// Billing: product or stock code of a line.
    Product => "product",
    /// Billing: text of a line.
    Description => "description",
    /// Billing: the customer's id.
    Customer => "customer",
    /// Billing: the customer's country.
    Country => "country",
    /// Billing: which word says what the document is.
    Kind => "kind",
    /// Billing: the number of the invoice that a credit note, payment or refund settles.
    Invoice => "invoice",
    /// Billing: the id of what a movement of the processor's balance is about, which names it.
    Object => "object",
    /// Billing: what the processor kept of a payment.
    Fee => "fee",
    /// Billing: the currency of the fee; without it the document's.
    FeeCurrency => "fee_currency",
    /// Billing: what of a payment was given back, in the payment's own row.
    Refunded => "refunded",
    /// Billing: first day of service.
    ServiceStarts => "service_starts",
    /// Billing: last day of service.
    ServiceEnds => "service_ends",
    /// Both: the transaction currency.
    Currency => "currency",
    /// Both: the status word.
    Status => "status",
    /// Both: the legal entity.
    Entity => "entity",
    /// Ledger: the journal's number.
    Journal => "journal",
    /// Ledger: the document that the journal books.
    Reference => "reference",
    /// Ledger: the external id.
    ExternalId => "external_id",
    /// Ledger: the date under which it is booked.
    PostingDate => "posting_date",
    /// Ledger: the period into which it is booked; without it the month of the posting date.
    Period => "period",
    /// Ledger: the account.
    Account => "account",
    /// Ledger: what the account is called.
    AccountName => "account_name",
    /// Ledger: what the account is for, in the words of the report.
    AccountType => "account_type",
    /// Ledger: the account of the other side, where one row is a whole entry.
    ContraAccount => "contra_account",
    /// Ledger: the word that says on which side the amount stands.
    Flag => "flag",
    /// Ledger: the kind of journal or document, where numbers are unique within it only.
    Type => "type",
    /// Ledger: debit in the transaction currency.
    Debit => "debit",
    /// Ledger: credit in the transaction currency.
    Credit => "credit",
    /// Ledger: debit in the entity's currency.
    FunctionalDebit => "functional_debit",
    /// Ledger: credit in the entity's currency.
    FunctionalCredit => "functional_credit",
    /// Ledger: signed amount in the entity's currency.
    FunctionalAmount => "functional_amount",
    /// Ledger: exchange rate, functional per transaction unit.
    Rate => "rate",
    /// Ledger: the journal's text.
    Memo => "memo",
    /// Ledger: the line's text.
    LineMemo => "line_memo",
    /// Ledger: the journal that this one reverses.
    Reverses => "reverses",
    /// Ledger: when the ERP created it, an instant (RFC 3339).
    CreatedAt => "created_at",
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Role {
    /// True where one value may hold for every row of a file.
    #[must_use]
    pub fn may_be_constant(self) -> bool {
        matches!(
            self,
            Role::Currency | Role::Entity | Role::Country | Role::Product | Role::TaxCode | Role::FeeCurrency
        )
    }
}

/// What a column map reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapKind {
    /// Billing lines.
    Billing,
    /// General-ledger detail.
    Gl,
}

impl MapKind {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MapKind::Billing => "billing",
            MapKind::Gl => "gl",
        }
    }

    /// The roles that its columns may play.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        use Role as R;
        match self {
            MapKind::Billing => &[
                R::Number,
                R::Date,
                R::FinalizedAt,
                R::Quantity,
                R::UnitPrice,
                R::Amount,
                R::Tax,
                R::TaxCode,
                R::Product,
                R::Description,
                R::Customer,
                R::Country,
                R::Kind,
                R::Invoice,
                R::Object,
                R::Fee,
                R::FeeCurrency,
                R::Refunded,
                R::ServiceStarts,
                R::ServiceEnds,
                R::Currency,
                R::Status,
                R::Entity,
            ],
            MapKind::Gl => &[
                R::Journal,
                R::Reference,
                R::ExternalId,
                R::Entity,
                R::PostingDate,
                R::Period,
                R::Account,
                R::AccountName,
                R::AccountType,
                R::ContraAccount,
                R::Flag,
                R::Type,
                R::Debit,
                R::Credit,
                R::Amount,
                R::FunctionalDebit,
                R::FunctionalCredit,
                R::FunctionalAmount,
                R::Rate,
                R::Currency,
                R::Memo,
                R::LineMemo,
                R::Status,
                R::Reverses,
                R::CreatedAt,
            ],
        }
    }
}
