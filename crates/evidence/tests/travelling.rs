//! Files that travel: with every field changed, every order, and made anew by somebody else, each is refused
//! with its reason; as they were made, they are read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use tieout_domain::{
    ConnectionId, ExceptionId, PersonId, PostingId, hash::sha256_hex, people::Origin, posting::Posting,
};
use tieout_evidence::{
    Decided, LogDraft, LogEntry, LogHead, Signer,
    file::{
        canonical, container,
        decisions::SignedDecisions,
        fault::FileFault,
        packet::{Manifest, Packet, PacketItem},
        roster::{Roster, RosterPerson, SignedRoster},
        signed::{Checkpoint, OfWorkspace},
    },
};

const WORKSPACE: &str = "wsp_books";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

fn person(name: &str) -> PersonId {
    PersonId::derive(&[name])
}

fn at(second: u32) -> DateTime<Utc> {
    format!("2026-11-10T09:00:{second:02}.123Z").parse().unwrap()
}

fn workspace() -> OfWorkspace {
    OfWorkspace { id: WORKSPACE.to_owned(), name: "Books".to_owned() }
}

/// Olga, who administers (key 1), Ana, who sends (key 2), and Remy, who reviews (key 3).
fn roster(checkpoint: i64) -> SignedRoster {
    let one = |name: &str, role: &str, seed: u8| RosterPerson {
        id: person(name),
        name: name.to_owned(),
        role: role.to_owned(),
        active: true,
        confirmed: true,
        key: Some(hex::encode(public(&key(seed)))),
        reading: None,
    };
    let roster = Roster {
        format: Roster::format(),
        workspace: workspace(),
        made_at: at(0),
        made_by: person("olga"),
        checkpoint: Checkpoint { number: checkpoint, hash: "7f".repeat(32) },
        export_key: "aa".repeat(32),
        people: vec![one("olga", "administrator", 1), one("ana", "analyst", 2), one("remy", "controller", 3)],
    };
    SignedRoster::made(roster, &public(&key(1)), |hash| key(1).sign(hash).to_bytes()).unwrap()
}

fn item(n: u32) -> PacketItem {
    let posting = Posting {
        id: PostingId::derive(&[&n.to_string()]),
        exception: ExceptionId::derive(&[&n.to_string()]),
        connection: ConnectionId::derive(&["erp"]),
        reference: format!("INV-{n}"),
        version: 1,
        origin: Origin::Manual,
        preparer: Some(person("ana")),
        reason: None,
        basis: None,
        steps: Vec::new(),
        proposed_at: at(1),
    };
    let facts = BTreeMap::from([("the posting".to_owned(), "waiting for approval".to_owned())]);
    PacketItem { posting, facts, shown: json!({ "exception": { "why": "not booked", "amount": "1.00" } }) }
}

fn manifest() -> Manifest {
    Manifest {
        format: String::new(),
        id: "pkt_1".to_owned(),
        workspace: workspace(),
        made_at: at(2),
        valid_until: "2026-11-24T09:00:00Z".parse().unwrap(),
        made_by: person("ana"),
        reviewer: person("remy"),
        note: Some("please".to_owned()),
        checkpoint: Checkpoint { number: 9, hash: "9c".repeat(32) },
        items: Vec::new(),
        files: BTreeMap::new(),
    }
}

fn made(manifest: Manifest, roster: SignedRoster, seed: u8) -> Packet {
    let signing = key(seed);
    let sign = |hash: &[u8; 32]| signing.sign(hash).to_bytes();
    let items = vec![item(1), item(2), item(3)];
    Packet::made(manifest, items, roster, b"a sheet".to_vec(), (&public(&signing), &sign)).unwrap()
}

fn packet() -> Packet {
    made(manifest(), roster(5), 2)
}

/// Remy's log on a packet: yes to the first, no to the second, both at this second.
fn log(manifest: &Manifest, seed: u8, second: u32) -> Vec<LogEntry> {
    let (signing, remy) = (key(seed), person("remy"));
    let sign = |hash: &[u8; 32]| signing.sign(hash).to_bytes();
    let signer = Signer { person: &remy, sign: &sign };
    let mut head = manifest.genesis().unwrap();
    let mut entries = Vec::new();
    for (item, action, what) in [(0, "approve", "approved"), (1, "reject", "rejected")] {
        let item = &manifest.items[item];
        let decided = Decided {
            in_place_of: None,
            subject: item.posting.as_str(),
            person: &remy,
            action,
            content_hash: &item.content_hash,
        };
        let draft = LogDraft {
            at: at(second),
            actor: remy.as_str(),
            what,
            subject: decided.subject,
            detail: json!({ "packet": manifest.id, "reason": "because" }),
            signer: Some(signer.clone()),
        };
        let mut entry = LogEntry::after(&head, &draft, &decided.fields());
        entry.sign(&signer, Some(&public(&signing))).unwrap();
        head = LogHead { number: entry.number, hash: entry.hash };
        entries.push(entry);
    }
    entries
}

