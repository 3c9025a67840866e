//! `tieout approve`: a posting is approved as its person saw it. Either they say the hash of what `show`
//! printed, or they are shown it here and asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tieout_desk::{Context, DeskError, base::code::Code};

use crate::{
    answers,
    args::Format,
    failure::{Failure, Ran},
    hint, outcomes, prompt, render,
};

/// Runs the verb.
pub fn approve(
    ctx: &Context,
    format: Format,
    ids: Vec<String>,
    content: Option<String>,
    (note, in_place_of): (Option<String>, Option<String>),
) -> Ran {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut asked: Vec<String> = Vec::new();
    for line in answers::given(ids)? {
        // On standard input the hash may stand after the id.
        let (id, hash) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
        asked.push(id.to_owned());
        if !hash.trim().is_empty() {
            seen.insert(id.to_owned(), hash.trim().to_owned());
        }
    }
    if let Some(content) = content {
        let [only] = asked.as_slice() else {
            let message =
                "--content is the hash of one posting: give one id with it, or - and a hash on each line";
            return Err(DeskError::new(Code::BadRequest, message).into());
        };
        seen.insert(only.clone(), content);
    }
    let mut declined = Vec::new();
    if prompt::at_a_terminal() {
        for id in &asked {
            if seen.contains_key(id) {
                continue;
            }
            match shown_and_asked(ctx, id)? {
                Answer::Yes(hash) => _ = seen.insert(id.clone(), hash),
                Answer::No => declined.push(id.clone()),
                Answer::NotShown => {}
            }
        }
    }
    asked.retain(|id| !declined.contains(id));
    let mut outcomes: Vec<Value> = declined.iter().map(|id| not_approved(id)).collect();
    if !asked.is_empty() {
        let request = json!({
            "ids": asked, "approve": true, "reason": note, "content": seen, "in_place_of": in_place_of,
        });
        outcomes.extend(answers::listed(ctx, "decide", request)?);
    }
    outcomes.iter_mut().for_each(with_hint);
    outcomes::print(format, &outcomes)
}

enum Answer {
    /// To the content of this hash.
    Yes(String),
    No,
    /// There is no posting to be shown: the desk says what to do about the id.
    NotShown,
}

/// Shows the posting that an id stands for, and asks.
fn shown_and_asked(ctx: &Context, id: &str) -> Result<Answer, Failure> {
    let Some(posting) = waiting(ctx, id) else { return Ok(Answer::NotShown) };
    let Some(hash) = posting["content_hash"].as_str() else { return Ok(Answer::NotShown) };
    render::show(&posting)?;
    let reference = posting["reference"].as_str().unwrap_or(id);
    Ok(match prompt::yes(&format!("Approve this posting of {reference}?")) {
        true => Answer::Yes(hash.to_owned()),
        false => Answer::No,
    })
}

/// The posting of this id, or the one of this exception that waits for its decision.
fn waiting(ctx: &Context, id: &str) -> Option<Value> {
    let shown = answers::call(ctx, "show", json!({ "id": id })).ok()?;
    let mut postings = shown["postings"].as_array()?.clone();
    let own = postings.iter().position(|posting| posting["id"] == id);
    let proposed = || postings.iter().rposition(|posting| posting["state"] == "proposed");
    let at = own.or_else(proposed)?;
    Some(postings.swap_remove(at))
}

fn not_approved(id: &str) -> Value {
    json!({
        "id": id, "result": "refused", "code": "cancelled", "reference": null, "posting": null,
        "message": "You did not approve it: nothing was done",
    })
}

/// What to do here about a refusal.
fn with_hint(outcome: &mut Value) {
    let text = |field: &str| outcome[field].as_str().unwrap_or_default().to_owned();
    let (id, code, message) = (text("id"), text("code"), text("message"));
    if outcome["result"] == "refused"
        && let Some(hint) = hint::of_outcome(&id, &code)
    {
        outcome["message"] = format!("{message}: {hint}").into();
    }
}
