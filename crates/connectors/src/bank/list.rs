//! Lists in CSV: a row for each line, with the balance after it. The balances prove how the file is to be
//! read: in which order its rows stand and how its numbers are written. A list without balances proves
//! nothing and is refused.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tieout_domain::{
    Currency, Money,
    bank::{BankLine, BankStatement, account_number},
};

use super::error::{BankError, Why};
use crate::files::{Negative, NumberFormat};

/// What a list does not say of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaidOfList {
    /// The account's number.
    pub number: Option<String>,
    /// The account's currency.
    pub currency: Option<Currency>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Booked,
    Value,
    Amount,
    Out,
    In,
    Balance,
    Currency,
    Account,
    BankReference,
    Reference,
    Party,
    Text,
}

/// The headings of each, in English, German, French, Spanish and Dutch, as [`plain`] has them.
const WORDS: [(Part, &str); 12] = [
    (
        Part::Booked,
        "date|booking date|book date|booked|posting date|posted date|transaction date|completed date|datum|\
         buchungstag|buchungsdatum|boekdatum|date operation|date de comptabilisation|fecha|fecha operacion",
    ),
    (
        Part::Value,
        "value date|valuta|valutadatum|wertstellung|wert|rentedatum|date valeur|date de valeur|fecha valor",
    ),
    (Part::Amount, "amount|betrag|umsatz|montant|importe|bedrag|transaction amount"),
    (
        Part::Out,
        "debit|debit amount|paid out|money out|withdrawal|withdrawals|soll|lastschrift|ausgang|debito|af|\
         cargo|cargos|debits",
    ),
    (
        Part::In,
        "credit|credit amount|paid in|money in|deposit|deposits|haben|gutschrift|eingang|credito|bij|abono|\
         abonos|credits",
    ),
    (
        Part::Balance,
        "balance|running balance|balance after|closing balance|account balance|saldo|kontostand|\
         saldo nach buchung|saldo na mutatie|solde",
    ),
    (Part::Currency, "currency|wahrung|devise|divisa|moneda|munt|ccy"),
    (
        Part::Account,
        "iban|account|account number|account iban|auftragskonto|konto|kontonummer|rekening|rekeningnummer|\
         numero de compte|compte|cuenta",
    ),
    (
        Part::BankReference,
        "bank reference|transaction id|transaction number|bank transaction id|buchungsreferenz|volgnr|id",
    ),
    (
        Part::Reference,
        "reference|payment reference|customer reference|end to end id|end to end reference|referenz|\
         kundenreferenz|kundenreferenz end to end|referencia|kenmerk",
    ),
    (
        Part::Party,
        "counterparty|counterparty name|payee|payer|name|beneficiary|partner name|empfanger|auftraggeber|\
         beguenstigter zahlungspflichtiger|begunstigter zahlungspflichtiger|naam tegenpartij|tiers|\
         beneficiario",
    ),
    (
        Part::Text,
        "description|details|narrative|transaction description|memo|particulars|verwendungszweck|\
         buchungstext|libelle|concepto|omschrijving|omschrijving 1|text",
    ),
];

/// How a file may write a day. What fits several is told apart by the file's own rows.
const DAYS: [&str; 10] = [
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%d.%m.%y", "%d/%m/%y",
    "%d %b %Y", "%Y%m%d",
];

