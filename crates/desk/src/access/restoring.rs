//! A workspace made of a backup. Of its people the log alone is believed, and each starts anew with a
//! one-time code: their secrets did not travel, and whoever has the backup is not one of them for that.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use tieout_domain::ports::Clock;
use tieout_store::{
    BackupHeader, Confirmation, Enrolment, HeadHeld, LogDraft, LogHead, LoggedPerson, LoggedRoster, Person,
    StartsAnew, Store, StoreError, WORKSPACE_RESTORED, WorkspaceKey,
};
use tieout_vault::{
    Anchor, Backend, PassphraseFor, PassphraseSource, SecretName, SecretStore, SecretsHome, harden_process,
    os_account, unwrap_key,
};

use crate::{
    access::enrolment,
    base::{
        clock::SystemClock,
        closed,
        error::{DeskError, DeskResult},
        examining::{Found, examined},
        machine::MachinePolicy,
        workspace::anchor_at,
    },
};

/// What a restore made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Restored {
    /// The workspace file.
    pub workspace: String,
    /// Its id.
    pub id: String,
    /// keyring or vault.
    pub secrets: String,
    /// How many entries the backup's log has.
    pub entries: u64,
    /// With which code each person sets a new secret, told once. It counts once somebody else has confirmed
    /// them. Nobody has one where the log does not hold.
    pub enrolment_codes: Vec<EnrolmentCode>,
    /// What is not as it should be, each in a sentence.
    pub faults: Vec<String>,
}

/// One person's one-time code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct EnrolmentCode {
    /// Their name.
    pub person: String,
    /// Their role, as the log has it.
    #[ts(as = "closed::Role")]
    pub role: String,
    /// The code.
    pub code: String,
}

/// Makes the workspace `to` of a backup.
///
/// # Errors
/// `backup_unusable`, `recovery_passphrase_wrong`, `store_exists`, and what the secrets' home can give;
/// nothing is left of it then. What is wrong inside the backup is in the answer.
pub fn restore(
    backup: &Path,
    to: &Path,
    backend: Backend,
    passphrases: &dyn PassphraseSource,
) -> DeskResult<Restored> {
    harden_process()?;
    if to.exists() {
        return Err(StoreError::Exists(to.to_owned()).into());
    }
    MachinePolicy::read()?.admits_secrets(backend)?;
    let header = Store::read_backup(backup)?;
    let key = unwrap_key(&header.wrapped_key, &passphrases.ask(&PassphraseFor::Recovery)?)?;
    let backend = Backend::choose(Some(backend))?;
    let home = SecretsHome::beside(to);
    let secrets = home.create(&header.workspace, backend, passphrases)?;
    let made = || -> DeskResult<Restored> {
        secrets.set(&SecretName::WorkspaceKey, key.as_slice())?;
        Store::restore_backup(backup, to)?;
        let anew = Store::open(to, &WorkspaceKey::new(key.clone()))
            .map_err(DeskError::from)
            .and_then(|mut store| start_anew(&mut store, &header, &secrets, to));
        if anew.is_err() {
            Store::remove(to);
        }
        anew
    };
    let restored = made();
    if restored.is_err() {
        // Best effort: the caller already answers with the first error.
        let _ = home.undo_create();
    }
    restored
}

