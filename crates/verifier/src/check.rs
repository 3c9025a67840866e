//! What a file is, and whether it is what was signed.

use tieout_evidence::file::{
    binder::{Binder, DecidedChange},
    card::SignedCard,
    container,
    decisions::SignedDecisions,
    exported::{ExportedTable, PREAMBLE, broken_log, unescaped},
    fault::{FaultKind, FileFault},
    packet::Packet,
    roster::SignedRoster,
};

/// What came of a check, each with what is to be said of it.
pub(crate) enum Verdict {
    /// It is what was signed, and proves what it tells.
    Sound(Vec<String>),
    /// It is not.
    Unsound(Vec<String>),
    /// It is none that can be read here.
    Unreadable(Vec<String>),
}

/// What is said, and the key that signed; or why it is not believed.
type Told = Result<(Vec<String>, String), FileFault>;

/// Checks a file.
pub(crate) fn check(bytes: &[u8], key: Option<&str>, packet: Option<&[u8]>) -> Verdict {
    let told = match bytes {
        sealed if sealed.starts_with(b"age-encryption.org/") => {
            let words = "It is encrypted for one reader: they open it with `tieout packet show` on their own \
                         machine.";
            return Verdict::Unreadable(vec![words.to_owned()]);
        }
        zip if zip.starts_with(b"PK") => packed(zip, packet),
        json if json.starts_with(b"{") => plain(json),
        other => table(other),
    };
    match told {
        Err(fault) => {
            let said = vec![format!("{}: {fault}", fault.code())];
            match fault.kind {
                FaultKind::Unreadable => Verdict::Unreadable(said),
                _ => Verdict::Unsound(said),
            }
        }
        Ok((mut said, signed_with)) => {
            said.push(format!("Signed with key {signed_with}."));
            match key {
                Some(key) if !key.trim().eq_ignore_ascii_case(&signed_with) => {
                    said.push(format!("packet_signer_unknown: it should be signed with {key}."));
                    return Verdict::Unsound(said);
                }
                Some(_) => said.push("That is the key that it should be.".to_owned()),
                None => said.push(
                    "Whose key that is, the file alone cannot tell: ask its signer for it another way, and \
                     give it with --key."
                        .to_owned(),
                ),
            }
            Verdict::Sound(said)
        }
    }
}

fn packed(bytes: &[u8], packet: Option<&[u8]>) -> Told {
    let parts = container::unpack(bytes)?;
    let has = |name: &str| parts.contains_key(name);
    if has("items.json") {
        return a_packet(&Packet::read(bytes)?);
    }
    // A binder has decisions too.
    if has("log.json") {
        return binder(&Binder::read(bytes)?);
    }
    if has("decisions.json") {
        return decisions(&SignedDecisions::read(bytes)?, packet);
    }
    Err(FileFault::unreadable("it is a zip, and none of a packet, of decisions or of a binder"))
}

fn a_packet(packet: &Packet) -> Told {
    let (manifest, people) = (&packet.manifest, &packet.roster.roster);
    let name = |id| people.person(id).map_or("nobody", |one| one.name.as_str());
    let mut said = vec![
        format!("A packet of {} postings of workspace {}.", packet.items.len(), manifest.workspace.name),
        format!(
            "Made by {} at {} for {}; decisions are taken in until {}.",
            name(&manifest.made_by),
            manifest.made_at,
            name(&manifest.reviewer),
            manifest.valid_until
        ),
        format!(
            "Its roster is signed by {} with key {}.",
            name(&people.made_by),
            packet.roster.signature.key
        ),
        format!("Its log begins after entry {} of its sender's.", manifest.checkpoint.number),
    ];
    let items = packet.items.iter().map(|one| {
        format!("  {} ({}), content {}", one.posting.reference, one.posting.id, one.posting.content_hash())
    });
    said.extend(items);
    Ok((said, packet.signature.key.clone()))
}

fn decisions(signed: &SignedDecisions, packet: Option<&[u8]>) -> Told {
    let all = &signed.decisions;
    let mut said = vec![format!(
        "{} decisions of {} on packet {}, made at {}.",
        all.entries.len(),
        all.reviewer,
        all.packet,
        all.made_at
    )];
    let lines = all.entries.iter().map(|one| format!("  {} {} at {}", one.subject, one.what, one.at));
    said.extend(lines);
    match packet {
        None => said.push(
            "Whether they fit their packet, and whether its reviewer made them, only the packet tells: give \
             it with --packet."
                .to_owned(),
        ),
        Some(bytes) => {
            let packet = Packet::read(bytes)?;
            let count = signed.on(&packet.manifest)?.len();
            let asked = packet.reviewer().filter(|one| one.key.as_ref() == Some(&signed.signature.key));
            let Some(asked) = asked else {
                let words = "they are signed with another key than that of who was asked";
                return Err(FileFault::new(FaultKind::SignerUnknown, words));
            };
            said.push(format!("They decide on {count} items of that packet, by {}'s own key.", asked.name));
        }
    }
    Ok((said, signed.signature.key.clone()))
}

