//! Imports as they are listed, and one of them taken back.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::ImportId;
use tieout_store::{Covers, LogDraft, Signer as LogSigner, StoredImport};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::{detection, import_periods, imports},
};

/// A file that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ImportedFile {
    /// By which it is taken back: `imp_…`.
    pub id: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// What it was read as: a profile's name, or nothing where a map of one's own names none.
    pub profile: String,
    /// The connection that it came by.
    pub connection: String,
    /// Its control totals, in words.
    pub totals: String,
    /// What it was the whole of.
    pub replaced: Option<String>,
    /// Who imported it.
    pub by: String,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// Lines that were read.
    #[ts(type = "number")]
    pub rows: u64,
    /// Documents or journals.
    #[ts(type = "number")]
    pub items: u64,
    /// Lines that were put aside.
    #[ts(type = "number")]
    pub rejected_rows: u64,
    /// Items that were not there before.
    #[ts(type = "number")]
    pub new: u64,
    /// Items that it changed.
    #[ts(type = "number")]
    pub changed: u64,
    /// Items that it showed to be gone.
    #[ts(type = "number")]
    pub removed: u64,
    /// Who took it back, where somebody did.
    pub undone_by: Option<String>,
    /// When, UTC.
    pub undone_at: Option<DateTime<Utc>>,
}

impl From<StoredImport> for ImportedFile {
    fn from(stored: StoredImport) -> Self {
        let StoredImport { import, connection, new, changed, removed, undone, .. } = stored;
        let (undone_by, undone_at) = undone.unzip();
        Self {
            id: import.id.to_string(),
            file: import.file,
            sha256: import.sha256,
            profile: import.profile,
            connection,
            totals: import.totals,
            replaced: import.replaced,
            by: import.by,
            at: import.at,
            rows: import.rows,
            items: import.items,
            rejected_rows: import.rejected_rows,
            new,
            changed,
            removed,
            undone_by,
            undone_at,
        }
    }
}

/// An import to take back.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct UndoImportRequest {
    /// Its id; `last` for the newest that stands.
    pub import: String,
}

/// What taking it back came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct UndoneView {
    /// The import.
    pub import: String,
    /// The file's name.
    pub file: String,
    /// Documents or journals that are gone.
    #[ts(type = "number")]
    pub gone: u64,
    /// Those that are as they were before it.
    #[ts(type = "number")]
    pub restored: u64,
    /// The same in words.
    pub message: String,
}

/// The files that were imported, the newest first.
///
/// # Errors
/// A database error.
pub fn imported_files(ctx: &Context) -> DeskResult<Vec<ImportedFile>> {
    Ok(ctx.store().imports()?.into_iter().map(ImportedFile::from).collect())
}

fn named(ctx: &Context, name: &str) -> DeskResult<StoredImport> {
    if name != "last" {
        let id: ImportId =
            name.parse().map_err(|_| DeskError::new(Code::BadRequest, format!("\"{name}\" is no import")))?;
        return Ok(ctx.store().import(&id)?);
    }
    let standing = ctx.store().imports()?.into_iter().find(|stored| stored.undone.is_none());
    standing.ok_or_else(|| DeskError::new(Code::NotFound, "no import stands that could be taken back"))
}

/// Takes an import back: what it brought is gone, what it changed is as it was, and the exceptions are judged
/// again. The log keeps that it was there, and who took it back; where something of it lies in a period that
/// is closed, by a controller's own signature.
///
/// # Errors
/// `not_found`, `import_undone`, `import_overlaid`, `import_in_use`; a refusal of who may not bring in files,
/// and of who may not reopen a period where one is closed.
pub fn import_undo(ctx: &Context, request: &UndoImportRequest) -> DeskResult<UndoneView> {
    let stored = named(ctx, &request.import)?;
    let file = stored.import.file.clone();
    imports::may_import(ctx, Path::new(&file))?;
    let id = stored.import.id.to_string();
    let closed = ctx.store().closed_periods_of(&stored)?;
    let subject = Path::new(&file);
    let signer = (!closed.is_empty()).then(|| import_periods::may_reopen(ctx, subject)).transpose()?;
    let by = signer.as_ref().map_or_else(|| ctx.account_actor(), |actor| actor.id().to_string());
    let at = ctx.clock.now();
    let connection = ctx.store().connection_by_name(&stored.connection)?;
    let connection = connection.ok_or_else(|| {
        DeskError::new(Code::NotFound, format!("there is no connection {}", stored.connection))
    })?;
    let undone = {
        let mut store = ctx.writing()?;
        let mut ingest = store.begin_ingest(&connection.id)?;
        let undone = ingest.undo(&id, at)?;
        ingest.undone(&id, &by, at)?;
        let mut detail = json!({
            "import": id, "sha256": stored.import.sha256, "connection": connection.name,
            "gone": undone.gone, "restored": undone.restored,
        });
        if !closed.is_empty() {
            detail["closed_periods"] = json!(closed);
        }
        let what = "import_undone";
        let draft = LogDraft { at, actor: &by, what, subject: &file, detail, signer: None };
        match &signer {
            None => ingest.log(&draft)?,
            Some(actor) => {
                let sign = |hash: &[u8; 32]| actor.sign(hash);
                let signer = Some(LogSigner { person: actor.id(), sign: &sign });
                ingest.log(&LogDraft { signer, ..draft })?
            }
        };
        ingest.commit()?;
        undone
    };
    imports::proves(ctx, &connection, Covers::Nothing)?;
    detection::refresh(ctx)?;
    let back = match undone.restored {
        0 => String::new(),
        one => format!(", {one} are as they were before"),
    };
    let message =
        format!("{file} was taken back: {} of its documents or journals are gone{back}", undone.gone);
    Ok(UndoneView { import: id, file, gone: undone.gone, restored: undone.restored, message })
}