/// A heading in small letters without accents and signs.
fn plain(heading: &str) -> String {
    let letter = |c: char| match c {
        'à'..='å' => 'a',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    };
    let text: String = heading.to_lowercase().chars().map(letter).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn part(heading: &str) -> Option<Part> {
    let words = plain(heading);
    let is = |list: &str| list.split('|').any(|known| known == words);
    WORDS.iter().find(|(_, list)| is(list)).map(|(part, _)| *part)
}

/// A row of the file, with its line.
struct Row {
    row: u32,
    cells: Vec<String>,
}

/// The rows below the headings, and what each column holds.
struct Table {
    columns: Vec<Option<Part>>,
    rows: Vec<Row>,
}

impl Table {
    fn has(&self, part: Part) -> bool {
        self.columns.contains(&Some(part))
    }

    /// What a row says there, of all columns that hold it.
    fn all<'r>(&'r self, row: &'r Row, part: Part) -> impl Iterator<Item = &'r str> {
        let cells = self.columns.iter().zip(&row.cells);
        cells
            .filter(move |(of, _)| **of == Some(part))
            .map(|(_, cell)| cell.as_str())
            .filter(|s| !s.is_empty())
    }

    fn one<'r>(&'r self, row: &'r Row, part: Part) -> &'r str {
        self.all(row, part).next().unwrap_or_default()
    }
}

fn delimiter(text: &str) -> u8 {
    let head: String = text.lines().take(30).collect();
    let of = |c: char| head.matches(c).count();
    [b';', b'\t', b','].into_iter().max_by_key(|byte| of(char::from(*byte))).unwrap_or(b',')
}

fn table(text: &str) -> Result<Table, BankError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut found: Option<Table> = None;
    for record in reader.records() {
        let record = record.map_err(|e| BankError::file(Why::Unknown, e.to_string()))?;
        let row = record.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        let Some(table) = &mut found else {
            let columns: Vec<Option<Part>> = cells.iter().map(|cell| part(cell)).collect();
            let has = |part: Part| columns.contains(&Some(part));
            if has(Part::Booked) && (has(Part::Amount) || (has(Part::In) && has(Part::Out))) {
                found = Some(Table { columns, rows: Vec::new() });
            } else if row > 40 {
                break;
            }
            continue;
        };
        if cells.iter().any(|cell| !cell.is_empty()) {
            table.rows.push(Row { row, cells });
        }
    }
    found.ok_or_else(|| {
        let what = "it is neither CAMT.053 nor MT940, and no row of it has the headings of a bank's list: a \
                    date and an amount, or a date, money in and money out";
        BankError::file(Why::Unknown, what)
    })
}

/// The statements of a list: one for each account that it names.
pub(super) fn read(text: &str, said: &SaidOfList) -> Result<Vec<BankStatement>, BankError> {
    let table = table(text)?;
    if !table.has(Part::Balance) {
        let what = "the list has no column with the balance after each row, so nothing proves that it is \
                    whole: export it with balances, or as CAMT.053 or MT940";
        return Err(BankError::file(Why::Ambiguous, what));
    }
    let days = days(&table)?;
    let mut accounts: Vec<&str> = Vec::new();
    for row in &table.rows {
        let account = table.one(row, Part::Account);
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    let of = |account: &&str| {
        let rows: Vec<Placed<'_>> = table.rows.iter().enumerate().collect();
        let own = rows.into_iter().filter(|(_, row)| table.one(row, Part::Account) == *account).collect();
        List { table: &table, days: &days, rows: own }.statement(account, said)
    };
    accounts.iter().map(of).collect()
}

/// The day of each row: by the one format that all rows fit. Where several do and differ, by the one in
/// which the rows stand in order.
fn days(table: &Table) -> Result<Vec<NaiveDate>, BankError> {
    let by = |format: &str| -> Option<Vec<NaiveDate>> {
        let day = |row: &Row| {
            let written = table.one(row, Part::Booked);
            let day = written.split([' ', 'T']).next().filter(|_| !format.contains(' ')).unwrap_or(written);
            NaiveDate::parse_from_str(day, format).ok()
        };
        table.rows.iter().map(day).collect()
    };
    let fit: BTreeSet<Vec<NaiveDate>> = DAYS.iter().filter_map(|format| by(format)).collect();
    let in_order = |days: &&Vec<NaiveDate>| days.is_sorted() || days.iter().rev().is_sorted();
    let ordered: Vec<&Vec<NaiveDate>> = fit.iter().filter(in_order).collect();
    match (fit.len(), ordered.as_slice()) {
        (1, _) => Ok(fit.into_iter().next().unwrap_or_default()),
        (0, _) => {
            let bad = table.rows.iter().find(|row| {
                let written = table.one(row, Part::Booked);
                !DAYS.iter().any(|format| NaiveDate::parse_from_str(written, format).is_ok())
            });
            let row = bad.or(table.rows.first());
            let written = row.map(|row| table.one(row, Part::Booked)).unwrap_or_default();
            Err(BankError::at(None, row.map_or(1, |row| row.row), format!("\"{written}\" is no date")))
        }
        (_, [one]) => Ok((*one).clone()),
        _ => {
            let what = "its dates fit two orders of day and month, and no row tells which: export it with \
                        dates like 2026-01-31";
            Err(BankError::file(Why::Ambiguous, what))
        }
    }
}

/// The rows of one account.
struct List<'t> {
    table: &'t Table,
    days: &'t [NaiveDate],
    rows: Vec<Placed<'t>>,
}

