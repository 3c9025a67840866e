//! What a person may be called: a name stands beside decisions, so that it must be read as whose it is.

use tieout_store::Person;
use unicode_security::{GeneralSecurityProfile as _, MixedScript as _, skeleton};

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// Longest name, in characters.
const LONGEST: usize = 64;

/// Refuses a name that is empty, cannot be seen, looks like an id or a word of the log, or could be taken for
/// somebody else's. Look-alikes are those of Unicode's security mechanisms (UTS 39): two names with one
/// skeleton, or letters of several scripts in one name.
///
/// # Errors
/// `person_name_unusable`, with what is wrong and what to do.
pub(crate) fn check(name: &str, people: &[Person]) -> DeskResult<()> {
    match fault(name, people) {
        Some(why) => {
            Err(DeskError::new(Code::PersonNameUnusable, format!("{name:?} cannot be a name: {why}")))
        }
        None => Ok(()),
    }
}

fn fault(name: &str, people: &[Person]) -> Option<String> {
    if name.trim().is_empty() {
        return Some("it is empty".to_owned());
    }
    if name != name.trim() || name.contains("  ") {
        return Some("it has spaces that nobody sees: write it without them".to_owned());
    }
    if name.chars().count() > LONGEST {
        return Some(format!("it is longer than {LONGEST} characters"));
    }
    // Control characters, bidirectional marks, joiners and the like: nothing that is not seen.
    let unseen = |c: char| c != ' ' && !c.identifier_allowed() && !"'’.,-@_+()&/".contains(c);
    if let Some(c) = name.chars().find(|c| unseen(*c)) {
        return Some(format!("it holds the character U+{:04X}, which names are not written with", c as u32));
    }
    if looks_like_an_id(name) {
        return Some("it reads as an id or as a word of the log: write the person's name".to_owned());
    }
    if !name.is_single_script() {
        return Some("its letters are of several scripts, which look alike: write it in one".to_owned());
    }
    let shape = shape_of(name);
    let other = people.iter().find(|person| person.name != name && shape_of(&person.name) == shape)?;
    Some(format!("it looks like {}, who is here already: write it so that the two differ", other.name))
}

/// What a reader sees of a name.
fn shape_of(name: &str) -> String {
    let seen: String = skeleton(name).collect();
    skeleton(&seen.to_lowercase()).collect()
}

fn looks_like_an_id(name: &str) -> bool {
    let prefix = name.split_once('_').is_some_and(|(prefix, rest)| {
        prefix.len() == 3 && prefix.bytes().all(|b| b.is_ascii_lowercase()) && !rest.is_empty()
    });
    let lower = name.to_lowercase();
    prefix || lower.starts_with("os:") || ["policy", "desk", "workspace"].contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use tieout_domain::{PersonId, people::Role};

    use super::*;

    fn person(name: &str) -> Person {
        Person {
            id: PersonId::derive(&[name]),
            name: name.to_owned(),
            os_account: None,
            role: Role::Analyst,
            active: true,
            verifying_key: None,
            secret_kind: None,
            added_by: "os:test".to_owned(),
            added_at: Utc::now(),
        }
    }

    #[track_caller]
    fn check(name: &str, unusable: bool) {
        let people = [person("ana"), person("Carl Orff"), person("сор")];
        let refused = super::check(name, &people).err().map(|error| error.code);
        assert_eq!(refused, unusable.then_some(Code::PersonNameUnusable), "{name:?}");
    }

    #[test]
    fn names_of_people_are_taken_in_any_script() {
        for name in [
            "bo",
            "Cora",
            "Carl Off",
            "José Álvarez",
            "Jean-Luc O'Neill",
            "O'Brien, Siobhán",
            "Дмитрий",
            "田中 太郎",
            "x.y@z",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn the_name_of_somebody_who_is_here_is_left_to_the_rule_of_one_name() {
        check("ana", false);
    }

    #[test]
    fn a_name_that_cannot_be_read_as_whose_it_is_is_refused() {
        let unseen =
            ["", "   ", " bo", "bo ", "b  o", "b\u{200B}o", "b\u{202E}o", "b\no", "b\u{0}o", "bo\u{2066}"];
        let ids = ["per_abcdef", "exc_1", "os:root", "policy", "Desk"];
        // Cyrillic а in a Latin name; a whole name in another script that looks the same; case.
        let alike = ["\u{0430}na", "an\u{0430}", "cop", "ANA", "Ana", "Carl 0rff", "carl orff"];
        for name in unseen.iter().chain(&ids).chain(&alike) {
            check(name, true);
        }
        check(&"a".repeat(65), true);
    }
}
