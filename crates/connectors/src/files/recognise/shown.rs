//! The rows of a file as they are shown: what each is, what its heading carries down, and rows alike folded.

use std::collections::BTreeMap;

use super::super::{
    flat::{Flat, Kind},
    grid::Grid,
    role::Role,
};

/// What a row of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// It holds nothing.
    Blank,
    /// It stands above the table or is printed between its lines.
    Banner,
    /// It names the columns.
    Header,
    /// It names the account of the lines below it.
    Account,
    /// It says something else of the lines below it.
    Heading,
    /// It says what an account stood at.
    Balance,
    /// A line.
    Line,
    /// It adds up others, and agrees.
    Total,
    /// The map leaves it out.
    LeftOut,
    /// It is put aside.
    Aside,
}

/// A row that says something of the lines below it, as far as it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// What it says, whole.
    pub text: String,
    /// The same without its name where it has a number.
    pub short: String,
    /// The first and last line that it is said of, by their numbers in the file.
    pub reach: Option<(u64, u64)>,
}

/// A row as it is shown, or several that are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The row at this place of the grid.
    Row(usize),
    /// Rows that are alike: the first and last of them.
    Fold(usize, usize),
}

/// Rows alike that stay when others are folded: the last before what is not alike.
const LAST: usize = 1;

/// What the rows of a grid are.
#[derive(Debug, Default)]
pub struct Rows {
    kinds: Vec<RowKind>,
    headings: Vec<Heading>,
    /// From which row on which heading holds.
    holds: Vec<(usize, Option<usize>)>,
    /// The heading that a row is.
    is: BTreeMap<usize, usize>,
}

impl Rows {
    /// Of a table that is read.
    #[must_use]
    pub fn of(flat: &Flat<'_>, grid: &Grid, aside: &BTreeMap<u64, String>) -> Self {
        let mut rows = Self { kinds: Vec::with_capacity(grid.len()), ..Self::default() };
        // The accounts that are open, the outermost first.
        let mut open: Vec<usize> = Vec::new();
        for row in 0..grid.len() {
            let number = grid.number(row);
            let kind = match flat.kind(row) {
                _ if aside.contains_key(&number) => RowKind::Aside,
                Kind::Blank => RowKind::Blank,
                Kind::Printed => RowKind::Banner,
                Kind::Header => RowKind::Header,
                Kind::Heading(Role::Account, text) => {
                    open.push(rows.heading(row, text));
                    rows.holds.push((row + 1, open.last().copied()));
                    RowKind::Account
                }
                Kind::Heading(..) => RowKind::Heading,
                Kind::Balance => RowKind::Balance,
                Kind::Total(name) => {
                    rows.closed(&mut open, &name);
                    rows.holds.push((row + 1, open.last().copied()));
                    RowKind::Total
                }
                Kind::LeftOut => RowKind::LeftOut,
                Kind::Line => RowKind::Line,
            };
            if let (RowKind::Line | RowKind::Aside, Some(at)) = (kind, open.last()) {
                let reach = &mut rows.headings[*at].reach;
                *reach = Some((reach.map_or(number, |(first, _)| first), number));
            }
            rows.kinds.push(kind);
        }
        rows
    }

    /// Of a table that is not: what stands above its header, and the rest.
    #[must_use]
    pub fn raw(grid: &Grid, header: Option<(usize, usize)>) -> Self {
        let kind = |row: usize| match header {
            _ if grid.is_blank(row) => RowKind::Blank,
            Some((first, _)) if row < first => RowKind::Banner,
            Some((_, below)) if row < below => RowKind::Header,
            _ => RowKind::Line,
        };
        Self { kinds: (0..grid.len()).map(kind).collect(), ..Self::default() }
    }

    fn heading(&mut self, row: usize, text: String) -> usize {
        let short = super::super::account::read(&text).0.to_owned();
        self.headings.push(Heading { text, short, reach: None });
        self.is.insert(row, self.headings.len() - 1);
        self.headings.len() - 1
    }

    /// A total closes the account that it names and those below it; one that names none the innermost.
    fn closed(&self, open: &mut Vec<usize>, name: &str) {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let named = |at: &usize| self.headings.get(*at).is_some_and(|one| plain(&one.text) == plain(name));
        match open.iter().rposition(named) {
            Some(at) => open.truncate(at),
            None => drop(open.pop()),
        }
    }

    /// What a row is.
    #[must_use]
    pub fn kind(&self, row: usize) -> RowKind {
        self.kinds.get(row).copied().unwrap_or(RowKind::Blank)
    }

    /// The heading that a row is.
    #[must_use]
    pub fn heading_at(&self, row: usize) -> Option<&Heading> {
        self.headings.get(*self.is.get(&row)?)
    }

    /// The heading that holds for a row.
    #[must_use]
    pub fn held_by(&self, row: usize) -> Option<&Heading> {
        let at = self.holds.partition_point(|(from, _)| *from <= row).checked_sub(1)?;
        self.headings.get(self.holds.get(at)?.1?)
    }

    /// The rows as they are shown: of lines alike the first `head` and the last, the others folded, unless
    /// the fold that begins at a row is open.
    #[must_use]
    pub fn shown(&self, head: usize, is_open: impl Fn(usize) -> bool) -> Vec<Shown> {
        let kinds = &self.kinds;
        let mut out = Vec::new();
        let mut row = 0;
        while let Some(kind) = kinds.get(row) {
            let alike = kinds.get(row..).unwrap_or_default().iter().take_while(|one| *one == kind).count();
            let end = row + alike;
            let folds = matches!(kind, RowKind::Line | RowKind::Banner | RowKind::LeftOut | RowKind::Aside);
            let (first, last) = (row + head, end - LAST.min(alike));
            let opened = is_open(first);
            if folds && last > first + 1 && !opened {
                out.extend((row..first).map(Shown::Row));
                out.push(Shown::Fold(first, last - 1));
                out.extend((last..end).map(Shown::Row));
            } else {
                out.extend((row..end).map(Shown::Row));
            }
            row = end;
        }
        out
    }
}
