//! The bytes of a file as a grid: of a workbook's sheet, or of a text in any encoding.

use super::{
    encoding::Encoding,
    error::FileError,
    grid::{Cut, Grid, Unclosed, cut},
    map::FileFormat,
    workbook::Workbook,
};

/// True for the bytes of a workbook.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0])
}

/// The file's grid, as its format says.
///
/// # Errors
/// [`FileError`].
pub fn grid(name: &str, bytes: Vec<u8>, format: &FileFormat, decimal: char) -> Result<Grid, FileError> {
    if is_workbook(&bytes) {
        let mut book = Workbook::open(name, bytes)?;
        let sheet = format.sheet.clone().or_else(|| book.names().first().cloned()).unwrap_or_default();
        return book.grid(&sheet, decimal);
    }
    let text = text(name, &bytes, format.encoding)?;
    let how = Cut { delimiter: format.delimiter, quotes: !format.list, list: format.list };
    cut(&text, how, usize::MAX)
        .map_err(|Unclosed(row)| FileError::UnclosedQuote { file: name.to_owned(), row })
}

/// The whole text of a file.
///
/// # Errors
/// [`FileError::Empty`], [`FileError::NotAFile`] for what is no text.
pub fn text(name: &str, bytes: &[u8], encoding: Encoding) -> Result<String, FileError> {
    let (text, broken) = encoding.text(bytes);
    let refuse = |message: String| Err(FileError::NotAFile { file: name.to_owned(), message });
    if broken {
        return refuse(format!("it holds bytes that are no text of {}", encoding.as_str()));
    }
    if text.contains('\0') {
        return refuse("it holds binary data".to_owned());
    }
    if text.trim().is_empty() {
        return Err(FileError::Empty(name.to_owned()));
    }
    Ok(text.into_owned())
}
