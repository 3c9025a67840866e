//! A mapping proposed from what the desk has read: the ledgers' entities and charts, billing's products and
//! taxes, and how documents that entries name were booked. Each line says why, how sure it is, and what it
//! covers of what was billed; where nothing speaks for an account, none is proposed. It changes nothing: it
//! comes in force as any mapping does, by another person's approval.

mod accounts;
pub mod chart;
mod draft;
mod entities;
mod history;
mod revenue;
mod words;

use std::collections::BTreeSet;

use serde::Serialize;
use tieout_connectors::files::ColumnMap;
use tieout_domain::{Currency, Money, accounts::AccountMapping, mapping::Role};
use tieout_store::{ChangeFilter, ChangeKind, ChangeState, Year};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{
        mapping::mapping_in_force,
        table::{MappingTable, RateRow, Remarks},
    },
};

use self::{
    draft::{Draft, Given},
    history::{Amounts, History, join},
};

pub(crate) use self::{
    accounts::words as role_words, entities::says as entity_rule_says, revenue::says as revenue_says,
};

/// A proposed mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ProposedMapping {
    /// What it comes to, in a sentence.
    pub says: String,
    /// Each thing that is proposed; empty where nothing is to be added.
    pub lines: Vec<ProposedLine>,
    /// What nothing speaks for, and somebody has to say.
    pub missing: Vec<String>,
    /// The first day of the year that it rests on; empty where there are no documents.
    pub from: String,
    /// The last.
    pub through: String,
    /// Products in it.
    pub products: u64,
    /// Those of them that have an account.
    pub products_covered: u64,
    /// What of the billed amount lines without tax have an account for.
    pub covers: Vec<Share>,
    /// The mapping's file, with what is unsure marked in it.
    pub text: String,
    /// Why the file cannot be brought in as it is; empty where it can.
    pub problem: String,
    /// The same as a table, for an editor.
    pub table: MappingTable,
}

/// One thing that is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ProposedLine {
    /// Where it stands in the table: `revenue 3`, `entity 0 accounts receivable`.
    pub place: String,
    /// What it says.
    pub says: String,
    /// What speaks for it.
    pub why: String,
    /// False where something else could be meant.
    pub sure: bool,
    /// What it covers of what was billed in that year; empty where it is not about billed amounts.
    pub covers: Vec<Share>,
}

/// A part of an amount, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Share {
    /// The currency.
    pub currency: String,
    /// The part, signs left out.
    pub part: String,
    /// The whole.
    pub of: String,
    /// The part in percent of the whole, rounded down to a tenth.
    pub percent: String,
}

/// Proposes a mapping; of one in force, what is to be added.
///
/// # Errors
/// `nothing_to_propose`, a database error.
pub fn mapping_propose(ctx: &Context) -> DeskResult<ProposedMapping> {
    let in_force = mapping_in_force(ctx)?;
    let (given, year) = read(ctx)?;
    let table = in_force.map(|mapping| MappingTable::of(&mapping.content)).transpose()?;
    let mut draft = Draft { table: table.unwrap_or_default(), ..Draft::default() };
    draft.table.version = 2;
    entities::add(&given, &mut draft);
    if draft.table.entity.is_empty() {
        return Err(DeskError::new(
            Code::NothingToPropose,
            "no ledger was read, so that there is nothing to propose a mapping from: connect the ERP and \
             sync, or import its journal (tieout import gl FILE --auto)",
        ));
    }
    entities::add_rules(&given, &mut draft);
    (0..draft.table.entity.len()).for_each(|index| accounts::add(&given, &mut draft, index));
    revenue::add(&given, &mut draft);
    add_rates(&given, &mut draft);
    cover(&given, &mut draft);
    view(&given, draft, year)
}

/// Everything that the proposal rests on.
fn read(ctx: &Context) -> DeskResult<(Given, Option<Year>)> {
    let maps = maps(ctx)?;
    let said = maps.iter().filter_map(|(name, map)| Some((name.clone(), map.expectation()?))).collect();
    let store = ctx.store();
    let year = store.last_year_of_billing()?;
    let mut history = History::default();
    if let Some(year) = year {
        store.each_booked(year, |booked| history.learn(&booked))?;
    }
    let rates = year.map(|year| store.ledger_rates(year)).transpose()?.unwrap_or_default();
    let (books, chart) = (store.ledger_books()?, store.chart()?);
    Ok((Given { history, books, chart, rates, maps, said }, year))
}

