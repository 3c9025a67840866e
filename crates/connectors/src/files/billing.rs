//! Billing lines into documents.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tieout_domain::{
    Currency, EntityCode, Money,
    document::{Canonical, Document, DocumentDate, DocumentKind, DocumentLine, DocumentStatus},
    unread::Concerns,
};

use super::{
    date::check_day,
    error::FileError,
    group::Assemble,
    kept::Kept,
    map::{BillingRules, BillingSign, ColumnMap, LineAmount, MapRules, Rounded, TaxMode},
    naming,
    number::{Exact, too_large},
    role::{MapKind, Role},
    rows::RowView,
};
use crate::{kit::within_limits, traits::Rejection};

/// Assembles documents.
pub struct Billing<'m> {
    map: &'m ColumnMap,
    rules: &'m BillingRules,
    currency: Option<Currency>,
    /// Whether rows say their status, and their kind.
    says: (bool, bool),
    judged_on: NaiveDate,
    last_date: Option<(String, DocumentDate)>,
}

/// What the first row of a document says, and every other must repeat or leave empty.
struct Head {
    number: String,
    date: DocumentDate,
    currency: Currency,
    /// Of the currency, which is looked up by its code.
    exponent: u32,
    status: DocumentStatus,
    kind: Option<DocumentKind>,
}

/// A document under way.
#[derive(Default)]
pub struct Group {
    head: Option<Head>,
    finalized_at: Option<DateTime<Utc>>,
    customer: Option<String>,
    country: Option<String>,
    invoice: Option<String>,
    entity: Option<EntityCode>,
    sum: Option<Exact>,
    tax: Option<Exact>,
    lines: Vec<DocumentLine>,
    kept: Kept,
}

impl<'m> Billing<'m> {
    /// An assembler by the rules of a billing map.
    ///
    /// # Errors
    /// [`FileError::WrongMap`].
    pub fn new(map: &'m ColumnMap, judged_on: NaiveDate) -> Result<Self, FileError> {
        let MapRules::Billing(rules) = &map.rules else {
            let (wanted, got) = (MapKind::Billing.as_str(), map.kind().as_str());
            return Err(FileError::WrongMap { wanted, got });
        };
        // Checked when the map was parsed.
        let currency = map.constants.get(&Role::Currency).and_then(|code| Currency::new(code).ok());
        let says = (map.columns.contains_key(&Role::Status), map.columns.contains_key(&Role::Kind));
        Ok(Self { map, rules, currency, says, judged_on, last_date: None })
    }

    fn date(&mut self, row: &RowView<'_>) -> Result<DocumentDate, Rejection> {
        let text = row.need(Role::Date)?;
        if let Some((last, date)) = &self.last_date
            && *last == text
        {
            return Ok(*date);
        }
        let bad = |message| row.reject(Role::Date, "bad_date", message);
        let date = self.map.dates.parse_in(&text, row.zone()).map_err(bad)?;
        check_day(date.in_zone(Tz::UTC), self.judged_on).map_err(bad)?;
        self.last_date = Some((text.into_owned(), date));
        Ok(date)
    }

    fn currency(&self, row: &RowView<'_>) -> Result<Currency, Rejection> {
        if let Some(currency) = self.currency {
            return Ok(currency);
        }
        let text = row.need(Role::Currency)?;
        Currency::new(&text).map_err(|e| row.reject(Role::Currency, "bad_currency", e.to_string()))
    }

    fn status(&self, row: &RowView<'_>) -> Result<DocumentStatus, Rejection> {
        if !self.says.0 {
            return Ok(DocumentStatus::Final);
        }
        let word = row.need(Role::Status)?;
        self.rules.status.meaning(&word).ok_or_else(|| {
            let message = format!("\"{word}\" is not listed in [status]: {}", self.rules.status.list());
            row.reject(Role::Status, "unknown_status", message)
        })
    }

    fn kind(&self, row: &RowView<'_>) -> Result<Option<DocumentKind>, Rejection> {
        if !self.says.1 {
            return Ok(self.rules.kind);
        }
        let word = row.need(Role::Kind)?;
        let kind = self.rules.kinds.meaning(&word).ok_or_else(|| {
            let message = format!("\"{word}\" is not listed in [kinds]: {}", self.rules.kinds.list());
            row.reject(Role::Kind, "unknown_kind", message)
        })?;
        Ok(Some(kind))
    }

