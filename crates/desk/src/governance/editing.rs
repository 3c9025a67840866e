//! The mapping as it is edited in a table: what there is to choose from, what the table would change, and its
//! submission, which waits for another person as every mapping does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tieout_domain::{accounts::AccountMapping, mapping::Role};
use tieout_store::{ChangeFilter, ChangeKind, ChangeState};

use crate::{
    base::{context::Context, error::DeskResult},
    governance::{
        change_text,
        changes::{self, ChangeView, MAPPING},
        mapping::mapping_in_force,
        proposing,
        table::{MappingTable, Remarks, ToleranceCell},
    },
};

/// The mapping in force as a table, and what its cells can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MappingEdit {
    /// The mapping in force; empty where none is.
    pub table: MappingTable,
    /// SHA-256 of its text.
    pub in_force: Option<String>,
    /// Mappings that wait for an approval.
    pub waiting: Vec<ChangeView>,
    /// The accounts of the ledgers.
    pub accounts: Vec<AccountChoice>,
    /// The roles, in their order.
    pub roles: Vec<Choice>,
    /// The connections by which documents come.
    pub billing: Vec<String>,
    /// The connections that are ledgers.
    pub ledgers: Vec<String>,
    /// The scopes.
    pub scopes: Vec<Choice>,
}

/// An account to choose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
pub struct AccountChoice {
    /// Its code.
    pub code: String,
    /// Its name; empty where the ledger says none.
    pub name: String,
    /// Its type, where the chart says it.
    pub kind: String,
    /// The ledger.
    pub connection: String,
}

/// A word of the format, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Choice {
    /// As the file has it.
    pub word: String,
    /// As people say it.
    pub name: String,
}

/// A table as it was edited.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct MappingTableRequest {
    /// The table.
    pub table: MappingTable,
}

/// What a table would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MappingSays {
    /// As sentences, against the mapping in force; empty where nothing would change, or it is no mapping yet.
    pub says: Vec<String>,
    /// What keeps it from being a mapping; empty where nothing does.
    pub problem: String,
    /// Its file.
    pub text: String,
}

/// The mapping in force as a table.
///
/// # Errors
/// A database error.
pub fn mapping_edit(ctx: &Context) -> DeskResult<MappingEdit> {
    let in_force = mapping_in_force(ctx)?;
    let table = in_force.as_ref().map(|mapping| MappingTable::of(&mapping.content)).transpose()?;
    let filter = ChangeFilter {
        kind: Some(ChangeKind::Mapping),
        name: Some(MAPPING.to_owned()),
        state: Some(ChangeState::Inert),
    };
    let waiting = ctx.store().changes(&filter)?;
    let asking = ctx.asking();
    let waiting = waiting.iter().map(|change| changes::judged_change(&asking, change));
    let chart = ctx.store().chart()?;
    let accounts: BTreeSet<AccountChoice> = chart
        .into_iter()
        .map(|one| AccountChoice {
            code: one.code.to_string(),
            name: one.name,
            kind: one.account_type.map(|kind| kind.name().into_owned()).unwrap_or_default(),
            connection: one.connection,
        })
        .collect();
    let connections = ctx.known().connections()?;
    let of = |role: tieout_store::ConnectionRole| {
        connections.iter().filter(|one| one.role == role).map(|one| one.name.clone()).collect()
    };
    let choice = |word: &str, name: &str| Choice { word: word.to_owned(), name: name.to_owned() };
    Ok(MappingEdit {
        table: table.unwrap_or_else(|| MappingTable { version: 2, ..MappingTable::default() }),
        in_force: in_force.map(|mapping| mapping.hash),
        waiting: waiting.collect::<DeskResult<_>>()?,
        accounts: accounts.into_iter().collect(),
        roles: proposing::roles().map(|role| choice(role.as_str(), proposing::role_words(role))).collect(),
        billing: of(tieout_store::ConnectionRole::Billing),
        ledgers: of(tieout_store::ConnectionRole::Erp),
        scopes: vec![
            choice("judged", "read whole, all explained"),
            choice("listed", "read whole"),
            choice("ours", "only what is matched"),
        ],
    })
}

