//! What a proposed mapping would change in the tie-out, before anybody approves it: the very derivation and
//! detection that its approval would run, of which nothing is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tieout_domain::{
    ChangeId, Currency, accounts::AccountMapping, exception::ExceptionKind, hash::sha256_hex,
};
use tieout_store::{ChangeKind, ChangeState, NewChange, TieOutFilter, TieOutRow, Tx};

use crate::{
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
    },
    governance::{
        change_text,
        changes::{self, MAPPING},
    },
    intake::{chart, derivation, detection},
};

/// Which mapping: a change that waits, or its text.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct MappingPreviewRequest {
    /// The id of a change.
    #[serde(default)]
    #[ts(optional)]
    pub change: Option<String>,
    /// The text itself.
    #[serde(default)]
    #[ts(optional)]
    pub text: Option<String>,
}

/// What would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MappingPreview {
    /// What it comes to, in a sentence.
    pub says: String,
    /// What the mapping changes, as sentences.
    pub changes: Vec<String>,
    /// The cells of the tie-out that would be other than they are; at most [`MOST_CELLS`], the largest first.
    pub cells: Vec<CellPreview>,
    /// How many cells would be other than they are.
    pub cells_changed: u64,
    /// Open exceptions by kind: how many would appear, and how many would close.
    pub exceptions: Vec<KindPreview>,
}

/// So many cells are shown.
pub const MOST_CELLS: usize = 500;

/// A cell of the tie-out before and after, debit-positive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CellPreview {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The account.
    pub account: String,
    /// What the ledger calls it.
    pub account_name: Option<String>,
    /// The currency; no figure adds two.
    pub currency: String,
    /// What documents expect now.
    pub billing_before: String,
    /// And by the proposed mapping.
    pub billing_after: String,
    /// What is booked now.
    pub ledger_before: String,
    /// And as the proposed mapping counts it.
    pub ledger_after: String,
    /// The difference now.
    pub variance_before: String,
    /// And then.
    pub variance_after: String,
}

/// Open exceptions of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct KindPreview {
    /// The kind, by its stable name.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How many would appear.
    pub appear: u64,
    /// How many would close.
    pub close: u64,
}

/// Says what a mapping would change. Nothing is written; the store takes no other write meanwhile.
///
/// # Errors
/// `bad_request` where not just one mapping is named, `not_found`, `change_already_decided`, `mapping_…`.
pub fn mapping_preview(ctx: &Context, request: &MappingPreviewRequest) -> DeskResult<MappingPreview> {
    let text = text_of(ctx, request)?;
    let after = AccountMapping::parse(&text)?;
    let before = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let changes = change_text::mapping_says(ctx, before.as_deref(), &after)?;
    let new = NewChange {
        id: ChangeId::random(&mut OsEntropy),
        kind: ChangeKind::Mapping,
        name: MAPPING.to_owned(),
        hash: sha256_hex(text.as_bytes()),
        content: text,
        author: ctx.account_actor(),
        at: ctx.clock.now(),
        at_once: false,
    };
    ctx.progress.begin("Comparing as the proposed mapping would", None);
    let sides = both(ctx, &new);
    ctx.progress.end();
    let (was, is) = sides?;
    view(ctx, changes, &was, &is)
}

fn text_of(ctx: &Context, request: &MappingPreviewRequest) -> DeskResult<String> {
    match (&request.change, &request.text) {
        (None, Some(text)) => Ok(text.clone()),
        (Some(id), None) => {
            let missing = || DeskError::new(Code::NotFound, format!("there is no mapping {id}"));
            let change = ctx.store().change(&id.parse().map_err(|_| missing())?)?;
            match (change.kind, change.state) {
                (ChangeKind::Mapping, ChangeState::Inert) => Ok(change.content),
                (ChangeKind::Mapping, _) => Err(DeskError::new(
                    Code::ChangeAlreadyDecided,
                    format!(
                        "{id} is {}: what it would change can be asked while it waits",
                        change.state.as_str()
                    ),
                )),
                _ => Err(missing()),
            }
        }
        _ => Err(DeskError::new(Code::BadRequest, "name one mapping: a change that waits, or its text")),
    }
}

