//! The column map of a ledger's file, from its headings and its rows.

use std::collections::BTreeSet;

use tieout_domain::Currency;

use super::{
    super::{
        error::{FileError, Why, unsure},
        phrase::named_by,
        role::Role,
        source::FileSource,
    },
    columns::Found,
    draft::{Draft, cells, dates, distinct, has_any, numbers},
    hints::Hints,
    sample::Sample,
    words::Part,
};

/// Words by which rows of their own name accounts, and legal entities.
const ACCOUNT_ROWS: [&str; 14] = [
    "G/L Account",
    "GL Account",
    "Ledger Account",
    "Nominal Account",
    "Nominal Code",
    "Account Code",
    "Account No",
    "Account Number",
    "Account",
    "Sachkonto",
    "Konto",
    "Compte",
    "Cuenta",
    "N/C",
];
const ENTITY_ROWS: [&str; 6] =
    ["Company Code", "Legal Entity", "Subsidiary", "Buchungskreis", "Soci\u{e9}t\u{e9}", "Sociedad"];

/// Words of the flag column.
const DEBITS: [&str; 11] = ["s", "d", "dr", "debit", "soll", "debe", "d\u{e9}bit", "+", "dt", "+1", "1"];
const CREDITS: [&str; 11] = ["h", "c", "cr", "credit", "haben", "haber", "cr\u{e9}dit", "-", "ct", "k", "-1"];

const BOOKED: [&str; 14] = [
    "posted",
    "booked",
    "approved",
    "open",
    "closed",
    "paid",
    "paid in full",
    "cleared",
    "gebucht",
    "valid\u{e9}",
    "final",
    "contabilizado",
    "reversed",
    "complete",
];
const UNBOOKED: [&str; 8] =
    ["draft", "unposted", "pending", "parked", "pending approval", "entwurf", "brouillon", "borrador"];
const VOIDED: [&str; 6] = ["void", "voided", "cancelled", "canceled", "storniert", "annul\u{e9}"];

/// A map that is made but for what only trying can tell.
pub struct Made {
    /// The map so far.
    pub draft: Draft,
    /// Columns that could name a journal, the likeliest first.
    pub keys: Vec<usize>,
    /// What may tell journals apart beside their number.
    pub besides: Vec<Vec<Role>>,
    /// True where journals are told apart as the profile says.
    pub settled: bool,
    /// The column of the other side's account, where the file has one that the profile does not settle.
    pub contra: Option<usize>,
    /// True where a single column holds signed amounts.
    pub signed: bool,
    /// What a person should know.
    pub notes: Vec<String>,
}

struct Making<'s> {
    sample: &'s Sample,
    found: &'s Found,
    hints: &'s Hints,
    draft: Draft,
    amounts: Vec<usize>,
    notes: Vec<String>,
}

/// Makes the map.
///
/// # Errors
/// [`FileError::Unsure`] for what is missing.
pub fn make(sample: &Sample, hints: &Hints, source: &FileSource) -> Result<Made, FileError> {
    let found = &sample.found;
    let mut making = Making {
        sample,
        found,
        hints,
        draft: Draft::begin(sample, &hints.said),
        amounts: Vec::new(),
        notes: Vec::new(),
    };
    making.profile();
    making.amounts()?;
    making.date(source)?;
    making.account()?;
    making.money()?;
    making.entity()?;
    making.status();
    Ok(making.numbered())
}

