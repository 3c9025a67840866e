//! A workspace: made, opened, backed up, restored, verified.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use serde::Serialize;
use serde_json::json;
use tieout_domain::{PersonId, WorkspaceId, people::Role, ports::Clock};
use tieout_store::{
    Db, LogDraft, LogFinding, LogHead, NewWorkspace, Person, Store, TableFinding, VerifyInput, VerifyReport,
    WorkspaceKey,
};

use crate::base::{
    clock::{OsEntropy, SystemClock},
    code::Code,
    context::{Context, Session},
    error::{DeskError, DeskResult},
    progress::{Silent, cancelled},
};
use tieout_vault::{
    Anchor, Backend, ExportKey, PassphraseFor, PassphraseSource, SecretsHome, harden_process, os_account, unwrap_key,
    wrap_key,
};

/// What `init` and `restore` made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Made {
    /// The workspace file.
    pub workspace: String,
    /// Its id.
    pub id: String,
    /// keyring or vault.
    pub secrets: String,
    /// The first administrator (for a restore: nobody new).
    pub administrator: Option<String>,
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
    /// The key with which this workspace signs its exports, hex: what `review` tells of one should be the same.
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
            what: "workspace_created",
            subject: person.id.as_str(),
            detail,
            signer: None,
        },
    )?;
    let head = store.log_head()?;
    secrets.reset_anchor(&Anchor { number: head.number.unsigned_abs(), hash: head.hash })?;
    Ok(Made {
        workspace: path.display().to_string(),
        id: id.to_string(),
        secrets: backend.as_str().to_owned(),
        administrator: Some(account),
    })
}

/// Opens the workspace at `path`. That grants nobody anything: each decision needs its person's secret.
///
/// # Errors
/// `store_not_found`, `store_wrong_key`, `store_newer_schema`, `store_corrupt`, and what the secrets'
/// home can give.
pub fn open(path: &Path, session: Session) -> DeskResult<Context> {
    harden_process()?;
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
    let store = Store::open(path, &WorkspaceKey::new(key.clone()))?;
    if store.workspace()?.id != *secrets.workspace_id() {
        return Err(DeskError::new(
            Code::WorkspaceMismatch,
            format!("{} is not the workspace that the secrets beside it belong to", path.display()),
        ));
    }
    Ok(Context {
        path: path.to_owned(),
        store: Arc::new(Mutex::new(store)),
        secrets: Arc::new(secrets),
        session,
        kept: Mutex::new(None),
        os_account: os_account()?,
        clock: Arc::new(SystemClock),
        progress: Arc::new(Silent),
        shelf: Arc::default(),
    })
}

/// Keeps the log's head with the secrets. Called at the end of every command that may have logged.
///
/// # Errors
/// What the secrets' home can give.
pub fn anchor(ctx: &Context) -> DeskResult<()> {
    let head = ctx.store().log_head()?;
    let anchor = Anchor { number: head.number.unsigned_abs(), hash: head.hash };
    let kept = ctx.secrets.anchor()?;
    if kept.is_none_or(|kept| kept.number < anchor.number) {
        ctx.secrets.advance_anchor(&anchor)?;
    }
    Ok(())
}

/// Checks the log's chain and signatures, its agreement with the anchor, every table against what the log sealed
/// of it, and the file itself.
///
/// # Errors
/// What reading can give; what does not hold is in the answer.
pub fn verify(ctx: &Context) -> DeskResult<Verified> {
    let anchor = ctx.secrets.anchor()?;
    let store = ctx.store();
    let head = |a: &Anchor| LogHead { number: i64::try_from(a.number).unwrap_or(i64::MAX), hash: a.hash };
    let input = VerifyInput { anchor: anchor.as_ref().map(head), keys: store.verifying_keys()? };
    // The log and the tables as of one instant, whatever others write meanwhile.
    let (report, tables) = store.read(|db| check(ctx, db, &input))?;
    let words =
        |f: &LogFinding| format!("log entry {}: {} ({})", f.number, f.fault.message(), f.fault.code());
    let mut faults: Vec<String> = report.findings.iter().map(words).collect();
    faults.extend(tables.iter().map(in_table));
    if let Err(error) = store.integrity_check() {
        faults.push(error.to_string());
    }
    Ok(Verified {
        sound: faults.is_empty(),
        entries: report.entries,
        signed: report.signatures,
        anchored_to: anchor.map(|a| a.number),
        export_key: hex::encode(export_key(ctx)?.public()),
        faults,
    })
}

