//! The bank's own balance beside the ledger's account: what they differ by, and what that is made of. Exact
//! to the minor unit: `difference = not booked - in transit + unexplained`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency,
    accounts::AccountMapping,
    bank::{Searched, comparable},
    bank_reconciliation::{self, Entry, Left, Line},
    calendar::PeriodKey,
    mapping::Scope,
    payout::Said,
};
use tieout_store::{
    BankEntry, StoredBankAccount, StoredBankLine, StoredBankStatement, StoredPeriod, StoredReceipt,
};

use crate::{
    base::{closed, context::Context, error::DeskResult, labels::decimal_text, when, wording},
    governance::changes,
    intake::chart,
};

/// Which bank accounts, and as of when.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct BankRequest {
    /// Only of this legal entity.
    pub entity: Option<String>,
    /// Only this account of the ledger, or of this number at the bank.
    pub account: Option<String>,
    /// By the last statement that ends on this day or before; without, by the last one.
    pub through: Option<String>,
    /// In place of a day: through the end of this period of the entity.
    pub period: Option<String>,
}

/// One statement beside the ledger on its last day. Major units, positive where money is on the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BankStatementView {
    /// The bank's own name of it.
    pub id: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What stood there before.
    pub opening: String,
    /// What stood there after.
    pub closing: String,
    /// What the ledger holds on the account on the last day.
    pub ledger: String,
    /// What the bank shows beyond the ledger.
    pub difference: String,
    /// Lines in it.
    #[ts(type = "number")]
    pub lines: u64,
    /// The file that it came in.
    pub file: String,
}

/// Something by which bank and ledger differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BankItem {
    /// What it is.
    #[ts(as = "closed::BankItemKind")]
    pub kind: String,
    /// Its day: the bank's, or the ledger's date of posting.
    pub date: Option<String>,
    /// What it puts on the account; of a payout that differs what the bank shows beyond the ledger.
    pub amount: String,
    /// Who paid or was paid.
    pub counterparty: Option<String>,
    /// What names it: the bank's reference, or the number of the entry.
    pub reference: String,
    /// The words of the bank, or of the entry.
    pub text: String,
}

/// What the statements say of the payouts of an account's entity and currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BankPayouts {
    /// There, as they were paid out.
    #[ts(type = "number")]
    pub received: u64,
    /// Not there, although statements cover their days.
    #[ts(type = "number")]
    pub missing: u64,
    /// There with another amount.
    #[ts(type = "number")]
    pub differs: u64,
    /// Matched to nothing, because several lines or payouts could belong together.
    #[ts(type = "number")]
    pub unclear: u64,
    /// Not there, and no statement covers their days yet.
    #[ts(type = "number")]
    pub awaited: u64,
}

/// A bank account beside the ledger's. Major units, positive where money is on the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BankView {
    /// The bank's number of it.
    pub number: String,
    /// The currency.
    pub currency: String,
    /// The legal entity.
    pub entity: String,
    /// The ledger's account.
    pub account: String,
    /// What the ERP calls that, where its chart was read.
    pub account_name: Option<String>,
    /// The day by which both are compared: the last of a statement.
    pub through: String,
    /// What the bank says.
    pub closing: String,
    /// What the ledger holds.
    pub ledger: String,
    /// What the bank shows beyond the ledger.
    pub difference: String,
    /// Of it: lines that nothing in the ledger books.
    pub not_booked: String,
    /// Of it: payouts that the ledger books and no line shows, positive; they are taken off.
    pub in_transit: String,
    /// The rest.
    pub unexplained: String,
    /// Of the rest: what they differed by before the first statement.
    pub opening_difference: String,
    /// Of the rest: what statements that are missing would bring.
    pub missing_statements: String,
    /// Of the rest: entries besides payouts that no line shows, positive; they are taken off.
    pub other_entries: String,
    /// Of the rest: payouts that the ledger books with another amount than the bank.
    pub payout_differences: String,
    /// How they stand.
    #[ts(as = "closed::BankState")]
    pub state: String,
    /// True where every entry of the account is read. Else entries that do not concern billing may be
    /// missing in the ledger's figure.
    pub ledger_whole: bool,
    /// The payouts.
    pub payouts: BankPayouts,
    /// What they differ by, one by one.
    pub items: Vec<BankItem>,
    /// The statements, the newest first.
    pub statements: Vec<BankStatementView>,
}

