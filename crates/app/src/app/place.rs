//! What lies on the desk: no workspace, a locked one, or an open one with somebody in front of it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tieout_domain::people::Role;
use tieout_store::{Person, SecretKind};

use super::{
    host::Host,
    jobs::Events,
    requests::{Seat, WorkspaceState},
};
use tieout_demo::{Demo, Servers, session as demo_session};
use tieout_desk::{
    access::{actor, people, seat},
    base::{
        code::Code,
        context::{Context, Session},
        error::{DeskError, DeskResult},
        workspace,
    },
    settlement::renew::renew_postings,
};
use tieout_vault::{Backend, Passphrase, PassphraseFor, SecretError, SecretText, SecretsHome};

/// How many invoices the demo's company has.
const DEMO_INVOICES: u32 = 2_000;
/// The demo's seed.
const DEMO_SEED: u64 = 7;

/// What keeps a demo alive: its servers and its folder, both gone with it.
pub(super) struct DemoHome {
    _servers: Servers,
    _folder: tempfile::TempDir,
}

/// An open workspace.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) backend: Backend,
    /// Decides and writes.
    pub(super) desk: Arc<Context>,
    /// Reads while the other one writes.
    pub(super) reader: Arc<Context>,
    pub(super) demo: Option<Arc<DemoHome>>,
}

/// What is left on the desk while it is locked: nothing that opens the workspace.
pub(super) struct Locked {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) backend: Backend,
    demo: Option<Arc<DemoHome>>,
    /// Who sat here, by id, and whether a passphrase of their own protects their key.
    seat: Option<(String, bool)>,
}

/// What lies on the desk.
#[derive(Clone, Default)]
pub(super) enum Place {
    #[default]
    Empty,
    Locked(Arc<Locked>),
    Open(Box<Open>),
}

/// A session that reads, and asks for what it was not given with the code that the window knows.
fn session(acting: Option<&str>, given: Given) -> Session {
    let code = given.enrolment_code;
    let (own, new, vault) = (given.own, given.new, given.vault);
    let passphrases = move |what: &PassphraseFor| -> Result<Passphrase, SecretError> {
        let known = match what {
            // Who sets a passphrase now has typed it: it opens what it has just sealed.
            PassphraseFor::Person(_) if own.is_none() => &new,
            PassphraseFor::Person(_) => &own,
            PassphraseFor::NewPerson(_) => &new,
            PassphraseFor::Vault | PassphraseFor::NewVault => &vault,
            PassphraseFor::Recovery
            | PassphraseFor::NewRecovery
            | PassphraseFor::NextVault
            | PassphraseFor::NextPerson(_) => &None,
        };
        known.as_ref().map(SecretText::passphrase).ok_or_else(|| what.missing())
    };
    Session {
        acting: acting.map(str::to_owned),
        passphrases: Box::new(passphrases),
        enrolment: Box::new(move |_| code.as_ref().map(|code| code.expose().to_owned())),
    }
}

/// Passphrases as typed for one command.
pub(super) fn source(
    vault: Option<SecretText>,
    recovery: Option<SecretText>,
) -> impl Fn(&PassphraseFor) -> Result<Passphrase, SecretError> + Send + Sync {
    move |what| {
        let known = match what {
            PassphraseFor::NewVault | PassphraseFor::Vault => &vault,
            PassphraseFor::NewRecovery | PassphraseFor::Recovery => &recovery,
            PassphraseFor::NewPerson(_)
            | PassphraseFor::Person(_)
            | PassphraseFor::NextPerson(_)
            | PassphraseFor::NextVault => &None,
        };
        known.as_ref().map(SecretText::passphrase).ok_or_else(|| what.missing())
    }
}

/// What a person typed.
#[derive(Default)]
pub(super) struct Given {
    pub(super) vault: Option<SecretText>,
    pub(super) own: Option<SecretText>,
    pub(super) new: Option<SecretText>,
    pub(super) enrolment_code: Option<SecretText>,
}

impl Open {
    /// Opens a workspace, with whoever belongs to this OS account in front of it.
    pub(super) fn workspace(
        path: &Path,
        vault: Option<SecretText>,
        host: &Arc<dyn Host>,
    ) -> DeskResult<Self> {
        let backend = SecretsHome::beside(path).backend()?;
        let given = Given { vault, ..Given::default() };
        let desk = workspace::open(path, session(None, given)).map_err(vault_needed)?;
        renew_postings(&desk)?;
        Self::of(desk.with_progress(Arc::new(Events(Arc::clone(host)))), backend, None)
    }

    /// Makes the simulated company and opens its workspace.
    pub(super) fn demo(host: &Arc<dyn Host>) -> DeskResult<Self> {
        let runtime = tieout_desk::intake::adapters::runtime()?;
        let folder = tempfile::Builder::new().prefix("tieout-demo-").tempdir();
        let folder = folder.map_err(|e| DeskError::new(Code::FileUnusable, e.to_string()))?;
        let as_of = demo_as_of();
        let made = Demo::make(runtime, folder.path(), DEMO_INVOICES, DEMO_SEED, as_of)?;
        let Demo { mut desk, sandbox, .. } = made;
        desk.seat(demo_session("ana", Some("ana")));
        let desk = desk.with_progress(Arc::new(Events(Arc::clone(host))));
        let home = DemoHome { _servers: sandbox, _folder: folder };
        Self::of(desk, Backend::Vault, Some(Arc::new(home)))
    }

