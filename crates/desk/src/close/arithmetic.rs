//! The arithmetic of an entity's close: the cells of the tie-out, each with what its difference is made of,
//! item by item, and the proof that all lines net to nothing. What `tie_out` says is the base; nothing is
//! added up a second time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use tieout_domain::{
    AccountCode, ChangeId, Currency, EntityCode, Money, Rounding,
    accounts::{AccountMapping, LegalEntity},
    calendar::PeriodKey,
    difference::{Difference, Known, Part, part_of},
    exception::{ExceptionState, Remedy},
    hash::sha256_hex,
    mapping::{Role, Scope},
    sign_off::{AGREES, SignOff, SignedItem},
    variance_note::{NoteCategory, NotedItem, VarianceNote},
};
use tieout_store::{
    Change, ChangeFilter, ChangeKind, ChangeState, MemberQuery, MemberSide, OpenException, TieOutFilter,
    TieOutMember, TieOutRow,
};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        when,
    },
    governance::changes,
};

/// How much of a version's hash is kept: 16 digits tell versions of one item apart.
const VERSION: usize = 16;

/// What a row of the close is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowKind {
    /// An account that is signed.
    Signed,
    /// An account opposite, of which only our lines are read.
    Opposite,
    /// Accounts that nothing is compared on: the other sides of entries that are.
    Other,
    /// What earlier periods left on accounts that begin anew with each period.
    Earlier,
}

impl RowKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RowKind::Signed => "signed",
            RowKind::Opposite => "opposite",
            RowKind::Other => "other",
            RowKind::Earlier => "earlier",
        }
    }
}

/// Where a row stands: what it is, its account (empty of several together), its currency.
pub(crate) type RowKey = (RowKind, String, Currency);

/// One row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// Of the period itself.
    now: Difference,
    /// Of earlier periods.
    before: Difference,
    /// Both together.
    pub(crate) whole: Difference,
    /// What earlier periods left in the ledger.
    pub(crate) opening: i64,
    /// The last day by which its timing clears.
    pub(crate) clears: Option<NaiveDate>,
}

/// What one name puts on one account in one period.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// As the tie-out knows it.
    pub(crate) name: String,
    /// As people call it, and sign it.
    pub(crate) shown: String,
    pub(crate) currency: Currency,
    pub(crate) period: PeriodKey,
    pub(crate) account: String,
    pub(crate) expected: i64,
    pub(crate) ledger: i64,
    /// Expected and what is known beside it, less what is booked.
    pub(crate) minor: i64,
    pub(crate) version: String,
    pub(crate) dated: String,
    pub(crate) earlier: bool,
    /// True of an entry that somebody made by hand, and that no document explains.
    pub(crate) journal: bool,
    /// The part of the difference; `None` where there is no difference.
    pub(crate) part: Option<Part>,
    /// What is known of it.
    pub(crate) known: Known,
    /// The note that holds for it.
    pub(crate) note: Option<ChangeId>,
    due: Option<DateTime<Utc>>,
}

/// A signed note in force.
pub(crate) struct Noted {
    pub(crate) change: Change,
    pub(crate) said: VarianceNote,
}

/// An entity's books in a period, as they are compared.
pub(crate) struct Books {
    pub(crate) mapping: std::sync::Arc<AccountMapping>,
    pub(crate) entity: LegalEntity,
    pub(crate) period: PeriodKey,
    /// The day by which timing is judged.
    pub(crate) today: NaiveDate,
    pub(crate) rows: BTreeMap<RowKey, Row>,
    /// Items that differ, of the period and of earlier ones.
    pub(crate) items: Vec<Item>,
    pub(crate) exceptions: Vec<OpenException>,
    pub(crate) notes: Vec<Noted>,
    ends: HashMap<String, NaiveDate>,
}

/// Accounts that carry what earlier periods left.
fn carries(role: Option<Role>) -> bool {
    match role {
        Some(
            Role::Receivable
            | Role::DeferredRevenue
            | Role::TaxPayable
            | Role::Clearing
            | Role::FxClearing
            | Role::Bank
            | Role::FeeTax
            | Role::Deposits
            | Role::Transfers
            | Role::Reserves,
        ) => true,
        Some(
            Role::Fees | Role::BadDebt | Role::FxGains | Role::FxLosses | Role::Adjustments | Role::Revenue,
        )
        | None => false,
    }
}