fn start_anew(
    store: &mut Store,
    header: &BackupHeader,
    secrets: &SecretStore,
    to: &Path,
) -> DeskResult<Restored> {
    let found = examined(store)?;
    // What the secrets of this account saw of the same workspace before, should they be its keyring.
    let seen = secrets.anchor()?;
    let Found { roster, holds, head, entries, mut faults } = found;
    faults.extend(seen.as_ref().map(|seen| lost(store, seen)).transpose()?.flatten());
    let (clock, account) = (SystemClock, os_account()?);
    let issuer = format!("os:{account}");
    let (people, enrolment_codes) = anew(&roster, holds, &issuer, &clock);
    let hex_of = |anchor: &Anchor| json!({ "number": anchor.number, "hash": hex::encode(anchor.hash) });
    let detail = json!({
        "backup_written_at": header.created_at, "number": head.number, "hash": hex::encode(head.hash),
        "anchor_before": seen.as_ref().map(hex_of), "faults": faults.len(),
        "people": people.iter().map(logged).collect::<Vec<Value>>(),
    });
    let draft = LogDraft {
        at: clock.now(),
        actor: &issuer,
        what: WORKSPACE_RESTORED,
        subject: header.workspace.as_str(),
        detail,
        signer: None,
    };
    store.start_people_anew(&people, &draft)?;
    secrets.people().forget_all()?;
    secrets.reset_anchor(&anchor_at(&store.log_head()?))?;
    Ok(Restored {
        workspace: to.display().to_string(),
        id: header.workspace.to_string(),
        secrets: secrets.backend().as_str().to_owned(),
        entries,
        enrolment_codes,
        faults,
    })
}

/// What the secrets saw that the backup does not have.
fn lost(store: &Store, seen: &Anchor) -> DeskResult<Option<String>> {
    let head = LogHead { number: i64::try_from(seen.number).unwrap_or(i64::MAX), hash: seen.hash };
    let number = seen.number;
    Ok(match store.log_holds(&head)? {
        HeadHeld::Yes => None,
        HeadHeld::Shorter => Some(format!(
            "entry {number} of the log was seen at this OS account, and the backup ends before it: what was \
             done since is not in it"
        )),
        HeadHeld::Other => Some(format!(
            "entry {number} of the log was seen at this OS account as another one than the backup has: it \
             is of a copy that went another way"
        )),
    })
}

/// The logged people, each with a code where they work here; nobody does where the log does not hold.
fn anew(
    roster: &LoggedRoster,
    holds: bool,
    issuer: &str,
    clock: &SystemClock,
) -> (Vec<StartsAnew>, Vec<EnrolmentCode>) {
    let person = |known: &LoggedPerson| Person {
        id: known.id.clone(),
        name: known.name.clone(),
        os_account: known.os_account.clone(),
        role: known.role,
        active: known.active && holds,
        verifying_key: None,
        secret_kind: None,
        added_by: known.added_by.clone(),
        added_at: known.added_at,
    };
    let people: Vec<Person> = roster.people().map(person).collect();
    let mut codes = Vec::new();
    let mut enrolment_of = |person: &Person| {
        let code = person.active.then(enrolment::new_code);
        let code_sha256 = code.as_deref().map(enrolment::code_hash);
        let (name, role) = (person.name.clone(), person.role.as_str().to_owned());
        codes.extend(code.map(|code| EnrolmentCode { person: name, role, code }));
        let confirmation = match enrolment::confirmation_at_account(person, &people) {
            Confirmation::NotNeeded => Confirmation::ByAnother,
            needed => needed,
        };
        Enrolment {
            person: person.id.clone(),
            code_sha256,
            issued_by: issuer.to_owned(),
            issued_at: clock.now(),
            restored: true,
            confirmation,
            confirmed_by: None,
            confirmed_at: None,
        }
    };
    let started = roster.people().zip(&people).map(|(known, person)| StartsAnew {
        enrolment: Some(enrolment_of(person)),
        person: person.clone(),
        keys: known.keys.clone(),
    });
    let started: Vec<StartsAnew> = started.collect();
    codes.sort_by(|one, other| one.person.cmp(&other.person));
    (started, codes)
}

