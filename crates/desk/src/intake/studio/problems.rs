//! What of a file has to be settled or looked at, the worst first, each with the one act that settles it.

use tieout_connectors::files::{Aside, Preview};

use super::views::{ProblemAct, ProblemView, StudioField};

/// The most problems that are listed; the others are counted.
const LISTED: usize = 200;

/// A problem of the whole file that only a person can settle.
fn open(id: &str, message: &str, field: Option<StudioField>) -> ProblemView {
    ProblemView {
        id: id.to_owned(),
        rows: String::new(),
        row: None,
        grave: true,
        blocks: true,
        message: sentence(message),
        act: ProblemAct::Say,
        label: label(field).to_owned(),
        field,
    }
}

/// A message of the reader as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest = chars.as_str();
    let end = if rest.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{rest}{end}")
}

fn label(field: Option<StudioField>) -> &'static str {
    match field {
        Some(StudioField::Profile) => "Say what it is",
        Some(StudioField::Entity) => "Say whose it is",
        Some(StudioField::Currency) => "Say the currency",
        Some(StudioField::Dates) => "Say the order",
        Some(StudioField::Decimal) => "Say the mark",
        Some(StudioField::TimeZone) => "Say the zone",
        Some(StudioField::Expect) => "Say the accounts",
        Some(StudioField::Sheet) => "Choose the sheet",
        Some(StudioField::Columns) | None => "Say what a column is",
    }
}

/// By which field a doubt of the reader is settled, and what is to be said of it here.
fn doubt(code: &str, message: &str) -> (Option<StudioField>, String) {
    // The reader's words name switches of the command line; here there are fields.
    let own = |text: &str| text.to_owned();
    let short =
        |cut: &str| message.split(cut).next().unwrap_or(message).trim_end_matches([':', ' ']).to_owned();
    match code {
        "file_needs_entity" if message.contains("currency") => {
            (Some(StudioField::Currency), own("the file does not say the currency of the books"))
        }
        "file_needs_entity" if message.contains("zone") => {
            (Some(StudioField::TimeZone), own("the entity's time zone is not said"))
        }
        "file_needs_entity" if message.contains("several entities") => (None, short(": export one")),
        "file_needs_entity" => (Some(StudioField::Entity), own("whose books it is of is not said")),
        "file_needs_expect" => (
            Some(StudioField::Expect),
            own("on which accounts the ledger should hold its documents is not said"),
        ),
        "file_ambiguous_dates" => (Some(StudioField::Dates), short(": say --dates")),
        "file_ambiguous_numbers" => (Some(StudioField::Decimal), short(": export numbers")),
        "file_several_sheets" => (Some(StudioField::Sheet), short(": name one with")),
        "file_ambiguous_columns" => (Some(StudioField::Columns), short(": write a column map")),
        "file_of_another_kind" => {
            (Some(StudioField::Profile), own("the file is of another kind than was said"))
        }
        _ => (
            Some(StudioField::Columns),
            message.replace(": write a column map", "").replace("--expect", "the accounts"),
        ),
    }
}

/// Numbers of rows as they are shown: `412`, `633–635`, `3, 8, 11`.
fn rows(all: &[u64]) -> String {
    match all {
        [] => String::new(),
        [one] => one.to_string(),
        [first, .., last] if last - first + 1 == all.len() as u64 => format!("{first}\u{2013}{last}"),
        [first, second] => format!("{first}, {second}"),
        [first, .., last] => format!("{first} \u{2026} {last}"),
    }
}

/// What is wrong, without how the reader would have it written.
fn plain(one: &Aside) -> String {
    match (one.code.as_str(), one.message.split_once(" is not a date of the form ")) {
        ("bad_date", Some((cell, _))) => format!("{cell} is no date."),
        _ => sentence(&one.message),
    }
}

fn aside(one: &Aside) -> ProblemView {
    let total = one.is_total;
    let (label, act) = match total {
        true => ("Import without that row".to_owned(), ProblemAct::LeaveAside),
        false => (format!("Leave {} aside, whole", one.name), ProblemAct::LeaveAside),
    };
    ProblemView {
        id: format!("aside:{}", one.name),
        rows: rows(&one.rows),
        row: one.rows.first().copied(),
        grave: true,
        blocks: false,
        message: plain(one),
        act,
        label,
        field: None,
    }
}

/// Everything to settle and to look at.
pub(super) fn of(preview: &Preview, undecided: bool) -> Vec<ProblemView> {
    let mut all = Vec::new();
    if undecided {
        all.push(open("profile", "two readings are possible: say which it is", Some(StudioField::Profile)));
    }
    for (at, (code, message)) in preview.doubts.iter().enumerate() {
        let (field, message) = doubt(code, message);
        all.push(open(&format!("doubt:{code}:{at}"), &message, field));
    }
    all.extend(preview.aside.iter().take(LISTED).map(aside));
    let more = preview.aside_items.saturating_sub(preview.aside.len().min(LISTED) as u64);
    if more > 0 {
        all.push(ProblemView {
            act: ProblemAct::LeaveAside,
            blocks: false,
            label: "Leave them aside, whole".to_owned(),
            ..open("aside:more", &format!("{more} more documents or journals cannot be read"), None)
        });
    }
    for note in preview.found.iter().flat_map(|found| &found.notes) {
        all.push(ProblemView {
            grave: false,
            blocks: false,
            act: ProblemAct::Right,
            label: "Right".to_owned(),
            ..open(&format!("note:{note}"), note, None)
        });
    }
    all
}