    fn head(&mut self, group: &mut Group, row: &RowView<'_>) -> Result<Option<DocumentKind>, Rejection> {
        let (date, currency) = (self.date(row)?, self.currency(row)?);
        let (status, kind) = (self.status(row)?, self.kind(row)?);
        let differs = |role: Role, have: &dyn std::fmt::Display| {
            let message = format!(
                "another row of the document says {have}: one document, one {role} (or add {role} to \
                 documents.group_by, where numbers alone name no document)"
            );
            Err(row.reject(role, "document_inconsistent", message))
        };
        let Some(head) = &mut group.head else {
            let number = naming::name(&self.map.names, row, (Role::Number, Role::Number))?;
            let missing = || row.reject(Role::Number, "missing_value", "the cell is empty".to_owned());
            let mut number = number.ok_or_else(missing)?.into_owned();
            // A fee has no object of its own: what it names is what it was taken for.
            if kind != Some(DocumentKind::Fee)
                && let Some(object) = row.name(Role::Object)?
            {
                number = object.into_owned();
            }
            let exponent = currency.exponent();
            group.head = Some(Head { number, date, currency, exponent, status, kind });
            return Ok(kind);
        };
        if head.currency != currency {
            return differs(Role::Currency, &head.currency);
        }
        if head.status != status {
            return differs(Role::Status, &head.status.as_str());
        }
        if head.kind != kind {
            return differs(Role::Kind, &head.kind.map_or("nothing", DocumentKind::as_str));
        }
        match (head.date, date) {
            (DocumentDate::Local(a), DocumentDate::Local(b)) if a != b => return differs(Role::Date, &a),
            (DocumentDate::Instant(a), DocumentDate::Instant(b)) if b < a => head.date = date,
            _ => {}
        }
        Ok(kind)
    }

    fn parties(&self, group: &mut Group, row: &RowView<'_>) -> Result<(), Rejection> {
        agree(&mut group.customer, row.name(Role::Customer)?, (Role::Customer, row))?;
        agree(&mut group.country, row.text(Role::Country)?, (Role::Country, row))?;
        let invoice = naming::name(&self.map.names, row, (Role::Invoice, Role::Number))?;
        agree(&mut group.invoice, invoice, (Role::Invoice, row))?;
        if let Some(word) = row.text(Role::Entity)? {
            let entity = self.map.entity_named(&word).ok_or_else(|| {
                row.reject(Role::Entity, "unknown_entity", format!("no [[entity]] is named \"{word}\""))
            })?;
            match &group.entity {
                Some(code) if *code != entity.code => {
                    let message = format!("another row of the document says {code}");
                    return Err(row.reject(Role::Entity, "document_inconsistent", message));
                }
                Some(_) => {}
                None => group.entity = Some(entity.code.clone()),
            }
        }
        if let Some(text) = row.text(Role::FinalizedAt)? {
            let at = instant(&text).map_err(|m| row.reject(Role::FinalizedAt, "bad_date", m))?;
            group.finalized_at = group.finalized_at.max(Some(at));
        }
        Ok(())
    }

    fn number(&self, row: &RowView<'_>, role: Role) -> Result<Option<Exact>, Rejection> {
        let figure = row.text(role)?.filter(|text| !self.map.numbers.is_nothing(text));
        let Some(text) = figure else { return Ok(None) };
        self.map.numbers.parse(&text).map(Some).map_err(|m| row.reject(role, "bad_amount", m))
    }

    fn need_number(&self, row: &RowView<'_>, role: Role) -> Result<Exact, Rejection> {
        let missing = || row.reject(role, "missing_value", "the cell is empty".to_owned());
        self.number(row, role)?.ok_or_else(missing)
    }

