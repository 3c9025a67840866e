//! The tables against what the log sealed of them: whatever an attacker changes is told, whatever the store
//! itself writes is not.

use proptest::prelude::*;
use rusqlite::types::Value;
use serde_json::json;
use tieout_domain::{
    PersonId,
    calendar::PeriodStatus,
    document::{Canonical, DocumentStatus},
    people::Role,
};
use tieout_store::{
    ChangeKind, CursorUpdate, IngestPage, LogDraft, LogQuery, NewChange, Person, RejectedItem, SEALED,
    SecretKind, Signer, Store, StoreError, StoredView, VerifyInput,
};

use crate::{
    sealed_desk::{billing, columns, found, period, sealed_tables, sound, tampered, worked},
    support::{BACK_FROM_5, Desk, Human, attacker, desk, entry, invoice, key, now, page, plain, signed},
};

/// Columns that nothing tells of, for a reason that the store's own list gives.
const LEFT_OUT: [(&str, &str); 2] = [("exception", "cell"), ("period", "read_at")];

#[test]
fn every_column_of_every_sealed_table_is_told_when_it_is_changed() {
    let desk = worked();
    sound(&desk);
    let tables = sealed_tables(&desk);
    // All but the two that only older versions wrote: disputes and fees of payments.
    assert_eq!(tables.len(), 52, "a table has no rows here: {:?}", tables.keys());
    let connection = attacker(&desk.path, 1);
    connection
        .execute_batch("DROP TRIGGER decision_is_not_updated; DROP TRIGGER decision_is_not_deleted")
        .unwrap();
    // What is told anyway by now.
    let told_anyway = found(&desk).len();
    let mut silent = Vec::new();
    for table in tables.keys() {
        connection
            .execute_batch(&format!(
                "DROP TABLE IF EXISTS kept; CREATE TEMP TABLE kept AS SELECT * FROM \"{table}\""
            ))
            .unwrap();
        for column in columns(&connection, table) {
            // One row, by what it holds: not every table has a rowid.
            let of_row = format!("SELECT \"{column}\" FROM \"{table}\" LIMIT 1");
            let old: Value = connection.query_row(&of_row, [], |row| row.get(0)).unwrap();
            let new = match &old {
                Value::Null => Value::Integer(77),
                Value::Integer(number) => Value::Integer(number ^ 1),
                Value::Text(text) => Value::Text(format!("{text} ")),
                Value::Blob(_) => Value::Blob(vec![1; 32]),
                other @ Value::Real(_) => panic!("{table}.{column} holds {other:?}"),
            };
            let sql = format!("UPDATE \"{table}\" SET \"{column}\" = ?2 WHERE \"{column}\" IS ?1");
            if connection.execute(&sql, [&old, &new]).is_err() {
                // The file itself refuses it.
                continue;
            }
            // A file whose workspace is none does not even open.
            let told = Store::open(&desk.path, &key(1)).is_err() || found(&desk).len() > told_anyway;
            connection
                .execute_batch(&format!(
                    "DELETE FROM \"{table}\"; INSERT INTO \"{table}\" SELECT * FROM kept"
                ))
                .unwrap();
            let left_out = LEFT_OUT.contains(&(table.as_str(), column.as_str()));
            if told == left_out {
                silent.push(format!("{table}.{column}"));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    assert_eq!(found(&desk).len(), told_anyway);
}

#[test]
fn what_orders_exceptions_is_held_against_what_it_is_made_of() {
    for (sql, want) in [
        ("UPDATE exception SET backlog = 1 - backlog WHERE live = 1", "taken for backlog"),
        ("UPDATE exception SET worth = worth + 1", "ordered by what they are not worth"),
        ("UPDATE exception SET cell = cell + 1", "cell"),
        ("UPDATE exception SET customer = 'Another Ltd'", "customers of whom other exceptions are counted"),
        ("UPDATE exception_customer SET low = low + 1", "customers of whom other exceptions are counted"),
    ] {
        let desk = worked();
        assert_eq!(desk.store.integrity_check().unwrap(), Vec::<String>::new());
        tampered(&desk, sql);
        let found = desk.store.integrity_check().unwrap();
        assert!(found.iter().any(|told| told.contains(want)), "{want} is not in {found:?}");
    }
}

#[test]
fn every_row_that_is_taken_away_is_told() {
    for table in sealed_tables(&worked()).keys().chain([&"document_lines".into(), &"entry_line".into()]) {
        if table == "workspace" {
            // Such a file does not even open.
            continue;
        }
        let desk = worked();
        tampered(&desk, &format!("DELETE FROM \"{table}\""));
        assert!(!found(&desk).is_empty(), "{table}");
    }
}

#[track_caller]
fn told(sql: &str, want: &str) {
    let desk = worked();
    sound(&desk);
    tampered(&desk, sql);
    let found = found(&desk);
    assert!(found.iter().any(|told| told.contains(want)), "{want} is not in {found:#?}");
}

#[test]
fn the_row_and_what_differs_are_named_where_the_log_says_it() {
    told(
        "UPDATE person SET role = 'controller' WHERE name = 'ann'",
        "(ann)\"): role is \"controller\", and entry",
    );
    told("UPDATE person SET role = 'controller' WHERE name = 'ann'", "of the log says \"analyst\"");
    told("DELETE FROM posting_edit", "it is gone; entry");
    told("UPDATE change SET content = 'other'", "content is \"other\"");
    told("UPDATE posting SET state = 'cancelled'", "state is \"cancelled\"");
    told("UPDATE attempt SET transcript = 'short'", "transcript is \"short\", and entry");
    told("UPDATE exception_event SET detail = 'x' WHERE what = 'comment'", "says \"asked the bank\"");
    told(
        "INSERT INTO person SELECT 'per_x', 'eve', NULL, 'controller', 1, NULL, NULL, added_by, added_at
           FROM person LIMIT 1",
        "(eve)\"): no entry of the log says that it came",
    );
    told(
        "UPDATE document SET total_minor = 1 WHERE kind = 'invoice'",
        "its content is not what its hash says",
    );
    told("UPDATE entry_line SET functional_minor = 1", "its lines are not those that it was kept with");
    told("DELETE FROM entry_line", "lines of it are gone");
    told(
        "UPDATE document_lines
         SET lines = replace(lines, ']]', '],[null,\"\",\"1\",\"0\",0,0]]')",
        "its lines are not those",
    );
    told("INSERT INTO expected_line VALUES (4711, '1100', 5)", "document_seq 4711");
    told("UPDATE expectation SET books = 0, control_minor = 0", "its figures are not those of its lines");
    told(
        "UPDATE payload SET zstd = (SELECT zstd FROM payload ORDER BY hash LIMIT 1)",
        "its bytes are not those",
    );
    told("UPDATE exception SET state = 'dismissed' WHERE state = 'open'", "no entry of the log says by whom");
    told("DELETE FROM exception WHERE state = 'on_hold'", "it is gone, though the log tells of it");
    told("DELETE FROM expectation; DELETE FROM expected_line", "was never derived");
    told("DELETE FROM rejected_item", "it has 0 rows, and entry");
    told("UPDATE sync_state SET complete_through = 0", "its 1 rows are not those that entry");
}

#[test]
fn what_the_file_itself_is_made_of_is_told() {
    told("DROP INDEX log_by_subject", "the index log_by_subject of the file is gone");
    told("CREATE TABLE extra (n INTEGER)", "the table extra of the file is none of Tieout's");
    told(
        "CREATE TRIGGER planted AFTER INSERT ON posting BEGIN UPDATE person SET role = 'controller'; END",
        "the trigger planted of the file is none of Tieout's",
    );
    told(
        "DROP TRIGGER log_is_not_deleted; CREATE TRIGGER log_is_not_deleted BEFORE DELETE ON log
           BEGIN SELECT 1; END",
        "the trigger log_is_not_deleted of the file is not as Tieout makes it",
    );
    told("DROP TABLE movement", "table is gone");
}

#[test]
fn a_trigger_that_was_planted_does_not_run_with_our_hands() {
    let mut desk = worked();
    tampered(
        &desk,
        "CREATE TRIGGER planted AFTER INSERT ON log BEGIN UPDATE person SET role = 'controller'; END",
    );
    desk.store.append_log(&plain("exported", "x")).unwrap();
    let found = found(&desk);
    assert!(found.iter().all(|told| told.contains("planted")), "{found:?}");
}

#[test]
fn what_was_changed_is_told_however_long_people_go_on_working() {
    let mut desk = worked();
    tampered(&desk, "UPDATE person SET role = 'controller' WHERE name = 'ann'");
    let ann = PersonId::derive(&["ann"]);
    // The row changes again by the store, which takes the one that it finds for the one that was.
    desk.store.set_person_active(&ann, false, &plain("person_removed", ann.as_str())).unwrap();
    desk.human("dan", Role::Analyst);
    let found = found(&desk);
    assert!(found.iter().any(|told| told.contains("role is \"controller\"")), "{found:?}");
}

#[test]
fn sums_that_were_changed_to_fit_are_told_even_after_the_next_entry() {
    // A row and its table's sums as they were before it came: whoever has an old copy can put them back.
    let mut desk = worked();
    let old = attacker(&desk.path, 1)
        .query_row("SELECT rows, sums, hash FROM seal WHERE name = 'rejected_item'", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, String>(2)?))
        })
        .unwrap();
    let billing_id = desk.billing.clone();
    let mut more = billing();
    more = IngestPage::new(
        page("invoices", b"more".to_vec()),
        Vec::<Canonical>::new(),
        vec![RejectedItem { external_id: "in_bad_2".into(), ..more.rejected()[0].clone() }],
    );
    desk.store.ingest(&billing_id, [&more], None).unwrap();
    sound(&desk);
    let connection = attacker(&desk.path, 1);
    connection.execute("DELETE FROM rejected_item WHERE external_id = 'in_bad_2'", []).unwrap();
    connection
        .execute(
            "UPDATE seal SET rows = ?1, sums = ?2, hash = ?3 WHERE name = 'rejected_item'",
            (old.0, old.1, old.2),
        )
        .unwrap();
    drop(connection);
    assert!(found(&desk)[0].starts_with("rejected_item"), "{:?}", found(&desk));
    // The store goes on from what it finds, and says that it was not what the log had sealed.
    desk.store.append_log(&plain("exported", "x")).unwrap();
    let head = desk.store.log_head().unwrap().number;
    assert_eq!(found(&desk), [format!("log {head}: log_seal_broken")]);
    desk.human("dan", Role::Analyst);
    assert_eq!(found(&desk), [format!("log {head}: log_seal_broken")]);
}

