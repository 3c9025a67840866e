//! Rows of a CSV text with their spreadsheet row numbers and their bytes, cut into pages.

use std::borrow::Cow;

use chrono_tz::Tz;
use csv::ByteRecord;

use super::{
    content::Content,
    encoding::{Encoding, decode, text_of},
    error::FileError,
    map::ColumnMap,
    role::Role,
    tee::Tee,
    xlsx::BadCells,
};
use crate::traits::Rejection;

/// How much that was read and is not asked for any more is held before it is let go.
const HELD_BYTES: u64 = 8 << 20;

/// Rows of one reading of a file.
pub struct Rows<'c> {
    content: &'c Content,
    reader: csv::Reader<Tee<'c>>,
    record: ByteRecord,
    /// The header's bytes, which lead what is cut.
    header_bytes: Vec<u8>,
    /// The header's cells, undecoded.
    header: Vec<Vec<u8>>,
    number: u64,
    rows_passed: u64,
    /// Rows read, the header included.
    records: usize,
    starts: u64,
    delimiter: u8,
}

impl<'c> Rows<'c> {
    /// Opens the text and reads its header.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn open(content: &'c Content, delimiter: char) -> Result<Self, FileError> {
        Self::holding(content, delimiter, 0)
    }

    /// As [`Rows::open`], for the first reading: [`Rows::whole`] has the text afterwards, where it is worth
    /// holding.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn first(content: &'c Content, delimiter: char) -> Result<Self, FileError> {
        Self::holding(content, delimiter, content.worth_holding())
    }

    fn holding(content: &'c Content, delimiter: char, most: u64) -> Result<Self, FileError> {
        let text = match content.memory() {
            Some(text) => Tee::of(text),
            None => Tee::holding(content.open()?, most),
        };
        let delimiter = if content.is_made() { ',' } else { delimiter };
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(128 << 10)
            .from_reader(text);
        let mut rows = Self {
            content,
            reader,
            record: ByteRecord::new(),
            header_bytes: Vec::new(),
            header: Vec::new(),
            number: 0,
            rows_passed: 0,
            records: 0,
            starts: 0,
            delimiter,
        };
        if !rows.advance()? {
            return Err(FileError::Empty(content.name.clone()));
        }
        rows.header = rows.record.iter().map(<[u8]>::to_vec).collect();
        rows.header_bytes = rows.cut_after();
        Ok(rows)
    }

    /// Goes to the next row; false at the end.
    ///
    /// # Errors
    /// [`FileError::Truncated`], [`FileError::Io`], [`FileError::UnclosedQuote`].
    pub fn advance(&mut self) -> Result<bool, FileError> {
        self.starts = self.reader.position().byte();
        let more = self.reader.read_byte_record(&mut self.record).map_err(|e| self.content.csv_error(&e))?;
        if !more {
            return Ok(false);
        }
        let bytes = self.reader.get_ref().slice(self.starts, self.reader.position().byte());
        let Newlines { all, leading, trailing } = Newlines::of(bytes);
        let (before, row) = (self.number, 1 + self.rows_passed + leading);
        // A lone CR ends rows as well, without a newline to count.
        self.number = row.max(before + 1);
        self.rows_passed = self.number - 1 + trailing;
        if let Some(number) = self.content.number(self.records) {
            self.number = number;
        }
        self.records += 1;
        if all > leading + trailing && !well_quoted(self.bytes(), self.delimiter) {
            return Err(FileError::UnclosedQuote { file: self.content.name.clone(), row: self.number });
        }
        Ok(true)
    }

    /// The current row's number, as a spreadsheet shows it.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// True where the current row's cell in this column cannot be told.
    #[must_use]
    pub fn is_bad(&self, column: usize) -> bool {
        self.content.bad_cells.reason(self.number, column).is_some()
    }

    /// True where any cell of the current row cannot be told.
    #[must_use]
    pub fn has_bad_cells(&self) -> bool {
        self.content.bad_cells.any(self.number)
    }

    /// The current row.
    #[must_use]
    pub fn record(&self) -> &ByteRecord {
        &self.record
    }

    /// The current row's bytes, without its line end.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let bytes = self.reader.get_ref().slice(self.starts, self.reader.position().byte());
        let line_end = |b: &u8| matches!(b, b'\n' | b'\r');
        let from = bytes.iter().position(|b| !line_end(b)).unwrap_or(bytes.len());
        let to = bytes.iter().rposition(|b| !line_end(b)).map_or(from, |last| last + 1);
        &bytes[from..to]
    }

    /// Bytes between the last cut and the current row.
    #[must_use]
    pub fn page_len(&self) -> u64 {
        self.starts.saturating_sub(self.reader.get_ref().cut_at())
    }

    /// The header, and the bytes since the last cut up to the current row and without it.
    pub fn cut_before(&mut self) -> Vec<u8> {
        self.reader.get_mut().cut(&self.header_bytes, self.starts)
    }

    /// The header, and the bytes since the last cut, the current row included.
    pub fn cut_after(&mut self) -> Vec<u8> {
        let at = self.reader.position().byte();
        self.reader.get_mut().cut(&self.header_bytes, at)
    }

    /// Lets go of what stands before the current row, once it is much: nobody cuts it.
    pub fn let_go(&mut self) {
        if self.page_len() > HELD_BYTES {
            self.reader.get_mut().let_go(self.starts);
        }
    }

    /// The whole text, read to its end, where it was held.
    #[must_use]
    pub fn whole(self) -> Option<Vec<u8>> {
        self.reader.into_inner().whole()
    }

    /// How the text is encoded: what was made of a file is UTF-8 whatever the file was.
    #[must_use]
    pub fn encoding(&self, map: &ColumnMap) -> Encoding {
        if self.content.is_made() { Encoding::Utf8 } else { map.file.encoding }
    }

    /// The header's cells, trimmed.
    #[must_use]
    pub fn header(&self, encoding: Encoding) -> Vec<String> {
        self.header.iter().map(|cell| text_of(cell, encoding).trim().to_owned()).collect()
    }
}

