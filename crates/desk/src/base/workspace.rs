//! A workspace: made, opened, verified. How it is backed up is [`crate::base::backups`], and how one is
//! made of a backup is [`crate::access::restoring`]: it starts people anew.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use serde::Serialize;
use serde_json::json;
use tieout_domain::{PersonId, WorkspaceId, people::Role, ports::Clock};
use tieout_store::{
    Db, HeadHeld, LogDraft, LogFinding, LogHead, NewWorkspace, Person, Seals, Store, TableFinding,
    VerifyInput, VerifyReport, WORKSPACE_CREATED, WorkspaceKey,
};

use crate::base::{
    clock::{OsEntropy, SystemClock},
    code::Code,
    context::{Context, Session},
    error::{DeskError, DeskResult},
    lent::LentStore,
    logged_people::{self, logged_roster},
    machine::MachinePolicy,
    progress::{Silent, cancelled},
};
use tieout_vault::{Anchor, Backend, ExportKey, PassphraseSource, SecretsHome, harden_process, os_account};

/// What `init` made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Made {
    /// The workspace file.
    pub workspace: String,
    /// Its id.
    pub id: String,
    /// keyring or vault.
    pub secrets: String,
    /// The first administrator.
    pub administrator: String,
}

/// What `verify` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Verified {
    /// True when everything holds.
    pub sound: bool,
    /// Entries of the log.
    pub entries: u64,
    /// Signed ones among them.
    pub signed: u64,
    /// The number up to which the log agrees with the anchor kept with the secrets.
    pub anchored_to: Option<u64>,
    /// The key with which this workspace signs its exports, hex: what `review` tells of one should be the
    /// same.
    pub export_key: String,
    /// What does not hold, each in a sentence.
    pub faults: Vec<String>,
}

/// Makes a workspace at `path`; the OS user becomes its first administrator.
///
/// # Errors
/// `store_exists`, `keyring_unavailable`, `keyring_locked`, `passphrase_missing`, `passphrase_weak` …
pub fn init(
    path: &Path,
    backend: Backend,
    name: &str,
    demo: bool,
    passphrases: &dyn PassphraseSource,
) -> DeskResult<Made> {
    harden_process()?;
    if path.exists() {
        return Err(tieout_store::StoreError::Exists(path.to_owned()).into());
    }
    MachinePolicy::read()?.admits_secrets(backend)?;
    let backend = Backend::choose(Some(backend))?;
    let (clock, account) = (SystemClock, os_account()?);
    let id = WorkspaceId::random(&mut OsEntropy);
    let secrets = SecretsHome::beside(path).create(&id, backend, passphrases)?;
    let key = secrets.workspace_key_or_new()?;
    let new = NewWorkspace { id: id.clone(), name: name.to_owned(), demo, at: clock.now() };
    let mut store = Store::create(path, &WorkspaceKey::new(key.clone()), &new)?;
    let person = Person {
        id: PersonId::random(&mut OsEntropy),
        name: account.clone(),
        os_account: Some(account.clone()),
        role: Role::Administrator,
        active: true,
        verifying_key: None,
        secret_kind: None,
        added_by: format!("os:{account}"),
        added_at: clock.now(),
    };
    let detail = json!({ "name": person.name, "role": person.role.as_str() });
    let actor = format!("os:{account}");
    store.add_person(
        &person,
        &LogDraft {
            at: clock.now(),
            actor: &actor,
            what: WORKSPACE_CREATED,
            subject: person.id.as_str(),
            detail,
            signer: None,
        },
    )?;
    secrets.reset_anchor(&anchor_at(&store.log_head()?))?;
    Ok(Made {
        workspace: path.display().to_string(),
        id: id.to_string(),
        secrets: backend.as_str().to_owned(),
        administrator: account,
    })
}