#[test]
fn sums_that_do_not_belong_to_their_hash_are_told() {
    let mut desk = worked();
    let sql = "UPDATE seal SET sums = (SELECT sums FROM seal WHERE name = 'page') WHERE name = 'person'";
    attacker(&desk.path, 1).execute_batch(sql).unwrap();
    sound(&desk);
    desk.human("dan", Role::Analyst);
    assert!(found(&desk).iter().any(|told| told.contains("log_seal_broken")), "{:?}", found(&desk));
}

/// Somebody who also writes the log: a seal that says what the table now holds, in the right place of the
/// chain.
fn forge(desk: &Desk, rows: serde_json::Value, signed_by: Option<&Human>) {
    let connection = attacker(&desk.path, 1);
    let store = Store::open(&desk.path, &key(1)).unwrap();
    let report = store.verify_log_with(&VerifyInput::default(), &mut |_| true).unwrap().unwrap();
    let last = store.log_window(&LogQuery { limit: 1, seals: true, ..LogQuery::default() }).unwrap();
    let sealed: serde_json::Value = serde_json::from_str(last.rows[0].seal.as_deref().unwrap()).unwrap();
    let root = sealed["root"].clone();
    let seal = json!({ "root": root, "rows": { "connection": rows } }).to_string();
    let sign = signed_by.map(Human::sign);
    let signer = signed_by.zip(sign.as_ref()).map(|(by, sign)| Signer { person: &by.id, sign });
    let draft = LogDraft { signer: signer.clone(), ..plain("connection_changed", "con_x") };
    let mut entry = tieout_evidence::LogEntry::after(&report.head, &draft, &[]).sealed(seal);
    if let (Some(signer), Some(by)) = (&signer, signed_by) {
        entry.sign(signer, Some(&by.public())).unwrap();
    }
    connection
        .execute(
            "INSERT INTO log (number, at, actor, what, subject, detail, previous, hash, signer, signature,
               seal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            rusqlite::params![
                entry.number,
                entry.at.timestamp_millis(),
                entry.actor,
                entry.what,
                entry.subject,
                entry.detail,
                entry.previous,
                entry.hash,
                entry.signer.as_ref().map(PersonId::as_str),
                entry.signature,
                entry.seal,
            ],
        )
        .unwrap();
}

