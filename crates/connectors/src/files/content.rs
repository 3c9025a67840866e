//! What kind of file it is, told by its first bytes, and its text as a stream that can be opened again.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::{
    ahead::Ahead,
    error::FileError,
    xlsx::{self, BadCells, CellWriter},
};

/// A gzip that holds no more than this is unpacked once, by its first reading, and kept; a larger one is
/// unpacked per reading.
const KEEP_UNPACKED: u64 = 128 << 20;

/// The most bytes of a file whose layout has to be worked out, unpacked.
const MOST_BYTES: u64 = 2 << 30;

/// How much of the start is looked at to tell text from anything else.
const SNIFF: usize = 8 << 10;

enum Text {
    Plain(PathBuf),
    Gzip(PathBuf),
    Memory(Vec<u8>),
}

/// A file whose text can be read more than once.
pub struct Content {
    /// The file's name, for messages and evidence: never the whole path.
    pub name: String,
    /// SHA-256 (hex) of the file's bytes.
    pub sha256: String,
    /// Cells of a workbook that cannot be told as exact text.
    pub bad_cells: BadCells,
    text: Text,
    /// Of a text that was made of the file: the number of each row, the header's first.
    numbers: Option<Vec<u64>>,
    path: PathBuf,
    stamp: (u64, Option<SystemTime>),
}

/// A text that was made of a file: rows of cells separated by commas, as UTF-8.
pub struct Made {
    /// The text.
    pub text: Vec<u8>,
    /// The number of each of its rows in the file, the header's first.
    pub numbers: Vec<u64>,
    /// Cells that cannot be told as exact text.
    pub bad_cells: BadCells,
}

impl Content {
    /// Looks at a file and makes it ready to be read.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn load(path: &Path, sheet: Option<&str>, cells: &CellWriter) -> Result<Self, FileError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let io = |e: std::io::Error| io_error(&name, &e);
        let stamp = stamp(path).map_err(io)?;
        let (head, sha256) = digest(path).map_err(io)?;
        if head.is_empty() {
            return Err(FileError::Empty(name));
        }
        let mut bad_cells = BadCells::default();
        let text = if head.starts_with(&[0x1f, 0x8b]) {
            Text::Gzip(path.to_owned())
        } else if head.starts_with(b"PK\x03\x04") {
            let (text, bad) = xlsx::to_csv(path, &name, sheet, cells)?;
            bad_cells = bad;
            Text::Memory(text)
        } else {
            Text::Plain(path.to_owned())
        };
        let content = Self { name, sha256, bad_cells, text, numbers: None, path: path.to_owned(), stamp };
        content.check_text()?;
        Ok(content)
    }

    /// Makes a text of the whole file, unpacked where it is a gzip: `make` is given its name and bytes.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn make(
        path: &Path,
        make: impl FnOnce(&str, Vec<u8>) -> Result<Made, FileError>,
    ) -> Result<Self, FileError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let stamp = stamp(path).map_err(|e| io_error(&name, &e))?;
        if stamp.0 > MOST_BYTES {
            return Err(FileError::TooLarge(name));
        }
        let bytes = std::fs::read(path).map_err(|e| io_error(&name, &e))?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let Made { text, numbers, bad_cells } = make(&name, unpacked(&name, bytes)?)?;
        let (text, numbers) = (Text::Memory(text), Some(numbers));
        let content = Self { name, sha256, bad_cells, text, numbers, path: path.to_owned(), stamp };
        content.check_unchanged()?;
        Ok(content)
    }

    /// True for a text that was made of the file.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.numbers.is_some()
    }

    /// The number in the file of a row of a text that was made of it; `None` of any other text.
    #[must_use]
    pub fn number(&self, record: usize) -> Option<u64> {
        self.numbers.as_ref()?.get(record).copied()
    }

    /// The text, where it is in memory.
    #[must_use]
    pub fn memory(&self) -> Option<&[u8]> {
        match &self.text {
            Text::Memory(bytes) => Some(bytes),
            Text::Plain(_) | Text::Gzip(_) => None,
        }
    }

    /// How much of the text its first reading should hold, so that it can be kept.
    #[must_use]
    pub fn worth_holding(&self) -> u64 {
        match &self.text {
            Text::Gzip(_) => KEEP_UNPACKED,
            Text::Plain(_) | Text::Memory(_) => 0,
        }
    }

    /// Keeps the text, which a reading had whole.
    pub fn keep(&mut self, text: Vec<u8>) {
        self.text = Text::Memory(text);
    }

    /// A fresh reading from the start of the text.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn open(&self) -> Result<Box<dyn Read + '_>, FileError> {
        Ok(match &self.text {
            Text::Plain(path) => Box::new(self.file(path)?),
            Text::Gzip(path) => {
                let stream = MultiGzDecoder::new(self.file(path)?);
                Box::new(Ahead::of(stream).map_err(|e| io_error(&self.name, &e))?)
            }
            Text::Memory(bytes) => Box::new(bytes.as_slice()),
        })
    }

    fn file(&self, path: &Path) -> Result<File, FileError> {
        File::open(path).map_err(|e| io_error(&self.name, &e))
    }

    /// Refuses a file that changed since it was loaded.
    ///
    /// # Errors
    /// [`FileError::Changed`] or [`FileError::Io`].
    pub fn check_unchanged(&self) -> Result<(), FileError> {
        let now = stamp(&self.path).map_err(|e| io_error(&self.name, &e))?;
        if now == self.stamp { Ok(()) } else { Err(FileError::Changed(self.name.clone())) }
    }

    /// What an error of the text's stream means.
    #[must_use]
    pub fn stream_error(&self, error: &std::io::Error) -> FileError {
        match &self.text {
            Text::Gzip(_) => gzip_error(&self.name, error),
            Text::Plain(_) | Text::Memory(_) => io_error(&self.name, error),
        }
    }

    /// What an error of the rows' reader means.
    #[must_use]
    pub fn csv_error(&self, error: &csv::Error) -> FileError {
        match error.kind() {
            csv::ErrorKind::Io(io) => self.stream_error(io),
            _ => FileError::Io { file: self.name.clone(), message: error.to_string() },
        }
    }

    fn check_text(&self) -> Result<(), FileError> {
        let mut head = Vec::with_capacity(SNIFF);
        let start: Box<dyn Read + '_> = match &self.text {
            Text::Gzip(path) => Box::new(MultiGzDecoder::new(self.file(path)?)),
            Text::Plain(_) | Text::Memory(_) => self.open()?,
        };
        let read = start.take(SNIFF as u64).read_to_end(&mut head);
        read.map_err(|e| self.stream_error(&e))?;
        let refuse =
            |message: &str| Err(FileError::NotAFile { file: self.name.clone(), message: message.to_owned() });
        if head.iter().all(u8::is_ascii_whitespace) {
            return Err(FileError::Empty(self.name.clone()));
        }
        if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return refuse("it is an old .xls workbook; save it as .xlsx");
        }
        if head.starts_with(b"PK\x03\x04") {
            return refuse("it is a gzipped archive; unpack it first");
        }
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return refuse("its text is UTF-16; save it as UTF-8");
        }
        if head.contains(&0) {
            return refuse("it holds binary data");
        }
        Ok(())
    }
}