/// Says what a table would change.
///
/// # Errors
/// A database error. What is wrong with the table is told in the answer.
pub fn mapping_says(ctx: &Context, request: &MappingTableRequest) -> DeskResult<MappingSays> {
    let text = cleaned(&request.table).text(&Remarks::default())?;
    let (says, problem) = match AccountMapping::parse(&text) {
        Ok(mapping) => {
            let before = mapping_in_force(ctx)?.map(|mapping| mapping.content);
            (change_text::mapping_says(ctx, before.as_deref(), &mapping)?, String::new())
        }
        Err(error) => (Vec::new(), error.to_string()),
    };
    Ok(MappingSays { says, problem, text })
}

/// Brings a table in as a mapping, inert until another person approves it.
///
/// # Errors
/// `mapping_…`, a refusal.
pub fn mapping_submit(ctx: &Context, request: &MappingTableRequest) -> DeskResult<ChangeView> {
    let text = cleaned(&request.table).text(&Remarks::default())?;
    AccountMapping::parse(&text)?;
    changes::propose_change(ctx, ChangeKind::Mapping, MAPPING, &text)
}

/// A table without what was left empty in it.
fn cleaned(table: &MappingTable) -> MappingTable {
    let mut table = table.clone();
    table.version = 2;
    let emptied = |cell: &mut Option<String>| {
        if cell.as_deref().is_some_and(|text| text.trim().is_empty()) {
            *cell = None;
        }
    };
    emptied(&mut table.reporting_currency);
    for row in &mut table.entity {
        row.accounts.values_mut().for_each(|accounts| listed(&mut accounts.0));
        row.tolerance = row.tolerance.take().and_then(tolerance);
        row.accounts.retain(|role, accounts| !accounts.0.is_empty() || role == Role::Receivable.as_str());
        [
            &mut row.erp_id,
            &mut row.erp_connection,
            &mut row.sundry_customer,
            &mut row.books_from,
            &mut row.rates,
            &mut row.materiality,
            &mut row.receipts_master,
            &mut row.credit_notes,
            &mut row.close.clearly_trivial,
        ]
        .into_iter()
        .for_each(emptied);
        row.close.tolerance.retain(|_, amount| !amount.trim().is_empty());
    }
    for row in &mut table.entity_rule {
        [&mut row.connection, &mut row.country, &mut row.currency].into_iter().for_each(emptied);
    }
    table.rate.iter_mut().for_each(|row| emptied(&mut row.source));
    table.names.iter_mut().for_each(|row| emptied(&mut row.add_prefix));
    for row in &mut table.batch {
        [&mut row.entity, &mut row.begins_with].into_iter().for_each(emptied);
    }
    for row in &mut table.names {
        [&mut row.strip_prefix, &mut row.strip_suffix].into_iter().for_each(listed);
    }
    table.batch.iter_mut().for_each(|row| listed(&mut row.kinds));
    for row in table.not_ours.iter_mut().chain(&mut table.explanation) {
        [&mut row.kinds, &mut row.customers, &mut row.accounts].into_iter().for_each(listed);
        [&mut row.category, &mut row.connection, &mut row.entity, &mut row.begins_with]
            .into_iter()
            .for_each(emptied);
    }
    table
}

/// A list as it was typed, its words between commas.
fn listed(list: &mut Vec<String>) {
    let words = list.iter().flat_map(|typed| typed.split(',')).map(|word| word.trim().to_owned());
    *list = words.filter(|word| !word.is_empty()).collect();
}

/// A tolerance as it was typed: `0.05` in the currency of the books, `1.00 EUR, 2.00 USD` each in its own.
fn tolerance(cell: ToleranceCell) -> Option<ToleranceCell> {
    let ToleranceCell::One(typed) = cell else { return Some(cell) };
    let parts = || typed.split(',').map(str::trim).filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (amount, currency) = part.split_once(char::is_whitespace)?;
        Some((currency.trim().to_owned(), amount.to_owned()))
    };
    match parts().map(pair).collect::<Option<BTreeMap<_, _>>>() {
        _ if parts().next().is_none() => None,
        Some(each) => Some(ToleranceCell::Each(each)),
        None => Some(ToleranceCell::One(typed.trim().to_owned())),
    }
}