fn decisions(manifest: &Manifest, entries: &[LogEntry], seed: u8) -> SignedDecisions {
    let signing = key(seed);
    let sign = |hash: &[u8; 32]| signing.sign(hash).to_bytes();
    SignedDecisions::made(manifest, entries, at(30), (&public(&signing), &sign)).unwrap()
}

/// Every place in a JSON value, those of lists and objects too.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, inner)| places(inner, &format!("{at}/{n}"), found));
        }
        _ => {}
    }
}

/// What else could stand in a place: another value, nothing, one more or one less.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => vec![json!(format!("{text}0")), json!(""), Value::Null],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1), json!(0)],
        Value::Bool(one) => vec![json!(!one)],
        Value::Null => vec![json!("something"), json!(1)],
        Value::Array(items) => {
            let mut all = vec![json!([])];
            let mut turned = items.clone();
            turned.reverse();
            all.push(Value::Array(turned));
            all.push(Value::Array(items.iter().chain(items.first()).cloned().collect()));
            all.push(Value::Array(items.iter().skip(1).cloned().collect()));
            all
        }
        Value::Object(fields) => {
            let (mut more, mut less) = (fields.clone(), fields.clone());
            more.insert("zz".to_owned(), json!(1));
            less.remove(&fields.keys().next().cloned().unwrap_or_default());
            vec![Value::Object(more), Value::Object(less), json!({})]
        }
    }
}

/// Puts every other value into every place of a part, and counts how many were tried.
#[track_caller]
fn each_change(bytes: &[u8], part: &str, read: impl Fn(&[u8]) -> Result<(), FileFault>) -> usize {
    let parts = container::unpack(bytes).unwrap();
    let value: Value = serde_json::from_slice(&parts[part]).unwrap();
    let mut all = Vec::new();
    places(&value, "", &mut all);
    let mut tried = 0;
    for place in all {
        for other in others(value.pointer(&place).unwrap()) {
            let mut changed = value.clone();
            *changed.pointer_mut(&place).unwrap() = other.clone();
            let text = canonical::text_of(&changed).unwrap();
            if text.as_bytes() == parts[part] {
                continue;
            }
            let mut parts = parts.clone();
            parts.insert(part.to_owned(), text.into_bytes());
            let read = read(&container::pack(&parts).unwrap());
            let fault = read.expect_err(&format!("{part}{place} = {other} passes"));
            assert!(fault.code().starts_with("packet_"), "{fault:?}");
            tried += 1;
        }
    }
    tried
}

#[test]
fn a_packet_is_read_as_it_was_made() {
    let packet = packet();
    let bytes = packet.to_bytes().unwrap();
    let back = Packet::read(&bytes).unwrap();
    assert_eq!(back, packet);
    assert_eq!(back.item("INV-2"), Some(&packet.items[1]));
    assert_eq!(back.reviewer().unwrap().name, "remy");
    assert_eq!(packet.to_bytes().unwrap(), bytes, "always the same bytes");
}