fn stamp(path: &Path) -> std::io::Result<(u64, Option<SystemTime>)> {
    let meta = std::fs::metadata(path)?;
    if meta.is_dir() {
        return Err(std::io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    Ok((meta.len(), meta.modified().ok()))
}

fn digest(path: &Path) -> std::io::Result<(Vec<u8>, String)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut head = Vec::new();
    let mut block = vec![0_u8; 256 << 10];
    loop {
        let n = file.read(&mut block)?;
        if n == 0 {
            return Ok((head, hex::encode(hasher.finalize())));
        }
        if head.is_empty() {
            head.extend_from_slice(&block[..n.min(8)]);
        }
        hasher.update(&block[..n]);
    }
}

/// A file's name and all of its bytes, unpacked where it is a gzip.
///
/// # Errors
/// [`FileError`].
pub fn bytes(path: &Path) -> Result<(String, Vec<u8>), FileError> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let (length, _) = stamp(path).map_err(|e| io_error(&name, &e))?;
    if length > MOST_BYTES {
        return Err(FileError::TooLarge(name));
    }
    let bytes = std::fs::read(path).map_err(|e| io_error(&name, &e))?;
    let bytes = unpacked(&name, bytes)?;
    Ok((name, bytes))
}

/// The bytes of a file, unpacked where they are a gzip.
///
/// # Errors
/// [`FileError::Truncated`], [`FileError::TooLarge`].
pub fn unpacked(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, FileError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    let read = MultiGzDecoder::new(bytes.as_slice()).take(MOST_BYTES + 1).read_to_end(&mut out);
    read.map_err(|e| gzip_error(name, &e))?;
    if out.len() as u64 > MOST_BYTES { Err(FileError::TooLarge(name.to_owned())) } else { Ok(out) }
}

fn gzip_error(name: &str, error: &std::io::Error) -> FileError {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            FileError::Truncated(name.to_owned())
        }
        _ => io_error(name, error),
    }
}

fn io_error(name: &str, error: &std::io::Error) -> FileError {
    FileError::Io { file: name.to_owned(), message: error.to_string() }
}
