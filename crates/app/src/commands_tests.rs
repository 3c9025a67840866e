use serde_json::json;

use super::*;
use tieout_desk::base::context::Session;
use tieout_vault::{Backend, Passphrase, PassphraseFor, SecretError};

fn passphrase(what: &PassphraseFor) -> Result<Passphrase, SecretError> {
    Ok(Passphrase::new(format!("a test passphrase for {}", what.variable())))
}

fn desk(folder: &std::path::Path) -> Context {
    let path = folder.join("w.tieoutdb");
    workspace::init(&path, Backend::Vault, "Test", false, &passphrase).unwrap();
    let session = Session { acting: None, passphrases: Box::new(passphrase), enrolment: Box::new(|_| None) };
    workspace::open(&path, session).unwrap()
}

#[test]
fn every_command_has_one_name_and_one_line_of_explanation() {
    for (index, info) in COMMANDS.iter().enumerate() {
        assert!(info.about.ends_with('.'), "{}", info.name);
        assert!(COMMANDS[..index].iter().all(|other| other.name != info.name), "{} twice", info.name);
    }
}

#[test]
fn the_router_answers_in_json_and_refuses_with_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let people = call(&desk, &desk, "people", json!({})).unwrap();
    assert_eq!(people[0]["role"], "administrator");
    assert_eq!(call(&desk, &desk, "exceptions", json!({})).unwrap(), json!([]));
    assert_eq!(call(&desk, &desk, "verify", json!({})).unwrap()["sound"], true);
    let code = |name: &str, request| call(&desk, &desk, name, request).unwrap_err().code;
    assert_eq!(code("unknown", json!({})), "command_unknown");
    assert_eq!(code("show", json!({})), "bad_request");
    assert_eq!(code("show", json!({ "id": "exc_none" })), "not_found");
    // Whoever asks for a trial of an earlier version must not act.
    assert_eq!(code("propose", json!({ "ids": [], "dry_run": true })), "bad_request");
    assert_eq!(code("cancel", json!({ "ids": [], "dry_run": true })), "bad_request");
    let replay = json!({ "action": "replay", "ids": ["pst_none"] });
    let shown = call(&desk, &desk, "preview", replay).unwrap();
    assert_eq!(shown[0]["result"], "refused");
    assert_eq!(code("exceptions", json!({ "queue": "nowhere" })), "queue_unknown");
}

#[test]
fn a_command_that_reads_gets_nothing_that_writes() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let mut reads = 0;
    for info in COMMANDS.iter().filter(|info| !info.writes) {
        let code = call(&desk, &desk, info.name, json!({})).err().map(|error| error.code);
        assert_ne!(code, Some(Code::StoreReadOnly), "{} writes", info.name);
        reads += usize::from(code.is_none());
    }
    assert!(reads > 10, "only {reads} were answered");
    // One that writes, given what the others get.
    let refused = exceptions::exceptions(&desk.reading(), &ExceptionsRequest::default()).unwrap_err();
    assert_eq!(refused.code, "store_read_only");
    let work = call(&desk.reading(), &desk.reading(), "sync", json!({})).unwrap_err();
    assert_eq!(work.code, "store_read_only");
}

#[test]
fn a_flow_without_a_source_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let flows = {
        let desk = desk(folder.path());
        call(&desk, &desk, "flows", json!({}))
    }
    .unwrap();
    assert_eq!(flows.as_array().unwrap().len(), 5);
    assert!(flows[0]["note"].as_str().unwrap().starts_with("not seen: it needs"));
    assert_eq!(flows[0]["done"], Value::Null);
}
