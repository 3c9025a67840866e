//! How tests approve: bound to the content that the person saw, as `show` and the list of postings print it.
#![allow(dead_code)]

use std::collections::BTreeMap;

use serde_json::Value;

use super::binary::{Bench, Ran, text};

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
    let seen = content_hash(bench, posting);
    bench.run(Some(who), ["approve", posting, "--content", &seen])
}

/// Has a person look at the list of postings and approve these of them, each as it stood there.
#[track_caller]
pub fn approve_all(bench: &Bench, who: &str, postings: &[String]) -> Ran {
    bench.feed(Some(who), ["approve", "-"], &seen_lines(bench, postings)).ok()
}

/// For `approve -`: each of these postings with the hash that the list of postings prints.
#[track_caller]
pub fn seen_lines(bench: &Bench, postings: &[String]) -> Vec<String> {
    let listed = bench.run(None, ["post", "--list"]).ok().lines();
    let hashes: BTreeMap<String, String> =
        listed.iter().map(|one| (text(one, "id"), text(one, "content_hash"))).collect();
    let line =
        |id: &String| format!("{id} {}", hashes.get(id).unwrap_or_else(|| panic!("{id} is not listed")));
    postings.iter().map(line).collect()
}
