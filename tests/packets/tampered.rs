//! A packet, or decisions, of which anything was changed: refused with the reason, and nothing applied. What
//! the format itself does with every field is `crates/evidence/tests/travelling.rs`; here it is tried through
//! the binary, on a real packet.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::{
    away::{Away, file_of, met, pack, sent, unpack},
    binary::Ran,
};

/// The parts of a packet by their names.
type Parts = BTreeMap<String, Vec<u8>>;

/// Every place in a JSON value that holds a plain value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, inner)| places(inner, &format!("{at}/{n}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::String(text) if text.ends_with('0') => format!("{}1", &text[..text.len() - 1]).into(),
        Value::String(text) if text.ends_with(|c: char| c.is_ascii()) && !text.is_empty() => {
            format!("{}0", &text[..text.len() - 1]).into()
        }
        Value::String(text) => format!("{text}0").into(),
        Value::Bool(one) => (!one).into(),
        Value::Number(number) => (number.as_i64().unwrap_or(7) + 1).into(),
        _ => Value::from(1),
    }
}

/// Names in order and nothing between: as the format has it, so that the change alone is what is wrong.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let each = names
                .iter()
                .map(|name| format!("{}:{}", Value::from(name.as_str()), canonical(&fields[*name])));
            format!("{{{}}}", each.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

/// Changes one place after another of a part of a packed file, every `step`th, and hands each to `check`.
fn each_change(file: &str, part: &str, step: usize, check: impl Fn(&str, &str)) {
    let parts = unpack(Path::new(file));
    let value: Value = serde_json::from_slice(&parts[part]).unwrap();
    assert_eq!(canonical(&value).as_bytes(), parts[part], "the format is what this test takes it for");
    let mut all = Vec::new();
    places(&value, "", &mut all);
    let changed = format!("{file}.changed");
    for place in all.iter().step_by(step) {
        let mut value = value.clone();
        let one = value.pointer_mut(place).unwrap();
        *one = other(one);
        let mut parts = parts.clone();
        parts.insert(part.to_owned(), canonical(&value).into_bytes());
        pack(Path::new(&changed), &parts);
        check(place, &changed);
    }
}

const REASONS: [&str; 5] = [
    "packet_tampered",
    "packet_unreadable",
    "packet_of_another",
    "packet_signer_unknown",
    "packet_wrong_time",
];

#[track_caller]
fn refused(ran: &Ran, what: &str) {
    assert_eq!(ran.status, 1, "{what} was changed, and it passes: {ran:?}");
    assert!(ran.codes().iter().any(|code| REASONS.contains(&code.as_str())), "{what}: {ran:?}");
}

#[test]
fn a_packet_of_which_anything_was_changed_is_refused() {
    let (scene, postings, away) = met(2);
    // For Cora, whose reading key is not known: in the clear, so that it can be changed at all.
    let packet = sent(&scene.desk, &postings, "cora");
    away.show(&packet);
    for (part, step) in [("manifest.json", 1), ("items.json", 23), ("roster.json", 7), ("signature.json", 1)]
    {
        each_change(&packet, part, step, |place, changed| {
            refused(&away.run(["packet", "show", changed]), &format!("{part}{place}"));
        });
    }
    // The order of the items; a part more, a part less; a byte of the sheet.
    let parts = unpack(Path::new(&packet));
    let changed = away.file("changed.tieout");
    let tried = |change: &dyn Fn(&mut Parts)| {
        let mut parts = parts.clone();
        change(&mut parts);
        pack(Path::new(&changed), &parts);
        refused(&away.run(["packet", "show", &changed]), "a part");
    };
    tried(&|parts| {
        let mut items: Value = serde_json::from_slice(&parts["items.json"]).unwrap();
        items.as_array_mut().unwrap().reverse();
        parts.insert("items.json".to_owned(), canonical(&items).into_bytes());
    });
    tried(&|parts| {
        parts.insert("more.json".to_owned(), b"{}".to_vec());
    });
    tried(&|parts| {
        parts.remove("review.xlsx");
    });
    tried(&|parts| parts.get_mut("review.xlsx").unwrap().push(0));
}

/// A packet of two, and Remy's decisions on both.
fn decided() -> (crate::scene::Scene, Vec<String>, Away, String) {
    let (scene, postings, away) = met(2);
    let packet = sent(&scene.desk, &postings, "remy");
    away.approve(&packet, &postings[0]).ok();
    away.approve(&packet, &postings[1]).ok();
    let back = away.decisions(&packet, "back.tieout");
    (scene, postings, away, back)
}

#[test]
fn decisions_of_which_anything_was_changed_are_refused_whole() {
    let (scene, postings, _away, back) = decided();
    let log = scene.log().len();
    for part in ["decisions.json", "signature.json"] {
        each_change(&back, part, 1, |place, changed| {
            refused(&scene.run("ana", ["packet", "import", changed]), &format!("{part}{place}"));
        });
    }
    let parts = unpack(Path::new(&back));
    let changed = file_of(&scene.desk, "changed.tieout");
    let tried = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut value: Value = serde_json::from_slice(&parts["decisions.json"]).unwrap();
        change(value["entries"].as_array_mut().unwrap());
        let mut parts = parts.clone();
        parts.insert("decisions.json".to_owned(), canonical(&value).into_bytes());
        pack(Path::new(&changed), &parts);
        refused(&scene.run("ana", ["packet", "import", &changed]), "the entries");
    };
    tried(&|entries| entries.reverse());
    tried(&|entries| drop(entries.pop()));
    tried(&|entries| drop(entries.remove(0)));
    tried(&|entries| entries.push(entries[1].clone()));
    // Nothing of any of it was applied, nor even noted.
    for posting in &postings {
        assert_eq!(scene.posting(posting)["state"], "proposed");
    }
    let since: Vec<String> = scene.log()[log..].iter().map(|one| one["what"].clone()).collect();
    assert!(since.iter().all(|what| what == "exported" || what == "sealed"), "{since:?}");
    scene.run("ana", ["packet", "import", &back]).ok();
}

#[test]
fn decisions_are_taken_in_by_somebody_who_may() {
    let (scene, postings, _away, back) = decided();
    scene.run("aud", ["packet", "import", &back]).refused("auditor_reads_only");
    assert_eq!(scene.posting(&postings[0])["state"], "proposed");
    scene.run("greta", ["packet", "import", &back]).ok();
    assert_eq!(scene.posting(&postings[0])["state"], "queued");
}