/// Opens the workspace at `path`. That grants nobody anything: each decision needs its person's secret.
///
/// # Errors
/// `store_not_found`, `store_wrong_key`, `store_newer_schema`, `store_corrupt`, `workspace_rolled_back`,
/// `fixed_by_administrator` where its secrets are kept otherwise than this machine allows,
/// `machine_policy_unusable`, and what the secrets' home can give.
pub fn open(path: &Path, session: Session) -> DeskResult<Context> {
    let policy = MachinePolicy::read()?;
    if let Ok(backend) = SecretsHome::beside(path).backend() {
        policy.admits_secrets(backend).map_err(|error| {
            let way = "It can still be backed up, and restored with its secrets where they are allowed";
            DeskError { message: format!("{}. {way}", error.message), ..error }
        })?;
    }
    open_to_back_up(path, session)
}

/// Opens the workspace whatever this machine allows its secrets to be kept in: only so that a backup takes
/// it to where they may be.
///
/// # Errors
/// As [`open`], but `fixed_by_administrator`.
pub fn open_to_back_up(path: &Path, session: Session) -> DeskResult<Context> {
    harden_process()?;
    MachinePolicy::read()?;
    if !path.exists() {
        return Err(tieout_store::StoreError::NotFound(path.to_owned()).into());
    }
    let secrets = SecretsHome::beside(path).open(session.passphrases.as_ref())?;
    let key = secrets.workspace_key()?.ok_or_else(|| {
        DeskError::new(
            Code::WorkspaceKeyMissing,
            format!(
                "the secrets beside {} hold no key for it: restore a backup with its recovery passphrase",
                path.display()
            ),
        )
    })?;
    // Before the log is read: another process may append meanwhile, and moves the anchor after that.
    let anchor = secrets.anchor()?;
    let store = Store::open(path, &WorkspaceKey::new(key.clone()))?;
    if store.workspace()?.id != *secrets.workspace_id() {
        return Err(DeskError::new(
            Code::WorkspaceMismatch,
            format!("{} is not the workspace that the secrets beside it belong to", path.display()),
        ));
    }
    if let Some(anchor) = &anchor {
        holds_anchor(&store, anchor, path)?;
    }
    Ok(Context {
        path: path.to_owned(),
        store: Arc::new(LentStore::new(store)),
        secrets: Arc::new(secrets),
        session: Arc::new(session),
        kept: Mutex::new(None),
        os_account: os_account()?,
        clock: Arc::new(SystemClock),
        progress: Arc::new(Silent),
        shelf: Arc::default(),
        facts: None,
        reads_only: false,
    })
}

/// Keeps the log's head with the secrets. Called at the end of every command that may have logged.
///
/// # Errors
/// `workspace_rolled_back`, and what the secrets' home can give.
pub fn anchor(ctx: &Context) -> DeskResult<()> {
    let kept = ctx.secrets.anchor()?;
    let head = {
        let store = ctx.store();
        if let Some(kept) = &kept {
            holds_anchor(&store, kept, &ctx.path)?;
        }
        store.log_head()?
    };
    let anchor = anchor_at(&head);
    if kept.is_none_or(|kept| kept.number < anchor.number) {
        ctx.secrets.advance_anchor(&anchor)?;
    }
    Ok(())
}

/// The end of the log as it is kept with the secrets.
pub(crate) fn anchor_at(head: &LogHead) -> Anchor {
    Anchor { number: head.number.unsigned_abs(), hash: head.hash }
}

fn head_of(anchor: &Anchor) -> LogHead {
    LogHead { number: i64::try_from(anchor.number).unwrap_or(i64::MAX), hash: anchor.hash }
}

/// Refuses a file whose log does not hold what the secrets saw of it: an older copy that was put back, or one
/// that went another way. A log that has grown since is right: a process may have died before it kept the
/// end.
fn holds_anchor(store: &Db, anchor: &Anchor, path: &Path) -> DeskResult<()> {
    let (path, number) = (path.display(), anchor.number);
    let why = match store.log_holds(&head_of(anchor))? {
        HeadHeld::Yes => return Ok(()),
        HeadHeld::Shorter => {
            let last = store.log_head()?.number;
            format!("{path} is an older copy: its log ends at entry {last}, and entry {number} was seen here")
        }
        HeadHeld::Other => format!(
            "{path} is a copy that went another way: entry {number} of its log is not the one that was \
             seen here"
        ),
    };
    Err(DeskError::new(
        Code::WorkspaceRolledBack,
        format!(
            "{why}. Nothing was changed: put the latest file of this workspace back, or, where it is lost, \
             restore the latest backup as a new workspace"
        ),
    ))
}