fn too_large(what: &str) -> DeskError {
    DeskError::new(Code::MoneyOverflow, format!("the difference of {what} is beyond what can be counted"))
}

impl Books {
    /// Gathers them, as last detected; timing is judged by the day of `as_of`, or today's.
    ///
    /// # Errors
    /// `mapping_required`, `not_found`, `bad_instant`, a database error.
    pub(crate) fn of(ctx: &Context, place: (&str, &str), as_of: Option<&str>) -> DeskResult<Self> {
        let mut books = Self::placed(ctx, place, as_of)?;
        books.exceptions = ctx.store().open_exceptions()?;
        books.notes = notes(ctx, &books.entity.code)?;
        books.gather(ctx)?;
        Ok(books)
    }

    /// The entity and period alone, without a figure.
    ///
    /// # Errors
    /// As [`Books::of`].
    pub(crate) fn placed(ctx: &Context, place: (&str, &str), as_of: Option<&str>) -> DeskResult<Self> {
        let mapping = changes::mapping_needed(ctx)?.content;
        let code: EntityCode = place.0.parse()?;
        let entity = mapping.entity(&code).cloned().ok_or_else(|| {
            let message = format!("the mapping in force lists no entity {code}: name one that it lists");
            DeskError::new(Code::NotFound, message)
        })?;
        let at = as_of.map(when::instant).transpose()?.unwrap_or_else(|| ctx.clock.now());
        let periods = ctx.store().periods()?;
        let own = periods.iter().map(|stored| &stored.period).filter(|period| period.entity == code);
        let books = Self {
            ends: own.map(|period| (period.key.to_string(), period.ends)).collect(),
            today: at.with_timezone(&entity.time_zone).date_naive(),
            period: PeriodKey::new(place.1),
            mapping,
            rows: BTreeMap::new(),
            items: Vec::new(),
            exceptions: Vec::new(),
            notes: Vec::new(),
            entity,
        };
        if books.end_of(place.1).is_none() {
            let message = format!("{code} has no period {}: see tieout close status {code}", place.1);
            return Err(DeskError::new(Code::NotFound, message));
        }
        Ok(books)
    }

    /// The last day of a period, as its ledger or its name says it.
    pub(crate) fn end_of(&self, period: &str) -> Option<NaiveDate> {
        self.ends.get(period).copied().or_else(|| PeriodKey::new(period).month_end())
    }

    /// Whether a period is before the one that is closed; `None` of one that comes after it.
    fn earlier(&self, period: &str) -> Option<bool> {
        if period == self.period.as_str() {
            return Some(false);
        }
        let (own, this) = (self.end_of(period)?, self.end_of(self.period.as_str())?);
        (own < this).then_some(true)
    }

    /// What an account is here: its role, and whether it is signed.
    pub(crate) fn role(&self, account: &str) -> (Option<Role>, bool) {
        let Ok(code) = account.parse::<AccountCode>() else { return (None, false) };
        let scope = self.mapping.scope(&self.entity, &code);
        let signed = matches!(scope, Some(Scope::Judged | Scope::Listed));
        (self.mapping.role_of(&self.entity, &code), signed)
    }

    fn key(&self, (account, currency): (&str, Currency), watched: bool, earlier: bool) -> RowKey {
        let (role, signed) = self.role(account);
        let kind = match (watched, signed) {
            _ if earlier && !(watched && carries(role)) => RowKind::Earlier,
            (false, _) => RowKind::Other,
            (true, true) => RowKind::Signed,
            (true, false) => RowKind::Opposite,
        };
        let account = match kind {
            RowKind::Signed | RowKind::Opposite => account.to_owned(),
            RowKind::Other | RowKind::Earlier => String::new(),
        };
        (kind, account, currency)
    }