#[test]
fn a_packet_with_any_field_changed_is_refused() {
    let bytes = packet().to_bytes().unwrap();
    let read = |bytes: &[u8]| Packet::read(bytes).map(|_| ());
    let mut tried = 0;
    for part in ["manifest.json", "items.json", "roster.json", "signature.json"] {
        tried += each_change(&bytes, part, read);
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn a_packet_whose_hashes_were_made_anew_is_refused_for_want_of_its_sender_s_key() {
    let mut parts = container::unpack(&packet().to_bytes().unwrap()).unwrap();
    let mut items: Value = serde_json::from_slice(&parts["items.json"]).unwrap();
    items[0]["shown"]["exception"]["amount"] = json!("9.00");
    let text = canonical::text_of(&items).unwrap();
    let mut manifest: Value = serde_json::from_slice(&parts["manifest.json"]).unwrap();
    manifest["files"]["items.json"] = json!(sha256_hex(text.as_bytes()));
    let item = canonical::text_of(&items[0]).unwrap();
    manifest["items"][0]["sha256"] = json!(sha256_hex(item.as_bytes()));
    let manifest = canonical::text_of(&manifest).unwrap();
    parts.insert("items.json".to_owned(), text.into_bytes());
    parts.insert("manifest.json".to_owned(), manifest.clone().into_bytes());
    let refused =
        |parts: &container::Parts| Packet::read(&container::pack(parts).unwrap()).unwrap_err().code();
    assert_eq!(refused(&parts), "packet_tampered");
    // Signed anew by somebody: by a stranger, and by one of the roster who did not make it.
    for (seed, code) in [(8, "packet_signer_unknown"), (3, "packet_signer_unknown")] {
        let signing = key(seed);
        let signature = tieout_evidence::file::signed::FileSignature::over(
            ("tieout-packet/1", manifest.as_bytes()),
            &public(&signing),
            |hash| signing.sign(hash).to_bytes(),
        );
        parts.insert("signature.json".to_owned(), canonical::text_of(&signature).unwrap().into_bytes());
        assert_eq!(refused(&parts), code);
    }
}

#[test]
fn a_packet_that_cannot_be_is_refused_whoever_signed_it() {
    let code = |packet: &Packet| Packet::read(&packet.to_bytes().unwrap()).unwrap_err().code();
    let stranger = Manifest { reviewer: person("nobody"), ..manifest() };
    assert_eq!(code(&made(stranger, roster(5), 2)), "packet_tampered");
    let late = Manifest { valid_until: at(1), ..manifest() };
    assert_eq!(code(&made(late, roster(5), 2)), "packet_wrong_time");
    assert_eq!(code(&made(manifest(), roster(10), 2)), "packet_wrong_time");
    let other = OfWorkspace { id: "wsp_other".to_owned(), ..workspace() };
    assert_eq!(code(&made(Manifest { workspace: other, ..manifest() }, roster(5), 2)), "packet_of_another");
    assert_eq!(code(&made(manifest(), roster(5), 1)), "packet_signer_unknown");
    let mut twice = packet();
    twice.items[1] = twice.items[0].clone();
    assert_eq!(code(&twice), "packet_tampered");
}

#[test]
fn decisions_are_read_as_they_were_made_and_the_last_on_an_item_counts() {
    let packet = packet();
    let entries = log(&packet.manifest, 3, 10);
    let bytes = decisions(&packet.manifest, &entries, 3).to_bytes().unwrap();
    let back = SignedDecisions::read(&bytes).unwrap();
    assert_eq!(back.on(&packet.manifest).unwrap(), entries);
    let none = decisions(&packet.manifest, &[], 3);
    assert_eq!(none.on(&packet.manifest).unwrap(), []);
}

#[test]
fn decisions_with_any_field_changed_are_refused() {
    let packet = packet();
    let bytes = decisions(&packet.manifest, &log(&packet.manifest, 3, 10), 3).to_bytes().unwrap();
    let read = |bytes: &[u8]| {
        let read = SignedDecisions::read(bytes)?;
        read.on(&packet.manifest).map(|_| ())
    };
    let tried: usize =
        ["decisions.json", "signature.json"].iter().map(|part| each_change(&bytes, part, read)).sum();
    assert!(tried > 60, "{tried}");
}

#[test]
fn decisions_that_were_made_for_another_packet_or_at_another_time_are_refused() {
    let packet = packet();
    let entries = log(&packet.manifest, 3, 10);
    let on = |entries: &[LogEntry], of: &Manifest, on: &Manifest| {
        SignedDecisions::read(&decisions(of, entries, 3).to_bytes().unwrap())
            .and_then(|read| read.on(on))
            .map_err(|fault| fault.code())
    };
    let other = Manifest { id: "pkt_2".to_owned(), ..packet.manifest.clone() };
    assert_eq!(on(&entries, &packet.manifest, &other), Err("packet_of_another"));
    // Told to be of the other one, their log begins elsewhere.
    assert_eq!(on(&entries, &other, &other), Err("packet_tampered"));
    let elsewhere = Manifest {
        workspace: OfWorkspace { id: "wsp_other".to_owned(), ..workspace() },
        ..packet.manifest.clone()
    };
    assert_eq!(on(&entries, &packet.manifest, &elsewhere), Err("packet_of_another"));
    // Before the packet was made, and after the file.
    assert_eq!(
        on(&log(&packet.manifest, 3, 1), &packet.manifest, &packet.manifest),
        Err("packet_wrong_time")
    );
    assert_eq!(
        on(&log(&packet.manifest, 3, 40), &packet.manifest, &packet.manifest),
        Err("packet_wrong_time")
    );
    // Signed by another than who signed the file.
    assert_eq!(on(&log(&packet.manifest, 2, 10), &packet.manifest, &packet.manifest), Err("packet_tampered"));
}

#[test]
fn a_roster_with_any_field_changed_is_refused() {
    let text = roster(5).text().unwrap();
    assert_eq!(SignedRoster::read(text.as_bytes()).unwrap(), roster(5));
    let value: Value = serde_json::from_str(&text).unwrap();
    let mut all = Vec::new();
    places(&value, "", &mut all);
    for place in all {
        for other in others(value.pointer(&place).unwrap()) {
            let mut changed = value.clone();
            *changed.pointer_mut(&place).unwrap() = other;
            let changed = canonical::text_of(&changed).unwrap();
            assert!(changed == text || SignedRoster::read(changed.as_bytes()).is_err(), "{place}");
        }
    }
}
