//! The people of the file held against those of the log.

use std::collections::BTreeMap;

use tieout_domain::PersonId;
use tieout_store::{Db, LoggedPerson, LoggedRoster, Person, StoreError};

/// The roster that the log proves.
///
/// # Errors
/// A database error.
pub(crate) fn logged_roster(db: &Db) -> Result<LoggedRoster, StoreError> {
    let mut roster = LoggedRoster::default();
    db.each_log_entry(&mut |entry| roster.entry(entry))?;
    Ok(roster)
}

/// Where the log says something of people that nobody had the right to say, and where the file's people are
/// not those of the log, each in a sentence.
pub(crate) fn faults(db: &Db, roster: &LoggedRoster) -> Vec<String> {
    let unfounded = |number: &i64| {
        format!("log entry {number}: it says something of people that nobody had the right to say")
    };
    let mut told: Vec<String> = roster.passed_over().iter().map(unfounded).collect();
    match db.people() {
        Ok(people) => told.extend(differences(&people, roster)),
        Err(error) => told.push(format!("the roster of the file cannot be read: {error}")),
    }
    told
}

fn differences(file: &[Person], roster: &LoggedRoster) -> Vec<String> {
    let logged: BTreeMap<&PersonId, &LoggedPerson> = roster.people().map(|p| (&p.id, p)).collect();
    let mut told = Vec::new();
    for person in file {
        match logged.get(&person.id) {
            Some(known) => told.extend(differ(person, known, roster.key_of(&person.id))),
            None => {
                told.push(format!("{} stands in the file, and by the log nobody added them", person.name))
            }
        }
    }
    let gone = |known: &&LoggedPerson| file.iter().all(|person| person.id != known.id);
    let words = |known: &LoggedPerson| format!("{} stands in the log, and not in the file", known.name);
    told.extend(roster.people().filter(gone).map(words));
    told
}

fn differ(person: &Person, known: &LoggedPerson, key: Option<&[u8; 32]>) -> Vec<String> {
    let account = |account: &Option<String>| account.clone().unwrap_or_else(|| "none".to_owned());
    let active = |active: bool| if active { "works here" } else { "left" }.to_owned();
    let key_of = |key: Option<&[u8; 32]>| key.map_or_else(|| "none".to_owned(), hex::encode);
    let pairs = [
        ("name", person.name.clone(), known.name.clone()),
        ("role", person.role.as_str().to_owned(), known.role.as_str().to_owned()),
        ("OS account", account(&person.os_account), account(&known.os_account)),
        ("membership", active(person.active), active(known.active)),
        ("key", key_of(person.verifying_key.as_ref()), key_of(key)),
        ("author", person.added_by.clone(), known.added_by.clone()),
    ];
    let differ = pairs.into_iter().filter(|(_, file, log)| file != log);
    differ
        .map(|(what, file, log)| {
            format!("{}: in the file their {what} is {file}, in the log {log}", known.name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use tieout_domain::people::Role;
    use tieout_vault::{Backend, Passphrase, PassphraseFor, SecretError};

    use super::*;
    use crate::{
        access::people,
        base::{
            context::{Context, Session},
            workspace,
        },
    };

    fn passphrase(what: &PassphraseFor) -> Result<Passphrase, SecretError> {
        Ok(Passphrase::new(format!("a test passphrase for {}", what.variable())))
    }

    fn desk(folder: &std::path::Path) -> Context {
        let path = folder.join("w.tieoutdb");
        workspace::init(&path, Backend::Vault, "Test", false, &passphrase).unwrap();
        let session =
            Session { acting: None, passphrases: Box::new(passphrase), enrolment: Box::new(|_| None) };
        workspace::open(&path, session).unwrap()
    }

    #[test]
    fn people_who_are_not_those_of_the_log_are_told_each_with_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        people::add_person(&desk, "ana", Role::Analyst, None, None).unwrap();
        people::add_person(&desk, "carl", Role::Controller, None, None).unwrap();
        people::remove_person(&desk, "carl").unwrap();
        let store = desk.store();
        let roster = logged_roster(&store).unwrap();
        assert_eq!(faults(&store, &roster), Vec::<String>::new());

        let mut file = store.people().unwrap();
        file.retain(|person| person.name != "carl");
        for person in &mut file {
            if person.name == "ana" {
                (person.role, person.os_account) = (Role::Controller, Some("ana".to_owned()));
            }
        }
        file.push(Person {
            id: PersonId::derive(&["mallory"]),
            name: "mallory".to_owned(),
            ..file[0].clone()
        });
        assert_eq!(
            differences(&file, &roster),
            [
                "ana: in the file their role is controller, in the log analyst",
                "ana: in the file their OS account is ana, in the log none",
                "mallory stands in the file, and by the log nobody added them",
                "carl stands in the log, and not in the file",
            ]
        );
    }
}