/// The column maps in force, by which files are read.
fn maps(ctx: &Context) -> DeskResult<Vec<(String, ColumnMap)>> {
    let filter =
        ChangeFilter { kind: Some(ChangeKind::ColumnMap), name: None, state: Some(ChangeState::InForce) };
    let changes = ctx.store().changes(&filter)?;
    let read = |change: tieout_store::Change| Some((change.name, ColumnMap::parse(&change.content).ok()?));
    let mut all: Vec<_> = changes.into_iter().filter_map(read).collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(all)
}

/// Rates of currencies in which an entity bills and does not keep its books.
fn add_rates(given: &Given, draft: &mut Draft) {
    let mut wanted: BTreeSet<(Currency, Currency)> = BTreeSet::new();
    for way in given.history.groups.keys() {
        let entity = revenue::entity_of(draft, way).and_then(|index| draft.table.entity.get(index));
        let functional = entity.and_then(|row| row.functional_currency.parse::<Currency>().ok());
        wanted.extend(functional.map(|to| (way.currency, to)).filter(|(from, to)| from != to));
    }
    for (from, to) in wanted {
        let known = |row: &RateRow| row.from == from.to_string() && row.to == to.to_string();
        if draft.table.rate.iter().any(known) {
            continue;
        }
        let of_ledger = given.rates.iter().filter(|rate| rate.from == from && rate.to == to);
        let mut any = false;
        for rate in of_ledger {
            any = true;
            let place = format!("rate {}", draft.table.rate.len());
            let says = format!("From {} on, 1 {from} is {} {to}", rate.date, rate.rate);
            draft.table.rate.push(RateRow {
                from: from.to_string(),
                to: to.to_string(),
                date: rate.date.to_string(),
                rate: rate.rate.to_string(),
                source: None,
            });
            let why = "the ledger's own entries of that day were booked by it; later in the month others may \
                       have been";
            draft.line(place, says, (false, why.to_owned()));
        }
        if !any {
            draft.missing.push(format!(
                "by which rate {from} becomes {to}: the ledger names none (a central bank's file has them: \
                 tieout mapping rates FILE)"
            ));
        }
    }
}

/// Works out what each line covers.
fn cover(given: &Given, draft: &mut Draft) {
    let mut covers: Vec<Amounts> = vec![Amounts::new(); draft.lines.len()];
    for (way, group) in &given.history.groups {
        let entity = revenue::entity_of(draft, way);
        let rule = draft.table.entity_rule.iter().position(|rule| entities::takes(rule, way));
        let row = entity.and_then(|index| draft.table.entity.get(index));
        let code = row.map(|row| row.code.clone()).unwrap_or_default();
        for (line, covers) in draft.lines.iter().zip(&mut covers) {
            let is = |index: Option<usize>, list: &str| index.map(|i| format!("{list} {i}"));
            let of_entity = is(entity, "entity").is_some_and(|place| {
                line.place.strip_prefix(&place).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            });
            let by_rule =
                way.said.is_none() && is(rule, "entity_rule").is_some_and(|place| line.place == place);
            let whole = line.place.ends_with(" receivable") || !line.place.contains(" accounts ");
            if by_rule || (of_entity && whole) {
                join(covers, &group.billed.amounts);
            } else if of_entity && line.place.ends_with(" tax_payable") {
                join(covers, &group.taxed.amounts);
            } else if line.place.starts_with("revenue ") && entity.is_some() {
                for (product, seen) in &group.products {
                    let ruled = revenue::place_of(&draft.table.revenue, &code, product.as_deref());
                    if is(ruled, "revenue").is_some_and(|place| line.place == place) {
                        join(covers, &seen.amounts);
                    }
                }
            }
        }
    }
    for (line, covers) in draft.lines.iter_mut().zip(covers) {
        line.covers = covers;
    }
}

