//! The first reading of a file: how many rows each document has, which rows are totals, which dates could be
//! read in two orders.

use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use super::{
    content::Content,
    date::Overlap,
    error::FileError,
    map::ColumnMap,
    place::{Above, Place},
    role::Role,
    rows::{Layout, RowView, Rows},
    total::Totals,
};

/// Roles of columns that hold dates.
const DATES: [Role; 4] = [Role::Date, Role::PostingDate, Role::ServiceStarts, Role::ServiceEnds];

/// What the first reading tells.
pub struct Census {
    /// Rows.
    pub rows: u64,
    /// How many rows each document has: by the hash of its key, which is enough, since two documents that
    /// share one are merely delivered later.
    pub left: HashMap<u64, u32>,
    /// Which rows are totals.
    pub totals: Totals,
    /// Where a number alone is no key: numbers of which a row's other parts cannot be read, and that row.
    pub tainted: HashMap<Vec<u8>, u64>,
}

/// The hash of a key.
#[must_use]
pub fn hash_of(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Rows of one document that follow each other are counted once.
#[derive(Default)]
struct Count {
    left: HashMap<u64, u32>,
    above: Above,
    run: u32,
}

impl Count {
    /// A row of the document above.
    fn more(&mut self) {
        self.run += u32::from(self.above.key().is_some());
    }

    fn close(&mut self) {
        if let Some(key) = self.above.key().filter(|_| self.run > 0) {
            *self.left.entry(hash_of(key)).or_default() += self.run;
        }
        self.run = 0;
    }

    /// What follows continues nothing.
    fn cut(&mut self) {
        self.close();
        self.above.cut();
    }

    fn keyed(&mut self, key: &[u8], layout: &Layout, rows: &Rows<'_>) {
        if self.above.key() != Some(key) {
            self.close();
            self.above.keyed(key, layout, rows.record());
        }
        self.run += 1;
    }
}

impl Census {
    /// Reads a file for the first time. Its content keeps the text, where that is worth it.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn take(content: &mut Content, map: &ColumnMap) -> Result<Self, FileError> {
        let mut rows = Rows::first(content, map.file.delimiter)?;
        let layout = Layout::new(&rows, map)?;
        let (mut count, mut key, mut all) = (Count::default(), Vec::new(), 0);
        let (mut candidates, mut tainted) = (HashSet::new(), HashMap::new());
        // A row of amounts alone is a total only where it is the last.
        let mut amounts: Option<u64> = None;
        while rows.advance()? {
            all += 1;
            rows.let_go();
            let place = match layout.place(&rows, &mut key) {
                Place::Continues if !count.above.may_go_on(&layout, rows.record()) => Place::Unreadable,
                place => place,
            };
            if place != Place::Blank && amounts.take().is_some() {
                count.more();
            }
            match place {
                Place::Blank => {}
                Place::Keyed => count.keyed(&key, &layout, &rows),
                Place::Continues => count.more(),
                Place::Amounts => amounts = Some(rows.number()),
                Place::Total => {
                    candidates.insert(rows.number());
                    count.cut();
                }
                Place::Unreadable => count.cut(),
            }
            if let Some(number) = layout.number(rows.record())
                && is_tainted(&rows, &layout, map)
            {
                tainted.entry(number.to_vec()).or_insert(rows.number());
            }
        }
        candidates.extend(amounts);
        if let Some(text) = rows.whole() {
            content.keep(text);
        }
        check_dates(content, map)?;
        let totals = match candidates.is_empty() {
            true => Totals::default(),
            false => {
                let mut again = Rows::open(content, map.file.delimiter)?;
                Totals::check(&mut again, (&layout, map), &candidates)?
            }
        };
        if amounts.is_some_and(|row| !totals.agrees(row)) {
            count.more();
        }
        count.close();
        Ok(Self { rows: all, left: count.left, totals, tainted })
    }
}

/// True where the parts of a row's key besides its number cannot be read.
fn is_tainted(rows: &Rows<'_>, layout: &Layout, map: &ColumnMap) -> bool {
    let row = RowView::new(rows, layout);
    let said = |role: &&Role| !map.carry_down.contains(role);
    map.group_by.iter().skip(1).filter(said).any(|role| match (role, row.text(*role)) {
        (_, Err(_)) => true,
        (Role::Date | Role::PostingDate, Ok(text)) => text.is_none_or(|text| map.dates.parse(&text).is_err()),
        (Role::Entity, Ok(text)) => text.is_none_or(|text| map.entity_named(&text).is_none()),
        (_, Ok(_)) => false,
    })
}

/// Refuses a file whose dates the map would read in two orders.
fn check_dates(content: &Content, map: &ColumnMap) -> Result<(), FileError> {
    let overlaps = map.dates.overlaps();
    if overlaps.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::open(content, map.file.delimiter)?;
    let layout = Layout::new(&rows, map)?;
    let mut orders: Vec<Order<'_>> = overlaps.into_iter().map(Order::of).collect();
    let mut seen = HashSet::new();
    while rows.advance()? {
        rows.let_go();
        let row = RowView::new(&rows, &layout);
        for text in DATES.iter().filter_map(|role| row.text(*role).ok().flatten()) {
            if !seen.contains(text.as_ref()) {
                orders.iter_mut().try_for_each(|order| order.see(content, row.number, &text))?;
                seen.insert(text.into_owned());
            }
        }
    }
    Ok(())
}

/// Two formats that read each other's dates, and a cell that only one of them reads.
struct Order<'f> {
    formats: Overlap<'f>,
    first: Option<String>,
    second: Option<String>,
}

impl<'f> Order<'f> {
    fn of(formats: Overlap<'f>) -> Self {
        Self { formats, first: None, second: None }
    }

    fn see(&mut self, content: &Content, row: u64, text: &str) -> Result<(), FileError> {
        let ((one, other), (first, second)) = (self.formats.formats(), self.formats.read(text));
        let refused = |one_day: String, other_day: String| {
            let (file, text) = (content.name.clone(), text.to_owned());
            let (one, other) = (format!("{one_day} ({one})"), format!("{other_day} ({other})"));
            Err(FileError::AmbiguousDates { file, row, text, one, other })
        };
        match (first, second) {
            (Some(a), Some(b)) if a != b => return refused(a.to_string(), b.to_string()),
            (Some(a), None) => match &self.second {
                Some(cell) => return refused(a.to_string(), format!("no day, although it reads \"{cell}\"")),
                None => self.first = self.first.take().or_else(|| Some(text.to_owned())),
            },
            (None, Some(b)) => match &self.first {
                Some(cell) => return refused(format!("no day, although it reads \"{cell}\""), b.to_string()),
                None => self.second = self.second.take().or_else(|| Some(text.to_owned())),
            },
            _ => {}
        }
        Ok(())
    }
}