#[test]
fn a_seal_that_says_more_than_its_signer_may_is_told() {
    let mut desk = worked();
    let root = desk.human("root", Role::Administrator);
    let billing = desk.billing.clone();
    let moved = |name: &str| json!({ billing.as_str(): { "name": name } });
    let told = |desk: &Desk| -> Vec<String> {
        let store = Store::open(&desk.path, &key(1)).unwrap();
        let report = store.verify_log_with(&VerifyInput::default(), &mut |_| true).unwrap().unwrap();
        assert_eq!(report.findings, []);
        let found = store.verify_tables(&report.seals, &mut |_| true).unwrap().unwrap();
        let of_it = found.iter().filter(|f| f.table == "connection" && f.message.contains("it changes"));
        of_it.map(|f| f.message.clone()).collect()
    };
    let before = told(&desk).len();
    forge(&desk, moved("one"), None);
    assert!(told(&desk)[before].contains("nobody signed it"));
    forge(&desk, moved("two"), Some(&Human::of("ben")));
    assert!(told(&desk)[before + 1].contains("is no administrator"));
    forge(&desk, moved("three"), Some(&root));
    assert_eq!(told(&desk).len(), before + 2);
}

#[test]
fn entries_seal_the_rows_that_changed_with_them_and_lists_leave_mere_seals_out() {
    let mut desk = desk();
    desk.human("ann", Role::Analyst);
    let all = |desk: &Desk, seals| {
        let query = LogQuery { limit: u32::MAX, seals, ..LogQuery::default() };
        desk.store.log_window(&query).unwrap()
    };
    assert_eq!(all(&desk, true).total, 4, "each entry seals its own change");
    desk.bill(&[invoice("in_1", 100)]);
    assert_eq!((all(&desk, true).total, all(&desk, false).total), (5, 4));
    let newest = &all(&desk, true).rows[0];
    assert_eq!((newest.what.as_str(), newest.at), (SEALED, now()));
    assert!(all(&desk, false).whats.iter().any(|what| what == SEALED));
    let only = LogQuery { what: Some(SEALED.into()), limit: 9, ..LogQuery::default() };
    assert_eq!(desk.store.log_window(&only).unwrap().total, 1);
    // What changes nothing is sealed by nobody.
    desk.bill(&[invoice("in_1", 100)]);
    let view = StoredView { id: "v".into(), name: "n".into(), content: "{}".into(), saved_at: now() };
    desk.store.put_saved_view(&view).unwrap();
    assert_eq!(all(&desk, true).total, 5);
    sound(&desk);
}

