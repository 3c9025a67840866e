//! Control totals: what is read, what is put aside, what the file says of itself, and what a person typed.

use serde::Deserialize;
use tieout_connectors::files::{Exact, MapKind, NumberFormat, Preview};

use super::views::ControlLine;

/// How many documents that are put aside have a line of their own.
const OWN_LINES: usize = 3;

/// A total that a person typed from the report: it proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct TypedTotal {
    /// The debits, or the sum of the documents, as it was typed.
    pub debits: String,
    /// The credits.
    #[serde(default)]
    #[ts(optional)]
    pub credits: Option<String>,
}

fn line(label: impl Into<String>) -> ControlLine {
    ControlLine {
        label: label.into(),
        aside: false,
        typed: false,
        part: false,
        currency: None,
        lines: None,
        debits: None,
        credits: None,
        agrees: None,
    }
}

/// Whether debits equal credits in every currency; nothing of billing.
pub(super) fn balanced(preview: &Preview) -> Option<bool> {
    let found = preview.found.as_ref().filter(|found| found.kind == MapKind::Gl)?;
    Some(found.totals.iter().all(|total| total.credits.as_ref() == Some(&total.debits)))
}

fn read(preview: &Preview) -> Vec<ControlLine> {
    let Some(found) = &preview.found else { return Vec::new() };
    let lines = Some(found.summary.rows.saturating_sub(found.summary.rejected_rows));
    let several = found.totals.len() > 1;
    let mut out = Vec::new();
    if several || found.totals.is_empty() {
        out.push(ControlLine { lines, agrees: balanced(preview), ..line("Read") });
    }
    for total in &found.totals {
        let label = if several { format!("of which in {}", total.currency) } else { "Read".to_owned() };
        out.push(ControlLine {
            part: several,
            currency: Some(total.currency.code().to_owned()),
            lines: lines.filter(|_| !several),
            debits: Some(total.debits.clone()),
            credits: total.credits.clone(),
            agrees: total.credits.as_ref().map(|credits| *credits == total.debits),
            ..line(label)
        });
    }
    out
}

fn aside(preview: &Preview) -> Vec<ControlLine> {
    let mut out: Vec<ControlLine> = Vec::new();
    for one in preview.aside.iter().filter(|one| !one.is_total).take(OWN_LINES) {
        out.push(ControlLine {
            aside: true,
            lines: Some(one.sides.lines),
            debits: one.sides.debits.clone(),
            credits: one.sides.credits.clone(),
            agrees: one.sides.credits.as_ref().map(|credits| one.sides.debits.as_ref() == Some(credits)),
            ..line(format!("Set aside: {}", one.name))
        });
    }
    let more = preview.aside_items.saturating_sub(out.len() as u64);
    if more > 0 && !out.is_empty() {
        out.push(ControlLine { aside: true, ..line(format!("Set aside: {more} more")) });
    }
    out
}

fn own(preview: &Preview) -> Vec<ControlLine> {
    let one = |total: &tieout_connectors::files::OwnTotal| ControlLine {
        debits: total.sides.debits.clone(),
        credits: total.sides.credits.clone(),
        agrees: Some(total.agrees),
        ..line(format!("{} in row {}", total.label, total.row))
    };
    preview.totals.iter().map(one).collect()
}

/// The ways in which a person may have typed a number.
fn formats() -> [NumberFormat; 2] {
    let format = |decimal, thousands| NumberFormat {
        decimal,
        thousands: Some(thousands),
        signs: true,
        ..NumberFormat::default()
    };
    [format('.', ','), format(',', '.')]
}

/// True where what was typed is one of these amounts, however it was typed.
fn is_one_of(typed: &str, amounts: &[&str]) -> bool {
    let plain = NumberFormat::default();
    let typed = typed.trim().replace(['\u{a0}', '\u{202f}'], " ");
    let read = formats().into_iter().filter_map(|format| format.parse(&typed).ok());
    let same = |one: Exact| {
        amounts
            .iter()
            .filter_map(|amount| plain.parse(amount).ok())
            .any(|other: Exact| one.plus(other.negated()).is_some_and(Exact::is_zero))
    };
    read.into_iter().any(same)
}

fn typed(said: &TypedTotal, known: &[ControlLine]) -> ControlLine {
    let column = |of: fn(&ControlLine) -> Option<&String>| -> Vec<&str> {
        known.iter().filter(|line| !line.aside).filter_map(of).map(String::as_str).collect()
    };
    let debits = is_one_of(&said.debits, &column(|line| line.debits.as_ref()));
    let credits = said.credits.as_ref().filter(|text| !text.trim().is_empty());
    let agrees = debits && credits.is_none_or(|text| is_one_of(text, &column(|line| line.credits.as_ref())));
    ControlLine {
        typed: true,
        debits: Some(said.debits.clone()),
        credits: credits.cloned(),
        agrees: Some(agrees),
        ..line("Typed, unverified")
    }
}

/// All lines of the control totals.
pub(super) fn of(preview: &Preview, said: &[TypedTotal]) -> Vec<ControlLine> {
    let mut all = read(preview);
    let currencies = all.split_off(all.len().min(1));
    all.extend(aside(preview));
    all.extend(own(preview));
    all.extend(currencies);
    let typed: Vec<ControlLine> =
        said.iter().filter(|one| !one.debits.trim().is_empty()).map(|one| typed(one, &all)).collect();
    all.extend(typed);
    all
}

#[cfg(test)]
mod tests {
    use super::is_one_of;

    #[test]
    fn what_was_typed_is_compared_however_it_is_written() {
        for typed in ["482,310.44", "482.310,44", "482310.44", "482 310.44"] {
            assert_eq!(is_one_of(typed, &["482310.44"]), typed != "482 310.44", "{typed}");
        }
        assert!(!is_one_of("482,310.45", &["482310.44"]) && !is_one_of("much", &["1.00"]));
    }
}
