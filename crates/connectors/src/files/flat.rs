//! A file's grid as a plain table: one header, one row per line, with what stood in rows of its own beside
//! the lines that it is said of. Totals are held against the lines above them and left out where they agree.

use std::collections::HashSet;

use super::{
    content::Made,
    error::FileError,
    grid::Grid,
    header::{self, Header},
    map::{ColumnMap, Unnumbered},
    phrase::{behind, is_balance, named_by, total_of},
    role::{MapKind, Role},
    shape::{OF_HEADINGS, TableShape},
    sums::Sums,
};

/// Roles of amounts of lines.
const AMOUNTS: [Role; 9] = [
    Role::Amount,
    Role::Tax,
    Role::Quantity,
    Role::UnitPrice,
    Role::Debit,
    Role::Credit,
    Role::FunctionalDebit,
    Role::FunctionalCredit,
    Role::FunctionalAmount,
];

/// Roles of amounts that a total may add up.
const ADDED_UP: [Role; 7] = [
    Role::Amount,
    Role::Tax,
    Role::Debit,
    Role::Credit,
    Role::FunctionalDebit,
    Role::FunctionalCredit,
    Role::FunctionalAmount,
];

/// What a row of the file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It holds nothing.
    Blank,
    /// It stands above the table, or is printed between its lines.
    Printed,
    /// The header, or a page that repeats it.
    Header,
    /// It says this of the lines below it.
    Heading(Role, String),
    /// It says a balance.
    Balance,
    /// It adds up what is named, or what stands above it.
    Total(String),
    /// It is left out, as the map says.
    LeftOut,
    /// It is a line.
    Line,
}

/// The table of a grid.
pub struct Flat<'g> {
    grid: &'g Grid,
    map: &'g ColumnMap,
    shape: TableShape,
    /// Its header.
    pub header: Header,
    index: [Option<usize>; Role::COUNT],
    amounts: Vec<usize>,
    /// What the totals of accounts name.
    closed: HashSet<String>,
    /// The first row that is no part of the table any more.
    end: usize,
}

/// The name of a heading without what says that it goes on from the page before.
fn uncontinued(name: &str) -> &str {
    let marks = ["(continued)", "(cont.)", "(cont'd)", "(cont)", "- continued", "(fortsetzung)", "(suite)"];
    let lower = name.to_lowercase();
    let mark = marks.iter().find(|mark| lower.len() == name.len() && lower.ends_with(*mark));
    mark.and_then(|mark| name.get(..name.len() - mark.len())).unwrap_or(name).trim_end()
}