/// Checks the log's chain and signatures, its agreement with the anchor, every table against what the log
/// sealed of it, and the file itself.
///
/// # Errors
/// What reading can give; what does not hold is in the answer.
pub fn verify(ctx: &Context) -> DeskResult<Verified> {
    let anchor = ctx.secrets.anchor()?;
    let store = ctx.store();
    let input = VerifyInput { anchor: anchor.as_ref().map(head_of), keys: store.verifying_keys()? };
    // The log and the tables as of one instant, whatever others write meanwhile.
    let (report, mut faults) = store.read(|db| check(ctx, db, &input))?;
    faults.extend(file_faults(&store));
    Ok(Verified {
        sound: faults.is_empty(),
        entries: report.entries,
        signed: report.signatures,
        anchored_to: anchor.map(|a| a.number),
        export_key: hex::encode(export_key(ctx)?.public()),
        faults,
    })
}

/// What is wrong with an entry of the log, in a sentence.
pub(crate) fn log_fault(found: &LogFinding) -> String {
    format!("log entry {}: {} ({})", found.number, found.fault.message(), found.fault.code())
}

/// What the file's own check finds: damaged pages, and rows that name others which are not there.
pub(crate) fn file_faults(store: &Db) -> Vec<String> {
    let found = store.integrity_check().unwrap_or_else(|error| vec![error.to_string()]);
    found.into_iter().map(|what| format!("the workspace file: {what}")).collect()
}

/// The log, the people and the tables against it, each fault in a sentence.
fn check(ctx: &Context, db: &Db, input: &VerifyInput) -> DeskResult<(VerifyReport, Vec<String>)> {
    let length = u64::try_from(db.log_head()?.number).unwrap_or_default();
    let mut checked = 0;
    let mut more = |more| {
        checked += more;
        ctx.progress.advance(more);
        !ctx.progress.cancelled()
    };
    ctx.progress.begin("Checking the log", Some(length));
    let report = db.verify_log_with(input, &mut more);
    ctx.progress.end();
    let Some(report) = report? else {
        return Err(cancelled(format!(
            "the check was stopped after {checked} of {length} log entries; a check changes nothing"
        )));
    };
    let mut faults: Vec<String> = report.findings.iter().map(log_fault).collect();
    faults.extend(logged_people::faults(db, &logged_roster(db)?));
    ctx.progress.begin("Checking the tables", None);
    let tables = table_faults(db, &report.seals, &mut more);
    ctx.progress.end();
    match tables {
        Some(tables) => faults.extend(tables),
        None => return Err(cancelled("the check was stopped after the log; a check changes nothing")),
    }
    Ok((report, faults))
}

/// What of the tables is not as the log sealed it, each in a sentence. A table that cannot be read is told
/// too. `None` where `more` says to stop.
pub(crate) fn table_faults(db: &Db, seals: &Seals, more: &mut dyn FnMut(u64) -> bool) -> Option<Vec<String>> {
    match db.verify_tables(seals, more) {
        Ok(found) => Some(found?.iter().map(in_table).collect()),
        Err(error) => Some(vec![format!("the tables cannot be read to their end: {error}")]),
    }
}

fn in_table(finding: &TableFinding) -> String {
    let row = finding.row.as_ref().map_or_else(String::new, |row| format!(", {row}"));
    format!("table {}{row}: {} ({})", finding.table, finding.message, finding.code())
}

/// The key with which this workspace signs what it exports.
///
/// # Errors
/// `workspace_key_missing`, and what the secrets' home can give.
pub(crate) fn export_key(ctx: &Context) -> DeskResult<ExportKey> {
    let key = ctx.secrets.workspace_key()?.ok_or_else(|| {
        DeskError::new(Code::WorkspaceKeyMissing, "the secrets hold no key for this workspace")
    })?;
    Ok(ExportKey::of(&key))
}

/// The workspace's name, and whether it is a demo.
///
/// # Errors
/// A database error.
pub fn about(ctx: &Context) -> DeskResult<(String, bool)> {
    let workspace = ctx.store().workspace()?;
    Ok((workspace.name, workspace.demo))
}
