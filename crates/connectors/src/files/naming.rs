//! A document's name out of a row's cells, by the rules of its map.

use std::borrow::Cow;

use super::{names::NameRules, role::Role, rows::RowView};
use crate::traits::Rejection;

/// The name in this row's cell of `role`; `own` is the role that names the row's own document, in whose place
/// `role` stands where a name is composed. `None` where the cell is empty or stands for no name.
///
/// # Errors
/// As [`RowView::need_name`], of the columns that the name is composed of.
pub fn name<'a>(
    rules: &NameRules,
    row: &RowView<'a>,
    (role, own): (Role, Role),
) -> Result<Option<Cow<'a, str>>, Rejection> {
    let Some(written) = row.name(role)?.filter(|written| !rules.is_none(written)) else { return Ok(None) };
    if rules.is_plain() {
        return Ok(Some(written));
    }
    if rules.compose.is_empty() {
        return Ok(Some(Cow::Owned(rules.applied(&written))));
    }
    let part = |part: &Role| match *part == own {
        true => Ok(written.clone()),
        false => row.need_name(*part),
    };
    let parts = rules.compose.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Cow::Owned(rules.applied(&parts.join(&rules.separator)))))
}
