//! The close of one entity and period on one screen: the arithmetic of its differences, the proof, who
//! signed, what moved, and what blocks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency, Money,
    difference::{Difference, Known, Part},
    mapping::Role,
    said,
};
use tieout_store::ProvenBalance;

use crate::{
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        said::Said,
        wording,
    },
    close::{
        arithmetic::{Books, Item, Row, RowKind},
        blocking::{self, BlockerView},
        noting::{self, NoteView},
        pace::{self, ForecastView},
        signing::{self, SignOffView, SignState, Signed},
    },
    governance::changes,
    intake::chart,
    queue::closing,
};

/// So many items are listed at once.
const MOST: usize = 500;

/// Which close.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct CloseRequest {
    /// The legal entity; the mapping's first without one.
    #[serde(default)]
    pub entity: Option<String>,
    /// The period; the one that is being closed without one.
    #[serde(default)]
    pub period: Option<String>,
    /// The instant or date by which timing is judged; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// An account and currency: expected − ledger = difference = its parts. Debit-positive, major units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CloseRow {
    /// What it is: an account that is signed, one opposite, all others, or earlier periods.
    #[ts(as = "closed::CloseRowKind")]
    pub kind: String,
    /// The account; empty of several together.
    pub account: String,
    /// What the ERP calls it, where its chart was read.
    pub account_name: Option<String>,
    /// The currency.
    pub currency: String,
    /// What billing, and what is known beside it, says that the ledger should hold.
    pub expected: String,
    /// What earlier periods left in the ledger.
    pub opening: String,
    /// What the period moved in it.
    pub movement: String,
    /// What it holds.
    pub ledger: String,
    /// Expected less ledger.
    pub difference: String,
    /// What clears by a stated date.
    pub timing: String,
    /// The last such date.
    pub clears: Option<String>,
    /// What is unrecorded.
    pub to_book: String,
    /// What signatures or the mapping accept.
    pub accepted: String,
    /// What earlier periods left open.
    pub brought_forward: String,
    /// What nothing accounts for.
    pub unexplained: String,
    /// To book and unexplained together.
    pub open: String,
    /// Up to which that may stay, in the functional currency; `None` of what is not signed.
    pub tolerance: Option<String>,
    /// True where the account is over it.
    pub over: bool,
    /// Whether the ERP's own trial balance agrees with what was read; `None` where it says nothing.
    pub proven: Option<bool>,
}

/// All rows of a currency together: nothing in every column, or the books do not net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ProofRow {
    /// The currency.
    pub currency: String,
    /// Expected.
    pub expected: String,
    /// Ledger.
    pub ledger: String,
    /// Difference.
    pub difference: String,
    /// Timing.
    pub timing: String,
    /// To book.
    pub to_book: String,
    /// Accepted.
    pub accepted: String,
    /// Brought forward.
    pub brought_forward: String,
    /// Unexplained.
    pub unexplained: String,
    /// True where every column is nothing.
    pub nets: bool,
}

/// The close of one entity and period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CloseView {
    /// The legal entity.
    pub entity: String,
    /// Its name.
    pub entity_name: String,
    /// The period.
    pub period: String,
    /// As a sentence names it.
    pub period_name: String,
    /// Its last day.
    pub ends: Option<String>,
    /// What its ledger takes in it, in words; `None` where no ledger says it.
    pub says: Option<String>,
    /// The functional currency, in which tolerances are.
    pub currency: String,
    /// The day by which timing was judged.
    pub today: String,
    /// True where every account is reviewed and no blocker is open.
    pub ready: bool,
    /// What is missing, in words.
    pub lacks: Vec<String>,
    /// The same in pieces, for a page.
    pub lacks_said: Vec<Vec<Said>>,
    /// The accounts.
    pub rows: Vec<CloseRow>,
    /// The proof, one row for each currency.
    pub proof: Vec<ProofRow>,
    /// The sign-offs, by account.
    pub accounts: Vec<SignOffView>,
    /// Small movements since; `None` where there are none.
    pub movements: Option<SignOffView>,
    /// What blocks, by kind, the worthiest first.
    pub blockers: Vec<BlockerView>,
    /// How many they are.
    pub blocker_count: u64,
    /// Their worth together in the reporting currency.
    pub blocker_worth: Option<String>,
    /// The reporting currency.
    pub reporting: Option<String>,
    /// When nothing will block it any more; `None` where nothing does.
    pub forecast: Option<ForecastView>,
    /// Journals by hand on revenue accounts that no document explains.
    pub manual_journals: Vec<CloseItem>,
    /// Notes that are in force or wait.
    pub notes: Vec<NoteView>,
    /// The entities that the mapping lists.
    pub entities: Vec<String>,
    /// The periods of this one, the oldest first.
    pub periods: Vec<String>,
}

