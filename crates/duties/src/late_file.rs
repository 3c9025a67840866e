//! How a policy file writes its rules for late items.
//!
//! ```toml
//! [[late]]
//! rule = "L3"
//! says = "up to 5,000, next open period"
//! entity = "GB01"              # a code, or "*"
//! kinds = ["invoice"]          # without it: whatever a customer owes or pays
//! currency = "GBP"             # the entity's functional currency; needed where there is a limit
//! up_to = "5000.00"            # of each document, and of each customer in a period; or "unlimited"
//! per_customer = "8000.00"     # where a customer may have more in a period than one document
//! per_period = "25000.00"      # all that the rule sends into one period of an entity
//! days_late = 60               # at most so many days after its own period was closed
//! ar = "closed"                # what its own period takes: open, soft_closed or closed; ap and gl likewise
//! action = "next_open"         # own_period, next_open, hold, reopen
//! approvals = "one"            # none, one, two; without it one
//!
//! [[late_books]]
//! entity = "GB01"
//! year_starts = "04-01"        # month and day; without it by the calendar of the mapping
//! tax_closed_to = "2026-06-30" # the last day of the tax periods that are closed
//! ```

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use tieout_domain::{Currency, EntityCode, Money, document::DocumentKind};

use crate::{
    approvals::Approvals,
    late::{BookState, LateAction, LateBooks, LatePolicy, LateRule},
    policy_error::PolicyError,
};

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LateText {
    rule: String,
    says: String,
    #[serde(default = "every")]
    entity: String,
    #[serde(default)]
    kinds: Vec<String>,
    currency: Option<String>,
    up_to: Option<String>,
    per_customer: Option<String>,
    per_period: Option<String>,
    days_late: Option<u32>,
    ar: Option<String>,
    ap: Option<String>,
    gl: Option<String>,
    action: String,
    approvals: Option<Approvals>,
}

fn every() -> String {
    "*".to_owned()
}

/// What is written of an entity's books.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BooksText {
    entity: String,
    year_starts: Option<String>,
    tax_closed_to: Option<NaiveDate>,
}

/// Kinds of which a rule may be: what customers owe and pay.
const KINDS: [DocumentKind; 4] =
    [DocumentKind::Invoice, DocumentKind::CreditNote, DocumentKind::Payment, DocumentKind::Refund];

/// Reads and checks all of it.
pub(crate) fn read(rules: &[LateText], books: &[BooksText]) -> Result<LatePolicy, PolicyError> {
    let rules: Vec<LateRule> = rules.iter().map(LateText::read).collect::<Result<_, _>>()?;
    for (index, rule) in rules.iter().enumerate() {
        if rules[..index].iter().any(|other| other.name == rule.name) {
            return Err(bad(&rule.name, "rule", "two rules have this name".to_owned()));
        }
    }
    let books: Vec<LateBooks> = books.iter().map(BooksText::read).collect::<Result<_, _>>()?;
    for (index, said) in books.iter().enumerate() {
        if books[..index].iter().any(|other| other.entity == said.entity) {
            let entity = said.entity.as_str();
            return Err(bad("[[late_books]]", "entity", format!("{entity} stands there twice")));
        }
    }
    Ok(LatePolicy { rules, books })
}

fn bad(rule: &str, field: &'static str, why: String) -> PolicyError {
    PolicyError::Late { rule: rule.to_owned(), field, why }
}

impl LateText {
    fn read(&self) -> Result<LateRule, PolicyError> {
        let name = self.rule.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 20 || !name.chars().all(fits) {
            return Err(bad(&self.rule, "rule", "write up to 20 letters, digits, - or _".to_owned()));
        }
        if self.says.trim().is_empty() || self.says.chars().count() > 120 {
            return Err(bad(name, "says", "say what it does, in up to 120 characters".to_owned()));
        }
        let entity = match self.entity.trim() {
            "*" => None,
            code => Some(code.parse().map_err(|_| bad(name, "entity", not_a_code(code)))?),
        };
        let kinds = self.kinds.iter().map(|kind| self.kind(kind)).collect::<Result<Vec<_>, _>>()?;
        let currency = self.currency.as_deref().filter(|text| text.trim() != "*").map(Currency::new);
        let currency = currency.transpose().map_err(|e| bad(name, "currency", e.to_string()))?;
        let action = self.action()?;
        let up_to = self.limit("up_to", self.up_to.as_deref(), currency)?;
        let per_customer = self.limit("per_customer", self.per_customer.as_deref(), currency)?;
        let per_period = self.limit("per_period", self.per_period.as_deref(), currency)?;
        let rule = LateRule {
            name: name.to_owned(),
            says: self.says.trim().to_owned(),
            entity,
            kinds,
            currency,
            up_to,
            // A limit of each document that nothing else is said of is its customer's too.
            per_customer: if self.per_customer.is_none() { up_to } else { per_customer },
            per_period,
            days_late: self.days_late,
            ar: self.book("ar", self.ar.as_deref())?,
            ap: self.book("ap", self.ap.as_deref())?,
            gl: self.book("gl", self.gl.as_deref())?,
            action,
            approvals: self.approvals.unwrap_or(Approvals::One),
        };
        self.check(&rule)?;
        Ok(rule)
    }