#[test]
fn what_is_taken_back_is_not_sealed() {
    let mut desk = desk();
    let (ann, bob) = (Human::of("ann"), Human::of("bob"));
    let person = |human: &Human, name: &str| Person {
        id: human.id.clone(),
        name: name.into(),
        os_account: None,
        role: Role::Analyst,
        active: true,
        verifying_key: None,
        secret_kind: None,
        added_by: "os:test".into(),
        added_at: now(),
    };
    let wrong = |_: &[u8; 32]| [7_u8; 64];
    let done: Result<(), StoreError> = desk.store.write(|tx| {
        tx.add_person(&person(&ann, "ann"), &plain("person_added", ann.id.as_str()))?;
        tx.set_person_key(&ann.id, &ann.public(), SecretKind::Passphrase, &plain("x", "y"))?;
        // Each is whole or undone by itself: this one fails after it wrote its row.
        let log = signed("person_added", bob.id.as_str(), &ann, &wrong);
        assert!(tx.add_person(&person(&bob, "bob"), &log).is_err());
        assert!(tx.add_person(&person(&bob, "ann"), &plain("person_added", "z")).is_err());
        Ok(())
    });
    done.unwrap();
    sound(&desk);
    let undone: Result<(), StoreError> = desk.store.write(|tx| {
        tx.add_person(&person(&bob, "bob"), &plain("person_added", bob.id.as_str()))?;
        Err(StoreError::Unknown { what: "thing", id: "x".into() })
    });
    assert!(undone.is_err());
    desk.human("carl", Role::Controller);
    sound(&desk);
    assert_eq!(sealed_tables(&desk)["person"], 2);
}

