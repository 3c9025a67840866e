//! A file imported by what a person chose for it in the studio: just as it was shown, or not at all.

use serde::Deserialize;
use tieout_connectors::files::{ColumnMap, MapKind};

use super::{choices::FileChoices, look};
use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::{
        imports::{self, ImportView, Taking},
        recognition::FileTotal,
    },
};

/// A file to import as it was shown.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ImportChosenRequest {
    /// The file, and what a person says of it.
    #[serde(flatten)]
    #[ts(flatten)]
    pub choices: FileChoices,
    /// Of a ledger, what the file is the whole of: `all`, a month or some days.
    #[serde(default)]
    #[ts(optional)]
    pub replaces: Option<String>,
    /// What the next such file is called, which is then read without asking; nothing keeps it from being
    /// known again.
    #[serde(default)]
    #[ts(optional)]
    pub title: Option<String>,
    /// SHA-256 of the bytes that were shown, hex: another file is refused.
    #[serde(default)]
    #[ts(optional)]
    pub shown: Option<String>,
}

/// Control totals in words.
fn in_words(totals: &[FileTotal]) -> String {
    let one = |total: &FileTotal| match &total.credits {
        Some(credits) => format!("{} debits {}, credits {credits}", total.currency, total.debits),
        None => format!("{} {}", total.currency, total.debits),
    };
    totals.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Imports a file as it is shown for these choices.
///
/// # Errors
/// As an import by a map; `content_changed` where another file stands there than the one that was shown,
/// `file_changed` where what is read to import is not what was looked at; nothing is kept then.
pub fn import_chosen(ctx: &Context, request: &ImportChosenRequest) -> DeskResult<ImportView> {
    let file = &request.choices.file.file;
    imports::may_import(ctx, file)?;
    let ready = look::ready(ctx, &request.choices)?;
    if request.shown.as_ref().is_some_and(|shown| *shown != ready.sha256) {
        let message = "the file changed since it was shown: look at it again";
        return Err(DeskError::new(Code::ContentChanged, message));
    }
    if let Some(live) = &ready.live {
        let message = format!("{live} is this entity's ledger of record: a file beside it is only compared");
        return Err(DeskError::new(Code::ConnectionUnfit, message));
    }
    let title = request.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let text = titled(&ready.map, title);
    let map = ColumnMap::parse(&text).map_err(|e| DeskError::below(e.code(), e.to_string()))?;
    let kind = map.kind();
    look::forget(ctx);
    let by = imports::kept(ctx, &ready.connection, (map, &text))?;
    let totals = in_words(&ready.totals);
    let as_of = request.choices.file.as_of.as_deref();
    let (replaces, shown) = (request.replaces.as_deref(), Some(ready.sha256.as_str()));
    let taking = Taking { file, replaces, as_of, totals: &totals, shown };
    match kind {
        MapKind::Billing => imports::billing_by(ctx, &by, Taking { replaces: None, ..taking }),
        MapKind::Gl => imports::gl_by(ctx, &by, taking),
    }
}

/// A map's text with what people call such files.
fn titled(map: &str, title: Option<&str>) -> String {
    let mut table: toml::Table = toml::from_str(map).unwrap_or_default();
    match title {
        Some(title) => drop(table.insert("title".into(), title.into())),
        None => drop(table.remove("title")),
    }
    toml::to_string(&table).unwrap_or_default()
}