/// The line breaks in what was read of a row.
struct Newlines {
    all: u64,
    /// Before it: of rows that hold nothing.
    leading: u64,
    /// At its end.
    trailing: u64,
}

impl Newlines {
    fn of(bytes: &[u8]) -> Self {
        // Nearly every row: one line, and its end.
        if let [first, line @ .., b'\n'] = bytes
            && !matches!(first, b'\n' | b'\r')
            && !line.contains(&b'\n')
        {
            return Self { all: 1, leading: 0, trailing: 1 };
        }
        let newline = |b: &&u8| **b == b'\n';
        let all = bytes.iter().filter(newline).count() as u64;
        let leading = bytes.iter().take_while(|b| matches!(b, b'\n' | b'\r')).filter(newline).count() as u64;
        Self { all, leading, trailing: u64::from(bytes.last() == Some(&b'\n') && all > leading) }
    }
}

/// Which column plays which role.
pub struct Layout {
    index: [Option<usize>; Role::COUNT],
    names: Vec<String>,
    constants: [Option<String>; Role::COUNT],
    /// What stands for an empty cell.
    defaults: [Option<String>; Role::COUNT],
    /// Roles of which no row says anything, unless the row of its document above it does.
    silent: [bool; Role::COUNT],
    encoding: Encoding,
    group_by: Vec<KeyColumn>,
    /// The column of the document's or the posting's date.
    pub day: Option<usize>,
    /// The columns of amounts that a total may add up.
    pub amounts: Vec<usize>,
    /// The column of the transaction currency.
    pub currency: Option<usize>,
    heads: Vec<usize>,
    zone: Option<Tz>,
}

/// True where the name of a column says that its times are in UTC.
fn says_utc(name: &str) -> bool {
    name.ends_with("(UTC)") || name.ends_with(" UTC")
}

/// Roles of which the rows of one document say the same.
const HEADS: [Role; 7] = [
    Role::Date,
    Role::PostingDate,
    Role::Customer,
    Role::Currency,
    Role::Entity,
    Role::Kind,
    Role::Reference,
];