/// One item that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CloseItem {
    /// The reference, or an entry's number with its id.
    pub item: String,
    /// The account.
    pub account: String,
    /// The currency.
    pub currency: String,
    /// The item's own period.
    pub period: String,
    /// Its day.
    pub dated: String,
    /// How many days old it is.
    pub age_days: i64,
    /// What its documents expect.
    pub expected: String,
    /// What its entries hold.
    pub ledger: String,
    /// What it differs by.
    pub difference: String,
    /// The part of the difference that it is of.
    #[ts(as = "closed::DifferencePart")]
    pub part: String,
    /// What is known of it, in words.
    pub says: String,
    /// By when it clears.
    pub clears: Option<String>,
    /// An open exception of it.
    pub exception: Option<String>,
    /// The note that holds for it.
    pub note: Option<String>,
}

/// An account whose items are asked for.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct CloseItemsRequest {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The account; all without one.
    #[serde(default)]
    pub account: Option<String>,
    /// Only this part.
    #[serde(default)]
    pub part: Option<String>,
    /// The instant or date by which timing is judged; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// The close of one entity and period, as last detected.
///
/// # Errors
/// `mapping_required`, `not_found`, `bad_instant`, a database error.
pub fn close_status(ctx: &Context, request: &CloseRequest) -> DeskResult<CloseView> {
    let ctx = &ctx.asking();
    let (entity, period) = place(ctx, request)?;
    let books = Books::of(ctx, (&entity, &period), request.as_of.as_deref())?;
    let worked = signing::worked(ctx, &books)?;
    let accounts = books.accounts();
    let signed = accounts.iter().map(|account| signing::signed(ctx, &books, &worked, account));
    let signed = signed.collect::<DeskResult<Vec<Signed>>>()?;
    let movements = signing::movements(ctx, &books, &signed)?;
    let blocking = blocking::blocking(ctx, &books)?;
    let proof = books.proof()?;
    let lacks = lacks(&books, (&signed, &movements), blocking.len(), &proof);
    let (charts, erps) = (chart::charts(ctx)?, chart::erps_of_entities(ctx)?);
    let name = |account: &str| charts.name(erps.get(&entity), account).map(str::to_owned);
    let proven = ctx.store().trial_balances()?;
    let rows = books.rows.iter().map(|((kind, account, currency), row)| {
        let view = row_view(&books, (*kind, account, *currency), row, &proven);
        CloseRow { account_name: name(account), ..view }
    });
    let rows = rows.collect();
    let mut views = Vec::with_capacity(signed.len());
    for one in &signed {
        let view = signing::view(ctx, &books, &worked, one)?;
        views.push(SignOffView { account_name: name(&one.account), ..view });
    }
    let (blockers, worth, currency) = blocking::blockers(ctx, &books, &blocking)?;
    Ok(CloseView {
        entity_name: books.entity.name.clone(),
        period_name: wording::period(&period),
        ends: books.end_of(&period).map(|day| day.to_string()),
        says: says(ctx, &entity, &period)?,
        currency: books.entity.functional_currency.code().to_owned(),
        today: books.today.to_string(),
        ready: lacks.is_empty(),
        lacks_said: lacks.iter().map(|lack| Said::of(lack)).collect(),
        lacks: lacks.iter().map(|lack| said::plain(lack)).collect(),
        rows,
        proof: proof.iter().map(|(currency, sum)| proof_row(*currency, sum)).collect(),
        accounts: views,
        movements: match movements.text.is_empty() {
            true => None,
            false => Some(signing::view(ctx, &books, &worked, &movements)?),
        },
        forecast: pace::view(ctx, &books, blocking.len() as u64)?,
        blocker_count: blocking.len() as u64,
        blockers,
        blocker_worth: worth,
        reporting: currency,
        manual_journals: journals(&books),
        notes: noting::all(ctx, &entity)?,
        entities: books.mapping.entities.iter().map(|one| one.code.to_string()).collect(),
        periods: periods(ctx, &entity)?,
        entity,
        period,
    })
}

