//! What people sign of a ledger: the figures of its tie-out as a text, so that who approves sees what who
//! proposed saw. Where they have moved since, the approval is refused with what moved.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use similar::{ChangeTag, TextDiff};
use tieout_domain::{
    ConnectionId, Currency, EntityCode, Money,
    explanation::{ExplainedItem, Explanation},
    ledger::LedgerEntry,
};
use tieout_store::{Change, ChangeKind, Connection, ConnectionRole, OpenItem, TieOutFilter, TieOutRow};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        wording,
    },
    governance::{mapping, overriding},
};

/// So many lines that moved are told; who wants all of them looks again.
const TOLD: usize = 6;

/// The text that says what is signed when posting to a connection is switched on: the ledger, and every cell
/// of the tie-out of its entities. It holds nothing that time alone moves.
///
/// # Errors
/// `ledger_not_read`: there is nothing to sign yet.
pub(crate) fn of_ledger(ctx: &Context, connection: &Connection) -> DeskResult<String> {
    was_read(ctx, connection)?;
    let entities = entities(ctx, connection)?;
    let rows = ctx.store().tie_out(&TieOutFilter::default())?;
    let mut lines = vec![
        format!(
            "Approved postings are {} {}: {}, {}, {}.",
            if connection.is_files() { "handed over in files to" } else { "sent to" },
            connection.name,
            connection.vendor.as_str(),
            connection.mode.as_str(),
            connection.tenant
        ),
        "The tie-out of its entities, debit positive:".to_owned(),
    ];
    let own = rows.iter().filter(|row| entities.contains(&row.entity));
    lines.extend(own.map(line));
    if lines.len() == 2 {
        lines.push("nothing is booked there, and nothing is expected".to_owned());
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// Refuses where a ledger was never read to its end.
///
/// # Errors
/// `ledger_not_read`.
pub(crate) fn was_read(ctx: &Context, connection: &Connection) -> DeskResult<()> {
    let states = ctx.store().sync_states(&connection.id)?;
    match states.iter().any(|state| state.resource == "entries" && state.complete_through.is_some()) {
        true => Ok(()),
        false => Err(DeskError::new(
            Code::LedgerNotRead,
            format!(
                "{} was never read to its end, so that there are no figures to sign: sync it first",
                connection.name
            ),
        )),
    }
}

fn line(row: &TieOutRow) -> String {
    let text = |minor: i64| decimal_text(minor, row.currency.code());
    format!(
        "{} {} {} {}: billing {}, corrections {}, settled {}, ledger {}, variance {}, unexplained {}",
        row.entity,
        row.currency.code(),
        row.period.as_str(),
        row.account,
        text(row.billing_minor),
        text(row.corrections_minor),
        text(row.settled_minor),
        text(row.ledger_minor),
        text(row.variance_minor),
        text(row.unexplained_minor),
    )
}

/// The legal entities whose books a connection keeps: those that its ledger holds, and those for which the
/// mapping names it, or names none while it is the only ERP.
fn entities(ctx: &Context, connection: &Connection) -> DeskResult<BTreeSet<String>> {
    let mut entities: BTreeSet<String> =
        ctx.store().entities_of_ledger(&connection.id)?.into_iter().collect();
    let Some(mapping) = mapping::mapping_in_force(ctx)? else { return Ok(entities) };
    let all = ctx.known().connections()?;
    let others = |c: &&Connection| c.role == ConnectionRole::Erp && !c.is_files() && c.id != connection.id;
    let alone = all.iter().filter(others).count() == 0
        && (!connection.is_files() || all.iter().filter(|c| c.role == ConnectionRole::Erp).count() == 1);
    let named = mapping.content.entities.iter().filter(|entity| match &entity.erp_connection {
        Some(name) => *name == connection.name,
        None => alone,
    });
    entities.extend(named.map(|entity| entity.code.to_string()));
    Ok(entities)
}

/// True for changes whose text is figures: they are approved only by who saw them.
pub(crate) fn are_signed(kind: ChangeKind) -> bool {
    match kind {
        ChangeKind::Posting
        | ChangeKind::Cutover
        | ChangeKind::Explanation
        | ChangeKind::VarianceNote
        | ChangeKind::SignOff
        | ChangeKind::SoftCloseLift
        | ChangeKind::LockException
        | ChangeKind::Delegation
        | ChangeKind::Override
        | ChangeKind::TaskDone => true,
        ChangeKind::Mapping
        | ChangeKind::Policy
        | ChangeKind::Duty
        | ChangeKind::Checklist
        | ChangeKind::ColumnMap
        | ChangeKind::OpenItems
        | ChangeKind::Simulation
        | ChangeKind::SoftClose
        | ChangeKind::Expectation => false,
    }
}

/// Refuses the approval of figures that are no longer what they were when they were proposed.
///
/// # Errors
/// `figures_moved`, with what moved.
pub(crate) fn check_unmoved(ctx: &Context, change: &Change) -> DeskResult<()> {
    let now = match change.kind {
        ChangeKind::Posting => {
            let id: ConnectionId = change.name.parse()?;
            of_ledger(ctx, &ctx.known().connection(&id)?)?
        }
        ChangeKind::Cutover => {
            let entity: EntityCode = change.name.parse()?;
            let day = mapping::mapping_needed(ctx)?.content.entity(&entity).and_then(|e| e.books_from);
            match day {
                Some(day) => of_cutover(&entity, day, &sides(ctx, &entity, day)?),
                None => String::new(),
            }
        }
        ChangeKind::Explanation => match Explanation::parse(&change.content) {
            Some(said) => of_explanation(ctx, &said)?,
            None => String::new(),
        },
        ChangeKind::Override => overriding::as_it_stands(ctx, change)?,
        // What belongs to a close is looked at again there.
        ChangeKind::VarianceNote | ChangeKind::SignOff | ChangeKind::TaskDone => return Ok(()),
        ChangeKind::Mapping
        | ChangeKind::Policy
        | ChangeKind::Duty
        | ChangeKind::Checklist
        | ChangeKind::ColumnMap
        | ChangeKind::OpenItems
        | ChangeKind::Simulation
        | ChangeKind::SoftClose
        | ChangeKind::SoftCloseLift
        | ChangeKind::LockException
        | ChangeKind::Delegation
        | ChangeKind::Expectation => return Ok(()),
    };
    if now == change.content {
        return Ok(());
    }
    Err(DeskError::new(
        Code::FiguresMoved,
        format!(
            "The figures moved since they were proposed: {}; propose it anew",
            moves(&change.content, &now)
        ),
    ))
}

/// What is otherwise than it was, in words.
fn moves(before: &str, now: &str) -> String {
    let diff = TextDiff::from_lines(before, now);
    let parts = diff.iter_all_changes().filter_map(|part| {
        let said = part.value().trim_end();
        match part.tag() {
            ChangeTag::Equal => None,
            ChangeTag::Delete => Some(format!("was \"{said}\"")),
            ChangeTag::Insert => Some(format!("is \"{said}\"")),
        }
    });
    let all: Vec<String> = parts.collect();
    let more = all.len().saturating_sub(TOLD);
    let mut told = all;
    told.truncate(TOLD);
    if more > 0 {
        told.push(format!("and {more} lines more"));
    }
    told.join("; ")
}

/// Both sides of a cutover.
pub(crate) struct Sides {
    pub(crate) ledger: Vec<OpenItem>,
    pub(crate) billing: Vec<OpenItem>,
    /// True where the ledger's side is a file's.
    pub(crate) of_a_file: bool,
}

/// One customer and currency of both sides, minor units.
pub(crate) struct SideRow {
    pub(crate) customer: String,
    pub(crate) name: Option<String>,
    pub(crate) currency: Currency,
    pub(crate) ledger: i64,
    pub(crate) billing: i64,
}

const FROM_A_FILE: &str = "Open items before ";

/// The text of a file of open items, as it is kept.
pub(crate) fn open_items_text(day: NaiveDate, items: &[OpenItem]) -> String {
    let line = |item: &OpenItem| format!("{}\t{}\t{}\n", item.customer, item.currency.code(), item.minor);
    format!("{FROM_A_FILE}{day}\n{}", items.iter().map(line).collect::<String>())
}

fn open_items(text: &str, day: NaiveDate) -> Option<Vec<OpenItem>> {
    let rest = text.strip_prefix(&format!("{FROM_A_FILE}{day}\n"))?;
    let item = |line: &str| {
        let mut parts = line.split('\t');
        let customer = parts.next()?.to_owned();
        let currency = Currency::new(parts.next()?).ok()?;
        Some(OpenItem { customer, name: None, currency, minor: parts.next()?.parse().ok()? })
    };
    rest.lines().map(item).collect()
}

/// What was open at a cutover: by billing, and by the ledger as it was read or as a file for that day says.
pub(crate) fn sides(ctx: &Context, entity: &EntityCode, day: NaiveDate) -> DeskResult<Sides> {
    let file = ctx.store().change_in_force_named(ChangeKind::OpenItems, entity.as_str())?;
    let file = file.and_then(|change| open_items(&change.content, day));
    let billing = ctx.store().open_in_billing(entity, day)?;
    let of_a_file = file.is_some();
    let ledger = match file {
        Some(items) => items,
        None => ctx.store().open_in_ledger(entity, day)?,
    };
    Ok(Sides { ledger, billing, of_a_file })
}

/// Both sides beside each other, per customer and currency.
pub(crate) fn rows(sides: &Sides) -> Vec<SideRow> {
    let mut rows: BTreeMap<(String, Currency), SideRow> = BTreeMap::new();
    for (item, of_ledger) in
        sides.billing.iter().map(|item| (item, false)).chain(sides.ledger.iter().map(|item| (item, true)))
    {
        let key = (item.customer.clone(), item.currency);
        let row = rows.entry(key).or_insert_with(|| SideRow {
            customer: item.customer.clone(),
            name: None,
            currency: item.currency,
            ledger: 0,
            billing: 0,
        });
        row.name = row.name.take().or_else(|| item.name.clone());
        let side = if of_ledger { &mut row.ledger } else { &mut row.billing };
        *side = side.saturating_add(item.minor);
    }
    rows.into_values().collect()
}

/// Ledger less billing, per currency; what comes to nothing is left out.
pub(crate) fn differences(sides: &Sides) -> Vec<(Currency, i64)> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for row in rows(sides) {
        let sum = sums.entry(row.currency).or_default();
        *sum = sum.saturating_add(row.ledger).saturating_sub(row.billing);
    }
    sums.into_iter().filter(|(_, minor)| *minor != 0).collect()
}

const CUTOVER: &str = "Cutover of ";
const DIFFERENCE: &str = "Difference ";

/// What is signed at a cutover: both sides per customer and currency, and the difference that is carried.
pub(crate) fn of_cutover(entity: &EntityCode, day: NaiveDate, sides: &Sides) -> String {
    let from = if sides.of_a_file { "a file of open items" } else { "the ledger as it was read" };
    let mut lines = vec![format!("{CUTOVER}{entity} on {day}; the ERP's side by {from}")];
    for row in rows(sides) {
        let text = |minor: i64| decimal_text(minor, row.currency.code());
        let whose = if row.customer.is_empty() { "(no customer)" } else { &row.customer };
        lines.push(format!(
            "{whose} {}: ERP {}, billing {}, difference {}",
            row.currency.code(),
            text(row.ledger),
            text(row.billing),
            text(row.ledger.saturating_sub(row.billing)),
        ));
    }
    for (currency, minor) in differences(sides) {
        lines.push(format!("{DIFFERENCE}{} {}", currency.code(), decimal_text(minor, currency.code())));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// True where a cutover's text is of this day.
pub(crate) fn is_of_day(text: &str, day: NaiveDate) -> bool {
    day_of(text) == Some(day)
}

fn day_of(text: &str) -> Option<NaiveDate> {
    let first = text.lines().next()?.strip_prefix(CUTOVER)?;
    first.split_once(" on ")?.1.split(';').next()?.parse().ok()
}

/// The differences that a cutover's text says, minor units.
pub(crate) fn signed_differences(text: &str) -> Vec<(Currency, i64)> {
    let one = |line: &str| {
        let (code, amount) = line.strip_prefix(DIFFERENCE)?.split_once(' ')?;
        let currency = Currency::new(code).ok()?;
        Some((currency, Money::parse(amount, currency).ok()?.minor()))
    };
    text.lines().filter_map(one).collect()
}

/// Refuses a signature under figures that were not shown, or were shown otherwise.
///
/// # Errors
/// `content_not_shown`, `content_changed`.
pub(crate) fn check_shown(name: &str, hash: &str, shown: Option<&str>) -> DeskResult<()> {
    match shown {
        Some(shown) if shown == hash => Ok(()),
        Some(_) => {
            let message = format!("{name} does not say what you saw: look at it again");
            Err(DeskError::new(Code::ContentChanged, message))
        }
        None => {
            let message =
                "figures are signed as they were seen: look at them first, and sign with their hash";
            Err(DeskError::naming(Code::ContentNotShown, name, message))
        }
    }
}

/// The entries that a note explains, as they are now; a note about entries that are no more, or are
/// otherwise, is not the one that was proposed.
pub(crate) fn of_explanation(ctx: &Context, said: &Explanation) -> DeskResult<String> {
    let mut items = Vec::with_capacity(said.items.len());
    for item in &said.items {
        let stored = ctx.store().entry(&item.entry)?;
        let about = stored.map_or_else(|| "it is no more".to_owned(), |stored| about_entry(&stored.entry));
        items.push(ExplainedItem { entry: item.entry.clone(), about });
    }
    Ok(Explanation::new(&said.category, &said.note, items).to_string())
}

/// An entry in words: number, date, entity, and what it puts on each account.
pub(crate) fn about_entry(entry: &LedgerEntry) -> String {
    let nets = entry.transaction_nets();
    let amounts: Vec<String> = nets
        .iter()
        .map(|(account, minor)| {
            format!("{} {} on {account}", entry.currency.code(), wording::wide_text(*minor, entry.currency))
        })
        .collect();
    format!(
        "{} of {} in {}: {}",
        entry.number.as_deref().unwrap_or(&entry.erp_id),
        entry.posting_date,
        entry.entity.as_str(),
        amounts.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cutover_says_its_day_and_its_differences_again() {
        let item = |customer: &str, minor| OpenItem {
            customer: customer.to_owned(),
            name: None,
            currency: Currency::GBP,
            minor,
        };
        let sides = Sides {
            ledger: vec![item("cus_1", 1_000), item("cus_2", 500)],
            billing: vec![item("cus_1", 1_200), item("cus_3", 500)],
            of_a_file: false,
        };
        assert_eq!(differences(&sides), [(Currency::GBP, -200)]);
        assert_eq!(rows(&sides).len(), 3);
        assert_eq!(signed_differences("Cutover\nDifference GBP -2.00\n"), [(Currency::GBP, -200)]);
        let day: NaiveDate = "2026-01-01".parse().unwrap();
        assert!(is_of_day("Cutover of GB01 on 2026-01-01; the ERP's side by a file\n", day));
        let kept = open_items_text(day, &[item("cus_1", 7)]);
        assert_eq!(open_items(&kept, day), Some(vec![item("cus_1", 7)]));
        assert_eq!(open_items(&kept, day.succ_opt().unwrap()), None);
    }

    #[test]
    fn what_moved_is_told_by_its_lines_and_not_without_end() {
        assert_eq!(moves("a 1\nb 2\n", "a 1\nb 3\n"), "was \"b 2\"; is \"b 3\"");
        let before: String = (0..20).map(|n| format!("{n}\n")).collect();
        assert!(moves(&before, "").ends_with("and 14 lines more"));
    }
}
