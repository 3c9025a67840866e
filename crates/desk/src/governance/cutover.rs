//! Cutovers: what customers owed on the day on which an entity's books began here, by the ERP and by billing,
//! and the difference, which two people sign. What was signed holds for its day; another day begins anew.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{Currency, EntityCode, Money, hash::sha256_hex, people::Action};
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState, OpenItem};

use crate::{
    access::{
        action::ActionView,
        actor,
        judging::{self, By},
    },
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
    },
    governance::{
        changes,
        figures::{self, Sides},
        mapping,
    },
};

/// One entity's cutover.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct CutoverRequest {
    /// The entity's code.
    pub entity: String,
}

/// Open items of the ledger, from a file.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct OpenItemsRequest {
    /// The entity's code.
    pub entity: String,
    /// A CSV file with the columns Customer, Currency and Amount.
    #[ts(type = "string")]
    pub file: PathBuf,
}

/// A signature under a cutover's figures.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SignCutoverRequest {
    /// The entity's code.
    pub entity: String,
    /// The hash of the figures that the person saw.
    pub content: Option<String>,
}

/// What one customer owed in one currency at the cutover, major units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct OpenItemView {
    /// Billing's id of the customer where it is known, else the ERP's; empty where nobody says whose it is.
    pub customer: String,
    /// The customer's name, where it is known.
    pub name: Option<String>,
    /// The currency.
    pub currency: String,
    /// By the ERP.
    pub ledger: String,
    /// By billing.
    pub billing: String,
    /// ERP less billing.
    pub difference: String,
}

/// An amount in a currency, major units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CurrencyAmount {
    /// The currency.
    pub currency: String,
    /// The amount.
    pub amount: String,
}

/// A cutover as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CutoverView {
    /// The entity.
    pub entity: String,
    /// The first day of its books here.
    pub books_from: String,
    /// open, proposed or signed.
    #[ts(as = "closed::CutoverState")]
    pub state: String,
    /// Where the ledger's side comes from: `ledger` as it was read, or `file`.
    #[ts(as = "closed::OpenItemsFrom")]
    pub ledger_from: String,
    /// Both sides, customer by customer.
    pub items: Vec<OpenItemView>,
    /// The difference per currency: what is carried on a line of the tie-out.
    pub difference: Vec<CurrencyAmount>,
    /// Who signed so far.
    pub signed_by: Vec<String>,
    /// The governed change that was signed or waits.
    pub change: Option<String>,
    /// The hash of the figures as they are now: what a signature is under.
    pub hash: String,
    /// What may be done with it now.
    pub actions: Vec<ActionView>,
}

/// The entity's code and the day on which its books begin here.
fn begins(ctx: &Context, entity: &str) -> DeskResult<(EntityCode, NaiveDate)> {
    let code: EntityCode = entity.parse()?;
    let mapping = mapping::mapping_needed(ctx)?;
    let found = mapping.content.entity(&code).ok_or_else(|| {
        DeskError::new(Code::EntityUnmapped, format!("entity {code} is not in the mapping in force"))
    })?;
    let day = found.books_from.ok_or_else(|| {
        DeskError::new(
            Code::NoCutover,
            format!("entity {code} has no cutover: give it books_from in the mapping"),
        )
    })?;
    Ok((code, day))
}

fn of_state(ctx: &Context, entity: &EntityCode, state: ChangeState) -> DeskResult<Option<Change>> {
    let filter =
        ChangeFilter { kind: Some(ChangeKind::Cutover), name: Some(entity.to_string()), state: Some(state) };
    Ok(ctx.store().changes(&filter)?.into_iter().next())
}

/// The cutovers of the mapping in force.
///
/// # Errors
/// A database error.
pub fn cutovers(ctx: &Context) -> DeskResult<Vec<CutoverView>> {
    let Some(mapping) = mapping::mapping_in_force(ctx)? else { return Ok(Vec::new()) };
    let all = mapping.content.entities.iter().filter_map(|e| Some((e.code.clone(), e.books_from?)));
    all.map(|(entity, day)| view(ctx, &entity, day)).collect()
}

/// One entity's cutover: both sides and the difference, per customer and currency.
///
/// # Errors
/// `entity_unmapped`, `no_cutover`.
pub fn cutover(ctx: &Context, request: &CutoverRequest) -> DeskResult<CutoverView> {
    let (entity, day) = begins(ctx, &request.entity)?;
    view(ctx, &entity, day)
}

fn view(ctx: &Context, entity: &EntityCode, day: NaiveDate) -> DeskResult<CutoverView> {
    let ctx = &ctx.asking();
    let sides = figures::sides(ctx, entity, day)?;
    let text = figures::of_cutover(entity, day, &sides);
    let signed = of_state(ctx, entity, ChangeState::InForce)?.filter(|c| figures::is_of_day(&c.content, day));
    let waits = of_state(ctx, entity, ChangeState::Inert)?;
    let change = waits.as_ref().or(signed.as_ref());
    let state = match (&signed, &waits) {
        (_, Some(_)) => "proposed",
        (Some(_), None) => "signed",
        (None, None) => "open",
    };
    let shown = change.map(|change| changes::judged_change(ctx, change)).transpose()?;
    let mut signed_by = Vec::new();
    if let Some(shown) = &shown {
        signed_by.push(shown.author.clone());
        signed_by.extend(shown.approved_by.iter().cloned());
    }
    let differences = figures::differences(&sides);
    let amount = |(currency, minor): (Currency, i64)| CurrencyAmount {
        currency: currency.code().to_owned(),
        amount: decimal_text(minor, currency.code()),
    };
    Ok(CutoverView {
        entity: entity.to_string(),
        books_from: day.to_string(),
        state: state.to_owned(),
        ledger_from: if sides.of_a_file { "file" } else { "ledger" }.to_owned(),
        items: items(&sides),
        difference: differences.into_iter().map(amount).collect(),
        signed_by,
        change: change.map(|change| change.id.to_string()),
        // What is signed next: the figures as they are now.
        hash: sha256_hex(text.as_bytes()),
        actions: shown.map(|shown| shown.actions).unwrap_or_default(),
    })
}

