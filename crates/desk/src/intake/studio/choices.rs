//! What a person says of a file in the studio, and what that means to the reader.

use serde::Deserialize;
use tieout_connectors::files::{Hints, MapKind, Role, Said};

use crate::{
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::recognition::{self, InspectRequest},
};

/// A column, and the role that a person gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ColumnChoice {
    /// The column, counted from 0.
    pub column: u32,
    /// The role, as a column map names it; nothing for a column that is not read.
    #[ts(as = "Option<closed::ColumnRole>")]
    pub role: Option<String>,
}

/// A file, and what a person says of it. What they do not say is recognised, or known from the last such
/// file.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct FileChoices {
    /// The file, and whose it is.
    #[serde(flatten)]
    #[ts(flatten)]
    pub file: InspectRequest,
    /// What it is read as: a built-in profile's name, or `general`.
    #[serde(default)]
    #[ts(optional)]
    pub profile: Option<String>,
    /// Columns whose role they change.
    #[serde(default)]
    pub columns: Vec<ColumnChoice>,
    /// The row that is the header, by its number in the file.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub header: Option<u64>,
    /// What rows begin with that are no lines.
    #[serde(default)]
    pub banner: Vec<String>,
    /// What rows begin with that add up others.
    #[serde(default)]
    pub totals: Vec<String>,
    /// The mark of decimals, where no number of the file says it: `.` or `,`.
    #[serde(default)]
    #[ts(optional)]
    pub decimal: Option<String>,
    /// The file connection's name; by default what the file is recognised as, with its entity.
    #[serde(default)]
    #[ts(optional)]
    pub connection: Option<String>,
}

fn unusable(what: &str, given: &str) -> DeskError {
    DeskError::new(Code::BadRequest, format!("{what}: \"{given}\" is none"))
}

/// The role of this name; of several kinds of file it is one.
pub(super) fn role(name: &str) -> DeskResult<Role> {
    let all = MapKind::Gl.roles().iter().chain(MapKind::Billing.roles());
    all.copied().find(|role| role.as_str() == name).ok_or_else(|| unusable("role", name))
}

impl FileChoices {
    /// What it means to the reader, with what the mapping in force says of the entity.
    pub(super) fn hints(&self, ctx: &Context) -> DeskResult<Hints> {
        let mut hints = recognition::governed(ctx, recognition::hints(&self.file)?)?;
        let mut columns = Vec::new();
        for choice in &self.columns {
            let role = choice.role.as_deref().map(role).transpose()?;
            columns.push((usize::try_from(choice.column).unwrap_or(usize::MAX), role));
        }
        hints.decimal = match self.decimal.as_deref() {
            None => None,
            Some(".") => Some('.'),
            Some(",") => Some(','),
            Some(other) => return Err(unusable("mark of decimals", other)),
        };
        hints.said = Said {
            profile: self.profile.clone(),
            columns,
            header: self.header,
            banner: self.banner.clone(),
            totals: self.totals.clone(),
            title: None,
        };
        Ok(hints)
    }
}