fn binder(binder: &Binder) -> Told {
    let checked = binder.check()?;
    let manifest = &binder.manifest;
    let sections: Vec<&str> = binder.sections.keys().map(String::as_str).collect();
    let mut said = vec![
        format!(
            "The binder of {} for {} of workspace {}, made at {}.",
            manifest.entity, manifest.period, manifest.workspace.name, manifest.made_at
        ),
        format!("Its sections: {}.", sections.join(", ")),
        format!(
            "{} entries of a log of {} stand in it under the root {}, the last at the checkpoint {}.",
            checked.entries, manifest.checkpoint.number, manifest.log_root, manifest.checkpoint.hash
        ),
        format!("{} signatures of people fit their keys.", checked.signatures),
        format!("{} postings are what their hashes say.", checked.postings),
        format!("{} texts of sign-offs, mappings and policies are what their hashes say.", checked.texts),
        format!("{} decisions are proved by their entries.", checked.decisions),
    ];
    said.extend(binder.decided_changes()?.iter().map(of_change));
    Ok((said, binder.signature.key.clone()))
}

/// Who decided what on a change, each with the entry of the log that proves it.
fn of_change(change: &DecidedChange) -> String {
    let each = change.decisions.iter().map(|(person, one)| {
        let what = match one.action.as_str() {
            "approve_change" => "approved",
            "reject_change" => "rejected",
            other => other,
        };
        format!("{what} by {person} (log entry {})", one.log_number)
    });
    let each: Vec<String> = each.collect();
    format!("  {} {}: {}", change.kind.replace('_', " "), change.name, each.join(", "))
}

fn plain(bytes: &[u8]) -> Told {
    if bytes.starts_with(b"{\"card\"") {
        let card = SignedCard::read(bytes)?;
        let said = format!("The card of {}, made at {}.", card.card.name, card.card.made_at);
        return Ok((vec![said], card.card.key));
    }
    if bytes.starts_with(b"{\"roster\"") {
        let signed = SignedRoster::read(bytes)?;
        let roster = &signed.roster;
        let mut said = vec![format!(
            "The roster of workspace {}, made at {} after entry {} of its log.",
            roster.workspace.name, roster.made_at, roster.checkpoint.number
        )];
        let person = |one: &tieout_evidence::file::roster::RosterPerson| {
            let key = one.key.as_deref().unwrap_or("none");
            let stands = match (one.active, one.confirmed) {
                (false, _) => "left",
                (true, false) => "not confirmed",
                (true, true) => "works there",
            };
            format!("  {}, {}, {stands}, key {key}", one.name, one.role)
        };
        said.extend(roster.people.iter().map(person));
        return Ok((said, signed.signature.key));
    }
    Err(FileFault::unreadable("it is neither a roster nor a person's card"))
}

fn table(bytes: &[u8]) -> Told {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let lines: Result<Vec<Vec<String>>, csv::Error> = reader
        .records()
        .map(|record| Ok(record?.iter().map(|cell| unescaped(cell).to_owned()).collect()))
        .collect();
    let lines = lines.map_err(|e| FileFault::unreadable(format!("it is no export (.csv): {e}")))?;
    let none = || FileFault::unreadable("it is none of the files that are checked here");
    let table = ExportedTable::of(lines).ok_or_else(none)?;
    let told = |at: usize| table.told(PREAMBLE[at]).unwrap_or_default().to_owned();
    let Some(key) = table.signed_with() else {
        return Err(FileFault::tampered("the signature is not over what the file says"));
    };
    let mut said = vec![format!(
        "An export ({}) of workspace {}, written at {} by {}: {} rows.",
        told(0),
        told(1),
        told(3),
        told(4),
        table.rows.len()
    )];
    if table.told(PREAMBLE[0]) == Some("log") {
        if let Some(why) = broken_log(&told(2), &table.columns, &table.rows) {
            return Err(FileFault::tampered(why));
        }
        said.push(
            "Its entries follow each other as far as they are there, and are signed where people \
                   decided."
                .to_owned(),
        );
    }
    Ok((said, key.to_owned()))
}