/// The items that differ, the largest first.
///
/// # Errors
/// `mapping_required`, `not_found`, `bad_instant`, a database error.
pub fn close_items(ctx: &Context, request: &CloseItemsRequest) -> DeskResult<Vec<CloseItem>> {
    let books = Books::of(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    let fits = |item: &&Item| {
        request.account.as_deref().is_none_or(|account| account == item.account)
            && request.part.as_deref().is_none_or(|part| item.part.is_some_and(|own| own.as_str() == part))
    };
    let mut items: Vec<&Item> = books.items.iter().filter(fits).collect();
    items.sort_by_key(|item| (std::cmp::Reverse(item.minor.unsigned_abs()), item.shown.clone()));
    Ok(items.into_iter().take(MOST).filter_map(|item| item_view(&books, item)).collect())
}

/// The entity and period that are meant.
fn place(ctx: &Context, request: &CloseRequest) -> DeskResult<(String, String)> {
    let mapping = changes::mapping_needed(ctx)?.content;
    let first = || mapping.entities.first().map(|entity| entity.code.to_string());
    let entity = request
        .entity
        .clone()
        .or_else(first)
        .ok_or_else(|| DeskError::new(Code::NotFound, "the mapping in force lists no entity"))?;
    let period = match &request.period {
        Some(period) => Some(period.clone()),
        None => closing::closing(ctx, ctx.clock.now().date_naive(), None)?.map(|found| found.view.period),
    };
    let period = period.or(periods(ctx, &entity)?.pop()).ok_or_else(|| {
        let message = format!("no ledger says the periods of {entity}: sync it, or import them, or name one");
        DeskError::new(Code::NotFound, message)
    })?;
    Ok((entity, period))
}

fn periods(ctx: &Context, entity: &str) -> DeskResult<Vec<String>> {
    let mut own = closing::periods_of(ctx, Some(entity))?;
    own.sort_by_key(|period| period.ends);
    Ok(own.into_iter().map(|period| period.key.to_string()).collect())
}

fn says(ctx: &Context, entity: &str, key: &str) -> DeskResult<Option<String>> {
    let all = closing::periods_of(ctx, None)?;
    let own = all.iter().find(|period| period.entity.as_str() == entity && period.key.as_str() == key);
    Ok(own.map(wording::says))
}

fn row_view(
    books: &Books,
    (kind, account, currency): (RowKind, &str, Currency),
    row: &Row,
    proven: &[ProvenBalance],
) -> CloseRow {
    let text = |minor: i64| decimal_text(minor, currency.code());
    let whole = &row.whole;
    let signed = kind == RowKind::Signed;
    let own = |one: &&ProvenBalance| {
        one.balance.entity.as_str() == books.entity.code.as_str()
            && one.balance.account.as_str() == account
            && one.balance.period == books.period
    };
    CloseRow {
        kind: kind.as_str().to_owned(),
        account: account.to_owned(),
        account_name: None,
        currency: currency.code().to_owned(),
        expected: text(whole.expected),
        opening: text(row.opening),
        movement: text(whole.ledger.saturating_sub(row.opening)),
        ledger: text(whole.ledger),
        difference: text(whole.minor().unwrap_or_default()),
        timing: text(whole.timing),
        clears: row.clears.map(|day| day.to_string()),
        to_book: text(whole.to_book),
        accepted: text(whole.accepted),
        brought_forward: text(whole.brought_forward),
        unexplained: text(whole.unexplained),
        open: i128::try_from(whole.open())
            .map_or_else(|_| String::new(), |m| wording::wide_text(m, currency)),
        tolerance: signed.then(|| signing::functional_text(books.tolerance(account))),
        over: signed && books.is_over(account),
        proven: proven.iter().find(own).map(|one| one.gap_minor() == 0),
    }
}

fn proof_row(currency: Currency, sum: &Difference) -> ProofRow {
    let text = |minor: i64| decimal_text(minor, currency.code());
    ProofRow {
        currency: currency.code().to_owned(),
        expected: text(sum.expected),
        ledger: text(sum.ledger),
        difference: text(sum.minor().unwrap_or_default()),
        timing: text(sum.timing),
        to_book: text(sum.to_book),
        accepted: text(sum.accepted),
        brought_forward: text(sum.brought_forward),
        unexplained: text(sum.unexplained),
        nets: sum.is_nil(),
    }
}

/// What is missing until the period is ready, as sentences of the core ([`tieout_domain::said`]).
fn lacks(
    books: &Books,
    (signed, movements): (&[Signed], &Signed),
    blocking: usize,
    proof: &BTreeMap<Currency, Difference>,
) -> Vec<String> {
    let mut lacks = Vec::new();
    for (currency, sum) in proof.iter().filter(|(_, sum)| !sum.is_nil()) {
        let amount = |minor: i64| said::amount(Money::new(minor, *currency));
        lacks.push(format!(
            "the lines do not net to zero in {}: expected by {}, ledger by {}",
            currency.code(),
            amount(sum.expected),
            amount(sum.ledger),
        ));
    }
    if blocking > 0 {
        lacks.push(format!("{blocking} {} open", if blocking == 1 { "blocker is" } else { "blockers are" }));
    }
    for one in signed.iter().filter(|one| one.state != SignState::Reviewed) {
        lacks.push(match one.state {
            SignState::Open if books.is_over(&one.account) => {
                format!("{} cannot be prepared: {}", one.account, signing::open_words(books, &one.account))
            }
            SignState::Open => format!("{} is to be prepared", one.account),
            SignState::Prepared => format!("{} waits for its review", one.account),
            SignState::Suspended | SignState::Reviewed => format!("{} is suspended", one.account),
        });
    }
    if signed.is_empty() {
        lacks.push("nothing is booked or expected: there is nothing to sign".to_owned());
    }
    if !movements.text.is_empty() && movements.state != SignState::Reviewed {
        lacks.push(format!("small movements of {} items are to be signed", movements.items));
    }
    lacks
}

/// Journals that somebody made on revenue, and that no document explains: "manual journal" alone is no
/// explanation.
fn journals(books: &Books) -> Vec<CloseItem> {
    let own =
        |item: &&Item| item.journal && !item.earlier && books.role(&item.account).0 == Some(Role::Revenue);
    books.items.iter().filter(own).filter_map(|item| item_view(books, item)).collect()
}

fn item_view(books: &Books, item: &Item) -> Option<CloseItem> {
    let part = item.part?;
    let text = |minor: i64| decimal_text(minor, item.currency.code());
    let exception = books.exceptions.iter().find(|one| one.name == item.name);
    let note = books.notes.iter().find(|note| Some(&note.change.id) == item.note.as_ref());
    let says = match (item.known, note, exception) {
        (Known::ClearsBy(day), Some(note), _) if part == Part::Unexplained => {
            format!("did not clear by {}: {}", wording::day(day), note.said.note)
        }
        (Known::ClearsBy(day), Some(note), _) => {
            format!("clears by {}: {}", wording::day(day), note.said.note)
        }
        (_, Some(note), _) => {
            format!("{}: {}", note.said.category.as_str().replace('_', " "), note.said.note)
        }
        (_, None, Some(one)) => one.kind.label().to_owned(),
        (Known::OnItsWay, None, None) => "within its time".to_owned(),
        _ => "nothing accounts for it".to_owned(),
    };
    let dated: Option<NaiveDate> = item.dated.parse().ok();
    Some(CloseItem {
        item: item.shown.clone(),
        account: item.account.clone(),
        currency: item.currency.code().to_owned(),
        period: item.period.to_string(),
        dated: item.dated.clone(),
        age_days: dated.map_or(0, |day| (books.today - day).num_days()),
        expected: text(item.expected),
        ledger: text(item.ledger),
        difference: text(item.minor),
        part: part.as_str().to_owned(),
        says,
        clears: item.clears().map(|day| day.to_string()),
        exception: exception.map(|one| one.id.to_string()),
        note: item.note.as_ref().map(ToString::to_string),
    })
}
