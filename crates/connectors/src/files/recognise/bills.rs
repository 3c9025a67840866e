//! The column map of billing's file, from its headings and its rows.

use tieout_domain::Currency;

use super::{
    super::{
        error::{FileError, Why, unsure},
        number::{Exact, NumberFormat},
        role::Role,
        source::FileSource,
    },
    columns::Found,
    draft::{Draft, cells, dates, distinct, has_any, numbers},
    hints::Hints,
    sample::Sample,
    trial::{Outcome, carried, carry, parse, read},
    words::{Part, plain},
};

const FINAL: [&str; 30] = [
    "paid",
    "open",
    "sent",
    "issued",
    "posted",
    "final",
    "finalized",
    "finalised",
    "overdue",
    "past due",
    "past_due",
    "unpaid",
    "partially paid",
    "partial",
    "due",
    "approved",
    "authorised",
    "authorized",
    "closed",
    "payment due",
    "payment_due",
    "not paid",
    "not_paid",
    "bezahlt",
    "offen",
    "pay\u{e9}e",
    "pagada",
    "pendiente de pago",
    "completed",
    "refunded",
];
const DRAFT: [&str; 6] = ["draft", "entwurf", "brouillon", "borrador", "deleted", "proforma"];
const VOID: [&str; 10] = [
    "void",
    "voided",
    "cancelled",
    "canceled",
    "storniert",
    "annul\u{e9}e",
    "anulada",
    "voided_invoice",
    "cancelada",
    "annulled",
];
const WRITTEN_OFF: [&str; 6] =
    ["uncollectible", "written off", "written_off", "written-off", "bad debt", "ausgebucht"];

const INVOICES: [&str; 10] = [
    "invoice",
    "inv",
    "rechnung",
    "facture",
    "factura",
    "sales invoice",
    "bill",
    "charge",
    "tax invoice",
    "standard",
];
const CREDITS: [&str; 14] = [
    "credit",
    "credit note",
    "credit memo",
    "credit_note",
    "cn",
    "gutschrift",
    "avoir",
    "abono",
    "nota de cr\u{e9}dito",
    "sales credit note",
    "storno",
    "rectificativa",
    "credit invoice",
    "note de cr\u{e9}dit",
];
const PAYMENTS: [&str; 6] = ["payment", "zahlung", "paiement", "pago", "receipt", "cobro"];
const REFUNDS: [&str; 4] = ["refund", "erstattung", "remboursement", "reembolso"];

struct Making<'s> {
    sample: &'s Sample,
    found: &'s Found,
    hints: &'s Hints,
    draft: Draft,
    amounts: Vec<usize>,
    numbers: NumberFormat,
    notes: Vec<String>,
}