/// A column of the key by which rows are grouped.
struct KeyColumn {
    at: usize,
    /// The document cannot be read without it.
    needed: bool,
}

/// Roles of amounts that a report adds up below its rows.
const ADDED_UP: [Role; 8] = [
    Role::Amount,
    Role::Tax,
    Role::Quantity,
    Role::Debit,
    Role::Credit,
    Role::FunctionalDebit,
    Role::FunctionalCredit,
    Role::FunctionalAmount,
];

impl Layout {
    /// Finds the map's columns in a header.
    ///
    /// # Errors
    /// [`FileError::MissingColumns`], [`FileError::DuplicateColumn`].
    pub fn new(rows: &Rows<'_>, map: &ColumnMap) -> Result<Self, FileError> {
        let names = rows.header(rows.encoding(map));
        let (mut index, mut missing) = ([None; Role::COUNT], Vec::new());
        for (role, column) in &map.columns {
            if let Some(at) = column.at.filter(|at| *at < names.len()) {
                index[*role as usize] = Some(at);
                continue;
            }
            let mut found = names.iter().enumerate().filter(|(_, name)| column.is(name));
            match (found.next(), found.next()) {
                (None, _) if map.shape.as_ref().is_some_and(|shape| shape.optional.contains(role)) => {}
                (Some((at, _)), None) => index[*role as usize] = Some(at),
                (None, _) => missing.push(column.to_string()),
                (Some(_), Some(_)) => {
                    let file = rows.content.name.clone();
                    return Err(FileError::DuplicateColumn { file, column: column.to_string() });
                }
            }
        }
        if !missing.is_empty() {
            let file = rows.content.name.clone();
            return Err(FileError::MissingColumns { file, missing, present: names });
        }
        let mut constants = [const { None }; Role::COUNT];
        let mut defaults = [const { None }; Role::COUNT];
        for (role, value) in &map.constants {
            constants[*role as usize] = Some(value.clone());
        }
        for (role, value) in &map.defaults {
            defaults[*role as usize] = Some(value.clone());
        }
        let silent = std::array::from_fn(|role| {
            index[role].is_none() && constants[role].is_none() && defaults[role].is_none()
        });
        let needed =
            |role: &Role| matches!(role, Role::Date | Role::PostingDate | Role::Entity | Role::Currency);
        let column = |role: &Role| Some(KeyColumn { at: index[*role as usize]?, needed: needed(role) });
        let group_by = map.group_by.iter().filter_map(column).collect();
        let day = index[Role::Date as usize].or(index[Role::PostingDate as usize]);
        let amounts = ADDED_UP.iter().filter_map(|role| index[*role as usize]).collect();
        let currency = index[Role::Currency as usize];
        let named = day.and_then(|at| names.get(at)).filter(|name| says_utc(name)).map(|_| Tz::UTC);
        let zone = map.zone.or(named);
        let heads = HEADS.iter().filter_map(|role| index[*role as usize]).collect();
        Ok(Self {
            index,
            names,
            constants,
            defaults,
            silent,
            encoding: rows.encoding(map),
            group_by,
            day,
            amounts,
            currency,
            heads,
            zone,
        })
    }

    /// Writes the row's key (which document it belongs to) into `key`; false where it has none.
    pub fn key(&self, record: &ByteRecord, key: &mut Vec<u8>) -> bool {
        key.clear();
        for (n, column) in self.group_by.iter().enumerate() {
            let Some(cell) = record.get(column.at).map(<[u8]>::trim_ascii) else { return false };
            if cell.is_empty() && (n == 0 || column.needed) {
                return false;
            }
            if n > 0 {
                key.push(b'/');
            }
            key.extend_from_slice(cell);
        }
        true
    }

    /// True where a cell of the current row's key cannot be told.
    #[must_use]
    pub fn bad_key(&self, rows: &Rows<'_>) -> bool {
        rows.has_bad_cells() && self.group_by.iter().any(|column| rows.is_bad(column.at))
    }

