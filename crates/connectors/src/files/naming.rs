//! A document's name out of a row's cells, by the rules of its map.

use super::{names::NameRules, role::Role, rows::RowView};
use crate::traits::Rejection;

/// The name in this row's cell of `role`; `own` is the role that names the row's own document, in whose place
/// `role` stands where a name is composed. `None` where the cell is empty or stands for no name.
///
/// # Errors
/// As [`RowView::need_name`], of the columns that the name is composed of.
pub fn name(
    rules: &NameRules,
    row: &RowView<'_>,
    (role, own): (Role, Role),
) -> Result<Option<String>, Rejection> {
    let Some(written) = row.name(role)?.filter(|written| !rules.is_none(written)) else { return Ok(None) };
    if rules.compose.is_empty() {
        return Ok(Some(rules.applied(&written)));
    }
    let part = |part: &Role| match *part == own {
        true => Ok(written.clone()),
        false => row.need_name(*part),
    };
    let parts = rules.compose.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(rules.applied(&parts.join(&rules.separator))))
}