    fn gather(&mut self, ctx: &Context) -> DeskResult<()> {
        let filter = |unwatched| TieOutFilter {
            entity: Some(self.entity.code.clone()),
            unwatched,
            ..Default::default()
        };
        let watched: BTreeSet<String> =
            ctx.store().tie_out(&filter(false))?.into_iter().map(|cell| cell.account).collect();
        let cells = ctx.store().tie_out(&filter(true))?;
        for cell in &cells {
            let Some(earlier) = self.earlier(cell.period.as_str()) else { continue };
            let key = self.key((&cell.account, cell.currency), watched.contains(&cell.account), earlier);
            let row = self.rows.entry(key).or_default();
            add_cell(row, cell, earlier).ok_or_else(|| too_large(&cell.account))?;
        }
        let query = MemberQuery { entity: self.entity.code.clone(), whole: None };
        self.items = self.judged_items(ctx.store().tie_out_members(&query)?);
        self.items.retain(|item| item.part.is_some());
        let mut rows = std::mem::take(&mut self.rows);
        for item in &self.items {
            let key = self.key((&item.account, item.currency), watched.contains(&item.account), item.earlier);
            let row = rows.entry(key).or_default();
            add_item(row, item).ok_or_else(|| too_large(&item.account))?;
        }
        for ((_, account, _), row) in &mut rows {
            row.complete().ok_or_else(|| too_large(account))?;
        }
        rows.retain(|_, row| !row.whole.is_nil() || row.opening != 0);
        self.rows = rows;
        Ok(())
    }

    /// Members by name, account, currency and period, each with what is known of it.
    fn judged_items(&self, members: Vec<TieOutMember>) -> Vec<Item> {
        let mut groups: BTreeMap<(String, Currency, String, String), Vec<TieOutMember>> = BTreeMap::new();
        for member in members {
            let key = (
                member.name.clone(),
                member.currency,
                member.period.as_str().to_owned(),
                member.account.clone(),
            );
            groups.entry(key).or_default().push(member);
        }
        // A name is on its way as a whole, or not at all.
        let mut due: HashMap<String, DateTime<Utc>> = HashMap::new();
        for member in groups.values().flatten() {
            if let Some(at) = member.due {
                let latest = due.entry(member.name.clone()).or_insert(at);
                *latest = (*latest).max(at);
            }
        }
        let mut open: HashMap<&str, bool> = HashMap::new();
        for one in &self.exceptions {
            *open.entry(one.name.as_str()).or_default() |= by_posting(one);
        }
        let item = |members: Vec<TieOutMember>| {
            let mut item = item_of(&members, self.earlier(members.first()?.period.as_str())?)?;
            item.due = due.get(&item.name).copied();
            (item.known, item.note) = self.known(&item, open.get(item.name.as_str()).copied());
            item.part = (item.minor != 0).then(|| part_of(item.known, item.earlier, self.today));
            Some(item)
        };
        groups.into_values().filter_map(item).collect()
    }

    fn known(&self, item: &Item, open: Option<bool>) -> (Known, Option<ChangeId>) {
        let as_noted = item.noted();
        if let Some(note) = self.notes.iter().find(|note| note.said.holds(&as_noted)) {
            let known = match (note.said.category, note.said.clears_by) {
                (NoteCategory::Timing, Some(day)) => Known::ClearsBy(day),
                _ => Known::Accepted,
            };
            return (known, Some(note.change.id.clone()));
        }
        let known = match (open, item.due) {
            (Some(by_posting), _) => Known::Open { by_posting },
            (None, Some(_)) => Known::OnItsWay,
            (None, None) => Known::Nothing,
        };
        (known, None)
    }