    fn of(desk: Context, backend: Backend, demo: Option<Arc<DemoHome>>) -> DeskResult<Self> {
        let (name, _) = workspace::about(&desk)?;
        let reader = desk.reader(session(desk.acting(), Given::default()))?;
        Ok(Self {
            path: desk.path().to_owned(),
            name,
            backend,
            desk: Arc::new(desk),
            reader: Arc::new(reader),
            demo,
        })
    }

    /// The same workspace with another person in front of it, their key unlocked if they gave its secret.
    pub(super) fn seated(&self, person: &str, given: Given) -> DeskResult<Self> {
        let person = actor::find_person(&self.desk, person)?;
        if !person.active {
            return Err(DeskError::new(Code::PersonInactive, format!("{} left this desk", person.name)));
        }
        let acting = Some(person.id.as_str());
        let desk = if self.demo.is_some() {
            let desk = self.desk.beside(demo_session(demo_name(&person), acting));
            seat::unlock_seat(&desk)?;
            desk
        } else {
            let unlocks = given.own.is_some() || given.new.is_some() || own_account(&person, &self.desk);
            let with_secret = self.desk.beside(session(acting, given));
            if unlocks {
                seat::unlock_seat(&with_secret)?;
            }
            // What was typed is not kept: only the unlocked key is.
            let desk = self.desk.beside(session(acting, Given::default()));
            desk.keep_unlocked(&with_secret);
            desk
        };
        let reader = self.reader.beside(session(acting, Given::default()));
        Ok(Self { desk: Arc::new(desk), reader: Arc::new(reader), ..self.clone() })
    }

    /// Who sits here.
    pub(super) fn seat(&self) -> Option<Seat> {
        let person = actor::acting_person(&self.reader).ok()?;
        let known = person.verifying_key.map(tieout_vault::PublicKey::from_bytes);
        Some(Seat {
            id: person.id.to_string(),
            name: person.name.clone(),
            role: person.role.as_str().to_owned(),
            secret: person.secret_kind.map_or("not set yet", SecretKind::as_str).to_owned(),
            unlocked: known.is_some_and(|key| actor::kept_signer(&self.desk, &person.id, &key).is_some()),
        })
    }

    pub(super) fn state(&self) -> WorkspaceState {
        WorkspaceState {
            path: self.path.display().to_string(),
            name: self.name.clone(),
            demo: self.demo.is_some(),
            secrets: self.backend.as_str().to_owned(),
            locked: false,
            seat: self.seat(),
            actions: people::workspace_actions(&self.reader),
        }
    }

    /// Puts away everything that opens the workspace. Work under way ends on its own.
    pub(super) fn locked(self) -> Locked {
        let seat = actor::acting_person(&self.reader).ok();
        let seat = seat.map(|p| (p.id.to_string(), p.secret_kind == Some(SecretKind::Passphrase)));
        Locked { path: self.path, name: self.name, backend: self.backend, demo: self.demo, seat }
    }
}

impl Locked {
    pub(super) fn state(&self) -> WorkspaceState {
        WorkspaceState {
            path: self.path.display().to_string(),
            name: self.name.clone(),
            demo: self.demo.is_some(),
            secrets: self.backend.as_str().to_owned(),
            locked: true,
            seat: None,
            actions: Vec::new(),
        }
    }

    /// Opens it again: with the vault's passphrase, or, where the keyring holds the key, with the own
    /// passphrase of whoever sat here, if they have one. The demo has no secret to ask for.
    pub(super) fn open(&self, given: Option<SecretText>, host: &Arc<dyn Host>) -> DeskResult<Open> {
        if let Some(home) = &self.demo {
            let desk = workspace::open(&self.path, demo_session("ana", Some("ana")))?;
            let desk = desk.with_progress(Arc::new(Events(Arc::clone(host))));
            let open = Open::of(desk, self.backend, Some(Arc::clone(home)))?;
            return self.seat_again(open, Given::default());
        }
        match self.backend {
            Backend::Vault => self.seat_again(Open::workspace(&self.path, given, host)?, Given::default()),
            Backend::Keyring => {
                let own = matches!(self.seat, Some((_, true)));
                if own && given.is_none() {
                    let message = "type the passphrase of whoever sat here";
                    return Err(DeskError::new(Code::PersonSecretNeeded, message));
                }
                let open = Open::workspace(&self.path, None, host)?;
                self.seat_again(open, Given { own: given.filter(|_| own), ..Given::default() })
            }
        }
    }

    fn seat_again(&self, open: Open, given: Given) -> DeskResult<Open> {
        match &self.seat {
            Some((person, _)) => open.seated(person, given),
            None => Ok(open),
        }
    }
}

/// The demo's company stands at the present hour, so that what it shows is as fresh as a real one's.
/// `TIEOUT_DEMO_AS_OF` (seconds since 1970, or `fixed`) pins it, for tests and pictures.
fn demo_as_of() -> i64 {
    let hour = |seconds: i64| seconds - seconds.rem_euclid(3_600);
    match std::env::var("TIEOUT_DEMO_AS_OF") {
        Ok(text) => text.parse().unwrap_or(tieout_demo::AS_OF),
        Err(_) => hour(chrono::Utc::now().timestamp()),
    }
}

/// The name under which the demo's passphrases are made: the administrator goes by the OS account.
fn demo_name(person: &Person) -> &str {
    if person.role == Role::Administrator { "the administrator" } else { &person.name }
}

fn own_account(person: &Person, desk: &Context) -> bool {
    person.secret_kind == Some(SecretKind::Keyring) && person.os_account.as_deref() == Some(desk.os_account())
}

/// Opening asks for nothing but the vault's passphrase.
fn vault_needed(mut error: DeskError) -> DeskError {
    if error.code == Code::PassphraseMissing {
        error.code = Code::VaultPassphraseNeeded;
    }
    error
}
