//! How the attack tests approve: bound to the content that the person saw, once the binary can be told it.
#![allow(dead_code)]

use std::sync::OnceLock;

use serde_json::Value;

use super::binary::{Bench, Ran, bare, finish, text};

/// Whether `tieout approve` takes the hash of what was seen.
fn binds_content() -> bool {
    static KNOWS: OnceLock<bool> = OnceLock::new();
    *KNOWS.get_or_init(|| {
        let mut help = bare();
        help.args(["approve", "--help"]);
        finish(help, None).ok().stdout.contains("--content")
    })
}

/// What `show` prints of a posting.
#[track_caller]
pub fn shown(bench: &Bench, posting: &str) -> Value {
    let all = bench.run(None, ["show", posting]).ok().one();
    found(&all, posting).unwrap_or_else(|| panic!("{posting} is not in what `show` prints of it: {all}"))
}

/// The object with this id and a content hash, wherever it stands.
fn found(value: &Value, posting: &str) -> Option<Value> {
    match value {
        Value::Object(fields) if value["id"] == posting && fields.contains_key("content_hash") => {
            Some(value.clone())
        }
        Value::Object(fields) => fields.values().find_map(|inner| found(inner, posting)),
        Value::Array(items) => items.iter().find_map(|inner| found(inner, posting)),
        _ => None,
    }
}

/// The hash of a posting's content, as `show` prints it.
#[track_caller]
pub fn content_hash(bench: &Bench, posting: &str) -> String {
    text(&shown(bench, posting), "content_hash")
}

/// Has a person look at a posting and approve what they saw.
#[track_caller]
pub fn approve(bench: &Bench, who: &str, posting: &str) -> Ran {
    if !binds_content() {
        return bench.run(Some(who), ["approve", posting]);
    }
    let seen = content_hash(bench, posting);
    bench.run(Some(who), ["approve", posting, "--content", &seen])
}

/// Has a person approve all of these, each as they were shown it.
#[track_caller]
pub fn approve_all(bench: &Bench, who: &str, postings: &[String]) {
    if !binds_content() {
        bench.feed(Some(who), ["approve", "-"], postings).ok();
        return;
    }
    for posting in postings {
        approve(bench, who, posting).ok();
    }
}