fn items(sides: &Sides) -> Vec<OpenItemView> {
    let view = |row: &figures::SideRow| {
        let text = |minor| decimal_text(minor, row.currency.code());
        OpenItemView {
            customer: row.customer.clone(),
            name: row.name.clone(),
            currency: row.currency.code().to_owned(),
            ledger: text(row.ledger),
            billing: text(row.billing),
            difference: text(row.ledger - row.billing),
        }
    };
    figures::rows(sides).iter().map(view).collect()
}

/// Takes the ledger's open items at the cutover from a file: they count in the place of what was read.
///
/// # Errors
/// A refusal, `entity_unmapped`, `no_cutover`, `file_unusable`, `bad_cell`, `bad_amount`.
pub fn import_open_items(ctx: &Context, request: &OpenItemsRequest) -> DeskResult<CutoverView> {
    let (entity, day) = begins(ctx, &request.entity)?;
    let actor = actor::actor(ctx)?;
    let about = request.file.display().to_string();
    let facts = tieout_duties::Subject::Workspace;
    actor::judge(ctx, &actor, Action::ImportFiles, facts, &about)?;
    let text = changes::read_text(&request.file)?;
    let items = read_items(&text).map_err(|error| error.at(&about))?;
    let content = figures::open_items_text(day, &items);
    let detail = json!({ "entity": entity.as_str(), "books_from": day.to_string(), "items": items.len() });
    let kept = (content.as_str(), "open_items_kept");
    changes::keep_at_once(ctx, &actor, (ChangeKind::OpenItems, entity.as_str()), kept, detail)?;
    view(ctx, &entity, day)
}

/// The rows of a file of open items, summed per customer and currency.
fn read_items(text: &str) -> DeskResult<Vec<OpenItem>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let bad = |message: String| DeskError::new(Code::BadCell, message);
    let header = reader.headers().map_err(|e| bad(e.to_string()))?.clone();
    let column = |name: &str| {
        let at = header.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        at.ok_or_else(|| bad(format!("the file has no column {name}: it needs Customer, Currency, Amount")))
    };
    let (customer, currency, amount) = (column("Customer")?, column("Currency")?, column("Amount")?);
    let mut sums: BTreeMap<(String, Currency), i64> = BTreeMap::new();
    for (row, number) in reader.records().zip(2..) {
        let row = row.map_err(|e| bad(format!("row {number}: {e}")))?;
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let currency = Currency::new(cell(currency)).map_err(|e| bad(format!("row {number}: {e}")))?;
        let money = Money::parse(cell(amount), currency)
            .map_err(|e| DeskError::new(Code::BadAmount, format!("row {number}: {e}")))?;
        let sum = sums.entry((cell(customer).to_owned(), currency)).or_default();
        *sum = sum.checked_add(money.minor()).ok_or_else(|| {
            DeskError::new(Code::BadAmount, format!("row {number}: the sum is too large to be kept"))
        })?;
    }
    let item = |((customer, currency), minor)| OpenItem { customer, name: None, currency, minor };
    Ok(sums.into_iter().map(item).collect())
}

/// Signs a cutover's figures: the first signature proposes them, the second, by another person, puts them in
/// force. Each is bound to the figures that its person saw.
///
/// # Errors
/// A refusal, `no_cutover`, `content_not_shown`, `content_changed`, `figures_moved`, `nothing_to_decide`.
pub fn sign(ctx: &Context, request: &SignCutoverRequest) -> DeskResult<CutoverView> {
    let (entity, day) = begins(ctx, &request.entity)?;
    let by = judging::by(ctx, false)?;
    let By::Actor(actor) = &by else { return view(ctx, &entity, day) };
    let sides = figures::sides(ctx, &entity, day)?;
    let text = figures::of_cutover(&entity, day, &sides);
    let shown = request.content.as_deref().map(str::trim);
    let waits = of_state(ctx, &entity, ChangeState::Inert)?;
    if let Some(change) = waits.as_ref().filter(|change| change.author != actor.id().as_str()) {
        // Somebody else's figures that have moved are theirs to propose anew.
        figures::check_unmoved(ctx, change)?;
    }
    match waits.filter(|change| change.content == text) {
        Some(change) => {
            changes::check_seen(&change, entity.as_str(), shown)?;
            changes::decide_change(ctx, &by, &change, true, None)?;
        }
        None => {
            let signed = of_state(ctx, &entity, ChangeState::InForce)?;
            if signed.is_some_and(|change| change.content == text) {
                let message = format!("the cutover of {entity} is signed with these very figures");
                return Err(DeskError::new(Code::NothingToDecide, message));
            }
            let hash = sha256_hex(text.as_bytes());
            figures::check_shown(entity.as_str(), &hash, shown)?;
            changes::withdraw_own(ctx, actor, ChangeKind::Cutover, entity.as_str())?;
            changes::propose_signed(ctx, actor, ChangeKind::Cutover, entity.as_str(), &text)?;
        }
    }
    view(ctx, &entity, day)
}
