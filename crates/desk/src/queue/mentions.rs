//! Whom a comment asks: people of the workspace, named with an @ before their name.

use tieout_domain::PersonId;
use tieout_store::Person;

/// The people that `words` name with an @, each once, in the order of the words. Of two names that fit, the
/// longer one is meant; case does not matter. Whoever is no longer at the desk is asked nothing.
pub(crate) fn asked(words: &str, people: &[Person]) -> Vec<PersonId> {
    let mut by_length: Vec<&Person> = people.iter().filter(|person| person.active).collect();
    by_length.sort_by_key(|person| std::cmp::Reverse(person.name.chars().count()));
    let mut found: Vec<PersonId> = Vec::new();
    for (at, _) in words.match_indices('@') {
        if words[..at].ends_with(|c: char| c.is_alphanumeric()) {
            // An address of mail, and no mention.
            continue;
        }
        let after = &words[at + 1..];
        let named = by_length.iter().find(|person| begins_with_name(after, &person.name));
        if let Some(person) = named.filter(|person| !found.contains(&person.id)) {
            found.push(person.id.clone());
        }
    }
    found
}

/// True where `text` begins with the whole of `name`, and not with a longer word.
fn begins_with_name(text: &str, name: &str) -> bool {
    let mut rest = text.chars();
    let alike = name.chars().all(|wanted| {
        rest.next().is_some_and(|is| is == wanted || is.to_lowercase().eq(wanted.to_lowercase()))
    });
    alike && !rest.next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_in(words: &str, names: &[&str]) -> Vec<usize> {
        let person = |at: usize, name: &str| Person {
            id: PersonId::derive(&[&at.to_string()]),
            name: name.trim_start_matches('-').to_owned(),
            os_account: None,
            role: tieout_domain::people::Role::Analyst,
            active: !name.starts_with('-'),
            verifying_key: None,
            secret_kind: None,
            added_by: String::new(),
            added_at: chrono::DateTime::UNIX_EPOCH,
        };
        let people: Vec<Person> = names.iter().enumerate().map(|(at, name)| person(at, name)).collect();
        let found = asked(words, &people);
        found.iter().map(|id| people.iter().position(|person| person.id == *id).unwrap()).collect()
    }

    #[test]
    fn people_are_asked_by_their_whole_names_the_longer_one_first_and_once() {
        assert_eq!(asked_in("@ana: is this yours? @Ana", &["ana", "carl"]), [0]);
        assert_eq!(asked_in("@Ana Lima and @carl, please", &["ana", "ana lima", "carl"]), [1, 2]);
        assert_eq!(asked_in("(@ÉVA)", &["éva"]), [0]);
    }

    #[test]
    fn addresses_parts_of_words_and_those_who_left_are_nobody() {
        assert_eq!(asked_in("mail ana@carl.example", &["carl"]), [0_usize; 0]);
        assert_eq!(asked_in("@anabel @ana", &["-ana"]), [0_usize; 0]);
        assert_eq!(asked_in("@anabel, 5 @ 3.00", &["ana"]), [0_usize; 0]);
    }
}
