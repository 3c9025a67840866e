//! What an entry is in its ERP, what names it carries, and what an account is for: open vocabularies. What a
//! vendor adds tomorrow is kept in the vendor's own word, never refused.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a word is written that is none of the vocabulary's.
const OTHER: &str = "other:";

macro_rules! open_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$word_doc])* $word,)*
            /// What the ERP calls otherwise, in its own word.
            Other(String),
        }

        impl $name {
            /// Those that have a name of ours.
            pub const KNOWN: &[$name] = &[$($name::$word,)*];

            /// The stable name; `other:` and the ERP's word of what has none.
            #[must_use]
            pub fn name(&self) -> Cow<'static, str> {
                match self {
                    $($name::$word => Cow::Borrowed($text),)*
                    $name::Other(word) => Cow::Owned(format!("{OTHER}{word}")),
                }
            }
        }

        impl FromStr for $name {
            type Err = std::convert::Infallible;

            /// Never fails: an unknown name is kept as the word that it is.
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                Ok(match name {
                    $($text => $name::$word,)*
                    _ => $name::Other(name.strip_prefix(OTHER).unwrap_or(name).to_owned()),
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.name())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.name())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = Cow::<'de, str>::deserialize(deserializer)?;
                name.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

open_words! {
    /// What an entry is in its ERP: a journal, or the record of which the entry is the booking.
    EntryKind {
        /// A journal entry.
        Journal => "journal",
        /// An invoice to a customer.
        Invoice => "invoice",
        /// A credit memo to a customer.
        CreditMemo => "credit_memo",
        /// A sale that was paid at once.
        CashSale => "cash_sale",
        /// A sale that was paid at once, given back.
        CashRefund => "cash_refund",
        /// A customer's payment.
        Payment => "payment",
        /// A payment to a customer.
        CustomerRefund => "customer_refund",
        /// A customer's deposit: money before its invoice.
        CustomerDeposit => "customer_deposit",
        /// A customer's deposit, applied to an invoice.
        DepositApplication => "deposit_application",
        /// A deposit at the bank.
        Deposit => "deposit",
        /// A transfer between own accounts.
        Transfer => "transfer",
        /// A cheque, or another payment out of the bank.
        Check => "check",
        /// A vendor's bill.
        Bill => "bill",
        /// A vendor's credit.
        BillCredit => "bill_credit",
        /// A payment of vendors' bills.
        BillPayment => "bill_payment",
        /// A revaluation of balances in foreign currency.
        Revaluation => "revaluation",
    }
}

open_words! {
    /// What an account of the chart is for.
    AccountType {
        /// Money at a bank.
        Bank => "bank",
        /// What customers owe.
        Receivable => "receivable",
        /// What has been billed or earned but not yet invoiced.
        UnbilledReceivable => "unbilled_receivable",
        /// Another current asset: clearing, undeposited funds.
        OtherCurrentAsset => "other_current_asset",
        /// A fixed asset.
        FixedAsset => "fixed_asset",
        /// Another asset.
        OtherAsset => "other_asset",
        /// What is owed to vendors.
        Payable => "payable",
        /// A credit card.
        CreditCard => "credit_card",
        /// Another current liability: tax payable, customer deposits.
        OtherCurrentLiability => "other_current_liability",
        /// A liability of more than a year.
        LongTermLiability => "long_term_liability",
        /// Revenue that is not yet earned.
        DeferredRevenue => "deferred_revenue",
        /// A cost that is not yet one.
        DeferredExpense => "deferred_expense",
        /// Equity.
        Equity => "equity",
        /// Income.
        Income => "income",
        /// Income beside the business.
        OtherIncome => "other_income",
        /// Cost of goods sold.
        CostOfSales => "cost_of_sales",
        /// An expense.
        Expense => "expense",
        /// An expense beside the business.
        OtherExpense => "other_expense",
        /// Moves no balance: statistics, memorandum accounts.
        NonPosting => "non_posting",
    }
}

/// Where an entry carries a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameSource {
    /// The field for the other side's reference (`otherrefnum` of NetSuite).
    OtherReference,
    /// A field of the customer's own, by its name there.
    Field(String),
    /// The text of a line that is nothing but a name.
    Line,
}

impl NameSource {
    /// The stable name: `other_reference`, `line`, or `field:` and the field's.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            NameSource::OtherReference => Cow::Borrowed("other_reference"),
            NameSource::Field(field) => Cow::Owned(format!("{FIELD}{field}")),
            NameSource::Line => Cow::Borrowed("line"),
        }
    }
}

const FIELD: &str = "field:";

impl FromStr for NameSource {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "other_reference" => Ok(NameSource::OtherReference),
            "line" => Ok(NameSource::Line),
            other => match other.strip_prefix(FIELD) {
                Some(field) => Ok(NameSource::Field(field.to_owned())),
                None => Err(format!("{other} is no place of an entry's name")),
            },
        }
    }
}

/// A further name of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryName {
    /// The name, without white space around it.
    pub name: String,
    /// Where the entry carries it.
    pub from: NameSource,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_from_its_name_and_an_unknown_one_is_kept() {
        for kind in EntryKind::KNOWN {
            assert_eq!(kind.name().parse::<EntryKind>().as_ref(), Ok(kind));
        }
        for account in AccountType::KNOWN {
            assert_eq!(account.name().parse::<AccountType>().as_ref(), Ok(account));
        }
        let odd = EntryKind::Other("FxReval".to_owned());
        assert_eq!(odd.name(), "other:FxReval");
        assert_eq!(odd.name().parse::<EntryKind>(), Ok(odd.clone()));
        assert_eq!(serde_json::from_str::<EntryKind>(&serde_json::to_string(&odd).unwrap()).unwrap(), odd);
        // An ERP's word that is spelt like one of ours is still its own.
        let own = EntryKind::Other("journal".to_owned());
        assert_eq!(own.name().parse::<EntryKind>(), Ok(own));
    }

    #[test]
    fn where_a_name_stands_is_read_back() {
        for source in [NameSource::OtherReference, NameSource::Line, NameSource::Field("custbody_x".into())] {
            assert_eq!(source.name().parse::<NameSource>(), Ok(source));
        }
        assert!("memo".parse::<NameSource>().is_err());
    }
}