/// A name as it is compared.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl<'g> Flat<'g> {
    /// The table of a grid, as its map describes it.
    ///
    /// # Errors
    /// [`FileError`] where the header is not found.
    pub fn new(name: &str, grid: &'g Grid, map: &'g ColumnMap) -> Result<Self, FileError> {
        let header = header::find(name, grid, map)?;
        let mut index = [None; Role::COUNT];
        for (role, column) in &map.columns {
            let by_name = || header.names.iter().position(|name| column.is(name));
            index[*role as usize] = column.at.or_else(by_name);
        }
        let amounts = AMOUNTS.iter().filter_map(|role| index[*role as usize]).collect();
        let shape = map.shape.clone().unwrap_or_default();
        let (closed, end) = (HashSet::new(), grid.len());
        let mut flat = Self { grid, map, shape, header, index, amounts, closed, end };
        if !flat.shape.end.is_empty() {
            let ends = |row: &usize| flat.begins(*row, &flat.shape.end).is_some();
            flat.end = (flat.header.below..grid.len()).find(ends).unwrap_or(grid.len());
        }
        if flat.shape.headings.account.iter().any(|word| word == "*") {
            let closed = (flat.header.below..grid.len()).filter_map(|row| flat.total(row));
            flat.closed = closed.filter(|name| !name.is_empty()).map(|name| plain(&name)).collect();
        }
        Ok(flat)
    }

    /// The text of a role's cell.
    #[must_use]
    pub fn cell(&self, row: usize, role: Role) -> &'g str {
        let grid = self.grid;
        self.index[role as usize].map_or("", |column| grid.cell(row, column))
    }

    /// The role that rows of their own play for the lines below them, accounts first.
    #[must_use]
    pub fn carries(&self) -> Option<&'static str> {
        let says = |(role, _): &&(Role, &str)| !self.shape.headings.of(*role).is_empty();
        OF_HEADINGS.iter().find(says).map(|(role, _)| role.as_str())
    }

    /// The place of a role's column.
    #[must_use]
    pub fn column(&self, role: Role) -> Option<usize> {
        self.index[role as usize]
    }

    fn of(&self, row: usize, role: Role) -> &'g str {
        self.cell(row, role)
    }

    /// What stands behind the word that a row begins with, if that is one of these.
    fn begins(&self, row: usize, words: &[String]) -> Option<&'g str> {
        let grid = self.grid;
        let first = grid.row(row).find(|text| !text.is_empty())?;
        if words.is_empty() { None } else { behind(first, words) }
    }

    fn is_nothing(&self, text: &str) -> bool {
        text.is_empty() || self.map.numbers.is_nothing(text)
    }

    /// True where the row has a day of its own.
    #[must_use]
    pub fn is_dated(&self, row: usize) -> bool {
        let day = match self.map.kind() {
            MapKind::Billing => self.of(row, Role::Date),
            MapKind::Gl => self.of(row, Role::PostingDate),
        };
        !day.is_empty() && self.map.dates.parse(day).is_ok()
    }

    fn has_amounts(&self, row: usize) -> bool {
        let number = self.grid.number(row);
        let says = |column: &usize| {
            !self.is_nothing(self.grid.cell(row, *column)) || self.grid.bad.reason(number, *column).is_some()
        };
        self.amounts.iter().any(says)
    }

    /// The cells that are neither empty nor amounts of lines nor other numbers.
    fn texts(&self, row: usize) -> Vec<&'g str> {
        let grid = self.grid;
        let of = |(column, text): (usize, &'g str)| {
            let number = self.amounts.contains(&column) || self.map.numbers.parse(text).is_ok();
            (!text.is_empty() && !number).then_some(text)
        };
        grid.row(row).enumerate().filter_map(of).collect()
    }

    /// What a total names, where the row is one.
    fn total(&self, row: usize) -> Option<String> {
        if self.is_dated(row) {
            return None;
        }
        let texts = self.texts(row);
        let labelled = texts.first().and_then(|text| total_of(text)).map(str::to_owned);
        // Amounts and nothing else add up, since a line of a ledger names its account.
        let bare = || {
            let currency = self.of(row, Role::Currency);
            let nothing_else = texts.iter().all(|text| *text == currency);
            let lacks = match self.map.kind() {
                MapKind::Gl => self.of(row, Role::Account).is_empty(),
                MapKind::Billing => self.grid.row(row).filter(|text| !text.is_empty()).count() < 3,
            };
            (nothing_else && lacks && self.has_amounts(row) && self.numbered(row).is_empty())
                .then(String::new)
        };
        labelled.or_else(bare)
    }

    fn numbered(&self, row: usize) -> &str {
        let role = match self.map.kind() {
            MapKind::Billing => Role::Number,
            MapKind::Gl => Role::Journal,
        };
        self.of(row, role)
    }

    fn is_header(&self, row: usize) -> bool {
        let rows = self.header.rows.max(1);
        let first = self.header.below.saturating_sub(rows);
        let same = |row: usize, as_of: usize| {
            self.grid.width(row) > 1
                && self.grid.row(row).eq(self.grid.row(as_of))
                && !self.grid.is_blank(row)
        };
        (first..self.header.below).any(|of| same(row, of))
    }

    /// What a row is.
    #[must_use]
    pub fn kind(&self, row: usize) -> Kind {
        if self.grid.is_blank(row) {
            return Kind::Blank;
        }
        if self.is_header(row) {
            return Kind::Header;
        }
        if row >= self.end {
            return Kind::Printed;
        }
        let below = row >= self.header.below;
        let (dated, amounts) = (below && self.is_dated(row), below && self.has_amounts(row));
        if let Some((role, value)) = self.named(row, (dated, amounts)) {
            return Kind::Heading(role, value);
        }
        if !below {
            return Kind::Printed;
        }
        let left_out = |(role, words): (&Role, &Vec<String>)| {
            let said = plain(self.of(row, *role));
            words.iter().any(|word| plain(word) == said)
        };
        if self.shape.leave_out.iter().any(left_out) {
            return Kind::LeftOut;
        }
        if let Some(name) = self.begins(row, &self.shape.totals).filter(|_| !dated) {
            return Kind::Total(name.to_owned());
        }
        if self.begins(row, &self.shape.banner).is_some() && !(dated && amounts) {
            return Kind::Printed;
        }
        let number = self.numbered(row);
        // Most rows of a plain table, told without looking at their other cells.
        if dated && amounts && !number.is_empty() && !is_balance(number) && total_of(number).is_none() {
            return Kind::Line;
        }
        let texts = self.texts(row);
        let unnumbered = number.is_empty() || self.index_of_label(row);
        if unnumbered && texts.iter().take(2).any(|text| is_balance(text)) {
            return Kind::Balance;
        }
        if let Some(name) = self.total(row) {
            return Kind::Total(name);
        }
        if amounts {
            return Kind::Line;
        }
        if !dated && self.is_alone(row, &texts) {
            return Kind::Heading(Role::Account, texts.first().map_or("", |text| *text).to_owned());
        }
        if self.says_enough(row, dated) { Kind::Line } else { Kind::Printed }
    }

    /// True where the first text of the row stands in the column of numbers.
    fn index_of_label(&self, row: usize) -> bool {
        let first = self.grid.row(row).position(|text| !text.is_empty());
        let numbers = [Role::Journal, Role::Reference, Role::Number];
        first.is_some() && numbers.iter().any(|role| self.index[*role as usize] == first)
    }

    /// A row that names what the lines below it belong to, by the words it begins with.
    fn named(&self, row: usize, (dated, amounts): (bool, bool)) -> Option<(Role, String)> {
        let headings = &self.shape.headings;
        if dated || OF_HEADINGS.iter().all(|(role, _)| headings.of(*role).is_empty()) {
            return None;
        }
        let cells: Vec<&str> = self.grid.row(row).filter(|text| !text.is_empty()).collect();
        let labelled = cells.first().is_some_and(|cell| cell.ends_with(':'));
        if cells.len() > if labelled { 8 } else { 3 } || (!labelled && amounts) {
            return None;
        }
        let of = |(role, _): &(Role, &str)| Some((*role, named_by(&cells, headings.of(*role))?));
        OF_HEADINGS.iter().find_map(of)
    }

    /// True for a row of one text that is the heading of an account: its total names it, or lines, balances
    /// or another heading follow where no total names any.
    fn is_alone(&self, row: usize, texts: &[&str]) -> bool {
        let [text] = texts else { return false };
        if !self.shape.headings.account.iter().any(|word| word == "*") {
            return false;
        }
        if self.closed.contains(&plain(text)) {
            return true;
        }
        let next = (row + 1..self.grid.len()).find(|next| !self.grid.is_blank(*next));
        self.closed.is_empty() && next.is_some_and(|next| self.goes_on(next, 0))
    }

    fn goes_on(&self, row: usize, depth: usize) -> bool {
        let texts = self.texts(row);
        if self.has_amounts(row) || self.is_dated(row) || texts.iter().take(2).any(|text| is_balance(text)) {
            return true;
        }
        // A heading below a heading, as far as a chart of accounts is deep.
        let next = (row + 1..self.grid.len()).find(|next| !self.grid.is_blank(*next));
        let repeats = self.is_header(row);
        (texts.len() == 1 || repeats) && depth < 6 && next.is_some_and(|next| self.goes_on(next, depth + 1))
    }

    /// True for a row without amounts that is a line all the same, and has to be told.
    fn says_enough(&self, row: usize, dated: bool) -> bool {
        let filled = self.grid.row(row).filter(|text| !text.is_empty()).count();
        let number = self.numbered(row);
        let word = !number.is_empty() && !number.contains(char::is_whitespace);
        match self.map.kind() {
            MapKind::Billing => dated || filled >= 3 || (word && filled == 1 && self.grid.width(row) > 1),
            MapKind::Gl => {
                let account =
                    self.index[Role::Account as usize].is_some() && !self.of(row, Role::Account).is_empty();
                (dated && filled >= 3) || (account && filled >= 2 && word)
            }
        }
    }

    /// Writes the table.
    #[must_use]
    pub fn made(self) -> Made {
        let mut out = Writer::new(&self);
        for row in 0..self.grid.len() {
            let kind = self.kind(row);
            out.take(row, &kind);
        }
        Made { text: out.text, numbers: out.numbers, bad_cells: self.grid.bad.clone() }
    }
}