    /// Reads quantity, price, amount and tax of a line, signed as effects on receivables.
    fn line(
        &self,
        row: &RowView<'_>,
        kind: Option<DocumentKind>,
        currency: Currency,
    ) -> Result<Figures, Rejection> {
        let too_big = |role| row.reject(role, "amount_out_of_range", too_large(currency));
        let (quantity, unit_price, gross) = match self.rules.line_amount {
            LineAmount::QuantityTimesPrice => {
                let quantity = self.need_number(row, Role::Quantity)?;
                let price = self.need_number(row, Role::UnitPrice)?;
                let amount = quantity.times(price).ok_or_else(|| too_big(Role::UnitPrice))?;
                (Some(quantity), Some(price), amount)
            }
            LineAmount::Amount => {
                let amount = self.need_number(row, Role::Amount)?;
                (self.number(row, Role::Quantity)?, self.number(row, Role::UnitPrice)?, amount)
            }
        };
        let tax = self.number(row, Role::Tax)?.unwrap_or(Exact::ZERO);
        let flip = match (self.rules.sign, kind) {
            (BillingSign::AsWritten, _) => false,
            (BillingSign::Reversed, _) => true,
            (BillingSign::ByKind, Some(DocumentKind::CreditNote | DocumentKind::Payment)) => true,
            (BillingSign::ByKind, _) => false,
        };
        let signed = |n: Exact| if flip { n.negated() } else { n };
        let whole = |amount: Exact, role| match self.rules.rounded {
            Rounded::Document => Ok(amount),
            Rounded::Line => amount.rounded(currency, self.rules.rounding).ok_or_else(|| too_big(role)),
        };
        let (gross, tax) = (whole(signed(gross), Role::Amount)?, whole(signed(tax), Role::Tax)?);
        let net = match self.rules.tax {
            TaxMode::Exclusive => Some(gross),
            TaxMode::Inclusive => gross.plus(tax.negated()),
        };
        let net = net.ok_or_else(|| too_big(Role::Tax))?;
        Ok(Figures { quantity: quantity.map(signed), unit_price, net, tax })
    }

    fn add_line(
        &self,
        group: &mut Group,
        row: &RowView<'_>,
        kind: Option<DocumentKind>,
        (currency, exponent): (Currency, u32),
    ) -> Result<(), Rejection> {
        let role = match self.rules.line_amount {
            LineAmount::QuantityTimesPrice => Role::UnitPrice,
            LineAmount::Amount => Role::Amount,
        };
        let too_big = || row.reject(role, "amount_out_of_range", too_large(currency));
        let taken =
            |amount: Option<Exact>| amount.filter(|sum| !sum.is_too_large(exponent)).ok_or_else(too_big);
        let figures = self.line(row, kind, currency)?;
        // The row that takes its document beyond what can be summed is the one that is refused.
        let (net, tax) = (taken(Some(figures.net))?, taken(Some(figures.tax))?);
        let sum = taken(group.sum.unwrap_or(Exact::ZERO).plus(net))?;
        let taxes = taken(group.tax.unwrap_or(Exact::ZERO).plus(tax))?;
        taken(sum.plus(taxes))?;
        (group.sum, group.tax) = (Some(sum), Some(taxes));
        let amount_minor = net.minor(exponent);
        let (quantity, unit_price) = figures.factors(amount_minor).ok_or_else(too_big)?;
        let tax_minor = match tax.is_zero() {
            true => 0,
            false => {
                let tax = tax.decimal().ok_or_else(too_big)?;
                Money::from_decimal(tax, currency, self.rules.rounding).map_err(|_| too_big())?.minor()
            }
        };
        group.lines.push(DocumentLine {
            product: owned(row.text(Role::Product)?),
            description: owned(row.text(Role::Description)?).unwrap_or_default(),
            quantity,
            unit_price,
            amount_minor,
            tax_minor,
            tax_code: owned(row.text(Role::TaxCode)?),
            service_starts: self.day(row, Role::ServiceStarts)?.map(DocumentDate::Local),
            service_ends: self.day(row, Role::ServiceEnds)?.map(DocumentDate::Local),
        });
        Ok(())
    }

    fn day(&self, row: &RowView<'_>, role: Role) -> Result<Option<NaiveDate>, Rejection> {
        let Some(text) = row.text(role)? else { return Ok(None) };
        let date = self.map.dates.parse(&text).map_err(|m| row.reject(role, "bad_date", m))?;
        Ok(Some(date.in_zone(chrono_tz::Tz::UTC)))
    }
}

/// The figures of one line, signed as effects on receivables.
struct Figures {
    quantity: Option<Exact>,
    unit_price: Option<Exact>,
    net: Exact,
    tax: Exact,
}

impl Figures {
    /// Quantity and unit price whose product is the net amount wherever the amount itself cannot be kept.
    fn factors(&self, amount_minor: Option<i64>) -> Option<(Decimal, Decimal)> {
        if let (Some(quantity), Some(price)) = (self.quantity, self.unit_price)
            && (amount_minor.is_some() || quantity.times(price)? == self.net)
        {
            return Some((quantity.decimal()?, price.decimal()?));
        }
        Some((Decimal::ONE, self.net.decimal()?))
    }
}

