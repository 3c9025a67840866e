//! Files and questions that people put to an exception: kept as they were, under the log's hash, and found by
//! whom they ask.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    scene::Desk,
    tamper::{changed, tamper},
    worked::copied,
};

/// What `person` is told that waits for them.
fn waits_for(desk: &Desk, person: &str) -> Vec<Value> {
    let home = desk.run(person, ["call", "home"]).ok().one();
    home["waits"].as_array().unwrap().iter().filter(|one| one["kind"] == "answer").cloned().collect()
}

#[test]
fn a_file_comes_back_as_it_was_and_the_log_has_its_hash() {
    let (desk, worked) = copied();
    let bytes: Vec<u8> = (0..70_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let file = desk.bench.folder.path().join("remittance März.pdf");
    fs::write(&file, &bytes).unwrap();
    let path = file.to_str().unwrap();
    let kept = desk.run("ana", ["attach", &worked.held, path]).ok().one();
    let sha256 = hex::encode(Sha256::digest(&bytes));
    assert_eq!((&kept["name"], &kept["sha256"]), (&json!("remittance März.pdf"), &json!(sha256)));
    let listed = desk.run("aud", ["attachment", "list", &worked.held]).ok().one();
    assert_eq!((&listed["by"], &listed["size"]), (&json!("ana"), &json!(bytes.len())));
    let logged = desk.log().into_iter().filter(|entry| entry["what"] == "attached");
    let logged: Vec<_> = logged.collect();
    assert!(logged.len() == 1 && logged[0].values().any(|text| text.contains(&sha256)), "{logged:?}");

    let to = desk.bench.folder.path().join("again.pdf");
    let (id, to) = (kept["id"].as_str().unwrap(), to.to_str().unwrap());
    desk.run("aud", ["attachment", "save", id, "--to", to]).ok();
    assert_eq!(fs::read(to).unwrap(), bytes);
    fs::write(to, "mine").unwrap();
    desk.run("aud", ["attachment", "save", id, "--to", to]).refused("export_exists");
    assert_eq!(fs::read(to).unwrap(), b"mine", "what stood there stays");
    assert_eq!(desk.log().iter().filter(|entry| entry["what"] == "attachment_saved").count(), 1);
    assert_eq!(desk.verify()["sound"], true);
}

#[test]
fn what_cannot_be_kept_is_refused_and_nothing_of_it_is_there() {
    let (desk, worked) = copied();
    let write = |name: &str, bytes: &[u8]| {
        let file = desk.bench.folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let fine = write("fine.txt", b"fine");
    desk.run("aud", ["attach", &worked.held, &fine]).refused("auditor_reads_only");
    let (empty, large) = (write("empty.txt", b""), write("large.bin", &vec![7; (25 << 20) + 1]));
    let turned = write("invoice\u{202e}fdp.exe", b"x");
    let folder = desk.bench.folder.path().to_str().unwrap().to_owned();
    for unfit in [empty, large, turned, folder, "/no/such/file".to_owned()] {
        desk.run("ana", ["attach", &worked.held, &unfit]).refused("file_unusable");
    }
    assert_eq!(desk.run("ana", ["attachment", "list", &worked.held]).ok().lines(), Vec::<Value>::new());
    desk.run("ana", ["attach", &worked.held, &fine]).ok();
    let renamed = write("the same.txt", b"fine");
    desk.run("ana", ["attach", &worked.held, &renamed]).refused("already_exists");
}

#[test]
fn an_attached_file_that_was_changed_moved_or_taken_away_is_told() {
    let (desk, worked) = copied();
    let file = desk.bench.folder.path().join("proof.txt");
    fs::write(&file, "the customer's own words").unwrap();
    desk.run("ana", ["attach", &worked.held, file.to_str().unwrap()]).ok();
    assert_eq!(desk.verify()["sound"], true);
    for change in [
        "UPDATE attachment SET name = 'another.pdf'",
        "UPDATE attachment SET added_by = (SELECT id FROM person WHERE name = 'cora')",
        "UPDATE attachment SET exception_seq = exception_seq + 1",
        "DELETE FROM attachment",
        "DELETE FROM payload WHERE hash = (SELECT payload_hash FROM attachment)",
    ] {
        let desk = desk.copy();
        tamper(&desk.bench, |database| changed(database, change));
        assert_eq!(desk.verify()["sound"], false, "{change}");
    }
}

#[test]
fn a_comment_waits_for_whom_it_names_until_they_do_something_about_it() {
    let (desk, worked) = copied();
    assert_eq!(waits_for(&desk, "carl"), Vec::<Value>::new());
    let words = "@Carl: is this the customer's? (not you, @ana, nor mail@cora.example)";
    let said = desk.run("ana", ["comment", &worked.held, "--text", words]).ok().one();
    assert_eq!(said["message"], "Comment kept; it asks carl");
    let waits = waits_for(&desk, "carl");
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!(waits[0]["exception"], json!(worked.held));
    assert!(waits[0]["says"].as_str().unwrap().contains("is this the customer's?"), "{waits:?}");
    assert_eq!(waits_for(&desk, "cora"), Vec::<Value>::new(), "an address is no question");
    desk.run("cora", ["comment", &worked.held, "--text", "I do not know"]).ok();
    assert_eq!(waits_for(&desk, "carl").len(), 1, "somebody else's word answers nothing for him");
    desk.run("carl", ["comment", &worked.held, "--text", "It is"]).ok();
    assert_eq!(waits_for(&desk, "carl"), Vec::<Value>::new());
    assert_eq!(desk.verify()["sound"], true);
}