/// What the log keeps of each of them: with it the roster can be worked out from the log alone.
fn logged(one: &StartsAnew) -> Value {
    let enrolment = one.enrolment.as_ref();
    json!({
        "person": one.person.id.as_str(), "name": one.person.name, "role": one.person.role.as_str(),
        "active": one.person.active,
        "enrolment_sha256": enrolment.and_then(|enrolment| enrolment.code_sha256.as_deref()),
        "confirmation": enrolment.map(|enrolment| enrolment.confirmation.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use tieout_domain::people::Role;
    use tieout_vault::{Passphrase, SecretError};

    use super::*;
    use crate::{
        access::people,
        base::{
            backups,
            code::Code,
            context::{Context, Session},
            workspace,
        },
    };

    fn passphrase(what: &PassphraseFor) -> Result<Passphrase, SecretError> {
        Ok(Passphrase::new(format!("a test passphrase for {}", what.variable())))
    }

    /// A desk with two people, its backup, and something that was done after it.
    fn worked(folder: &Path) -> (Context, std::path::PathBuf) {
        let (path, backup) = (folder.join("w.tieoutdb"), folder.join("w.tieoutbackup"));
        workspace::init(&path, Backend::Vault, "Test", false, &passphrase).unwrap();
        let session =
            Session { acting: None, passphrases: Box::new(passphrase), enrolment: Box::new(|_| None) };
        let desk = workspace::open(&path, session).unwrap();
        let own = Passphrase::new("ana keeps this to herself".to_owned());
        people::add_person(&desk, "ana", Role::Analyst, None, Some(own)).unwrap();
        backups::backup(&desk, &backup).unwrap();
        people::add_person(&desk, "later", Role::Analyst, None, None).unwrap();
        workspace::anchor(&desk).unwrap();
        (desk, backup)
    }

    /// Restores over secrets that are there already, as in the keyring of one OS account.
    fn restored(desk: &Context, backup: &Path, to: &Path) -> (Store, Restored) {
        let header = Store::restore_backup(backup, to).unwrap();
        let key = desk.secrets.workspace_key().unwrap().unwrap();
        let mut store = Store::open(to, &WorkspaceKey::new(key)).unwrap();
        let restored = start_anew(&mut store, &header, &desk.secrets, to).unwrap();
        (store, restored)
    }

    #[test]
    fn what_the_secrets_had_seen_before_a_restore_is_kept_in_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, backup) = worked(folder.path());
        let seen = desk.secrets.anchor().unwrap().unwrap();
        let to = folder.path().join("restored.tieoutdb");
        let (store, made) = restored(&desk, &backup, &to);
        assert_eq!(made.faults.len(), 1, "{:?}", made.faults);
        assert!(made.faults[0].contains("what was done since is not in it"), "{:?}", made.faults);

        let log = store.log_of(desk.secrets.workspace_id().as_str()).unwrap();
        let detail = log.iter().find(|entry| entry.what == WORKSPACE_RESTORED).unwrap().read_detail();
        assert_eq!(detail["anchor_before"]["number"], seen.number);
        assert_eq!(detail["anchor_before"]["hash"], hex::encode(seen.hash));
        let head = store.log_head().unwrap();
        assert_eq!(desk.secrets.anchor().unwrap().unwrap(), anchor_at(&head));
        let ana = people::people(&desk).unwrap().into_iter().find(|one| one.name == "ana").unwrap();
        assert!(!desk.secrets.people().exists(&ana.id.parse().unwrap()).unwrap(), "everybody starts anew");
        // The file that these secrets belonged to before is one that went another way.
        assert_eq!(workspace::anchor(&desk).unwrap_err().code, Code::WorkspaceRolledBack);
    }

    #[test]
    fn of_a_log_that_does_not_hold_nobody_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, backup) = worked(folder.path());
        let to = folder.path().join("restored.tieoutdb");
        Store::restore_backup(&backup, &to).unwrap();
        let key = desk.secrets.workspace_key().unwrap().unwrap();
        let store = Store::open(&to, &WorkspaceKey::new(key)).unwrap();
        let found = examined(&store).unwrap();
        assert!(found.holds && found.faults.is_empty(), "{:?}", found.faults);
        for (holds, want) in [(true, 2), (false, 0)] {
            let (people, codes) = anew(&found.roster, holds, "os:somebody", &SystemClock);
            assert_eq!((people.len(), codes.len()), (2, want));
            assert!(
                people.iter().all(|one| one.person.active == holds && one.person.verifying_key.is_none())
            );
            let restored = |one: &StartsAnew| one.enrolment.as_ref().is_some_and(|e| !e.is_confirmed());
            assert!(people.iter().all(restored));
        }
    }
}