impl Assemble for Billing<'_> {
    type Item = Canonical;
    type Group = Group;

    fn begin(&self, rows: usize) -> Group {
        Group { lines: Vec::with_capacity(rows), ..Group::default() }
    }

    fn add(&mut self, group: &mut Group, row: &RowView<'_>) -> Result<(), Rejection> {
        let kind = self.head(group, row)?;
        self.parties(group, row)?;
        // `head` has just filled it.
        let of_head = |head: &Head| (head.currency, head.exponent);
        let Some((currency, exponent)) = group.head.as_ref().map(of_head) else { return Ok(()) };
        self.add_line(group, row, kind, (currency, exponent))?;
        group.kept.take(self.map, row, currency)
    }

    fn about_row(&self, row: &RowView<'_>, concerns: &mut Concerns) {
        if let Ok(Some(number)) = naming::name(&self.map.names, row, (Role::Number, Role::Number)) {
            concerns.name(&number);
            concerns.named = true;
        }
        if let Ok(Some(Ok(date))) = row.text(Role::Date).map(|t| t.map(|text| self.map.dates.parse(&text))) {
            concerns.day(date.in_zone(chrono_tz::Tz::UTC));
        }
    }

    fn about_group(&self, group: &Group, concerns: &mut Concerns) {
        if let Some(head) = &group.head {
            concerns.name(&head.number);
            concerns.named = true;
            concerns.day(head.date.in_zone(chrono_tz::Tz::UTC));
        }
    }

    fn about_item(item: &Canonical, concerns: &mut Concerns) {
        if let Canonical::Document(document) = item {
            concerns.name(&document.reference);
            concerns.named = true;
        }
    }

    fn weight(item: &Canonical) -> i128 {
        match item {
            Canonical::Document(document) => document.weight(),
            Canonical::Customer(_)
            | Canonical::Subscription(_)
            | Canonical::Usage(_)
            | Canonical::Movement(_) => 0,
        }
    }

    fn counts(item: &Canonical) -> bool {
        !matches!(item, Canonical::Movement(_))
    }

    fn finish(
        &mut self,
        key: &str,
        group: Group,
    ) -> Result<Vec<(String, Canonical)>, (&'static str, String)> {
        let Some(head) = group.head else {
            return Err(("missing_value", format!("{key} has no rows that can be read")));
        };
        let too_big = || ("amount_out_of_range", format!("{key}: {}", too_large(head.currency)));
        let (net, tax) = (group.sum.unwrap_or(Exact::ZERO), group.tax.unwrap_or(Exact::ZERO));
        let whole = |amount: Exact| {
            let amount = amount.decimal().ok_or_else(too_big)?;
            let money = Money::from_decimal(amount, head.currency, self.rules.rounding).ok();
            money.filter(|money| within_limits(i128::from(money.minor())).is_some()).ok_or_else(too_big)
        };
        let total = whole(net.plus(tax).ok_or_else(too_big)?)?;
        let by_sign = if total.minor() < 0 { DocumentKind::CreditNote } else { DocumentKind::Invoice };
        let kind = head.kind.unwrap_or(by_sign);
        let lines = match kind {
            DocumentKind::Invoice | DocumentKind::CreditNote => group.lines,
            // Money has no lines.
            _ => Vec::new(),
        };
        let document = Document {
            kind,
            external_id: key.to_owned(),
            reference: head.number,
            status: head.status,
            date: head.date,
            finalized_at: group.finalized_at,
            changed_at: None,
            total,
            tax_minor: whole(tax)?.minor(),
            lines,
            customer: group.customer,
            country: group.country,
            entity: group.entity,
            subscription: None,
            invoice: group.invoice,
            payment: None,
            outside: false,
        };
        let mut items = group.kept.beside(&document)?;
        items.insert(0, (key.to_owned(), Canonical::Document(document)));
        Ok(items)
    }
}

fn owned(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(Cow::into_owned)
}

/// Reads an instant of a file: RFC 3339, with its offset.
pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .map_err(|_| format!("\"{text}\" is not an instant such as 2011-06-02T17:00:00Z"))
}

/// Takes what a row says into what the document's other rows said; an empty cell says nothing.
pub fn agree(
    have: &mut Option<String>,
    said: Option<Cow<'_, str>>,
    (role, row): (Role, &RowView<'_>),
) -> Result<(), Rejection> {
    let Some(text) = said else { return Ok(()) };
    match have {
        None => *have = Some(text.into_owned()),
        Some(known) if *known == text => {}
        Some(known) => {
            let message = format!("another row says \"{known}\", this one \"{text}\"");
            return Err(row.reject(role, "document_inconsistent", message));
        }
    }
    Ok(())
}