    /// The first part of the current row's key, where there are several: the number, which alone may name
    /// more than one document.
    #[must_use]
    pub fn number<'r>(&self, record: &'r ByteRecord) -> Option<&'r [u8]> {
        let first = self.group_by.first().filter(|_| self.group_by.len() > 1)?;
        record.get(first.at).map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty())
    }

    /// Why the current row's key cannot be read, with its place.
    #[must_use]
    pub fn why_bad_key(&self, rows: &Rows<'_>) -> Option<(&str, String)> {
        let reason = |column: &KeyColumn| rows.content.bad_cells.reason(rows.number, column.at);
        self.group_by
            .iter()
            .find_map(|column| Some((self.names.get(column.at)?.as_str(), reason(column)?.to_owned())))
    }

    /// The columns of what the rows of one document have in common.
    #[must_use]
    pub fn heads(&self) -> &[usize] {
        &self.heads
    }

    /// The key as text.
    #[must_use]
    pub fn key_text(&self, key: &[u8]) -> String {
        text_of(key, self.encoding)
    }
}

/// What the rows of a document say once, on its first row.
#[derive(Default)]
pub struct Carried {
    cells: Vec<(Role, String)>,
}

impl Carried {
    /// Forgets what the document before said.
    pub fn clear(&mut self) {
        self.cells.clear();
    }

    /// Takes what this row says itself of these roles.
    pub fn take(&mut self, roles: &[Role], row: &RowView<'_>) {
        for role in roles {
            if let Ok(Some(text)) = row.own(*role) {
                self.cells.retain(|(known, _)| known != role);
                self.cells.push((*role, text.into_owned()));
            }
        }
    }

    fn of(&self, role: Role) -> Option<&str> {
        self.cells.iter().find(|(known, _)| *known == role).map(|(_, text)| text.as_str())
    }
}

/// One row, seen through a layout.
pub struct RowView<'a> {
    /// Its number.
    pub number: u64,
    record: &'a ByteRecord,
    layout: &'a Layout,
    bad_cells: &'a BadCells,
    carried: Option<&'a Carried>,
}

impl<'a> RowView<'a> {
    /// The current row of `rows`.
    #[must_use]
    pub fn new(rows: &'a Rows<'_>, layout: &'a Layout) -> Self {
        let bad_cells = &rows.content.bad_cells;
        Self { number: rows.number, record: &rows.record, layout, bad_cells, carried: None }
    }

    /// The same row, with what the first row of its document says for it.
    #[must_use]
    pub fn carrying(self, carried: &'a Carried) -> Self {
        Self { carried: Some(carried), ..self }
    }

    /// Refuses a row with fewer cells than the header, or with more that hold something.
    ///
    /// # Errors
    /// `bad_shape`.
    pub fn check_shape(&self) -> Result<(), Rejection> {
        let (have, want) = (self.record.len(), self.layout.names.len());
        if have == want
            || (have > want && self.record.iter().skip(want).all(|cell| cell.trim_ascii().is_empty()))
        {
            return Ok(());
        }
        let message = format!("the row has {have} cells, the header has {want}");
        Err(Rejection { code: "bad_shape".into(), place: format!("row {}", self.number), message })
    }

    /// The zone of the times in the column of the document's or the posting's date that say none: the map's,
    /// or the one that the column's name says.
    #[must_use]
    pub fn zone(&self) -> Option<Tz> {
        self.layout.zone
    }