/// The log, and the tables against it.
fn check(ctx: &Context, db: &Db, input: &VerifyInput) -> DeskResult<(VerifyReport, Vec<TableFinding>)> {
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
    ctx.progress.begin("Checking the tables", None);
    let tables = db.verify_tables(&report.seals, &mut more);
    ctx.progress.end();
    match tables? {
        Some(tables) => Ok((report, tables)),
        None => Err(cancelled("the check was stopped after the log; a check changes nothing")),
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

/// Copies the workspace to `to` while it is in use, its key wrapped by a recovery passphrase.
///
/// # Errors
/// `passphrase_missing`, `passphrase_weak`, `store_exists`, and what writing can give.
pub fn backup(ctx: &Context, to: &Path) -> DeskResult<()> {
    let key = ctx.secrets.workspace_key()?.ok_or_else(|| {
        DeskError::new(Code::WorkspaceKeyMissing, "the secrets hold no key for this workspace")
    })?;
    let passphrase = ctx.session.passphrases.ask(&PassphraseFor::NewRecovery)?;
    let wrapped = wrap_key(&key, &passphrase, ctx.secrets.work_factor())?;
    ctx.progress.begin("Backing up", None);
    let progress = Arc::clone(&ctx.progress);
    let copied = ctx.store().backup(to, &wrapped, ctx.clock.now(), &mut |_| progress.advance(1));
    ctx.progress.end();
    copied?;
    ctx.note("backup_written", &to.display().to_string(), json!({}))
}

/// Makes the workspace `to` of a backup. People's own secrets do not travel: each sets a new one with
/// an enrolment code from an administrator, or has them in the keyring of their account still.
///
/// # Errors
/// `backup_unusable`, `recovery_passphrase_wrong`, `store_exists`, and what the secrets' home can give.
pub fn restore(
    backup: &Path,
    to: &Path,
    backend: Backend,
    passphrases: &dyn PassphraseSource,
) -> DeskResult<Made> {
    harden_process()?;
    if to.exists() {
        return Err(tieout_store::StoreError::Exists(to.to_owned()).into());
    }
    let header = Store::read_backup(backup)?;
    let key = unwrap_key(&header.wrapped_key, &passphrases.ask(&PassphraseFor::Recovery)?)?;
    let backend = Backend::choose(Some(backend))?;
    let secrets = SecretsHome::beside(to).create(&header.workspace, backend, passphrases)?;
    secrets.set(&tieout_vault::SecretName::WorkspaceKey, key.as_slice())?;
    Store::restore_backup(backup, to)?;
    let store = Store::open(to, &WorkspaceKey::new(key.clone()))?;
    store.integrity_check()?;
    let head = store.log_head()?;
    secrets.reset_anchor(&Anchor { number: head.number.unsigned_abs(), hash: head.hash })?;
    Ok(Made {
        workspace: to.display().to_string(),
        id: header.workspace.to_string(),
        secrets: backend.as_str().to_owned(),
        administrator: None,
    })
}

/// The workspace's name, and whether it is a demo.
///
/// # Errors
/// A database error.
pub fn about(ctx: &Context) -> DeskResult<(String, bool)> {
    let workspace = ctx.store().workspace()?;
    Ok((workspace.name, workspace.demo))
}
