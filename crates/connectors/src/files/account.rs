//! Accounts as ledgers write them: a number, a number with its name, or a name alone.

use tieout_domain::{AccountCode, ledger::AccountType};

/// Marks between a number and the name of its account.
const BETWEEN: [char; 6] = ['-', '\u{2013}', '\u{2014}', '\u{b7}', ':', '|'];

/// The account that a text names, and what the text calls it beside its number. `1100 Name`, `1100 - Name`
/// and `1100 · Name` are account `1100`; of a path such as `1100 Assets:1110 Receivable` the last number
/// counts. What has no number is an account by its whole name.
#[must_use]
pub fn read(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    match in_path(text) {
        Some((above, last)) if number_and_name(above).is_some() => match number_and_name(last) {
            Some((number, name)) => (number, Some(name)),
            // A part of a numbered account that has no number of its own is not that account.
            None => (text, None),
        },
        _ => match number_and_name(text) {
            Some((number, name)) => (number, Some(name)),
            None => (text, None),
        },
    }
}

/// The code of the account that a code as written names.
#[must_use]
pub fn code(written: &AccountCode) -> AccountCode {
    let (number, _) = read(written.as_str());
    number.parse().unwrap_or_else(|_| written.clone())
}

/// The last account of a path and what stands above it. A colon before a blank belongs to a name.
fn in_path(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once(':').filter(|(_, last)| last.starts_with(|c: char| !c.is_whitespace()))
}

fn number_and_name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '\u{b7}' | ':'))?;
    let (number, rest) = text.split_at(end);
    let name = rest.trim_start_matches(|c: char| c.is_whitespace() || BETWEEN.contains(&c));
    let marked = rest.trim_start().starts_with(BETWEEN);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let is_number = number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '/'));
    // "24 Hour Hotline" is the name of an account, "1100 Receivable" is not.
    let told = is_number && (marked || digits >= 3) && name.chars().any(char::is_alphabetic);
    told.then_some((number, name.trim_end()))
}

/// What the words of a report say that an account is for; `None` of words that are not known.
pub(super) fn kind(text: &str) -> Option<AccountType> {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).filter(|w| !w.is_empty()).collect();
    let text = words.join(" ");
    Some(match text.as_str() {
        "bank" | "cash" | "bank account" | "checking" => AccountType::Bank,
        "accounts receivable" | "account receivable" | "accounts receivable a r" => AccountType::Receivable,
        "receivable" | "debtors" => AccountType::Receivable,
        "current asset" | "other current asset" | "other current assets" | "current assets" => {
            AccountType::OtherCurrentAsset
        }
        "fixed asset" | "fixed assets" | "non current asset" => AccountType::FixedAsset,
        "accounts payable" | "accounts payable a p" | "payable" | "creditors" => AccountType::Payable,
        "credit card" => AccountType::CreditCard,
        "current liability" | "current liabilities" => AccountType::OtherCurrentLiability,
        "other current liability" | "other current liabilities" => AccountType::OtherCurrentLiability,
        "long term liability" | "long term liabilities" | "non current liability" => {
            AccountType::LongTermLiability
        }
        "deferred revenue" => AccountType::DeferredRevenue,
        "equity" => AccountType::Equity,
        "income" | "revenue" | "sales" | "trading income" => AccountType::Income,
        "other income" => AccountType::OtherIncome,
        "cost of goods sold" | "cost of sales" | "direct costs" => AccountType::CostOfSales,
        "expense" | "expenses" | "overhead" | "overheads" => AccountType::Expense,
        "other expense" | "other expenses" => AccountType::OtherExpense,
        _ => return None,
    })
}

/// A set of accounts: `10000..19999` (numbers of as many digits), `14*`, or one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRange(Bounds);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Bounds {
    Numbers(String, String),
    Prefix(String),
    One(String),
}

impl AccountRange {
    /// Reads a range as a map writes it.
    ///
    /// # Errors
    /// A text for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if let Some((from, to)) = text.split_once("..") {
            if !digits(from) || !digits(to) || from.len() != to.len() || from > to {
                return Err(format!("\"{text}\" is no range of accounts such as \"10000..19999\""));
            }
            return Ok(Self(Bounds::Numbers(from.to_owned(), to.to_owned())));
        }
        match text.strip_suffix('*') {
            Some("") => Err("\"*\" would be every account".to_owned()),
            Some(prefix) => Ok(Self(Bounds::Prefix(prefix.to_owned()))),
            None if text.is_empty() => Err("an account is missing".to_owned()),
            None => Ok(Self(Bounds::One(read(text).0.to_owned()))),
        }
    }

    /// True where the account of this code is one of them.
    #[must_use]
    pub fn holds(&self, code: &str) -> bool {
        match &self.0 {
            Bounds::Numbers(from, to) => {
                let alike = code.len() == from.len() && code.bytes().all(|b| b.is_ascii_digit());
                alike && (from.as_str()..=to.as_str()).contains(&code)
            }
            Bounds::Prefix(prefix) => code.starts_with(prefix.as_str()),
            Bounds::One(one) => code == one,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_with_its_name_is_the_account_of_its_number() {
        for (text, number, name) in [
            ("1100 Accounts Receivable", "1100", "Accounts Receivable"),
            ("1100 - Receivables", "1100", "Receivables"),
            ("1100 \u{b7} Receivables", "1100", "Receivables"),
            ("1100\u{b7}Receivables", "1100", "Receivables"),
            ("1100\u{a0}\u{2013}\u{a0}Receivables", "1100", "Receivables"),
            ("12.10-3 Debiteuren NL", "12.10-3", "Debiteuren NL"),
            ("10 - Kasse", "10", "Kasse"),
            ("1100: Receivables", "1100", "Receivables"),
            ("4000 Sales: services", "4000", "Sales: services"),
            ("1000 Assets:1100 Trade receivables", "1100", "Trade receivables"),
        ] {
            assert_eq!(read(text), (number, Some(name)), "{text}");
        }
    }

    #[test]
    fn an_account_without_a_number_is_named_whole() {
        for text in [
            "1100",
            "1100-AR",
            "24 Hour Hotline",
            "Accounts Receivable (A/R)",
            "Sales:Design Services",
            "401(k) payable",
            "1200 3400",
            "1000 Assets:Trade receivables",
            "Income:Subscriptions:Enterprise:Annual contracts billed in advance",
        ] {
            assert_eq!(read(text), (text, None), "{text}");
        }
    }

    #[test]
    fn a_range_holds_numbers_of_as_many_digits_a_prefix_what_begins_so() {
        let holds = |range: &str, code: &str| AccountRange::parse(range).unwrap().holds(code);
        assert!(holds("10000..69999", "10001") && holds("10000..69999", "69999"));
        assert!(!holds("10000..69999", "70000") && !holds("10000..69999", "100010"));
        assert!(!holds("10000..69999", "1000a") && !holds("10000..69999", "1400"));
        assert!(holds("14*", "1400") && !holds("14*", "1300"));
        assert!(holds("1100 Receivables", "1100") && !holds("1100", "1101"));
        for wrong in ["", "*", "20000..10000", "1..100", "a..b"] {
            assert!(AccountRange::parse(wrong).is_err(), "{wrong}");
        }
    }
}
