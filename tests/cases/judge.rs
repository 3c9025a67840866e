//! Holds what a desk says against what is right. It knows amounts as texts of decimals, nothing of the desk.

use std::str::FromStr as _;

use rust_decimal::Decimal;
use serde_json::Value;

use super::contract::list;

/// What a desk says at the end: the cells of its tie-out, its open exceptions, and whether an import put
/// rows aside.
pub struct Said {
    pub cells: Vec<Value>,
    pub exceptions: Vec<Value>,
    pub aside: bool,
}

/// Kinds by which somebody is told of what could not be read; every other kind is the comparison's.
const TELLING: [&str; 2] = ["sync_failed", "unread_item"];

/// What of `says` the desk does not say.
pub fn differences(says: &Value, said: &Said) -> Vec<String> {
    // What holds for every way is judged with the cells of each: accounts are closed but for those.
    if !says["any_of"].is_null() {
        return of_ways(list(&says["any_of"]).iter().map(|way| differences(&with(says, way), said)));
    }
    let mut differs = Vec::new();
    for (wanted, closed, column) in [
        ("cells", "closed", "billing"),
        ("billing", "billing_closed", "billing"),
        ("ledger", "ledger_closed", "ledger"),
    ] {
        differs.extend(of_cells(list(&says[wanted]), list(&says[closed]), column, said));
    }
    if !says["exceptions"].is_null() {
        differs.extend(of_exceptions(list(&says["exceptions"]), &said.exceptions));
    }
    if says["told"] == true {
        let told = |e: &Value| TELLING.iter().any(|kind| e["kind"] == *kind);
        if !said.aside && !said.exceptions.iter().any(told) {
            differs.push("nobody is told of what was not read".to_owned());
        }
    }
    if says["nothing"] == true {
        let some = |cell: &&Value| !amount(cell, "billing").is_zero() || !amount(cell, "ledger").is_zero();
        differs.extend(said.cells.iter().filter(some).map(|cell| format!("something is in: {cell}")));
    }
    differs
}

/// What a case says in all of its ways and what it says in this one.
fn with(says: &Value, way: &Value) -> Value {
    let mut whole = says.clone();
    let Some(fields) = whole.as_object_mut() else { return whole };
    fields.remove("any_of");
    for (key, value) in way.as_object().into_iter().flatten() {
        match (fields.get_mut(key).and_then(Value::as_array_mut), value.as_array()) {
            (Some(known), Some(more)) => known.extend(more.iter().cloned()),
            _ => {
                fields.insert(key.clone(), value.clone());
            }
        }
    }
    whole
}

/// Nothing where one of the ways holds whole, else what is missing of each.
pub fn of_ways(ways: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let ways: Vec<Vec<String>> = ways.collect();
    if ways.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let told = |(n, differs): (usize, Vec<String>)| format!("way {}: {}", n + 1, differs.join("; "));
    ways.into_iter().enumerate().map(told).collect()
}

fn amount(value: &Value, field: &str) -> Decimal {
    decimal(&value[field]).unwrap_or_else(|| panic!("{field} is no amount in {value}"))
}

fn decimal(value: &Value) -> Option<Decimal> {
    Decimal::from_str(value.as_str()?).ok()
}

fn of_cells(wanted: &[Value], closed: &[Value], column: &str, said: &Said) -> Vec<String> {
    let fields = ["entity", "currency", "period", "account"];
    let fits = |cell: &Value, want: &Value| {
        fields.iter().enumerate().all(|(n, field)| want[n] == "*" || cell[*field] == want[n])
    };
    let mut differs = Vec::new();
    for want in wanted {
        let found: Decimal =
            said.cells.iter().filter(|cell| fits(cell, want)).map(|cell| amount(cell, column)).sum();
        if Some(found) != decimal(&want[4]) {
            differs.push(format!("{column} {want}: it is {found}"));
        }
    }
    for cell in said.cells.iter().filter(|cell| closed.contains(&cell["account"])) {
        let found = amount(cell, column);
        if !found.is_zero() && !wanted.iter().any(|want| fits(cell, want)) {
            let [entity, currency, period, account] = fields.map(|field| &cell[field]);
            differs.push(format!("{column} [{entity},{currency},{period},{account}]: {found} is too much"));
        }
    }
    differs
}

/// Exactly these exceptions and no others.
pub fn of_exceptions(wanted: &[Value], found: &[Value]) -> Vec<String> {
    let taken = assigned(wanted, found);
    let missing = wanted.iter().zip(&taken).filter(|(_, to)| to.is_none());
    let mut differs: Vec<String> = missing.map(|(want, _)| format!("no exception {want}")).collect();
    for (n, e) in found.iter().enumerate() {
        if !taken.contains(&Some(n)) {
            let [kind, reference, variance] = ["kind", "external_ref", "variance"].map(|field| &e[field]);
            differs.push(format!("an exception too many: {kind} {reference} {variance}, {}", e["why"]));
        }
    }
    differs
}

/// Which found exception answers each wanted one: as many as can be, each once.
fn assigned(wanted: &[Value], found: &[Value]) -> Vec<Option<usize>> {
    fn place(
        want: usize,
        can: &dyn Fn(usize, usize) -> bool,
        seen: &mut [bool],
        by: &mut [Option<usize>],
    ) -> bool {
        for n in 0..by.len() {
            if seen[n] || !can(want, n) {
                continue;
            }
            seen[n] = true;
            if by[n].is_none_or(|other| place(other, can, seen, by)) {
                by[n] = Some(want);
                return true;
            }
        }
        false
    }
    let can = |want: usize, n: usize| answers(&wanted[want], &found[n]);
    let mut by = vec![None; found.len()];
    for want in 0..wanted.len() {
        place(want, &can, &mut vec![false; found.len()], &mut by);
    }
    (0..wanted.len()).map(|want| by.iter().position(|one| *one == Some(want))).collect()
}

fn answers(want: &Value, found: &Value) -> bool {
    let says = |want: &Value, have: &Value| match want {
        Value::Null => true,
        Value::Array(any) => any.contains(have),
        one => one == have,
    };
    let variance = amount(found, "variance");
    says(&want["kind"], &found["kind"])
        && says(&want["ref"], &found["external_ref"])
        && (want["variance"].is_null() || decimal(&want["variance"]) == Some(variance))
        && (want["size"].is_null() || decimal(&want["size"]) == Some(variance.abs()))
}