/// The products that have an account, of all, and what was billed of them.
fn covered(given: &Given, draft: &Draft) -> (u64, u64, Amounts) {
    let (mut all, mut without, mut amounts) = (BTreeSet::new(), BTreeSet::new(), Amounts::new());
    for (way, group) in &given.history.groups {
        let row = revenue::entity_of(draft, way).and_then(|index| draft.table.entity.get(index));
        for (product, seen) in &group.products {
            all.insert(product);
            let ruled =
                row.and_then(|row| revenue::rule_of(&draft.table.revenue, &row.code, product.as_deref()));
            match ruled {
                Some(_) => join(&mut amounts, &seen.amounts),
                None => {
                    without.insert(product);
                }
            }
        }
    }
    (all.len() as u64, (all.len() - without.len()) as u64, amounts)
}

fn shares(part: &Amounts, of: &Amounts) -> Vec<Share> {
    let written = |currency: Currency, minor: i128| {
        let money =
            i64::try_from(minor).ok().map(|minor| Money::new(minor, currency).to_decimal().to_string());
        money.unwrap_or_else(|| format!("{minor} minor units"))
    };
    let share = |(currency, whole): (&Currency, &i128)| {
        let part = part.get(currency).copied().unwrap_or_default();
        let tenths = part.checked_mul(1000)?.checked_div(*whole)?;
        Some(Share {
            currency: currency.to_string(),
            part: written(*currency, part),
            of: written(*currency, *whole),
            percent: accounts::tenths(tenths),
        })
    };
    of.iter().filter(|(currency, _)| part.contains_key(currency)).filter_map(share).collect()
}

fn view(given: &Given, draft: Draft, year: Option<Year>) -> DeskResult<ProposedMapping> {
    let (products, products_covered, amounts) = covered(given, &draft);
    let (billed, net) = (given.billed(), given.billed_net());
    let covers = shares(&amounts, &net);
    let mut remarks = Remarks::default();
    for line in draft.lines.iter().filter(|line| !line.sure) {
        remarks.add(line.place.clone(), format!("unsure: {}", line.why));
    }
    let text = draft.table.text(&remarks)?;
    let head: Vec<String> =
        draft.missing.iter().map(|missing| format!("# nobody said {missing}\n")).collect();
    let problem = AccountMapping::parse(&text).err().map(|e| e.to_string()).unwrap_or_default();
    let lines: Vec<ProposedLine> = draft
        .lines
        .into_iter()
        .map(|line| ProposedLine {
            covers: shares(&line.covers, if line.place.starts_with("revenue ") { &net } else { &billed }),
            place: line.place,
            says: line.says,
            why: line.why,
            sure: line.sure,
        })
        .collect();
    let day = |pick: fn(&Year) -> chrono::NaiveDate| {
        year.as_ref().map_or_else(String::new, |y| pick(y).to_string())
    };
    let (from, through) = (day(|year| year.from), day(|year| year.through));
    let mut proposed = ProposedMapping {
        says: String::new(),
        lines,
        missing: draft.missing,
        products,
        products_covered,
        covers,
        text: format!("{}{text}", head.concat()),
        problem,
        table: draft.table,
        from,
        through,
    };
    proposed.says = says(&proposed);
    Ok(proposed)
}

fn says(proposed: &ProposedMapping) -> String {
    let mut said = Vec::new();
    let counted = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    if proposed.products > 0 {
        let shares: Vec<String> = proposed
            .covers
            .iter()
            .map(|share| format!("{} % in {}", share.percent, share.currency))
            .collect();
        let products = if proposed.products == 1 { "product" } else { "products" };
        said.push(format!(
            "{} of {} {products}; {} of what was billed from {} to {}",
            proposed.products_covered,
            proposed.products,
            if shares.is_empty() { "nothing".to_owned() } else { shares.join(", ") },
            proposed.from,
            proposed.through
        ));
    }
    let unsure = proposed.lines.iter().filter(|line| !line.sure).count();
    said.push(format!("{}, {unsure} of them unsure", counted(proposed.lines.len(), "line", "lines")));
    if !proposed.missing.is_empty() {
        said.push(format!("{} to be said by a person", counted(proposed.missing.len(), "thing", "things")));
    }
    said.join("; ")
}

/// The roles that are proposed and shown, in the order of a table.
pub fn roles() -> impl Iterator<Item = Role> {
    Role::ALL.iter().copied().filter(|role| *role != Role::Revenue)
}