/// The bank accounts of which statements are kept, beside the ledger's. As last detected.
///
/// # Errors
/// `bad_date`, a database error.
pub fn bank(ctx: &Context, request: &BankRequest) -> DeskResult<Vec<BankView>> {
    let through = last_day(ctx, request)?.unwrap_or(NaiveDate::MAX);
    let accounts = ctx.store().bank_accounts()?;
    let wanted = |one: &&StoredBankAccount| {
        let is = |account: &str| one.place.account.as_str() == account || one.number == account;
        request.entity.as_deref().is_none_or(|code| one.place.entity.as_str() == code)
            && request.account.as_deref().is_none_or(is)
    };
    let mapping = changes::mapping_in_force(ctx)?.map(|change| change.content);
    let mut views = Vec::new();
    for account in accounts.iter().filter(wanted) {
        let mut statements = ctx.store().bank_statements(account)?;
        statements.retain(|one| one.to <= through);
        let Some(last) = statements.iter().map(|one| one.to).max() else { continue };
        let compared = Compared::read(ctx, account, statements, last)?;
        views.push(compared.view(ctx, mapping.as_deref())?);
    }
    Ok(views)
}

/// The day that was asked for, or on which the period ends as its ledger or its name says it.
fn last_day(ctx: &Context, request: &BankRequest) -> DeskResult<Option<NaiveDate>> {
    if let Some(day) = &request.through {
        return Ok(Some(when::date(day)?));
    }
    let Some(key) = &request.period else { return Ok(None) };
    let known = ctx.store().periods()?;
    let is = |one: &&StoredPeriod| {
        one.period.key.as_str() == key
            && request.entity.as_deref().is_none_or(|code| one.period.entity.as_str() == code)
    };
    let ends = known.iter().find(is).map(|one| one.period.ends);
    Ok(ends.or_else(|| PeriodKey::new(key).month_end()))
}

/// Both sides of an account up to a day, laid beside each other.
struct Compared<'a> {
    account: &'a StoredBankAccount,
    through: NaiveDate,
    statements: Vec<StoredBankStatement>,
    lines: Vec<StoredBankLine>,
    entries: Vec<BankEntry>,
    receipts: Vec<StoredReceipt>,
    left: Left,
    /// The first day that a statement covers.
    since: NaiveDate,
}

fn sum(amounts: impl Iterator<Item = i64>) -> i128 {
    amounts.map(i128::from).sum()
}

impl<'a> Compared<'a> {
    fn read(
        ctx: &Context,
        account: &'a StoredBankAccount,
        statements: Vec<StoredBankStatement>,
        through: NaiveDate,
    ) -> DeskResult<Self> {
        let store = ctx.store();
        let mut lines = store.bank_lines(account)?;
        lines.retain(|one| one.line.booked_on <= through);
        let entries = store.bank_entries(account, through)?;
        let receipts = store.payout_receipts(account)?;
        let of_lines: Vec<Line> = lines
            .iter()
            .map(|one| Line {
                key: one.key(),
                booked_on: one.line.booked_on,
                minor: one.line.amount_minor,
                searched: Searched::of(&one.line),
            })
            .collect();
        let of_entries: Vec<Entry> = entries
            .iter()
            .map(|one| Entry {
                posted_on: one.posted_on,
                minor: one.minor,
                names: one.names.iter().map(|name| comparable(name)).collect(),
                payout: one.payout.clone(),
            })
            .collect();
        let payouts: Vec<(String, Vec<i64>)> =
            receipts.iter().map(|one| (one.reference.clone(), one.lines.clone())).collect();
        let left = bank_reconciliation::reconcile(&of_lines, &of_entries, &payouts);
        let since = statements.iter().map(|one| one.from).min().unwrap_or(through);
        Ok(Self { account, through, statements, lines, entries, receipts, left, since })
    }

    fn ledger(&self, until: NaiveDate) -> i128 {
        sum(self.entries.iter().filter(|one| one.posted_on <= until).map(|one| one.minor))
    }

    /// Entries that no line shows; those from before the first statement are part of what stood there then.
    fn open<'s>(&'s self, places: &'s [usize], early: bool) -> impl Iterator<Item = &'s BankEntry> {
        let of = places.iter().map(|at| &self.entries[*at]);
        of.filter(move |one| (one.posted_on < self.since) == early)
    }

