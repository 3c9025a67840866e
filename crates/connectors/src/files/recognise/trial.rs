//! Reads a file by the maps that could be its own, and keeps the one that its rows bear out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use tieout_domain::{document::Canonical, ledger::LedgerEntry};

use super::{
    super::{
        error::{FileError, Why, unsure},
        flat::{Flat, Kind},
        grid::Grid,
        map::ColumnMap,
        read::{read_billing, read_gl},
        role::{MapKind, Role},
        source::{FileSource, Summary},
    },
    draft::Draft,
    hints::Hints,
    ledger::Made,
    natural::{self, Signs, Written},
    sample::Sample,
};
use crate::traits::{Page, Rejection};

/// What a map makes of a file.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was read.
    pub summary: Summary,
    /// The journals of a ledger.
    pub entries: Vec<LedgerEntry>,
    /// What documents come to, by currency.
    pub documents: BTreeMap<String, i128>,
    /// The rows that are put aside, each with the document or journal that it takes along.
    pub aside: BTreeMap<u64, String>,
    /// The first and the last day of what was read.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

impl Outcome {
    fn day(&mut self, day: NaiveDate) {
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    /// Notes a row that is put aside.
    fn beside(&mut self, id: &str, item: Option<String>, rejection: &Rejection) {
        let digits = rejection.place.strip_prefix("row ").unwrap_or_default();
        let digits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let Ok(row) = digits.parse() else { return };
        let whole = || id.rsplit_once(", row ").map_or(id, |(item, _)| item).to_owned();
        self.aside.insert(row, item.unwrap_or_else(whole));
    }
}

/// Reads the whole file by a map.
///
/// # Errors
/// [`FileError`].
pub fn read(source: &FileSource, map: &ColumnMap) -> Result<Outcome, FileError> {
    let mut out = Outcome::default();
    match map.kind() {
        MapKind::Gl => {
            let summary = read_gl(source, map, |page: Page<LedgerEntry>| {
                for one in page.items {
                    match one.item {
                        Ok(entry) => {
                            out.day(entry.posting_date);
                            out.entries.push(entry);
                        }
                        Err(why) => out.beside(&one.external_id, one.concerns.item, &why),
                    }
                }
                Ok::<_, FileError>(())
            })?;
            out.summary = summary;
        }
        MapKind::Billing => {
            let zone = map.entities.first().map_or(chrono_tz::Tz::UTC, |entity| entity.time_zone);
            let summary = read_billing(source, map, |page: Page<_>| {
                for one in page.items {
                    match one.item {
                        Ok(Canonical::Document(document)) => {
                            out.day(document.date.in_zone(zone));
                            let sum = out.documents.entry(document.currency().code().to_owned()).or_default();
                            *sum += i128::from(document.total.minor());
                        }
                        Ok(_) => {}
                        Err(why) => out.beside(&one.external_id, one.concerns.item, &why),
                    }
                }
                Ok::<_, FileError>(())
            })?;
            out.summary = summary;
        }
    }
    Ok(out)
}

/// The map of this draft.
///
/// # Errors
/// [`FileError::Unsure`] where the draft is no map: a fault of the recognition, told as that.
pub fn parse(sample: &Sample, draft: &Draft) -> Result<ColumnMap, FileError> {
    ColumnMap::parse(&draft.text())
        .map_err(|e| unsure(Why::NotRecognised, &sample.name, format!("{e}: write a column map for it")))
}

/// What the lines of the table leave to the first line of their journal.
pub struct Gaps {
    /// A line has no number although it has a day.
    pub unnumbered: bool,
    /// A line has neither.
    pub continued: bool,
}

/// Looks at the lines that a map sees.
///
/// # Errors
/// [`FileError`] where the header is not found again.
pub fn gaps(sample: &Sample, map: &ColumnMap) -> Result<Gaps, FileError> {
    let flat = Flat::new(&sample.name, &sample.grid, map)?;
    let number = match map.kind() {
        MapKind::Gl => Role::Journal,
        MapKind::Billing => Role::Number,
    };
    let mut gaps = Gaps { unnumbered: false, continued: false };
    for row in flat.header.below..sample.grid.len() {
        if flat.kind(row) != Kind::Line || !flat.cell(row, number).is_empty() {
            continue;
        }
        match flat.is_dated(row) {
            true => gaps.unnumbered = true,
            false => gaps.continued = true,
        }
    }
    Ok(gaps)
}

/// Finds the way to read a ledger by which its journals balance.
///
/// # Errors
/// [`FileError`]: nothing of it could be read, or what it means cannot be told.
pub fn ledger(
    sample: &Sample,
    mut made: Made,
    (hints, source): (&Hints, &FileSource),
) -> Result<(Draft, Outcome, Vec<String>), FileError> {
    path_of_accounts(sample, &mut made, hints);
    let mut best: Option<(Draft, Outcome)> = None;
    for draft in ways(sample, &made)? {
        let outcome = read(source, &parse(sample, &draft)?)?;
        let perfect = outcome.summary.rejected_rows == 0 && outcome.summary.items > 0;
        let better = |(_, known): &(Draft, Outcome)| {
            let of = |o: &Outcome| (o.summary.rejected_rows, std::cmp::Reverse(o.summary.items));
            of(&outcome) < of(known)
        };
        if best.as_ref().is_none_or(better) {
            best = Some((draft, outcome));
        }
        if perfect {
            break;
        }
    }
    let nothing =
        || unsure(Why::NotRecognised, &sample.name, "no column of it names journals: write a column map");
    let (mut draft, mut outcome) = best.ok_or_else(nothing)?;
    let unbalanced = outcome.summary.rejections.iter().any(|r| r.code == "journal_unbalanced");
    if unbalanced && one_account(source, sample, &draft)? {
        draft.set("journals", "partial", true);
        outcome = read(source, &parse(sample, &draft)?)?;
        let note =
            "the file holds one account only: its journals are not whole, and what is made of it says so";
        made.notes.push(note.to_owned());
    } else if unbalanced
        && made.signed
        && let Some((turned, read)) = natural(sample, &made, (hints, source))?
    {
        (draft, outcome) = (turned, read);
        made.notes.push(
            "amounts are in the natural sign of their accounts: only so do the journals balance".to_owned(),
        );
    } else if unbalanced && let Some((turned, read)) = negative_credits(sample, &made, source)? {
        (draft, outcome) = (turned, read);
    } else if made.signed {
        contradiction(sample, hints, &outcome)?;
    }
    if outcome.summary.items == 0 {
        let first = outcome.summary.rejections.first();
        let (why, what) = match first {
            Some(first) if first.code == "journal_unbalanced" => (Why::Unbalanced, first.to_string()),
            Some(first) => (Why::NotRecognised, first.to_string()),
            None => (Why::NotRecognised, "it has no lines".to_owned()),
        };
        return Err(unsure(why, &sample.name, format!("no journal of it can be read: {what}")));
    }
    let held: BTreeSet<&str> =
        outcome.entries.iter().flat_map(|e| &e.lines).map(|line| line.account.as_str()).collect();
    let expected = |(_, code): &(String, tieout_domain::AccountCode)| {
        held.contains(super::super::account::code(code).as_str())
    };
    if !hints.expect.is_empty() && !hints.expect.iter().any(expected) {
        made.notes.push("none of the accounts that were named is in the file".to_owned());
    }
    Ok((draft, outcome, made.notes))
}

/// Accounts below accounts are named by the path to them, unless a person names one by its own name.
fn path_of_accounts(sample: &Sample, made: &mut Made, hints: &Hints) {
    let closes = |row: usize| {
        let first = sample.grid.row(row).find(|text| !text.is_empty());
        first.and_then(super::super::phrase::total_of).is_some_and(|name| !name.is_empty())
    };
    let words = made.draft.0.get("headings").and_then(|headings| headings.get("account")?.as_array());
    let alone = words.is_some_and(|words| words.iter().any(|word| word.as_str() == Some("*")));
    let by_own_name = hints.expect.iter().any(|(_, code)| {
        let names = |row: usize| sample.grid.row(row).find(|text| !text.is_empty()) == Some(code.as_str());
        !code.as_str().contains(':') && (0..sample.grid.len()).any(names)
    });
    if alone && !by_own_name && (0..sample.grid.len()).any(closes) {
        made.draft.set("headings", "path", true);
    }
}

/// The drafts that could be right, the likeliest first.
fn ways(sample: &Sample, made: &Made) -> Result<Vec<Draft>, FileError> {
    let mut ways = Vec::new();
    for contra in [None, made.contra] {
        if contra.is_none() && !ways.is_empty() {
            continue;
        }
        for key in &made.keys {
            let mut keyed = made.draft.clone();
            keyed.column(Role::Journal, &sample.found, *key);
            if !keyed.has("columns", "reference") {
                keyed.column(Role::Reference, &sample.found, *key);
            }
            if let Some(contra) = contra {
                keyed.column(Role::ContraAccount, &sample.found, contra);
            }
            for keyed in unnumbered(sample, keyed)? {
                if made.settled {
                    ways.push(keyed);
                    continue;
                }
                for besides in &made.besides {
                    let mut draft = keyed.clone();
                    let key = std::iter::once("journal").chain(besides.iter().map(|role| role.as_str()));
                    draft.list("journals", "group_by", key);
                    ways.push(draft);
                }
            }
        }
    }
    Ok(ways)
}

/// Lets lines take from the first of their journal what they do not say themselves, where any leave it out.
pub fn carry(sample: &Sample, draft: &mut Draft) -> Result<Gaps, FileError> {
    let gaps = gaps(sample, &parse(sample, draft)?)?;
    if gaps.continued {
        carried(draft);
    }
    Ok(gaps)
}

/// Lets lines take from the first of their journal or document whatever they do not say themselves.
pub fn carried(draft: &mut Draft) {
    let roles = [
        Role::PostingDate,
        Role::Reference,
        Role::Type,
        Role::Currency,
        Role::Status,
        Role::Date,
        Role::Customer,
        Role::Kind,
        Role::Country,
        Role::Invoice,
    ];
    let has = |role: &&Role| draft.has("columns", role.as_str());
    let carried: Vec<&str> = roles.iter().filter(has).map(|role| role.as_str()).collect();
    draft.list("table", "carry_down", carried);
}

/// The ways in which journals without a number may be meant.
fn unnumbered(sample: &Sample, mut draft: Draft) -> Result<Vec<Draft>, FileError> {
    let gaps = carry(sample, &mut draft)?;
    if !gaps.unnumbered {
        return Ok(vec![draft]);
    }
    let mut apart = draft.clone();
    apart.set("journals", "without_number", if gaps.continued { "in_blocks" } else { "by_day" });
    if gaps.continued {
        return Ok(vec![apart]);
    }
    // The number may stand on the first line only although the day stands on each.
    carried(&mut draft);
    Ok(vec![draft, apart])
}

/// The journals of a draft as they are written, whether they balance or not.
fn written(source: &FileSource, sample: &Sample, draft: &Draft) -> Result<Outcome, FileError> {
    let mut draft = draft.clone();
    draft.set("journals", "partial", true);
    read(source, &parse(sample, &draft)?)
}

fn one_account(source: &FileSource, sample: &Sample, draft: &Draft) -> Result<bool, FileError> {
    let outcome = written(source, sample, draft)?;
    let lines = outcome.entries.iter().flat_map(|entry| &entry.lines);
    let accounts: BTreeSet<&str> = lines.map(|line| line.account.as_str()).collect();
    Ok(accounts.len() == 1)
}

fn natural(
    sample: &Sample,
    made: &Made,
    (hints, source): (&Hints, &FileSource),
) -> Result<Option<(Draft, Outcome)>, FileError> {
    let mut unknown = None;
    for draft in ways(sample, made)? {
        let outcome = written(source, sample, &draft)?;
        if outcome.summary.rejected_rows > 0 || outcome.entries.is_empty() {
            continue;
        }
        let journal = |entry: &LedgerEntry| {
            let mut sums = Written::new();
            for line in &entry.lines {
                *sums.entry(line.account.to_string()).or_default() += i128::from(line.transaction_minor);
            }
            sums
        };
        let journals: Vec<Written> = outcome.entries.iter().map(journal).collect();
        let names =
            outcome.summary.accounts.iter().map(|account| (account.erp_id.clone(), account.name.clone()));
        let known: Vec<(String, bool)> = hints.sides().collect();
        match natural::solve(&journals, &known, &names.collect()) {
            Signs::None => {}
            Signs::Unknown(account) => unknown = Some(account),
            Signs::Turned(accounts) => {
                let mut draft = draft.clone();
                draft.set("journals", "amount_sign", "natural");
                draft.list("accounts", "credit", accounts.iter().map(String::as_str));
                let outcome = read(source, &parse(sample, &draft)?)?;
                if outcome.summary.rejected_rows == 0 {
                    return Ok(Some((draft, outcome)));
                }
            }
        }
    }
    match unknown {
        None => Ok(None),
        Some(account) => {
            let message = format!(
                "its journals do not balance as they are signed, and nothing says on which side account \
                 {account} usually stands: name the accounts that you know with --expect"
            );
            Err(unsure(Why::Signs, &sample.name, message))
        }
    }
}

/// The way by which the journals balance where the column of credits has them with a minus.
fn negative_credits(
    sample: &Sample,
    made: &Made,
    source: &FileSource,
) -> Result<Option<(Draft, Outcome)>, FileError> {
    for mut draft in ways(sample, made)? {
        if !draft.has("columns", "credit") && !draft.has("columns", "functional_credit") {
            break;
        }
        draft.set("journals", "credits", "negative");
        let outcome = read(source, &parse(sample, &draft)?)?;
        if outcome.summary.rejected_rows == 0 && outcome.summary.items > 0 {
            return Ok(Some((draft, outcome)));
        }
    }
    Ok(None)
}

/// Words of documents that credit a customer.
const CREDITING: [&str; 10] = [
    "credit",
    "gutschrift",
    "avoir",
    "abono",
    "refund",
    "storno",
    "rectificativa",
    "erstattung",
    "reversal",
    "remboursement",
];

/// Refuses signed amounts whose accounts say the opposite: all revenue debited, all receivables credited.
fn contradiction(sample: &Sample, hints: &Hints, outcome: &Outcome) -> Result<(), FileError> {
    let (Some(receivable), Some(revenue)) = (hints.expected("receivable"), hints.expected("revenue")) else {
        return Ok(());
    };
    let lines = || outcome.entries.iter().flat_map(|entry| &entry.lines);
    let all = |account: &tieout_domain::AccountCode, debit: bool| {
        let code = super::super::account::code(account);
        let mut own = lines().filter(|line| line.account == code && line.transaction_minor != 0).peekable();
        own.peek().is_some() && own.all(|line| (line.transaction_minor > 0) == debit)
    };
    if !all(revenue, true) || !all(receivable, false) || says_credit(&sample.grid) {
        return Ok(());
    }
    let message = "by the signs of its amounts all revenue is debited and all receivables are credited: \
                   write a column map that says journals.amount_sign = \"credit_positive\", if that \
                   is how it is meant";
    Err(unsure(Why::Signs, &sample.name, message))
}

fn says_credit(grid: &Grid) -> bool {
    let says = |text: &str| {
        let text = text.to_lowercase();
        CREDITING.iter().any(|word| text.contains(word)) && text != "credit"
    };
    (0..grid.len()).any(|row| grid.row(row).any(says))
}