/// Writes the rows of a table in their order, and keeps what goes on from one to the next.
struct Writer<'f, 'g> {
    flat: &'f Flat<'g>,
    text: Vec<u8>,
    numbers: Vec<u64>,
    width: usize,
    /// What rows of their own say for the lines below, by their place in [`OF_HEADINGS`].
    said: [Option<String>; OF_HEADINGS.len()],
    /// The accounts that are open, the outermost first.
    open: Vec<String>,
    sums: Sums,
    /// How a journal without a number is called that goes on.
    unnumbered: Option<String>,
    named: std::collections::HashMap<String, u32>,
}

impl<'f, 'g> Writer<'f, 'g> {
    fn new(flat: &'f Flat<'g>) -> Self {
        let added = |role: &Role| flat.index[*role as usize];
        let columns: Vec<usize> = ADDED_UP.iter().filter_map(added).collect();
        let sums = Sums::new(columns);
        let (text, numbers, said, open, named) = Default::default();
        let width = flat.header.names.len();
        let mut out = Self { flat, text, numbers, width, said, open, sums, unnumbered: None, named };
        let heads = flat.header.names.iter().map(String::as_str);
        let own: Vec<&str> = heads.chain(OF_HEADINGS.iter().map(|(_, name)| *name)).collect();
        out.write(flat.grid.number(flat.header.below.saturating_sub(1)), own.into_iter());
        out
    }

