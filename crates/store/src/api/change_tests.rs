use ed25519_dalek::{Signer as _, SigningKey};
use tieout_domain::{WorkspaceId, people::Role};
use tieout_evidence::{Signer, VerifyInput};
use zeroize::Zeroizing;

use super::*;
use crate::{
    key::WorkspaceKey,
    store::Store,
    table::{
        person::{Person, SecretKind},
        workspace::NewWorkspace,
    },
};

fn now() -> DateTime<Utc> {
    "2026-04-10T12:00:00Z".parse().unwrap()
}

fn plain<'a>(what: &'a str, subject: &'a str) -> LogDraft<'a> {
    LogDraft { at: now(), actor: "os:test", what, subject, detail: json!({}), signer: None }
}

fn human(store: &mut Store, name: &str) -> (PersonId, SigningKey) {
    let (id, key) = (PersonId::derive(&[name]), SigningKey::from_bytes(&[name.as_bytes()[0]; 32]));
    let person = Person {
        id: id.clone(),
        name: name.into(),
        os_account: None,
        role: Role::Controller,
        active: true,
        verifying_key: None,
        secret_kind: None,
        added_by: "os:test".into(),
        added_at: now(),
    };
    store.add_person(&person, &plain("person_added", id.as_str())).unwrap();
    let public = key.verifying_key().to_bytes();
    let log = plain("person_key_set", id.as_str());
    store.set_person_key(&id, &public, SecretKind::Passphrase, &log).unwrap();
    (id, key)
}

/// What the log and the tables are found to be at fault.
fn faults(store: &Store) -> Vec<String> {
    let report = store.verify_log_with(&VerifyInput::default(), &mut |_| true).unwrap().unwrap();
    let tables = store.verify_tables(&report.seals, &mut |_| true).unwrap().unwrap();
    let of_log = report.findings.iter().map(|one| format!("{one:?}"));
    of_log.chain(tables.iter().map(|one| format!("{one:?}"))).collect()
}

/// A policy of which ben has approved the first half, by this; and what is found of it then, and once cora
/// has approved it, too.
fn approved_twice(
    first: impl FnOnce(&Tx<'_>, &ChangeId, &PersonId, &LogDraft<'_>) -> Result<()>,
) -> [Vec<String>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let new =
        NewWorkspace { id: WorkspaceId::derive(&["test"]), name: "Books".into(), demo: false, at: now() };
    let key = WorkspaceKey::new(Zeroizing::new([1; 32]));
    let mut store = Store::create(&folder.path().join("books.tieoutdb"), &key, &new).unwrap();
    let ((ben, bens), (cora, coras)) = (human(&mut store, "ben"), human(&mut store, "cora"));
    let id = ChangeId::derive(&["policy"]);
    let policy = NewChange {
        id: id.clone(),
        kind: ChangeKind::Policy,
        name: "policy".into(),
        content: "schema = 1".into(),
        hash: "h".into(),
        author: "os:test".into(),
        at: now(),
        at_once: false,
    };
    store.propose_change(&policy, &plain("change_proposed", id.as_str())).unwrap();
    let sign = |hash: &[u8; 32]| bens.sign(hash).to_bytes();
    let signer = Some(Signer { person: &ben, sign: &sign });
    let log = LogDraft { signer, ..plain("change_first_approval", id.as_str()) };
    store.write(|tx| first(tx, &id, &ben, &log)).unwrap();
    assert_eq!(store.change_approvals(&id).unwrap(), std::slice::from_ref(&ben));
    let half = faults(&store);
    let sign = |hash: &[u8; 32]| coras.sign(hash).to_bytes();
    let signer = Some(Signer { person: &cora, sign: &sign });
    let log = LogDraft { signer, ..plain("change_approved", id.as_str()) };
    store.decide_change(&id, true, &cora, "h", &log).unwrap();
    [half, faults(&store)]
}

#[test]
fn an_approval_that_an_entry_of_before_says_without_a_decision_still_verifies() {
    let before = approved_twice(|tx, id, person, log| {
        tx.whole(|tx| {
            change::approve_in_part(tx, id, (person, log.at), log::next_number(tx)?)?;
            log::append(tx, log).map(|_| ())
        })
    });
    assert_eq!(before, [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn an_approval_that_is_not_the_last_is_a_decision_over_the_text_that_was_seen() {
    let now = approved_twice(|tx, id, person, log| {
        let moved = tx.approve_change_in_part(id, person, "another", log).unwrap_err();
        assert!(matches!(moved, StoreError::ContentChanged { .. }), "{moved:?}");
        tx.approve_change_in_part(id, person, "h", log)
    });
    assert_eq!(now, [Vec::<String>::new(), Vec::new()]);
    // An entry that says the decision without its row is found.
    let [found, _] = approved_twice(|tx, id, person, log| {
        tx.whole(|tx| {
            change::approve_in_part(tx, id, (person, log.at), log::next_number(tx)?)?;
            let decided = tieout_evidence::Decided {
                subject: id.as_str(),
                person,
                action: APPROVE,
                content_hash: "h",
                in_place_of: None,
            };
            log::append_with(tx, log, &decided.fields()).map(|_| ())
        })
    });
    assert!(found.iter().any(|one| one.contains("DecisionDiffers")), "{found:?}");
}
