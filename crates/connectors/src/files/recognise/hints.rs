//! What a person says of a file beside the file itself.

use chrono_tz::Tz;
use tieout_domain::{AccountCode, Currency, EntityCode};

use super::{
    super::{
        error::{FileError, Why, unsure},
        role::{MapKind, Role},
    },
    formats::Order,
};

/// What a person says of a file's layout, where they see it otherwise than it was recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The profile that it is of by its name, or `general`.
    pub profile: Option<String>,
    /// Columns, counted from 0, and the role that each plays; none for one that is not read.
    pub columns: Vec<(usize, Option<Role>)>,
    /// The row, by its number in the file, that is the header.
    pub header: Option<u64>,
    /// What rows begin with that are no lines.
    pub banner: Vec<String>,
    /// What rows begin with that add up others.
    pub totals: Vec<String>,
    /// What people call such files: the map that is made is kept for the next one under it.
    pub title: Option<String>,
}

/// What a person says of a file. Nothing of it is needed to look at one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// What kind of file it is.
    pub kind: Option<MapKind>,
    /// The legal entity whose file it is.
    pub entity: Option<EntityCode>,
    /// The currency of the entity's books.
    pub currency: Option<Currency>,
    /// The entity's time zone.
    pub time_zone: Option<Tz>,
    /// Accounts by their role in `[expect]`.
    pub expect: Vec<(String, AccountCode)>,
    /// True where a mapping in force says what the ledger should hold, and the file need not.
    pub mapped: bool,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Which of day and month is written first, where no date of the file says it.
    pub order: Option<Order>,
    /// The mark of decimals, where no number of the file says it.
    pub decimal: Option<char>,
    /// What they say of its layout.
    pub said: Said,
}

/// The roles of `[expect]`, and whether the account usually stands on the debit side.
const ROLES: [(&str, bool); 9] = [
    ("receivable", true),
    ("revenue", false),
    ("tax_payable", false),
    ("deferred_revenue", false),
    ("clearing", true),
    ("fees", true),
    ("bad_debt", true),
    ("fx_clearing", true),
    ("bank", true),
];

fn is_role(word: &str) -> bool {
    word == "tax" || ROLES.iter().any(|(known, _)| *known == word)
}

fn account(word: &str) -> Result<(String, AccountCode), String> {
    let (role, code) = word.split_once('=').ok_or_else(|| format!("\"{word}\" is no ROLE=ACCOUNT"))?;
    let role = role.trim();
    if !is_role(role) {
        let known = ROLES.iter().map(|(role, _)| *role).collect::<Vec<_>>().join(", ");
        return Err(format!("\"{role}\" is no role of an account; it knows: {known}"));
    }
    let role = if role == "tax" { "tax_payable" } else { role };
    let code: AccountCode = code.trim().parse().map_err(|_| format!("\"{code}\" is no account"))?;
    Ok((role.to_owned(), code))
}

impl Hints {
    /// Reads the words by which a person names accounts: `receivable=1100,revenue=4000`, `tax` for
    /// `tax_payable`. A comma that no role follows belongs to the name of an account.
    ///
    /// # Errors
    /// A text for people.
    pub fn accounts(list: &str) -> Result<Vec<(String, AccountCode)>, String> {
        let mut words: Vec<String> = Vec::new();
        for part in list.split(',') {
            let begins = part.split_once('=').is_some_and(|(role, _)| is_role(role.trim()));
            match words.last_mut().filter(|_| !begins) {
                Some(word) => {
                    word.push(',');
                    word.push_str(part);
                }
                None => words.push(part.to_owned()),
            }
        }
        words.iter().filter(|word| !word.trim().is_empty()).map(|word| account(word)).collect()
    }

    /// The account of a role.
    #[must_use]
    pub fn expected(&self, role: &str) -> Option<&AccountCode> {
        self.expect.iter().find(|(known, _)| known == role).map(|(_, code)| code)
    }

    /// The accounts whose usual side is known: true for the debit side.
    pub fn sides(&self) -> impl Iterator<Item = (String, bool)> + '_ {
        let side = |role: &str| ROLES.iter().find(|(known, _)| *known == role).map(|(_, debit)| *debit);
        self.expect.iter().filter_map(move |(role, code)| Some((code.to_string(), side(role)?)))
    }

    /// The entity, with the currency of its books (or the one that the file says) and its zone.
    ///
    /// # Errors
    /// `file_needs_entity`, saying what is missing.
    pub fn owner(&self, file: &str, told: Option<Currency>) -> Result<(EntityCode, Currency, Tz), FileError> {
        let mut missing = Vec::new();
        let currency = self.currency.or(told);
        for (has, what) in [
            (self.entity.is_some(), "whose books it is of (--entity CODE)"),
            (currency.is_some(), "the currency of those books (--currency CUR)"),
        ] {
            if !has {
                missing.push(what);
            }
        }
        let zone = self.time_zone.unwrap_or(Tz::UTC);
        match (&self.entity, currency) {
            (Some(entity), Some(currency)) => Ok((entity.clone(), currency, zone)),
            _ => Err(unsure(Why::Entity, file, format!("the file does not say {}", missing.join(" and ")))),
        }
    }
}
