//! Billing against ledger, line by line, the difference marked.

use std::collections::BTreeSet;

use serde::Serialize;
use tieout_domain::{
    AccountCode,
    exception::ExceptionKind,
    ledger::{EntityRef, LedgerEntry},
};

use super::facts::Facts;
use crate::{
    base::{
        context::Context,
        error::DeskResult,
        wording::{self, wide_text},
    },
    intake::chart,
    settlement::draft,
};

/// One line of billing against ledger. Texts are ready to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CompareLine {
    /// What is compared.
    pub what: String,
    /// Billing's side; `None` where it has none.
    pub billing: Option<String>,
    /// The ledger's side.
    pub ledger: Option<String>,
    /// True where this is the difference.
    pub differs: bool,
    /// True where both are decimal text in the comparison's currency.
    pub money: bool,
}

/// Billing and ledger side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Compare {
    /// The billing connection's name.
    pub billing_name: Option<String>,
    /// The ERP connection's name.
    pub ledger_name: Option<String>,
    /// The currency of money lines.
    pub currency: String,
    /// The lines.
    pub lines: Vec<CompareLine>,
}

pub(super) fn compare(ctx: &Context, facts: &Facts<'_>) -> DeskResult<Compare> {
    let ledger = match facts.held.first() {
        Some(held) => Some(ctx.known().connection(&held.connection)?),
        None => match facts.document {
            Some(document) => draft::erp_for(ctx, facts.row, Some(document)).ok(),
            None => None,
        },
    };
    let charts = chart::charts(ctx)?;
    let name = |account: &AccountCode| charts.full(ledger.as_ref().map(|erp| &erp.id), account);
    Ok(Compare {
        billing_name: facts.document.map(|d| d.connection_name.clone()),
        ledger_name: ledger.as_ref().map(|erp| erp.name.clone()),
        currency: facts.row.currency.code().to_owned(),
        lines: match facts.document.is_some() || !facts.held.is_empty() {
            true => lines(facts, &name),
            // A customer, a connection or a posting without a document has no two sides.
            false => Vec::new(),
        },
    })
}

/// Each text once, in order; `None` where there is none.
fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let texts: BTreeSet<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.into_iter().collect::<Vec<_>>().join(", "))
}

fn of_held(facts: &Facts<'_>, text: impl Fn(&LedgerEntry) -> String) -> Option<String> {
    joined(facts.held.iter().map(|held| text(&held.entry)))
}

/// Both sides are known, and they are not the same.
fn differ(billing: Option<&String>, ledger: Option<&String>) -> bool {
    billing.is_some() && ledger.is_some() && billing != ledger
}

fn text_line(what: &str, billing: Option<String>, ledger: Option<String>) -> CompareLine {
    let differs = differ(billing.as_ref(), ledger.as_ref());
    CompareLine { what: what.to_owned(), billing, ledger, differs, money: false }
}

fn lines(facts: &Facts<'_>, name: &impl Fn(&AccountCode) -> String) -> Vec<CompareLine> {
    let control = facts.control().cloned();
    let expected_on = |account: Option<&AccountCode>| -> Option<i128> {
        let lines = &facts.expected?.lines;
        let account = account?;
        Some(lines.iter().filter(|(a, _)| a == account).map(|(_, minor)| i128::from(*minor)).sum())
    };
    let amount = match (&control, facts.document) {
        (Some(account), Some(_)) => expected_on(Some(account)),
        (None, Some(stored)) => Some(i128::from(stored.document.total.minor())),
        (_, None) => None,
    };
    let booked = match &control {
        Some(account) => net(facts, account),
        // An entry that billing does not know: its amount on the control account.
        None if !facts.held.is_empty() => Some(i128::from(facts.row.amount_minor)),
        None => None,
    };
    let mut all = vec![money_line(facts, "Amount", amount, booked, true)];
    if let Some(tax) = facts.expected.and_then(|e| e.tax_account.as_ref()) {
        // Tax is owed: a credit in the ledger, and positive on a document.
        let flip = |minor: Option<i128>| minor.map(|m| -m);
        all.push(money_line(facts, "Tax", flip(expected_on(Some(tax))), flip(net(facts, tax)), false));
    }
    let date = facts.expected.map(|e| wording::day(e.document_date));
    let booked_on = of_held(facts, |e| wording::day(e.posting_date));
    // A later posting date is what a late document gets; only another period is a difference.
    all.push(CompareLine { differs: false, ..text_line("Date", date, booked_on) });
    all.push(period_line(facts));
    let entity = facts.expected.and_then(|e| e.entity.as_ref()).map(ToString::to_string);
    all.push(text_line("Entity", entity, of_held(facts, entity_text)));
    all.push(account_line(facts, name));
    let currency = facts.document.map(|d| d.document.currency().code().to_owned());
    all.push(text_line("Currency", currency, of_held(facts, |e| e.currency.code().to_owned())));
    all.push(status_line(facts));
    all
}