impl Making<'_> {
    fn refuse(&self, why: Why, message: impl Into<String>) -> FileError {
        unsure(why, &self.sample.name, message)
    }

    fn has(&self, role: Role) -> bool {
        self.draft.has("columns", role.as_str())
    }

    fn put(&mut self, role: Role, column: usize) {
        self.draft.column(role, self.found, column);
    }

    fn profile(&mut self) {
        for (role, column) in self.found.of_profile() {
            self.put(role, column);
        }
    }

    /// The column that names documents: of several the first that says something.
    fn reference(&self) -> Option<usize> {
        let says =
            |column: &usize| cells(&self.sample.grid, self.found, *column).any(|(_, text)| !text.is_empty());
        let given = self.found.all_of_profile(Role::Reference);
        let given = given.iter().find(|column| says(column)).or(given.first()).copied();
        given.or_else(|| {
            let guessed =
                [Part::Reference, Part::Number, Part::Journal].map(|part| self.found.of(part)).concat();
            guessed.iter().find(|column| says(column)).or(guessed.first()).copied()
        })
    }

    /// The one column of these parts; of several of one kind nobody can tell which.
    fn one(&self, parts: &[Part], what: &str) -> Result<Option<usize>, FileError> {
        match self.found.first(parts).as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => {
                let grid = &self.sample.grid;
                let first = several[0];
                let same = |other: &usize| {
                    cells(grid, self.found, first).all(|(row, text)| text == grid.cell(row, *other))
                };
                if several.iter().skip(1).all(same) {
                    return Ok(Some(first));
                }
                let names: Vec<&str> =
                    several.iter().map(|column| self.found.names[*column].as_str()).collect();
                let names = names.join("\", \"");
                Err(self.refuse(
                    Why::Columns,
                    format!("the columns \"{names}\" could each be the {what}: write a column map"),
                ))
            }
        }
    }

    fn amounts(&mut self) -> Result<(), FileError> {
        let roles = [
            Role::Debit,
            Role::Credit,
            Role::Amount,
            Role::FunctionalDebit,
            Role::FunctionalCredit,
            Role::FunctionalAmount,
        ];
        if !roles.iter().any(|role| self.has(*role)) {
            self.guess_amounts()?;
        }
        let of = |role: &Role| self.placed(*role);
        self.amounts = roles.iter().filter_map(of).collect();
        if self.amounts.is_empty() {
            return Err(self
                .refuse(Why::NotRecognised, "no column of it is known to hold amounts: write a column map"));
        }
        let others = self.found.of(Part::Balance);
        let numbers = numbers(self.sample, (&self.amounts, &others), self.hints)
            .map_err(|doubt| self.refuse(Why::Numbers, doubt.0))?;
        self.draft.formats(&[], &numbers);
        Ok(())
    }

    fn guess_amounts(&mut self) -> Result<(), FileError> {
        let (debits, credits) = (self.found.of(Part::Debit), self.found.of(Part::Credit));
        let foreign = self.found.of(Part::ForeignAmount);
        let local = |column: &&usize| {
            let name = self.found.names[**column].to_lowercase();
            ["local", "functional", "base", "home", "company", "lcy", "(lc)"]
                .iter()
                .any(|word| name.contains(word))
        };
        match (debits.as_slice(), credits.as_slice()) {
            ([debit], [credit]) if foreign.is_empty() => {
                self.put(Role::Debit, *debit);
                self.put(Role::Credit, *credit);
            }
            ([debit], [credit]) => {
                self.put(Role::FunctionalDebit, *debit);
                self.put(Role::FunctionalCredit, *credit);
                self.put(Role::Amount, foreign[0]);
                self.draft.set("journals", "amount_sign", "functional");
            }
            ([_, _], [_, _])
                if debits.iter().filter(local).count() == 1 && credits.iter().filter(local).count() == 1 =>
            {
                for (columns, own, functional) in [
                    (&debits, Role::Debit, Role::FunctionalDebit),
                    (&credits, Role::Credit, Role::FunctionalCredit),
                ] {
                    for column in columns {
                        self.put(if local(&column) { functional } else { own }, *column);
                    }
                }
            }
            ([], _) | (_, []) => {
                let (plain, local) =
                    (self.one(&[Part::Amount], "amount")?, self.one(&[Part::LocalAmount], "amount")?);
                // Beside an amount in the document's currency a plain one is in that of the books.
                let (own, functional) = match (foreign.first().copied(), plain, local) {
                    (Some(foreign), plain, local) => (Some(foreign), local.or(plain)),
                    (None, plain, local) => (plain, local),
                };
                match (own, functional) {
                    (Some(own), Some(functional)) => {
                        self.put(Role::Amount, own);
                        self.put(Role::FunctionalAmount, functional);
                        self.draft.set("journals", "amount_sign", "functional");
                    }
                    (Some(one), None) | (None, Some(one)) => self.put(Role::Amount, one),
                    (None, None) => {}
                }
            }
            _ => {
                let message = "several columns of debits or credits could be meant: write a column map";
                return Err(self.refuse(Why::Columns, message));
            }
        }
        Ok(())
    }

    fn date(&mut self, source: &FileSource) -> Result<(), FileError> {
        let given = self.found.of_profile().get(&Role::PostingDate).copied();
        let parts = [Part::PostingDate, Part::Date, Part::DocumentDate];
        let column = match given {
            Some(column) => Some(column),
            None => self.one(&parts, "posting date")?,
        };
        let column = column
            .ok_or_else(|| self.refuse(Why::NotRecognised, "no column of it is known to hold dates"))?;
        let others: Vec<usize> =
            parts.iter().flat_map(|part| self.found.of(*part)).filter(|c| *c != column).collect();
        let formats = dates(self.sample, (column, &others, &self.amounts), self.hints, source.judged_on)
            .map_err(|doubt| self.refuse(Why::Dates, doubt.0))?;
        self.put(Role::PostingDate, column);
        self.draft.list("formats", "dates", formats.iter().map(String::as_str));
        if formats.iter().any(|format| format.ends_with(" UTC")) {
            self.draft.set("formats", "zone", "UTC");
        }
        Ok(())
    }

    fn account(&mut self) -> Result<(), FileError> {
        let rows = self.found.profile.is_some_and(|profile| profile.account_rows);
        if !self.has(Role::Account) && !rows {
            let parts = [Part::AccountCode, Part::Account, Part::AccountName];
            if let Some(column) = self.one(&parts, "account")? {
                self.put(Role::Account, column);
                let name =
                    self.found.first(&[Part::AccountName, Part::Account]).into_iter().find(|c| *c != column);
                if let Some(name) = name {
                    self.put(Role::AccountName, name);
                }
            }
        }
        if !self.has(Role::AccountType)
            && let Some(column) = self.found.of(Part::AccountType).first().copied()
        {
            self.put(Role::AccountType, column);
        }
        let named = self.accounts_by_word();
        let heads = self.account_heads_blocks();
        // Beside rows that name several accounts a column of that name is of customers; beside one such row
        // it is the report's own choice of accounts.
        if self.has(Role::Account) && named.len() < 2 && !heads {
            let same = self.draft.0.get("columns").is_some_and(|c| c.get("account") == c.get("account_name"));
            if same {
                self.draft.unset("columns", "account_name");
            }
            return Ok(());
        }
        self.draft.unset("columns", "account");
        self.draft.unset("columns", "account_name");
        let words: &[&str] = if named.is_empty() { &["*"] } else { &ACCOUNT_ROWS };
        self.draft.list("headings", "account", words.iter().copied());
        Ok(())
    }

    /// True where the column of accounts is empty in every line, and says something in rows without a day.
    fn account_heads_blocks(&self) -> bool {
        let Some(account) = self.placed(Role::Account) else { return false };
        let Some(day) = self.placed(Role::PostingDate) else { return false };
        let grid = &self.sample.grid;
        let dated = |row: usize| grid.cell(row, day).chars().any(|c| c.is_ascii_digit()) && day != account;
        let (mut lines, mut heads) = (0, 0);
        for (row, text) in cells(grid, self.found, account) {
            match (dated(row) && has_any(grid, row, &self.amounts), text.is_empty()) {
                (true, false) => return false,
                (true, true) => lines += 1,
                (false, false) => heads += 1,
                (false, true) => {}
            }
        }
        lines > 0 && heads > 0
    }

    /// The place of a role's column.
    fn placed(&self, role: Role) -> Option<usize> {
        match self.draft.0.get("columns")?.get(role.as_str())? {
            toml::Value::String(name) => self.found.names.iter().position(|known| known == name),
            other => usize::try_from(other.as_integer()? - 1).ok(),
        }
    }

    /// The accounts that rows of their own name by the word that they begin with.
    fn accounts_by_word(&self) -> BTreeSet<String> {
        let (grid, words) = (&self.sample.grid, ACCOUNT_ROWS.map(str::to_owned));
        let named = |row: usize| {
            let cells: Vec<&str> = grid.row(row).filter(|text| !text.is_empty()).take(9).collect();
            let labelled = cells.first().is_some_and(|cell| cell.ends_with(':'));
            let fits = labelled || (cells.len() <= 3 && !has_any(grid, row, &self.amounts));
            fits.then(|| named_by(&cells, &words)).flatten()
        };
        (0..grid.len()).filter_map(named).collect()
    }

    /// The currency, and the owner's: by column, constant or heading.
    fn money(&mut self) -> Result<(), FileError> {
        let local = !self.found.of(Part::LocalAmount).is_empty()
            && self.found.of(Part::ForeignAmount).is_empty()
            && self.found.of(Part::Amount).is_empty();
        let parts: &[Part] = match local {
            true => &[Part::LocalCurrency, Part::Currency],
            false => &[Part::ForeignCurrency, Part::Currency, Part::LocalCurrency],
        };
        let given = self.found.of_profile().get(&Role::Currency).copied();
        let column = given.or(self.found.first(parts).first().copied());
        let (told, blank) =
            column.map_or((Vec::new(), true), |column| distinct(self.sample, column, &self.amounts));
        let codes: Vec<Currency> = told.iter().filter_map(|code| Currency::new(code).ok()).collect();
        let one = match codes.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let (code, home, zone) = self.hints.owner(&self.sample.name, self.found.currency().or(one))?;
        self.draft.owner(self.hints, (code.as_str(), home.code(), zone.name()), false);
        match column.filter(|_| !codes.is_empty()) {
            Some(column) if codes.len() == told.len() => {
                self.put(Role::Currency, column);
                if blank {
                    self.draft.set("defaults", "currency", home.code());
                }
            }
            Some(_) => {
                let odd = told.iter().find(|code| Currency::new(code).is_err()).copied().unwrap_or_default();
                let message =
                    format!("its column of currencies says \"{odd}\", which is none: write a column map");
                return Err(self.refuse(Why::Columns, message));
            }
            None => {
                self.draft.unset("columns", "currency");
                let own = self.found.currency().unwrap_or(home);
                self.draft.set("constants", "currency", own.code());
            }
        }
        Ok(())
    }

    fn entity(&mut self) -> Result<(), FileError> {
        let code = self.hints.entity.as_ref().map(ToString::to_string).unwrap_or_default();
        let column = self.found.first(&[Part::Entity]).first().copied();
        let mut told: Vec<String> = match column {
            Some(column) => {
                distinct(self.sample, column, &self.amounts).0.iter().map(|t| (*t).to_owned()).collect()
            }
            None => Vec::new(),
        };
        let (grid, words) = (&self.sample.grid, ENTITY_ROWS.map(str::to_owned));
        for row in 0..grid.len() {
            let cells: Vec<&str> = grid.row(row).filter(|text| !text.is_empty()).collect();
            if cells.len() <= 3
                && let Some(name) = named_by(&cells, &words)
                && !told.contains(&name)
            {
                told.push(name);
            }
        }
        if told.len() > 1 {
            let message = format!(
                "it holds the books of several entities ({}): export one, or write a column map that \
                 names them",
                told.join(", ")
            );
            return Err(self.refuse(Why::Entity, message));
        }
        self.draft.set("constants", "entity", code);
        Ok(())
    }

    fn status(&mut self) {
        let Some(column) = self.found.first(&[Part::Status]).first().copied() else { return };
        let (told, blank) = distinct(self.sample, column, &self.amounts);
        let known = |word: &&str| {
            let word = word.to_lowercase();
            [&BOOKED[..], &UNBOOKED, &VOIDED].iter().any(|words| words.contains(&word.as_str()))
        };
        if !blank && !told.is_empty() && told.iter().all(known) {
            self.put(Role::Status, column);
            self.draft.list("status", "booked", BOOKED);
            self.draft.list("status", "unbooked", UNBOOKED);
            self.draft.list("status", "void", VOIDED);
        } else {
            self.notes.push(format!(
                "the column \"{}\" is not read: its words are not known",
                self.found.names[column]
            ));
        }
    }

    fn flag(&mut self) -> Option<usize> {
        let column = self.found.of_profile().get(&Role::Flag).copied().or(self
            .found
            .of(Part::Flag)
            .first()
            .copied())?;
        let (told, _) = distinct(self.sample, column, &self.amounts);
        let is = |words: &[&str], word: &str| words.contains(&word.to_lowercase().as_str());
        let known = told.iter().all(|word| is(&DEBITS, word) || is(&CREDITS, word));
        // Amounts that have the flag's sign already would be turned twice.
        let grid = &self.sample.grid;
        let signs = cells(grid, self.found, column).filter(|(row, _)| has_any(grid, *row, &self.amounts));
        let negative = |row: usize| {
            self.amounts.iter().any(|amount| grid.cell(row, *amount).contains(['-', '(', '\u{2212}']))
        };
        let mut credits =
            signs.filter(|(_, word)| is(&CREDITS, word)).map(|(row, _)| negative(row)).peekable();
        let signed = credits.peek().is_some() && credits.all(|negative| negative);
        (known && !told.is_empty() && !signed).then_some(column)
    }

    fn numbered(mut self) -> Made {
        let single = self.has(Role::Amount) && !self.draft.has("journals", "amount_sign");
        let flagged = single || self.has(Role::FunctionalAmount);
        match self.flag().filter(|_| flagged) {
            Some(column) => {
                self.put(Role::Flag, column);
                self.draft.list("flags", "debit", DEBITS);
                self.draft.list("flags", "credit", CREDITS);
            }
            None => self.draft.unset("columns", "flag"),
        }
        let profile = self.found.of_profile();
        let settled = self.draft.has("journals", "group_by");
        let mut keys: Vec<usize> = profile.get(&Role::Journal).into_iter().copied().collect();
        if keys.is_empty() {
            for part in [Part::Journal, Part::Number, Part::Reference] {
                keys.extend(self.found.of(part));
            }
        }
        if let Some(reference) = self.reference() {
            self.put(Role::Reference, reference);
        }
        if !self.has(Role::Type)
            && let Some(column) = self.found.of(Part::Type).first().copied()
        {
            self.put(Role::Type, column);
        }
        if !self.has(Role::LineMemo)
            && let Some(column) = self.found.of(Part::Memo).first().copied()
        {
            self.put(Role::LineMemo, column);
        }
        for column in self.found.of(Part::Period) {
            let name = &self.found.names[column];
            self.notes.push(format!(
                "the column \"{name}\" is not read: a journal belongs to the month of its posting date"
            ));
        }
        let mut besides = vec![vec![], vec![Role::PostingDate]];
        if self.has(Role::Type) {
            besides.push(vec![Role::Type]);
            besides.push(vec![Role::Type, Role::PostingDate]);
        }
        let contra = self.found.of(Part::Contra).first().copied().filter(|_| !self.has(Role::ContraAccount));
        let signed = single && !self.has(Role::Flag) && !self.has(Role::ContraAccount);
        let Self { draft, notes, .. } = self;
        Made { draft, keys, besides, settled, contra, signed, notes }
    }
}