    /// What one part of a rule asks of another.
    fn check(&self, rule: &LateRule) -> Result<(), PolicyError> {
        let sends = matches!(rule.action, LateAction::NextOpen | LateAction::OwnPeriod);
        let no = |field, why: &str| Err(bad(&rule.name, field, why.to_owned()));
        if sends && self.up_to.is_none() {
            return no("up_to", "say up to which amount, or \"unlimited\"");
        }
        if sends && rule.up_to.is_some() && rule.per_period.is_none() {
            return no(
                "per_period",
                "a limit without a cap on a whole period is walked around by splitting: say how much the \
                 rule sends into one period",
            );
        }
        if !sends && (self.per_customer.is_some() || self.per_period.is_some()) {
            return no("per_period", "only what sends items into a period has such a limit");
        }
        if rule.action == LateAction::Hold && rule.approvals == Approvals::None {
            return no("approvals", "what is held waits for one or two people: write one or two");
        }
        let smaller =
            |small: Option<i64>, large: Option<i64>| matches!((small, large), (Some(s), Some(l)) if s < l);
        if smaller(rule.per_customer, rule.up_to) || smaller(rule.per_period, rule.up_to) {
            return no(
                "up_to",
                "it is larger than what a customer or a period may have: nothing would reach it",
            );
        }
        Ok(())
    }

    fn action(&self) -> Result<LateAction, PolicyError> {
        match self.action.trim() {
            "own_period" => Ok(LateAction::OwnPeriod),
            "next_open" => Ok(LateAction::NextOpen),
            "hold" => Ok(LateAction::Hold),
            "reopen" => Ok(LateAction::Reopen),
            "accrue_and_reverse" => Err(bad(
                &self.rule,
                "action",
                "this version books no accruals and their reversals: write hold, and book them in the ERP"
                    .to_owned(),
            )),
            other => Err(bad(
                &self.rule,
                "action",
                format!("\"{other}\" is none: write own_period, next_open, hold or reopen"),
            )),
        }
    }

    fn kind(&self, text: &str) -> Result<DocumentKind, PolicyError> {
        let kind = DocumentKind::parse(text.trim()).filter(|kind| KINDS.contains(kind));
        kind.ok_or_else(|| {
            bad(
                &self.rule,
                "kinds",
                format!("\"{text}\" is none: write invoice, credit_note, payment or refund"),
            )
        })
    }

    fn book(&self, field: &'static str, text: Option<&str>) -> Result<Option<BookState>, PolicyError> {
        match text.map(str::trim) {
            None | Some("*") => Ok(None),
            Some("open") => Ok(Some(BookState::Open)),
            Some("soft_closed") => Ok(Some(BookState::SoftClosed)),
            Some("closed") => Ok(Some(BookState::Closed)),
            Some(other) => {
                let why = format!("\"{other}\" is none: write open, soft_closed or closed");
                Err(bad(&self.rule, field, why))
            }
        }
    }

    fn limit(
        &self,
        field: &'static str,
        text: Option<&str>,
        currency: Option<Currency>,
    ) -> Result<Option<i64>, PolicyError> {
        let Some(text) = text.map(str::trim).filter(|text| *text != "unlimited") else { return Ok(None) };
        let Some(currency) = currency else {
            let why = "a limit is of one currency: name the entity's functional one".to_owned();
            return Err(bad(&self.rule, "currency", why));
        };
        let money = Money::parse(text, currency).map_err(|e| bad(&self.rule, field, e.to_string()))?;
        match money.minor() {
            0.. => Ok(Some(money.minor())),
            _ => Err(bad(&self.rule, field, "the amount is negative".to_owned())),
        }
    }
}

fn not_a_code(text: &str) -> String {
    format!("\"{text}\" is no legal entity's code; write a code or \"*\"")
}

impl BooksText {
    fn read(&self) -> Result<LateBooks, PolicyError> {
        let at = "[[late_books]]";
        let entity: EntityCode =
            self.entity.trim().parse().map_err(|_| bad(at, "entity", not_a_code(&self.entity)))?;
        let day = |text: &String| {
            // A year that has every day but the leap day, on which no year begins.
            let day = NaiveDate::parse_from_str(&format!("2025-{}", text.trim()), "%Y-%m-%d");
            let day = day.map_err(|_| {
                let why = format!("\"{text}\" is no day of a year: write month and day, as 04-01");
                bad(at, "year_starts", why)
            })?;
            Ok((day.month(), day.day()))
        };
        let year_starts = self.year_starts.as_ref().map(day).transpose()?;
        Ok(LateBooks { entity, year_starts, tax_closed_to: self.tax_closed_to })
    }
}