#[test]
fn two_connections_seal_one_after_the_other() {
    let mut desk = desk();
    let mut other = Store::open(&desk.path, &key(1)).unwrap();
    for n in 0..6 {
        let name = format!("p{n}");
        let id = PersonId::derive(&[&name]);
        let person = Person {
            id: id.clone(),
            name,
            os_account: None,
            role: Role::Analyst,
            active: true,
            verifying_key: None,
            secret_kind: None,
            added_by: "os:test".into(),
            added_at: now(),
        };
        let store = if n % 2 == 0 { &mut desk.store } else { &mut other };
        store.add_person(&person, &plain("person_added", id.as_str())).unwrap();
    }
    sound(&desk);
    assert_eq!(sealed_tables(&desk)["person"], 6);
}

/// Something that the desk does, and may do again.
#[derive(Clone, Debug)]
enum Deed {
    Bill(u8, i64, bool),
    Book(u8, i64),
    Void(u8),
    Derive,
    Detect,
    Period(bool),
    Cursor(u8),
    Human(u8),
    Role(u8, bool),
    Name,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0..4_u8, 1..4_i64, any::<bool>()).prop_map(|(n, amount, lines)| Deed::Bill(n, amount, lines)),
        (0..4_u8, 1..4_i64).prop_map(|(n, amount)| Deed::Book(n, amount)),
        (0..4_u8).prop_map(Deed::Void),
        Just(Deed::Derive),
        Just(Deed::Detect),
        any::<bool>().prop_map(Deed::Period),
        (0..3_u8).prop_map(Deed::Cursor),
        (0..3_u8).prop_map(Deed::Human),
        (0..3_u8, any::<bool>()).prop_map(|(n, up)| Deed::Role(n, up)),
        Just(Deed::Name),
    ]
}