/// What the entries hold on an account, where they are in the comparison's currency.
fn net(facts: &Facts<'_>, account: &AccountCode) -> Option<i128> {
    let same = facts.held.iter().all(|held| held.entry.currency == facts.row.currency);
    let lines = facts.held.iter().flat_map(|held| &held.entry.lines);
    let own = lines.filter(|line| line.account == *account).map(|line| i128::from(line.transaction_minor));
    (same && !facts.held.is_empty()).then(|| own.sum())
}

fn money_line(
    facts: &Facts<'_>,
    what: &str,
    billing: Option<i128>,
    ledger: Option<i128>,
    marks_absence: bool,
) -> CompareLine {
    let text = |minor: i128| wide_text(minor, facts.row.currency);
    let absent = billing.is_some_and(|minor| minor != 0) && ledger.is_none() && facts.held.is_empty();
    CompareLine {
        what: what.to_owned(),
        differs: (billing.is_some() && ledger.is_some() && billing != ledger)
            || (marks_absence && absent && !facts.own_period_shut()),
        billing: billing.map(text),
        ledger: ledger.map(text),
        money: true,
    }
}

fn period_line(facts: &Facts<'_>) -> CompareLine {
    let own = facts.own_period.as_ref().map(|p| p.key.to_string());
    let belongs = facts.expected.and_then(|e| e.period.as_ref()).map(ToString::to_string);
    let shown = |key: &Option<String>| key.as_deref().map(wording::period);
    if facts.held.is_empty() && facts.own_period_shut() {
        let locked = facts.locked_at.map(|at| format!(" {}", wording::short_day(at.date_naive())));
        let state = facts.own_period.as_ref().map(|p| wording::status(p.status)).unwrap_or_default();
        let ledger = Some(format!("{state}{}", locked.unwrap_or_default()));
        let what = "Period".to_owned();
        return CompareLine { what, billing: shown(&own), ledger, differs: true, money: false };
    }
    text_line("Period", shown(&belongs.or(own)), of_held(facts, |e| wording::period(e.period.as_str())))
}

/// The accounts of both sides; one that only one side has, where both have some, is named in full.
fn account_line(facts: &Facts<'_>, name: &impl Fn(&AccountCode) -> String) -> CompareLine {
    let expected: BTreeSet<_> =
        facts.expected.iter().flat_map(|e| &e.lines).map(|(account, _)| account).collect();
    let entries = facts.held.iter().flat_map(|held| &held.entry.lines);
    let booked: BTreeSet<_> = entries.map(|line| &line.account).collect();
    let told = |own: &BTreeSet<&AccountCode>, other: &BTreeSet<&AccountCode>| {
        let plain = |account: &AccountCode| other.is_empty() || other.contains(account);
        joined(own.iter().map(|account| if plain(account) { account.to_string() } else { name(account) }))
    };
    text_line("Accounts", told(&expected, &booked), told(&booked, &expected))
}

fn status_line(facts: &Facts<'_>) -> CompareLine {
    let status = facts.document.map(|d| d.document.status.as_str().replace('_', " "));
    let ledger = of_held(facts, |e| e.status.as_str().to_owned());
    let kinds = [ExceptionKind::PaymentStatusMismatch, ExceptionKind::ChangedAfterPosting];
    let differs = ledger.is_some() && kinds.contains(&facts.row.kind);
    CompareLine { differs, ..text_line("Status", status, ledger) }
}

fn entity_text(entry: &LedgerEntry) -> String {
    match &entry.entity {
        EntityRef::Code(code) => code.to_string(),
        EntityRef::ErpId(id) => format!("ERP entity {id}"),
    }
}
