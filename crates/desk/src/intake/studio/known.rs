//! What is known from the last such file: a column map that was kept under a name people gave it.

use tieout_connectors::files::{Column, ColumnMap, Hints, MapEntity, MapKind, Order, Preview, Role};
use tieout_domain::AccountCode;
use tieout_store::{ChangeFilter, ChangeKind, ChangeState};

use crate::base::{context::Context, error::DeskResult};

/// A map that was kept for the next such file.
pub(super) struct Known {
    /// What people call it.
    pub(super) title: String,
    /// The connection whose map it is.
    pub(super) connection: String,
    /// The map.
    map: ColumnMap,
    /// Its text.
    text: String,
}

/// The kept map whose kind, profile and columns the file has, the newest first.
pub(super) fn of(ctx: &Context, preview: &Preview) -> DeskResult<Option<Known>> {
    let (kind, state) = (Some(ChangeKind::ColumnMap), Some(ChangeState::InForce));
    let mut kept = ctx.store().changes(&ChangeFilter { kind, state, name: None })?;
    kept.sort_by_key(|change| std::cmp::Reverse(change.proposed_at));
    let profile = preview.is.as_ref().map(|guess| guess.profile.as_str());
    for change in kept {
        let Ok(map) = ColumnMap::parse(&change.content) else { continue };
        let Some(title) = map.title.clone() else { continue };
        let same = Some(map.kind()) == preview.kind && map.profile.as_deref() == profile;
        // What rows of their own give stands in no header.
        let given =
            |role: &Role| map.shape.as_ref().is_some_and(|shape| !shape.headings.of(*role).is_empty());
        let has = |(role, column): (&Role, &Column)| {
            let named = || preview.columns.iter().any(|own| column.is(&own.heading));
            given(role) || column.at.is_some() || named()
        };
        if same && map.columns.iter().all(has) {
            return Ok(Some(Known { title, connection: change.name, map, text: change.content }));
        }
    }
    Ok(None)
}

/// The accounts that a map holds the ledger against, by their roles.
fn expected(text: &str) -> Vec<(String, AccountCode)> {
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    let Some(expect) = table.get("expect").and_then(toml::Value::as_table) else { return Vec::new() };
    let one = |(role, code): (&String, &toml::Value)| Some((role.clone(), code.as_str()?.parse().ok()?));
    expect.iter().filter_map(one).collect()
}

/// Whose the file is where every file that was kept here is of one entity.
pub(super) fn only_entity(ctx: &Context, hints: &mut Hints) -> DeskResult<()> {
    if hints.entity.is_some() {
        return Ok(());
    }
    let (kind, state) = (Some(ChangeKind::ColumnMap), Some(ChangeState::InForce));
    let kept = ctx.store().changes(&ChangeFilter { kind, state, name: None })?;
    let maps: Vec<ColumnMap> = kept.iter().filter_map(|one| ColumnMap::parse(&one.content).ok()).collect();
    let mut all: Vec<&MapEntity> = maps.iter().flat_map(|map| &map.entities).collect();
    all.sort_by(|one, other| one.code.cmp(&other.code));
    all.dedup_by(|one, other| one.code == other.code);
    if let [one] = all.as_slice() {
        hints.entity = Some(one.code.clone());
        hints.currency.get_or_insert(one.functional_currency);
        hints.time_zone.get_or_insert(one.time_zone);
    }
    Ok(())
}

impl Known {
    /// Fills in what a person has not said.
    pub(super) fn fill(&self, hints: &mut Hints, preview: &Preview) {
        if let Some(entity) = self.map.entities.first() {
            hints.entity.get_or_insert_with(|| entity.code.clone());
            hints.currency.get_or_insert(entity.functional_currency);
            hints.time_zone.get_or_insert(entity.time_zone);
        }
        if hints.expect.is_empty() {
            hints.expect = expected(&self.text);
        }
        hints.kind.get_or_insert(self.map.kind());
        hints.decimal.get_or_insert(self.map.numbers.decimal);
        if hints.order.is_none() {
            hints.order = self.map.dates.texts().iter().find_map(|format| order(format));
        }
        self.columns(hints, preview);
        if let Some(shape) = &self.map.shape {
            for word in &shape.banner {
                hints.said.banner.push(word.clone());
            }
            for word in &shape.totals {
                hints.said.totals.push(word.clone());
            }
        }
    }
}

impl Known {
    /// The columns that the map reads otherwise than the file was recognised, unless a person says more.
    fn columns(&self, hints: &mut Hints, preview: &Preview) {
        if !hints.said.columns.is_empty() || preview.found.is_none() {
            return;
        }
        for (at, own) in preview.columns.iter().enumerate() {
            let is =
                |column: &Column| column.at == Some(at) || (column.at.is_none() && column.is(&own.heading));
            let role = self.map.columns.iter().find(|(_, column)| is(column)).map(|(role, _)| *role);
            let same = match role {
                Some(role) => own.roles.contains(&role.as_str()),
                None => own.roles.is_empty(),
            };
            if !same {
                hints.said.columns.push((at, role));
            }
        }
    }
}

fn order(format: &str) -> Option<Order> {
    let (day, month) = (format.find("%d")?, format.find("%m")?);
    let year = format.find("%Y").or_else(|| format.find("%y"))?;
    (year > day.min(month)).then_some(if day < month { Order::DayFirst } else { Order::MonthFirst })
}

/// What a connection of such files is called.
pub(super) fn connection_of(preview: &Preview, hints: &Hints) -> String {
    let entity = hints.entity.as_ref().map(|code| format!("-{}", code.as_str().to_lowercase()));
    let profile = preview.is.as_ref().map_or("general", |guess| guess.profile.as_str());
    let name = match (profile, preview.kind) {
        ("general", Some(MapKind::Billing)) => "billing",
        ("general", _) => "ledger",
        (profile, _) => profile,
    };
    format!("{name}{}", entity.unwrap_or_default())
}