    fn write<'t>(&mut self, number: u64, cells: impl Iterator<Item = &'t str>) {
        for (n, cell) in cells.enumerate() {
            if n > 0 {
                self.text.push(b',');
            }
            if cell.contains(['"', ',', '\n', '\r']) {
                self.text.push(b'"');
                self.text.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
                self.text.push(b'"');
            } else {
                self.text.extend_from_slice(cell.as_bytes());
            }
        }
        self.text.push(b'\n');
        self.numbers.push(number);
    }

    fn take(&mut self, row: usize, kind: &Kind) {
        match kind {
            Kind::Blank => self.unnumbered = None,
            Kind::Printed | Kind::Header | Kind::Balance | Kind::LeftOut => {}
            Kind::Heading(Role::Account, name) => {
                self.opened(name);
                self.sums.opened(self.open.len());
            }
            Kind::Heading(role, value) => self.say(*role, Some(value.clone())),
            Kind::Total(name) => {
                self.unnumbered = None;
                if !self.sums.agree(
                    self.flat.grid,
                    row,
                    self.flat.of(row, Role::Currency),
                    &self.flat.map.numbers,
                ) {
                    self.total(row);
                }
                self.sums.closed(self.open.len());
                self.close(name);
            }
            Kind::Line => self.line(row),
        }
    }

    fn say(&mut self, role: Role, value: Option<String>) {
        if let Some(at) = OF_HEADINGS.iter().position(|(known, _)| *known == role) {
            self.said[at] = value;
        }
    }

    fn opened(&mut self, name: &str) {
        let name = uncontinued(name);
        let path = self.flat.shape.headings.path;
        let same = self.open.last().is_some_and(|last| plain(last) == plain(name));
        if !path {
            self.open.clear();
        }
        // A page that begins anew repeats the heading of what goes on.
        if !(path && same) {
            self.open.push(name.to_owned());
        }
        self.say(Role::Account, Some(self.open.join(":")));
    }

    fn close(&mut self, name: &str) {
        if name.is_empty() || self.open.is_empty() {
            return;
        }
        let wanted = plain(name);
        let at = self.open.iter().rposition(|open| {
            let open = plain(open);
            open == wanted || wanted.ends_with(&format!(":{open}"))
        });
        if let Some(at) = at {
            self.open.truncate(at);
            let rest = (!self.open.is_empty()).then(|| self.open.join(":"));
            self.say(Role::Account, rest);
        }
    }

    fn line(&mut self, row: usize) {
        let flat = self.flat;
        self.sums.add(flat.grid, row, flat.of(row, Role::Currency), &flat.map.numbers);
        let number = flat.grid.number(row);
        let name = self.name(row);
        let journal = match flat.map.kind() {
            MapKind::Gl => flat.index[Role::Journal as usize],
            MapKind::Billing => None,
        };
        let said: Vec<String> = self.said.iter().map(|said| said.clone().unwrap_or_default()).collect();
        let mut cells: Vec<&str> = flat.grid.row(row).collect();
        // Cells beyond the header are kept, so that a row of another shape is told.
        let more = cells.len() > self.width && cells.iter().skip(self.width).any(|cell| !cell.is_empty());
        if !more {
            cells.resize(self.width, "");
        }
        if let (Some(name), Some(at)) = (&name, journal)
            && let Some(cell) = cells.get_mut(at)
        {
            *cell = name;
        }
        cells.extend(said.iter().map(String::as_str));
        self.write(number, cells.into_iter());
    }

    /// How a journal without a number is called, where the map says that it is named by its day.
    fn name(&mut self, row: usize) -> Option<String> {
        let flat = self.flat;
        let way = flat.map.unnumbered()?;
        if !flat.of(row, Role::Journal).is_empty() {
            self.unnumbered = None;
            return None;
        }
        let dated = flat.is_dated(row);
        if !dated && way == Unnumbered::InBlocks {
            return self.unnumbered.clone();
        }
        let parts = [flat.of(row, Role::Type), flat.of(row, Role::PostingDate)];
        let name = parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return None;
        }
        if way == Unnumbered::ByDay {
            return Some(name);
        }
        if self.unnumbered.as_ref().is_some_and(|open| open.starts_with(&name)) {
            return self.unnumbered.clone();
        }
        let n = self.named.entry(name.clone()).or_default();
        *n += 1;
        self.unnumbered = Some(if *n == 1 { name } else { format!("{name} #{n}") });
        self.unnumbered.clone()
    }

    /// Writes a total that does not agree with its lines, for the reader to tell.
    fn total(&mut self, row: usize) {
        let flat = self.flat;
        let mut cells: Vec<&str> = flat.grid.row(row).collect();
        cells.resize(self.width + OF_HEADINGS.len(), "");
        let day = [Role::Date, Role::PostingDate].iter().find_map(|role| flat.index[*role as usize]);
        let keys = [Role::Journal, Role::Number, Role::Account, Role::Type];
        for at in keys.iter().filter_map(|role| flat.index[*role as usize]).chain(day) {
            if let Some(cell) = cells.get_mut(at) {
                *cell = "";
            }
        }
        let label = (0..self.width).find(|at| !flat.amounts.contains(at));
        if let Some(cell) = label.and_then(|at| cells.get_mut(at)) {
            *cell = "Total";
        }
        self.write(flat.grid.number(row), cells.into_iter());
    }
}
