//! A file made ready to be read by its map: as it stands, or flattened where the map says how its table
//! stands in it.

use std::{borrow::Cow, path::Path};

use super::{
    content::Content, error::FileError, flat::Flat, map::ColumnMap, metadata::Batch, open, role::Role,
    shape::Metadata, xlsx::CellWriter,
};

/// The file's content, and the map with what the file's own first line says.
///
/// # Errors
/// [`FileError`].
pub fn load<'m>(path: &Path, map: &'m ColumnMap) -> Result<(Content, Cow<'m, ColumnMap>), FileError> {
    if map.shape.is_none() {
        let cells = CellWriter { numbers: map.numbers.clone(), dates: map.dates.clone() };
        return Ok((Content::load(path, map.file.sheet.as_deref(), &cells)?, Cow::Borrowed(map)));
    }
    let mut map = Cow::Borrowed(map);
    let content = Content::make(path, |name, bytes| {
        let grid = open::grid(name, bytes, &map.file, map.numbers.decimal)?;
        if map.file.metadata == Some(Metadata::Datev) {
            let first: Vec<&str> = grid.row(0).collect();
            let batch = Batch::read(&first).ok_or_else(|| FileError::NotAFile {
                file: name.to_owned(),
                message: "its first line is no metadata of a DATEV batch".to_owned(),
            })?;
            let own = map.to_mut();
            own.dates = own.dates.clone().within(Some(batch.days));
            if let (Some(currency), true) = (batch.currency, own.columns.contains_key(&Role::Currency)) {
                own.defaults.insert(Role::Currency, currency);
            }
        }
        Ok(Flat::new(name, &grid, &map)?.made())
    })?;
    Ok((content, map))
}