    /// The trimmed text of a cell, what the document's first row says for it, or the map's constant; `None`
    /// where it is empty or there is none.
    ///
    /// # Errors
    /// `bad_text` where the bytes are not text, `bad_cell` where a workbook's cell cannot be told exactly.
    #[inline]
    pub fn text(&self, role: Role) -> Result<Option<Cow<'a, str>>, Rejection> {
        if self.layout.silent[role as usize] && self.carried.is_none() {
            return Ok(None);
        }
        let own = match (self.own(role)?, self.carried) {
            (None, Some(carried)) => carried.of(role).map(Cow::Borrowed),
            (own, _) => own,
        };
        Ok(own.or_else(|| self.layout.defaults[role as usize].as_deref().map(Cow::Borrowed)))
    }

    /// The text that names something: a number, an account, a customer.
    ///
    /// # Errors
    /// As [`RowView::text`], and `bad_cell` where a spreadsheet has cut it (`1.23E+15`).
    pub fn name(&self, role: Role) -> Result<Option<Cow<'a, str>>, Rejection> {
        let text = self.text(role)?;
        match text.as_deref().is_some_and(is_cut) {
            true => {
                let message = "a spreadsheet has cut the number, and what it was cannot be told: format the \
                               column as text where it was made, and export it again";
                Err(self.reject(role, "bad_cell", message.to_owned()))
            }
            false => Ok(text),
        }
    }

    /// As [`RowView::name`], refusing an empty cell.
    ///
    /// # Errors
    /// As [`RowView::name`], and `missing_value`.
    pub fn need_name(&self, role: Role) -> Result<Cow<'a, str>, Rejection> {
        self.name(role)?.ok_or_else(|| self.reject(role, "missing_value", "the cell is empty".to_owned()))
    }

    fn own(&self, role: Role) -> Result<Option<Cow<'a, str>>, Rejection> {
        let Some(column) = self.layout.index[role as usize] else {
            return Ok(self.layout.constants[role as usize].as_deref().map(Cow::Borrowed));
        };
        if let Some(reason) = self.bad_cells.reason(self.number, column) {
            return Err(self.reject(role, "bad_cell", reason.to_owned()));
        }
        let cell = self.record.get(column).unwrap_or_default().trim_ascii();
        if cell.is_empty() {
            return Ok(None);
        }
        match decode(cell, self.layout.encoding) {
            Some(text) => Ok(Some(text)),
            None => {
                let message = "the text is not UTF-8: set file.encoding = \"windows-1252\" in the column map \
                               if it comes from an older Windows program";
                Err(self.reject(role, "bad_text", message.to_owned()))
            }
        }
    }

    /// As [`RowView::text`], refusing an empty cell.
    ///
    /// # Errors
    /// As [`RowView::text`], and `missing_value`.
    pub fn need(&self, role: Role) -> Result<Cow<'a, str>, Rejection> {
        self.text(role)?.ok_or_else(|| self.reject(role, "missing_value", "the cell is empty".to_owned()))
    }

    /// The texts of all cells, with marks in the place of what is not text.
    pub fn cells(&self) -> impl Iterator<Item = String> + '_ {
        self.record.iter().map(|cell| text_of(cell.trim_ascii(), self.layout.encoding))
    }

    /// A rejection of one cell of this row.
    #[must_use]
    pub fn reject(&self, role: Role, code: &str, message: String) -> Rejection {
        let name = self.layout.index[role as usize].and_then(|column| self.layout.names.get(column));
        let column = name.map_or(role.as_str(), String::as_str);
        Rejection { code: code.to_owned(), place: format!("row {}, column {column}", self.number), message }
    }
}

/// True for a whole number of which a spreadsheet kept the first digits only.
fn is_cut(text: &str) -> bool {
    if !text.bytes().any(|b| matches!(b, b'E' | b'e')) {
        return false;
    }
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let power = power.strip_prefix('+').unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(number)
        && !power.is_empty()
        && power.bytes().all(|b| b.is_ascii_digit())
}

/// True where every quoted cell of a row opens at its start and closes at its end. Only asked of rows that
/// hold line breaks: a stray quote there has swallowed the rows that follow.
fn well_quoted(row: &[u8], delimiter: u8) -> bool {
    let mut at = 0;
    loop {
        if row.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match (row.get(at), row.get(at + 1)) {
                    (Some(b'"'), Some(b'"')) => at += 2,
                    (Some(b'"'), _) => break at += 1,
                    (Some(_), _) => at += 1,
                    (None, _) => return false,
                }
            }
        } else {
            while row.get(at).is_some_and(|b| *b != delimiter) {
                at += 1;
            }
        }
        match row.get(at) {
            None => return true,
            Some(b) if *b == delimiter => at += 1,
            Some(_) => return false,
        }
    }
}