    /// The rows of an account, one for each currency.
    pub(crate) fn rows_of<'b>(&'b self, account: &'b str) -> impl Iterator<Item = (Currency, &'b Row)> {
        let own =
            self.rows.iter().filter(move |((kind, of, _), _)| *kind == RowKind::Signed && of == account);
        own.map(|((_, _, currency), row)| (*currency, row))
    }

    /// The accounts that are signed, in their order.
    pub(crate) fn accounts(&self) -> Vec<String> {
        let signed = self.rows.keys().filter(|(kind, _, _)| *kind == RowKind::Signed);
        signed.map(|(_, account, _)| account.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// All rows together, by currency: nothing in every column, or the books do not net.
    pub(crate) fn proof(&self) -> DeskResult<BTreeMap<Currency, Difference>> {
        let mut proof: BTreeMap<Currency, Difference> = BTreeMap::new();
        for ((_, account, currency), row) in &self.rows {
            let sum = proof.entry(*currency).or_default();
            *sum = sum.plus(&row.whole).ok_or_else(|| too_large(account))?;
        }
        Ok(proof)
    }

    /// Up to which amount an account may stay open when it is signed.
    pub(crate) fn tolerance(&self, account: &str) -> Money {
        let functional = self.entity.functional_currency;
        let own = account.parse::<AccountCode>().ok().and_then(|code| {
            let role = self.mapping.role_of(&self.entity, &code);
            self.entity.close.tolerance_of(&code, role)?.of(functional).ok()
        });
        let of_entity = || {
            let amounts = self.entity.tolerance.as_ref()?.amounts(functional).ok()?;
            amounts.into_iter().find(|amount| amount.currency() == functional)
        };
        own.or_else(of_entity).unwrap_or_else(|| Money::zero(functional))
    }

    /// An amount in the functional currency, by the rate of the period's end; `None` without a rate.
    pub(crate) fn functional(&self, minor: u128, currency: Currency) -> Option<u128> {
        let to = self.entity.functional_currency;
        if minor == 0 || currency == to {
            return Some(minor);
        }
        let day = self.end_of(self.period.as_str())?;
        let rate = self.mapping.rate_for(&self.entity, currency, day)?;
        let money = Money::new(i64::try_from(minor).ok()?, currency);
        money.convert(rate, to, Rounding::HalfEven).ok().map(|money| u128::from(money.minor().unsigned_abs()))
    }

    /// What of an account is held against its tolerance, in the functional currency; `None` where a rate is
    /// missing, which no tolerance lets pass.
    pub(crate) fn open_of(&self, account: &str) -> Option<u128> {
        self.rows_of(account).try_fold(0_u128, |sum, (currency, row)| {
            sum.checked_add(self.functional(row.whole.open(), currency)?)
        })
    }

    /// True where what is to book and unexplained on an account is more than its tolerance.
    pub(crate) fn is_over(&self, account: &str) -> bool {
        let limit = u128::from(self.tolerance(account).minor().unsigned_abs());
        self.open_of(account).is_none_or(|open| open > limit)
    }

    /// An account as it is signed now, with the names of its items as the tie-out knows them.
    pub(crate) fn sign_off(&self, ctx: &Context, account: &str) -> DeskResult<(SignOff, BTreeSet<String>)> {
        let code: AccountCode = account.parse()?;
        let whole = Some((self.period.clone(), code));
        let query = MemberQuery { entity: self.entity.code.clone(), whole };
        let items = self.judged_items(ctx.store().tie_out_members(&query)?);
        let carried = carries(self.role(account).0);
        let own: Vec<&Item> = items
            .iter()
            .filter(|item| item.account == account)
            .filter(|item| !item.earlier || (carried && item.part.is_some()))
            .collect();
        let names = own.iter().map(|item| item.name.clone()).collect();
        let tolerance = self.tolerance(account);
        let limit = decimal_text(tolerance.minor(), tolerance.currency().code());
        let figure = |(currency, row): (Currency, &Row)| {
            let text = |minor: i64| decimal_text(minor, currency.code());
            let parts =
                Part::ALL.iter().map(|part| format!("{} {}", part.words(), text(row.whole.part(*part))));
            format!(
                "{}: expected {}, ledger {}, difference {} = {}; tolerance {limit} {}",
                currency.code(),
                text(row.whole.expected),
                text(row.whole.ledger),
                text(row.whole.minor().unwrap_or_default()),
                parts.collect::<Vec<_>>().join(" + "),
                tolerance.currency().code(),
            )
        };
        let figures = self.rows_of(account).map(figure).collect();
        let place = (self.entity.code.as_str(), self.period.as_str(), account);
        Ok((SignOff::new(place, figures, own.into_iter().map(Item::signed).collect()), names))
    }
}

impl Row {
    fn complete(&mut self) -> Option<()> {
        let now = self.now.completed(Part::Unexplained)?;
        let before = self.before.completed(Part::BroughtForward)?;
        self.whole = now.plus(&before)?;
        self.opening = self.before.ledger;
        Some(())
    }
}

impl Item {
    /// As a note names it.
    pub(crate) fn noted(&self) -> NotedItem {
        NotedItem {
            name: self.shown.clone(),
            currency: self.currency,
            period: self.period.to_string(),
            account: self.account.clone(),
            minor: self.minor,
            version: self.version.clone(),
        }
    }

    fn signed(&self) -> SignedItem {
        SignedItem {
            name: self.shown.clone(),
            currency: self.currency,
            period: self.period.to_string(),
            part: self.part.map_or(AGREES, Part::as_str).to_owned(),
            expected_minor: self.expected,
            ledger_minor: self.ledger,
            version: self.version.clone(),
        }
    }

    /// By when it clears, where that is known.
    pub(crate) fn clears(&self) -> Option<NaiveDate> {
        match (self.part, self.known) {
            (Some(Part::Timing), Known::ClearsBy(day)) => Some(day),
            (Some(Part::Timing), _) => self.due.map(|at| at.date_naive()),
            _ => None,
        }
    }
}

/// True where a posting settles it, or one is under way.
fn by_posting(one: &OpenException) -> bool {
    one.state == ExceptionState::InProgress
        || match one.kind.remedy() {
            Remedy::Book | Remedy::Correct | Remedy::ReverseSurplus | Remedy::Map => true,
            Remedy::ReverseAll | Remedy::Difference | Remedy::AtSource => false,
        }
}

fn add_cell(row: &mut Row, cell: &TieOutRow, earlier: bool) -> Option<()> {
    let beside = [cell.corrections_minor, cell.settled_minor, cell.not_ours_minor, cell.opening_minor];
    let expected = beside.into_iter().try_fold(cell.billing_minor, i64::checked_add)?;
    let accepted = 0_i64.checked_sub(cell.noted_minor.checked_add(cell.tolerated_minor)?)?;
    let (sums, part) = match earlier {
        true => (&mut row.before, Part::BroughtForward),
        false => (&mut row.now, Part::Accepted),
    };
    sums.expected = sums.expected.checked_add(expected)?;
    sums.ledger = sums.ledger.checked_add(cell.ledger_minor)?;
    *sums = sums.with(part, accepted)?;
    Some(())
}

fn add_item(row: &mut Row, item: &Item) -> Option<()> {
    let part = item.part?;
    let sums = if item.earlier { &mut row.before } else { &mut row.now };
    *sums = sums.with(part, item.minor)?;
    row.clears = row.clears.max(item.clears());
    Some(())
}

/// What members of one name put on one account; `None` beyond what can be counted.
fn item_of(members: &[TieOutMember], earlier: bool) -> Option<Item> {
    let first = members.first()?;
    let sum = |of: &dyn Fn(&TieOutMember) -> i64| {
        members.iter().try_fold(0_i64, |sum, member| sum.checked_add(of(member)))
    };
    let (expected, ledger) = (sum(&|m| m.billing_minor)?, sum(&|m| m.ledger_minor)?);
    let otherwise = sum(&|m| m.otherwise_minor)?;
    let versions: BTreeSet<String> =
        members.iter().map(|m| format!("{:?} {} {}", m.side, m.id, m.version)).collect();
    let mut version = sha256_hex(versions.into_iter().collect::<Vec<_>>().join("\n").as_bytes());
    version.truncate(VERSION);
    let own_entry = members.iter().find(|m| m.side == MemberSide::Entry && m.id == first.name);
    let shown = match own_entry.and_then(|entry| entry.number.as_deref()) {
        Some(number) => format!("{number} ({})", first.name),
        None => first.name.clone(),
    };
    let journal = own_entry.is_some_and(|entry| entry.kind.as_deref() == Some("journal"));
    Some(Item {
        name: first.name.clone(),
        shown: shown.split_whitespace().collect::<Vec<_>>().join(" "),
        currency: first.currency,
        period: first.period.clone(),
        account: first.account.clone(),
        expected,
        ledger,
        minor: expected.checked_add(otherwise)?.checked_sub(ledger)?,
        version,
        dated: members
            .iter()
            .map(|m| m.dated.as_str())
            .filter(|day| !day.is_empty())
            .min()
            .unwrap_or_default()
            .to_owned(),
        earlier,
        journal,
        part: None,
        known: Known::Nothing,
        note: None,
        due: None,
    })
}

/// The notes of an entity that are in force.
fn notes(ctx: &Context, entity: &EntityCode) -> DeskResult<Vec<Noted>> {
    let filter = ChangeFilter {
        kind: Some(ChangeKind::VarianceNote),
        state: Some(ChangeState::InForce),
        ..ChangeFilter::default()
    };
    let read = |change: Change| {
        let said = VarianceNote::parse(&change.content)?;
        (said.entity == entity.as_str()).then_some(Noted { change, said })
    };
    Ok(ctx.store().changes(&filter)?.into_iter().filter_map(read).collect())
}