/// Makes the map, and reads the file by it.
///
/// # Errors
/// [`FileError`]: nothing of it could be read, or what it means cannot be told.
pub fn make(
    sample: &Sample,
    (hints, source): (&Hints, &FileSource),
) -> Result<(Draft, Outcome, Vec<String>), FileError> {
    let (found, draft) = (&sample.found, Draft::begin(sample, &hints.said));
    let (amounts, numbers, notes) = Default::default();
    let mut making = Making { sample, found, hints, draft, amounts, numbers, notes };
    for (role, column) in found.of_profile() {
        making.put(role, column);
    }
    making.number()?;
    making.amounts()?;
    making.date(source)?;
    making.owner()?;
    making.words();
    making.rest();
    let Making { mut draft, notes, .. } = making;
    let gaps = carry(sample, &mut draft)?;
    if gaps.unnumbered && !gaps.continued {
        // The number may stand on the first line only although the day stands on each.
        carried(&mut draft);
    }
    let outcome = read(source, &parse(sample, &draft)?)?;
    if outcome.summary.items == 0 {
        let what =
            outcome.summary.rejections.first().map_or("it has no rows".to_owned(), ToString::to_string);
        let message = format!("no document of it can be read: {what}");
        return Err(unsure(Why::NotRecognised, &sample.name, message));
    }
    Ok((draft, outcome, notes))
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

    fn given(&self, role: Role) -> Option<usize> {
        self.found.of_profile().get(&role).copied()
    }

    fn number(&mut self) -> Result<(), FileError> {
        if self.has(Role::Number) {
            return Ok(());
        }
        let invoice = |column: &usize| {
            let name = plain(&self.found.names[*column]);
            ["invoice", "rechnung", "facture", "factura"].iter().any(|word| name.contains(word))
        };
        let all = [Part::Number, Part::Reference, Part::Journal].map(|part| self.found.of(part)).concat();
        let column = all.iter().find(|column| invoice(column)).or(all.first());
        let missing = || {
            self.refuse(Why::NotRecognised, "no column of it is known to name documents: write a column map")
        };
        let column = *column.ok_or_else(missing)?;
        self.put(Role::Number, column);
        Ok(())
    }

    fn amounts(&mut self) -> Result<(), FileError> {
        let of = |role: Role| self.given(role);
        let mut all: Vec<usize> = [Role::Amount, Role::Tax, Role::Fee, Role::Refunded]
            .iter()
            .filter_map(|role| of(*role))
            .collect();
        for part in [Part::Amount, Part::Gross, Part::Net, Part::Tax, Part::Quantity, Part::UnitPrice] {
            all.extend(self.found.of(part));
        }
        all.sort_unstable();
        all.dedup();
        let others = self.found.of(Part::Balance);
        self.numbers = numbers(self.sample, (&all, &others), self.hints)
            .map_err(|doubt| self.refuse(Why::Numbers, doubt.0))?;
        let format = self.numbers.clone();
        self.draft.formats(&[], &format);
        if !self.has(Role::Amount) {
            self.guess()?;
        } else if !self.draft.has("documents", "line_amount") {
            self.draft.set("documents", "line_amount", "amount");
            self.draft.set("documents", "rounding", "half_even");
            self.draft.set("documents", "tax", "exclusive");
        }
        self.amounts = all;
        Ok(())
    }

    fn sum(&self, row: usize, columns: &[usize]) -> Option<Exact> {
        let amount = |column: &usize| {
            let text = self.sample.grid.cell(row, *column);
            if text.is_empty() { Some(Exact::ZERO) } else { self.numbers.parse(text).ok() }
        };
        columns.iter().try_fold(Exact::ZERO, |sum, column| sum.plus(amount(column)?))
    }

    fn equal(&self, one: &[usize], other: &[usize]) -> bool {
        let rows = self.found.row + self.found.rows..self.sample.grid.len();
        rows.clone().all(|row| match (self.sum(row, one), self.sum(row, other)) {
            (Some(one), Some(other)) => one.plus(other.negated()).is_some_and(Exact::is_zero),
            _ => true,
        })
    }

    fn is_nothing(&self, column: usize) -> bool {
        self.equal(&[column], &[])
    }

    fn guess(&mut self) -> Result<(), FileError> {
        let one = |part: Part| self.found.of(part).first().copied();
        let (gross, net, tax, amount) = (one(Part::Gross), one(Part::Net), one(Part::Tax), one(Part::Amount));
        let (quantity, price) = (one(Part::Quantity), one(Part::UnitPrice));
        let tax = tax.filter(|tax| !self.is_nothing(*tax));
        let untold = "the file has a tax, and whether its amounts hold that tax cannot be told: export the \
                      amounts with and without tax, or write a column map that says documents.tax";
        let mut rule = "amount";
        let mut inclusive = false;
        match (gross, net, tax, amount) {
            (Some(gross), net, Some(tax), _) => {
                if net.is_some_and(|net| !self.equal(&[net, tax], &[gross])) {
                    self.notes.push(
                        "total, net and tax of some rows do not agree: the total and the tax are read"
                            .to_owned(),
                    );
                }
                self.put(Role::Amount, gross);
                self.put(Role::Tax, tax);
                inclusive = true;
            }
            (None, Some(net), Some(tax), _) => {
                self.put(Role::Amount, net);
                self.put(Role::Tax, tax);
            }
            (Some(gross), Some(net), None, _) if !self.equal(&[gross], &[net]) => {
                return Err(self.refuse(
                    Why::Tax,
                    "its totals hold more than their net amounts, and no column says the tax",
                ));
            }
            (Some(one), _, None, _) | (None, Some(one), None, None) => self.put(Role::Amount, one),
            (None, net, Some(tax), Some(amount)) => {
                let exclusive = net.is_some_and(|net| self.equal(&[net], &[amount]));
                inclusive = net.is_some_and(|net| self.equal(&[net, tax], &[amount]));
                if exclusive == inclusive {
                    return Err(self.refuse(Why::Tax, untold));
                }
                self.put(Role::Amount, amount);
                self.put(Role::Tax, tax);
            }
            (None, _, None, Some(amount)) => self.put(Role::Amount, amount),
            (None, None, _, None) => match (quantity, price) {
                (Some(quantity), Some(price)) => {
                    self.put(Role::Quantity, quantity);
                    self.put(Role::UnitPrice, price);
                    rule = "quantity_times_price";
                    if tax.is_some() {
                        return Err(self.refuse(Why::Tax, untold));
                    }
                }
                _ => return Err(self.refuse(Why::NotRecognised, "no column of it is known to hold amounts")),
            },
        }
        self.draft.set("documents", "line_amount", rule);
        self.draft.set("documents", "rounding", "half_even");
        self.draft.set("documents", "tax", if inclusive { "inclusive" } else { "exclusive" });
        Ok(())
    }

    fn date(&mut self, source: &FileSource) -> Result<(), FileError> {
        let parts = [Part::DocumentDate, Part::Date, Part::PostingDate];
        let column = self.given(Role::Date).or_else(|| self.found.first(&parts).first().copied());
        let column = column
            .ok_or_else(|| self.refuse(Why::NotRecognised, "no column of it is known to hold dates"))?;
        let others: Vec<usize> =
            parts.iter().flat_map(|part| self.found.of(*part)).filter(|c| *c != column).collect();
        let formats = dates(self.sample, (column, &others, &self.amounts), self.hints, source.judged_on)
            .map_err(|doubt| self.refuse(Why::Dates, doubt.0))?;
        self.put(Role::Date, column);
        self.draft.list("formats", "dates", formats.iter().map(String::as_str));
        let utc = self.found.names[column].to_lowercase().ends_with("utc");
        if utc || formats.iter().any(|format| format.ends_with(" UTC")) {
            self.draft.set("formats", "zone", "UTC");
            if self.hints.time_zone.is_none() {
                let message = "its times are in UTC, and the day of a document is that of its entity: say \
                               --time-zone, such as Europe/London";
                return Err(self.refuse(Why::Entity, message));
            }
        }
        Ok(())
    }

    fn owner(&mut self) -> Result<(), FileError> {
        let column = self.given(Role::Currency).or_else(|| {
            self.found.first(&[Part::Currency, Part::ForeignCurrency, Part::LocalCurrency]).first().copied()
        });
        let (told, _) =
            column.map_or((Vec::new(), true), |column| distinct(self.sample, column, &self.amounts));
        let codes: Vec<Currency> = told.iter().filter_map(|code| Currency::new(code).ok()).collect();
        let one = match codes.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let (code, home, zone) = self.hints.owner(&self.sample.name, self.found.currency().or(one))?;
        let expects = self.hints.expected("receivable").is_some() && self.hints.expected("revenue").is_some();
        if !expects && !self.hints.mapped {
            let message = "nothing says what the ledger should hold for its documents: name the \
                           accounts with --expect receivable=CODE,revenue=CODE, or approve a mapping first";
            return Err(self.refuse(Why::Expect, message));
        }
        self.draft.owner(self.hints, (code.as_str(), home.code(), zone.name()), expects);
        self.draft.0.insert("default_entity".into(), code.as_str().into());
        match column.filter(|_| !codes.is_empty()) {
            Some(column) => self.put(Role::Currency, column),
            None => {
                self.draft.unset("columns", "currency");
                let own = self.found.currency().unwrap_or(home);
                self.draft.set("constants", "currency", own.code());
            }
        }
        if self.has(Role::FeeCurrency) && self.given(Role::FeeCurrency).is_none() {
            self.draft.unset("columns", "fee_currency");
        }
        Ok(())
    }

    /// The words of the status and of the kind.
    fn words(&mut self) {
        let said = self.found.of_profile();
        if self.found.profile.is_some() && !self.found.is_said(Role::Status) {
            return;
        }
        let known = |lists: &[&[&str]], word: &str| {
            let word = word.to_lowercase();
            lists.iter().any(|list| list.contains(&word.as_str()))
        };
        if let Some(column) = said.get(&Role::Status).or(self.found.of(Part::Status).first()).copied() {
            let (told, _) = distinct(self.sample, column, &self.amounts);
            if told.iter().any(|word| known(&[&FINAL, &DRAFT, &VOID, &WRITTEN_OFF], word)) {
                self.put(Role::Status, column);
                for (status, words) in
                    [("final", &FINAL[..]), ("draft", &DRAFT), ("void", &VOID), ("written_off", &WRITTEN_OFF)]
                {
                    self.draft.list("status", status, words.iter().copied());
                }
                self.drafts(column);
            } else if !told.is_empty() {
                let name = &self.found.names[column];
                self.notes.push(format!("the column \"{name}\" is not read: its words are not known"));
            }
        }
        if let Some(column) = said.get(&Role::Kind).or(self.found.of(Part::Type).first()).copied() {
            let (told, _) = distinct(self.sample, column, &self.amounts);
            if told.iter().any(|word| known(&[&INVOICES, &CREDITS, &PAYMENTS, &REFUNDS], word)) {
                self.kinds(column);
            }
        }
    }

    /// Drafts without a number are no documents.
    fn drafts(&mut self, status: usize) {
        let number = self.found.first(&[Part::Number, Part::Reference, Part::Journal]).first().copied();
        let is_draft = |text: &str| DRAFT.contains(&text.to_lowercase().as_str());
        let unnumbered = cells(&self.sample.grid, self.found, status).any(|(row, text)| {
            is_draft(text) && number.is_some_and(|at| self.sample.grid.cell(row, at).is_empty())
        });
        if unnumbered {
            let words: Vec<toml::Value> = DRAFT.iter().map(|word| (*word).into()).collect();
            let mut left_out = toml::Table::new();
            left_out.insert("status".into(), words.into());
            self.draft.set("table", "leave_out", left_out);
        }
    }

    fn kinds(&mut self, column: usize) {
        self.put(Role::Kind, column);
        for (kind, words) in [
            ("invoice", &INVOICES[..]),
            ("credit_note", &CREDITS),
            ("payment", &PAYMENTS),
            ("refund", &REFUNDS),
        ] {
            self.draft.list("kinds", kind, words.iter().copied());
        }
        let grid = &self.sample.grid;
        let reversed = |text: &str| {
            let text = text.to_lowercase();
            CREDITS.contains(&text.as_str()) || PAYMENTS.contains(&text.as_str())
        };
        let amount = self
            .draft
            .0
            .get("columns")
            .and_then(|columns| columns.get("amount")?.as_str())
            .map(str::to_owned);
        let amount = amount.and_then(|name| self.found.names.iter().position(|known| *known == name));
        let negative = |row: usize| {
            amount.is_some_and(|column| {
                self.numbers.parse(grid.cell(row, column)).is_ok_and(Exact::is_negative)
            })
        };
        let mut credits = cells(grid, self.found, column)
            .filter(|(row, text)| reversed(text) && has_any(grid, *row, &self.amounts))
            .map(|(row, _)| negative(row))
            .peekable();
        if credits.peek().is_some() && credits.all(|negative| !negative) {
            self.draft.set("documents", "sign", "by_kind");
        }
    }

    fn rest(&mut self) {
        if self.found.profile.is_some() {
            return;
        }
        for (role, part) in [
            (Role::Customer, Part::Customer),
            (Role::Product, Part::Product),
            (Role::Description, Part::Memo),
            (Role::Country, Part::Country),
        ] {
            if let Some(column) = self.found.of(part).first().copied() {
                self.put(role, column);
            }
        }
    }
}