/// A row with its place in the file.
type Placed<'r> = (usize, &'r Row);
/// Amount and balance of each row, in the order in which they were booked.
type Figures = Vec<(i64, i64)>;
/// Rows in the order in which they were booked, with their figures.
type Proven<'r> = (Vec<Placed<'r>>, Figures);

impl List<'_> {
    fn statement(&self, account: &str, said: &SaidOfList) -> Result<BankStatement, BankError> {
        let currency = self.currency(said)?;
        let number = Some(account).filter(|number| !number.is_empty()).or(said.number.as_deref());
        let Some(number) = number else {
            let what = "the list does not say of which account it is: name its number (--number)";
            return Err(BankError::file(Why::Ambiguous, what));
        };
        let (rows, figures) = self.proven(currency)?;
        let line = |n: usize, (at, row): &Placed<'_>, minor: i64| {
            let all = |part: Part| self.table.all(row, part).map(str::to_owned);
            BankLine {
                number: u32::try_from(n + 1).unwrap_or(u32::MAX),
                row: row.row,
                booked_on: self.days[*at],
                value_on: None,
                amount_minor: minor,
                reversal: false,
                bank_reference: all(Part::BankReference).next(),
                references: all(Part::Reference).collect(),
                counterparty: all(Part::Party).next(),
                text: all(Part::Text).collect::<Vec<_>>().join(" "),
                batch: None,
            }
        };
        let both = rows.iter().zip(&figures).enumerate();
        let lines: Vec<BankLine> = both.map(|(n, (row, (minor, _)))| line(n, row, *minor)).collect();
        let days = || lines.iter().map(|line| line.booked_on);
        let (from, to) = (days().min().unwrap_or_default(), days().max().unwrap_or_default());
        let first = figures.first().and_then(|(minor, balance)| balance.checked_sub(*minor));
        Ok(BankStatement {
            account: account_number(number, currency),
            currency,
            id: format!("{from}..{to}"),
            from,
            to,
            opening_minor: first.unwrap_or_default(),
            closing_minor: figures.last().map_or(0, |(_, balance)| *balance),
            lines,
            announced: 0,
        })
    }

    fn currency(&self, said: &SaidOfList) -> Result<Currency, BankError> {
        let mut found: Option<(Currency, u32)> = None;
        for (_, row) in &self.rows {
            let code = self.table.one(row, Part::Currency);
            if code.is_empty() {
                continue;
            }
            let one = Currency::new(&code.to_ascii_uppercase());
            let one = one.map_err(|e| BankError::at(None, row.row, e.to_string()))?;
            if let Some((other, _)) = found.filter(|(other, _)| *other != one) {
                let what = format!("the account is in {other}, and this row in {one}");
                return Err(BankError::at(None, row.row, what));
            }
            found = Some((one, row.row));
        }
        found.map(|(currency, _)| currency).or(said.currency).ok_or_else(|| {
            let what = "the list does not say in which currency it is: name it (--currency)";
            BankError::file(Why::Ambiguous, what)
        })
    }

    /// The rows in the order in which they were booked, with the figures that their balances prove.
    fn proven(&self, currency: Currency) -> Result<Proven<'_>, BankError> {
        let forward = self.rows.clone();
        let backward: Vec<Placed<'_>> = self.rows.iter().rev().copied().collect();
        let mut found: Vec<Proven<'_>> = Vec::new();
        let mut wrong: Option<(usize, BankError)> = None;
        for format in formats() {
            for rows in [&forward, &backward] {
                let figures = self.figures(rows, &format, currency).map_err(|error| (0, error));
                match figures.and_then(|figures| self.chain(rows, figures, currency)) {
                    Ok(figures) if found.iter().all(|(_, known)| *known != figures) => {
                        found.push((rows.clone(), figures));
                    }
                    Ok(_) => {}
                    // The reading that went furthest tells most.
                    Err(error) if wrong.as_ref().is_none_or(|known| known.0 < error.0) => {
                        wrong = Some(error);
                    }
                    Err(_) => {}
                }
            }
        }
        match (found.len(), wrong) {
            (1, _) => Ok(found.remove(0)),
            (0, Some((_, error))) => Err(error),
            (0, None) => Err(BankError::file(Why::Unknown, "the list has no rows")),
            _ => {
                let what = "its numbers fit two ways of writing them, and its balances prove both: export it \
                            as CAMT.053 or MT940";
                Err(BankError::file(Why::Ambiguous, what))
            }
        }
    }

    fn figures(
        &self,
        rows: &[Placed<'_>],
        format: &NumberFormat,
        currency: Currency,
    ) -> Result<Figures, BankError> {
        let one = |row: &Row, part: Part| -> Result<i64, BankError> {
            let written = self.table.one(row, part);
            if written.is_empty() {
                return Ok(0);
            }
            let wrong = |what: String| BankError::at(None, row.row, format!("\"{written}\": {what}"));
            let exact = format.parse(written).map_err(wrong)?;
            let decimal = exact.decimal().ok_or_else(|| wrong("the amount is too large".to_owned()))?;
            Money::from_decimal_exact(decimal, currency).map(Money::minor).map_err(|e| wrong(e.to_string()))
        };
        let figures = |(_, row): &Placed<'_>| {
            // Money out is written with or without its sign.
            let (paid_in, out) = (one(row, Part::In)?, one(row, Part::Out)?);
            let minor = one(row, Part::Amount)?.saturating_add(paid_in).saturating_sub(out.saturating_abs());
            if self.table.one(row, Part::Balance).is_empty() {
                return Err(BankError::at(None, row.row, "the row has no balance"));
            }
            Ok((minor, one(row, Part::Balance)?))
        };
        rows.iter().map(figures).collect()
    }

    /// Each balance is the one before it and the row's amount; else how many rows were, and what is wrong.
    fn chain(
        &self,
        rows: &[Placed<'_>],
        figures: Figures,
        currency: Currency,
    ) -> Result<Figures, (usize, BankError)> {
        for (n, pair) in figures.windows(2).enumerate() {
            let sum = pair[0].1.saturating_add(pair[1].0);
            if sum != pair[1].1 {
                let row = rows.get(n + 1).map(|(_, row)| row.row);
                let money = |minor| Money::new(minor, currency);
                let message = format!(
                    "the balance before and the row's amount come to {}, and the row's balance says {}",
                    money(sum),
                    money(pair[1].1)
                );
                return Err((n + 1, BankError { why: Why::DoesNotAddUp, statement: None, row, message }));
            }
        }
        Ok(figures)
    }
}

/// The ways in which numbers are written.
fn formats() -> Vec<NumberFormat> {
    let ways = [('.', Some(',')), ('.', Some('\'')), (',', Some('.')), (',', Some(' '))];
    let format = |(decimal, thousands)| NumberFormat {
        decimal,
        thousands,
        negative: vec![Negative::TrailingMinus, Negative::Parentheses],
        signs: true,
        nothing: vec!["-".to_owned()],
    };
    ways.into_iter().map(format).collect()
}
