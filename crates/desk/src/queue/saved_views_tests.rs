use super::*;
use crate::{
    base::{context::Session, workspace},
    queue::exception_views::{
        self, CountsRequest, PageRequest, Selection, SelectionRequest, ViewRequest, sum_text,
    },
    reports::exporting::{self, ExportRequest},
};
use tieout_vault::{Backend, Passphrase, PassphraseFor, SecretError};

fn passphrase(what: &PassphraseFor) -> Result<Passphrase, SecretError> {
    Ok(Passphrase::new(format!("a test passphrase for {}", what.variable())))
}

fn desk(folder: &Path) -> Context {
    let path = folder.join("w.tieoutdb");
    workspace::init(&path, Backend::Vault, "Test", false, &passphrase).unwrap();
    let session = Session { acting: None, passphrases: Box::new(passphrase), enrolment: Box::new(|_| None) };
    workspace::open(&path, session).unwrap()
}

fn query(json: serde_json::Value) -> ExceptionQuery {
    serde_json::from_value(json).unwrap()
}

fn request(name: &str, query: ExceptionQuery) -> SaveViewRequest {
    SaveViewRequest {
        id: None,
        name: name.into(),
        query,
        group_by: Some(GroupBy::Cause),
        columns: vec!["due".into()],
    }
}

#[test]
fn a_view_travels_as_a_file_without_the_person_it_is_assigned_to() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let asked = query(serde_json::json!({ "queue": "unposted", "state": "open", "assignee": "per_someone",
        "sort": [{ "column": "amount", "descending": true }] }));
    let saved = view_save(&desk, &request("  Large ones ", asked.clone())).unwrap();
    assert_eq!((saved.name.as_str(), saved.count), ("Large ones", Some(0)));
    assert_eq!(view_save(&desk, &request("Large ones", asked.clone())).unwrap_err().code, "view_name_taken");
    let renamed = SaveViewRequest { id: Some(saved.id.clone()), ..request("Larger", asked.clone()) };
    assert_eq!(view_save(&desk, &renamed).unwrap().id, saved.id);
    assert_eq!(saved_views(&desk).unwrap().len(), 1);

    let path = folder.path().join("larger.json");
    view_write(&desk, &ViewFileRequest { id: saved.id.clone(), path: path.clone() }).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("per_someone"), "{text}");
    let read = view_read(&desk, &ReadViewRequest { file: path.clone() }).unwrap();
    assert_eq!(read.name, "Larger (2)");
    assert_eq!(read.query, ExceptionQuery { assignee: None, ..asked });
    assert_eq!((read.group_by, read.columns), (Some(GroupBy::Cause), vec!["due".to_owned()]));
    view_delete(&desk, &saved.id).unwrap();
    assert_eq!(view_delete(&desk, &saved.id).unwrap_err().code, "not_found");

    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        view_read(&desk, &ReadViewRequest { file: path.clone() }).unwrap_err().code
    };
    assert_eq!(refused(&text.replace("\"version\": 1", "\"version\": 2")), "view_version");
    assert_eq!(refused(&text.replace("tieout view", "something")), "view_unusable");
    assert_eq!(refused("nothing"), "view_unusable");
    assert_eq!(refused(&text.replace("\"unposted\"", "\"nowhere\"")), "view_unusable");
    assert_eq!(refused(&text.replace("\"columns\"", "\"secret\": 1, \"columns\"")), "view_unusable");
}

#[test]
fn a_query_that_asks_for_what_there_is_not_is_refused_with_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let code = |json| {
        let request = ViewRequest { query: query(json) };
        exception_views::exception_view(&desk, &request)
            .map_or_else(|e| e.code.to_string(), |v| v.total.to_string())
    };
    assert_eq!(code(serde_json::json!({})), "0");
    assert_eq!(code(serde_json::json!({ "queue": "nowhere" })), "queue_unknown");
    assert_eq!(code(serde_json::json!({ "state": "lost" })), "state_unknown");
    assert_eq!(code(serde_json::json!({ "kinds": ["odd"] })), "kind_unknown");
    assert_eq!(code(serde_json::json!({ "flow": "upwards" })), "flow_unknown");
    assert_eq!(code(serde_json::json!({ "sort": [{ "column": "colour" }] })), "column_unknown");
    assert_eq!(code(serde_json::json!({ "amount_from": "10" })), "amount_needs_currency");
    assert_eq!(code(serde_json::json!({ "amount_from": "ten", "currency": "GBP" })), "bad_amount");
    assert_eq!(code(serde_json::json!({ "amount_from": "10.005", "currency": "GBP" })), "0");
    assert_eq!(code(serde_json::json!({ "assignee": "me", "waiting": "approval", "overdue": true })), "0");
}

#[test]
fn an_empty_desk_answers_every_question() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let counts = exception_views::queue_counts(&desk, &CountsRequest::default()).unwrap();
    assert_eq!(counts.queues.iter().map(|q| q.count).sum::<u64>(), 0);
    assert_eq!((counts.checked_at, counts.documents), (None, 0));
    let page = PageRequest { query: ExceptionQuery::default(), start: 0, limit: 10 };
    assert_eq!(exception_views::exception_page(&desk, &page).unwrap().rows, []);
    let selection = SelectionRequest {
        selection: serde_json::from_value(serde_json::json!({ "query": {}, "except": ["exc_1"] })).unwrap(),
    };
    assert_eq!(exception_views::selection_summary(&desk, &selection).unwrap().count, 0);
    let picked: Selection = serde_json::from_value(serde_json::json!({ "ids": ["exc_1"] })).unwrap();
    assert!(matches!(picked, Selection::Ids { ids } if ids == ["exc_1"]));
    let path = folder.path().join("e.csv");
    let export: ExportRequest =
        serde_json::from_value(serde_json::json!({ "what": "exceptions", "path": path })).unwrap();
    assert_eq!(exporting::export(&desk, &export).unwrap().rows, 0);
    assert_eq!(
        exporting::export(&desk, &ExportRequest { what: "people".into(), ..export }).unwrap_err().code,
        "export_unknown"
    );
}

#[test]
fn a_sum_beyond_64_bits_is_told_with_every_digit() {
    assert_eq!(sum_text(i128::from(i64::MAX) * 3, "GBP"), "276701161105643274.21");
    assert_eq!(sum_text(-5, "GBP"), "-0.05");
    assert_eq!(sum_text(0, "KWD"), "0.000");
    assert_eq!(sum_text(-12, "JPY"), "-12");
    assert_eq!(sum_text(12, "???"), "12");
}