    fn view(&self, ctx: &Context, mapping: Option<&AccountMapping>) -> DeskResult<BankView> {
        let text = |minor: i128| wording::wide_text(minor, self.account.currency);
        let first = self.statements.first().map_or(0, |one| one.opening_minor);
        let closing = self.statements.iter().rev().find(|one| one.to == self.through);
        let closing = i128::from(closing.map_or(0, |one| one.closing_minor));
        let difference = closing - self.ledger(self.through);
        let not_booked = sum(self.left.lines.iter().map(|at| self.lines[*at].line.amount_minor));
        let in_transit = sum(self.open(&self.left.in_transit, false).map(|one| one.minor));
        let other = sum(self.open(&self.left.entries, false).map(|one| one.minor));
        let differs = sum(self.left.differs.iter().map(|one| one.minor));
        let shown = i128::from(first) + sum(self.lines.iter().map(|one| one.line.amount_minor));
        let missing = closing - shown;
        let unexplained = difference - not_booked + in_transit;
        // What is left of the rest stood there before the first statement.
        let before = unexplained - missing + other - differs;
        let state = match (difference, unexplained) {
            (0, 0) if not_booked == 0 && in_transit == 0 => "agrees",
            (_, 0) => "explained",
            _ => "differs",
        };
        let place = &self.account.place;
        Ok(BankView {
            number: self.account.number.clone(),
            currency: self.account.currency.code().to_owned(),
            entity: place.entity.to_string(),
            account: place.account.to_string(),
            account_name: chart::charts(ctx)?.name(None, place.account.as_str()).map(str::to_owned),
            through: self.through.to_string(),
            closing: text(closing),
            ledger: text(self.ledger(self.through)),
            difference: text(difference),
            not_booked: text(not_booked),
            in_transit: text(in_transit),
            unexplained: text(unexplained),
            opening_difference: text(before),
            missing_statements: text(missing),
            other_entries: text(other),
            payout_differences: text(differs),
            state: state.to_owned(),
            ledger_whole: self.whole(ctx, mapping)?,
            payouts: counted(&self.receipts),
            items: self.items(),
            statements: self.statements.iter().rev().map(|one| self.statement(one)).collect(),
        })
    }

    /// True where the ledger is a file, or the mapping has the account read whole.
    fn whole(&self, ctx: &Context, mapping: Option<&AccountMapping>) -> DeskResult<bool> {
        let live = ctx.store().connections()?;
        let live = live.iter().any(|one| one.role == tieout_store::ConnectionRole::Erp && !one.is_files());
        let place = &self.account.place;
        let entity = |mapping: &AccountMapping| {
            let entity = mapping.entities.iter().find(|one| one.code == place.entity)?;
            mapping.scope(entity, &place.account)
        };
        let scope = mapping.and_then(entity);
        Ok(!live || matches!(scope, Some(Scope::Judged | Scope::Listed)))
    }

    fn statement(&self, one: &StoredBankStatement) -> BankStatementView {
        let (code, ledger) = (self.account.currency.code(), self.ledger(one.to));
        let wide = |minor: i128| wording::wide_text(minor, self.account.currency);
        BankStatementView {
            id: one.id.clone(),
            from: one.from.to_string(),
            to: one.to.to_string(),
            opening: decimal_text(one.opening_minor, code),
            closing: decimal_text(one.closing_minor, code),
            ledger: wide(ledger),
            difference: wide(i128::from(one.closing_minor) - ledger),
            lines: one.lines,
            file: one.file.clone(),
        }
    }

    fn items(&self) -> Vec<BankItem> {
        let currency = self.account.currency;
        let lines = self.left.lines.iter().map(|at| line_item(&self.lines[*at], currency));
        let transit = self.open(&self.left.in_transit, false);
        let transit = transit.map(|one| entry_item("in_transit", one, currency));
        let differs = self.left.differs.iter().map(|one| BankItem {
            kind: "differs".to_owned(),
            date: None,
            amount: decimal_text(one.minor, currency.code()),
            counterparty: None,
            reference: one.payouts.join(", "),
            text: "the bank and the ledger have another amount of it".to_owned(),
        });
        let other = self.open(&self.left.entries, false).map(|one| entry_item("entry", one, currency));
        lines.chain(transit).chain(differs).chain(other).collect()
    }
}

fn line_item(one: &StoredBankLine, currency: Currency) -> BankItem {
    let line = &one.line;
    let reference = line.bank_reference.as_ref().or(line.references.first());
    BankItem {
        kind: "not_booked".to_owned(),
        date: Some(line.booked_on.to_string()),
        amount: decimal_text(line.amount_minor, currency.code()),
        counterparty: line.counterparty.clone(),
        reference: reference.cloned().unwrap_or_default(),
        text: line.text.clone(),
    }
}

fn entry_item(kind: &str, one: &BankEntry, currency: Currency) -> BankItem {
    BankItem {
        kind: kind.to_owned(),
        date: Some(one.posted_on.to_string()),
        amount: decimal_text(one.minor, currency.code()),
        counterparty: None,
        reference: one.payout.clone().unwrap_or_else(|| one.number.clone()),
        text: one.memo.clone(),
    }
}

fn counted(receipts: &[StoredReceipt]) -> BankPayouts {
    let mut counts = BankPayouts::default();
    for one in receipts {
        let count = match one.said {
            Said::Received => &mut counts.received,
            Said::Missing => &mut counts.missing,
            Said::Differs => &mut counts.differs,
            Said::Unclear => &mut counts.unclear,
            Said::Awaited => &mut counts.awaited,
        };
        *count += 1;
    }
    counts
}