fn does(desk: &mut Desk, deed: &Deed) {
    let erp = desk.erp.clone();
    match deed {
        Deed::Bill(n, amount, lines) => {
            let mut one = invoice(&format!("in_{n}"), amount * 1_000);
            if !lines {
                one.lines.clear();
            }
            desk.bill(&[one]);
        }
        Deed::Void(n) => {
            let mut one = invoice(&format!("in_{n}"), 1_000);
            one.status = DocumentStatus::Void;
            desk.bill(&[one]);
        }
        Deed::Book(n, amount) => {
            let mut one = entry(&n.to_string(), &format!("N-in_{n}"), "e", amount * 1_000);
            one.entity = tieout_domain::ledger::EntityRef::ErpId("1".into());
            desk.ledger(&[one]);
        }
        Deed::Derive => drop(desk.derive()),
        Deed::Detect => drop(desk.store.detect(now(), now()).unwrap()),
        Deed::Period(open) => {
            let status = if *open { PeriodStatus::Open } else { PeriodStatus::Closed };
            let body = format!("{status:?}").into_bytes();
            let one = IngestPage::new(page("periods", body), vec![period("2026-03", status)], vec![]);
            desk.store.ingest(&erp, [&one], None).unwrap();
        }
        Deed::Cursor(n) => {
            let cursor = CursorUpdate {
                resource: "entries".into(),
                next: Some(n.to_string()),
                resume: None,
                scan_started_at: Some(now()),
                complete_through: None,
                at: now(),
            };
            desk.store.ingest(&erp, [], Some(&cursor)).unwrap();
        }
        // Again, it is refused.
        Deed::Human(n) => {
            let human = Human::of(&format!("h{n}"));
            if desk.store.person(&human.id).is_err() {
                desk.human(&format!("h{n}"), Role::Analyst);
            }
        }
        Deed::Role(n, up) => {
            let id = Human::of(&format!("h{n}")).id;
            let role = if *up { Role::Controller } else { Role::Analyst };
            let _ = desk.store.set_person_role(&id, role, &plain("role_changed", id.as_str()));
        }
        Deed::Name => drop(desk.store.name_entities(&erp, &[("1".into(), "GB01".parse().unwrap())]).unwrap()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_desk_does_the_tables_are_as_sealed(deeds in prop::collection::vec(deed(), 1..24)) {
        let mut desk = desk();
        for deed in &deeds {
            does(&mut desk, deed);
        }
        prop_assert_eq!(found(&desk), Vec::<String>::new());
    }
}

#[test]
fn an_older_file_is_sealed_as_it_stands_and_told_of_from_then_on() {
    let mut desk = worked();
    let before = desk.store.log_head().unwrap().number;
    let back = format!("{BACK_FROM_5} PRAGMA user_version = 4;");
    attacker(&desk.path, 1).execute_batch(&back).unwrap();
    desk.store = Store::open(&desk.path, &key(1)).unwrap();
    // The entries of this file were hashed with their seals, which are gone.
    let found_now =
        || found(&desk).into_iter().filter(|told| !told.contains("log_edited")).collect::<Vec<_>>();
    assert_eq!(found_now(), Vec::<String>::new());
    let rows =
        desk.store.log_window(&LogQuery { limit: 9, seals: true, ..LogQuery::default() }).unwrap().rows;
    assert!(rows[0].number > before && rows[0].what == SEALED, "{rows:?}");
    assert_eq!(rows[0].detail, r#"{"from_schema":4}"#);
    tampered(&desk, "UPDATE person SET role = 'controller' WHERE name = 'ann'");
    assert!(found_now().iter().any(|told| told.contains("role is \"controller\"")));
}

#[test]
fn a_limit_that_one_person_alone_lifted_is_told_and_one_that_two_lifted_is_not() {
    let mut desk = worked();
    let (dan, eve) = (desk.human("dan", Role::Controller), desk.human("eve", Role::Controller));
    let asked = |desk: &mut Desk, name: &str, author: &str| {
        let new = NewChange {
            id: tieout_domain::ChangeId::derive(&[name]),
            kind: ChangeKind::Override,
            name: name.into(),
            content: "limits".into(),
            hash: "h9".into(),
            author: author.into(),
            at: now(),
            at_once: false,
        };
        desk.store.propose_change(&new, &plain("change_proposed", new.id.as_str())).unwrap();
        new.id
    };
    let first = |desk: &mut Desk, id: &tieout_domain::ChangeId, by: &Human| {
        let sign = by.sign();
        let log = signed("change_first_approval", id.as_str(), by, &sign);
        desk.store.approve_change_in_part(id, &by.id, "h9", &log).unwrap();
    };
    let last = |desk: &mut Desk, id: &tieout_domain::ChangeId, by: &Human| {
        let sign = by.sign();
        let log = signed("change_approved", id.as_str(), by, &sign);
        desk.store.decide_change(id, true, &by.id, "h9", &log).unwrap();
    };
    let lifted = asked(&mut desk, "pst_two", "os:test");
    first(&mut desk, &lifted, &dan);
    last(&mut desk, &lifted, &eve);
    sound(&desk);
    // The same person twice, and whoever asked for it, are not another.
    let own = asked(&mut desk, "pst_own", dan.id.as_str());
    first(&mut desk, &own, &dan);
    last(&mut desk, &own, &eve);
    let twice = asked(&mut desk, "pst_twice", "os:test");
    first(&mut desk, &twice, &eve);
    last(&mut desk, &twice, &eve);
    let alone = asked(&mut desk, "pst_alone", "os:test");
    last(&mut desk, &alone, &dan);
    let found = found(&desk);
    assert_eq!(found.len(), 3, "{found:?}");
    for id in [own, twice, alone] {
        assert!(
            found.iter().any(|told| told.contains(id.as_str()) && told.contains("takes two")),
            "{found:?}"
        );
    }
}