/// One side of the comparison.
struct Side {
    cells: BTreeMap<Cell, TieOutRow>,
    open: BTreeMap<String, ExceptionKind>,
}

type Cell = (String, String, String, Currency);

impl Side {
    fn read(tx: &Tx<'_>) -> DeskResult<Self> {
        let cell = |row: TieOutRow| {
            ((row.entity.clone(), row.period.to_string(), row.account.clone(), row.currency), row)
        };
        let cells = tx.tie_out(&TieOutFilter::default())?.into_iter().map(cell).collect();
        let open = tx.open_kinds()?.into_iter().collect();
        Ok(Self { cells, open })
    }
}

/// Both sides as of now: as it is by the mapping in force, and as it would be.
fn both(ctx: &Context, new: &NewChange) -> DeskResult<(Side, Side)> {
    let now = ctx.clock.now();
    let mut store = ctx.writing()?;
    let tx = store.suppose()?;
    derivation::derive_within(&tx, &*ctx.progress)?;
    detection::detect_within(&tx, now, now)?;
    let was = Side::read(&tx)?;
    tx.change(new)?;
    derivation::derive_within(&tx, &*ctx.progress)?;
    detection::detect_within(&tx, now, now)?;
    let is = Side::read(&tx)?;
    Ok((was, is))
}

fn view(ctx: &Context, changes: Vec<String>, was: &Side, is: &Side) -> DeskResult<MappingPreview> {
    let names = chart::charts(ctx)?;
    let figures = |row: Option<&TieOutRow>| {
        row.map_or((0, 0, 0), |row| (row.billing_minor, row.ledger_minor, row.variance_minor))
    };
    let mut cells: Vec<(u64, CellPreview)> = Vec::new();
    for cell in was.cells.keys().chain(is.cells.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (figures(was.cells.get(cell)), figures(is.cells.get(cell)));
        if before == after {
            continue;
        }
        let (entity, period, account, currency) = cell;
        let text = |minor| decimal_text(minor, currency.code());
        let moved = [(before.0, after.0), (before.1, after.1), (before.2, after.2)];
        let most = moved.iter().map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default();
        cells.push((
            most,
            CellPreview {
                entity: entity.clone(),
                period: period.clone(),
                account: account.clone(),
                account_name: names.name(None, account).map(str::to_owned),
                currency: currency.to_string(),
                billing_before: text(before.0),
                billing_after: text(after.0),
                ledger_before: text(before.1),
                ledger_after: text(after.1),
                variance_before: text(before.2),
                variance_after: text(after.2),
            },
        ));
    }
    cells.sort_by(|(a, _), (b, _)| b.cmp(a));
    let cells_changed = cells.len() as u64;
    let exceptions = kinds(was, is);
    let (appear, close) = exceptions.iter().fold((0, 0), |(a, c), one| (a + one.appear, c + one.close));
    let says = match (cells_changed, appear + close) {
        (0, 0) => "Nothing of the tie-out would change.".to_owned(),
        _ => format!(
            "{cells_changed} cells of the tie-out would be other than they are; {appear} exceptions would \
             appear, {close} would close."
        ),
    };
    let cells = cells.into_iter().take(MOST_CELLS).map(|(_, cell)| cell).collect();
    Ok(MappingPreview { says, changes, cells, cells_changed, exceptions })
}

fn kinds(was: &Side, is: &Side) -> Vec<KindPreview> {
    let count = |of: &Side, without: &Side| {
        let mut counts: BTreeMap<ExceptionKind, u64> = BTreeMap::new();
        for (_, kind) in of.open.iter().filter(|(id, kind)| without.open.get(*id) != Some(kind)) {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    };
    let (appear, close) = (count(is, was), count(was, is));
    let both = appear.keys().chain(close.keys()).collect::<BTreeSet<_>>();
    let kind = |kind: &ExceptionKind| KindPreview {
        kind: kind.as_str().to_owned(),
        name: kind.label().to_owned(),
        appear: appear.get(kind).copied().unwrap_or_default(),
        close: close.get(kind).copied().unwrap_or_default(),
    };
    both.into_iter().map(kind).collect()
}
