//! Rows into documents or journals, wherever in the file they are, page by page.

use std::collections::{HashMap, HashSet};

use tieout_domain::{absence::Absence, ledger::LedgerAccount, money::MOST_HELD, unread::Concerns};

use super::{
    census::{Census, hash_of},
    content::Content,
    error::FileError,
    map::ColumnMap,
    place::{Above, Place},
    role::Role,
    rows::{Carried, Layout, RowView, Rows},
    source::{FileSource, Summary},
    total::Totals,
};
use crate::traits::{Cursor, Fetched, Page, PageEvidence, Rejection};

/// A page is also cut when its rows fill this many bytes.
const PAGE_BYTES: u64 = 8 << 20;

/// Items, each with its name.
pub type Named<T> = Vec<(String, T)>;

/// Makes one kind of item of grouped rows.
pub trait Assemble {
    /// What a group becomes.
    type Item;
    /// A group under way.
    type Group: Default;

    /// A group to come of so many rows, or fewer.
    fn begin(&self, _rows: usize) -> Self::Group {
        Self::Group::default()
    }

    /// Takes one row into its group.
    fn add(&mut self, group: &mut Self::Group, row: &RowView<'_>) -> Result<(), Rejection>;

    /// Refuses a whole group of good rows that are no item together; `key` is the group's key.
    fn check(&self, _key: &str, _group: &Self::Group) -> Result<(), (&'static str, String)> {
        Ok(())
    }

    /// Makes the items of a whole group of good rows, each with its name; `key` is the group's key, which
    /// names the first.
    fn finish(&mut self, key: &str, group: Self::Group) -> Result<Named<Self::Item>, (&'static str, String)>;

    /// True for an item that is counted, and not only known beside another.
    fn counts(_item: &Self::Item) -> bool {
        true
    }

    /// Notes what a row could be about, as far as it can be read.
    fn about_row(&self, row: &RowView<'_>, concerns: &mut Concerns);

    /// Notes what the rows that a group took are about.
    fn about_group(&self, group: &Self::Group, concerns: &mut Concerns);

    /// Notes what an item is about that is not taken.
    fn about_item(item: &Self::Item, concerns: &mut Concerns);

    /// What an item weighs ([`MOST_HELD`]).
    fn weight(item: &Self::Item) -> i128;

    /// The accounts that the rows named, once all of them were taken.
    fn accounts(&mut self) -> Vec<LedgerAccount> {
        Vec::new()
    }
}

struct Open<G> {
    group: G,
    rows: Vec<u64>,
    bad: Vec<Aside>,
    concerns: Concerns,
}

/// A row that cannot be read.
struct Aside {
    row: u64,
    rejection: Rejection,
    raw: Vec<u8>,
    /// False where the row only seems to belong to its document: it stands below it.
    certain: bool,
}

impl Aside {
    /// A row that is aside for what is wrong with it.
    fn of(row: u64, rejection: Rejection, raw: Vec<u8>) -> Self {
        Self { row, rejection, raw, certain: true }
    }
}

/// Reads a file with `assembler`.
///
/// # Errors
/// [`FileError`] as `E`, or the first error of `sink`.
pub fn read<A: Assemble, E: From<FileError>>(
    (source, mut content): (&FileSource, Content),
    map: &ColumnMap,
    assembler: A,
    sink: impl FnMut(Page<A::Item>) -> Result<(), E>,
) -> Result<Summary, E> {
    let census = Census::take(&mut content, map)?;
    let mut rows = Rows::open(&content, map.file.delimiter)?;
    let layout = Layout::new(&rows, map)?;
    let mut out = Pages::new(source, &content, sink);
    let mut reading = Reading {
        assembler,
        under_way: None,
        open: HashMap::new(),
        left: census.left,
        totals: census.totals,
        tainted: census.tainted,
        layout: &layout,
        carry_down: &map.carry_down,
        carried: Carried::default(),
        key: Vec::new(),
        hash: 0,
        above: Above::default(),
        weight: 0,
    };
    while rows.advance()? {
        if out.is_full(&rows) {
            let body = rows.cut_before();
            out.emit(body, Some(rows.number()))?;
        }
        out.row(rows.number());
        reading.row(&rows, &mut out)?;
    }
    content.check_unchanged()?;
    if out.summary.rows != census.rows || reading.under_way.is_some() || !reading.open.is_empty() {
        return Err(FileError::Changed(content.name.clone()).into());
    }
    let body = rows.cut_after();
    out.emit(body, None)?;
    Ok(Summary { accounts: reading.assembler.accounts(), ..out.summary })
}

/// The groups whose keys share a hash: one, but for the rare collision.
struct Bucket<G> {
    hash: u64,
    /// Rows of them that are still to come.
    left: u32,
    groups: Vec<(Vec<u8>, Open<G>)>,
}

struct Reading<'l, A: Assemble> {
    assembler: A,
    /// The bucket of the last row: the next one is mostly of the same document.
    under_way: Option<Bucket<A::Group>>,
    /// All others that are begun.
    open: HashMap<u64, Bucket<A::Group>>,
    /// How many rows those have that are not begun.
    left: HashMap<u64, u32>,
    totals: Totals,
    /// Numbers of which a row cannot be told apart from others, and that row.
    tainted: HashMap<Vec<u8>, u64>,
    layout: &'l Layout,
    carry_down: &'l [Role],
    carried: Carried,
    key: Vec<u8>,
    /// Of the key.
    hash: u64,
    above: Above,
    /// Of the items so far.
    weight: i128,
}

impl<A: Assemble> Reading<'_, A> {
    fn row<S>(&mut self, rows: &Rows<'_>, out: &mut Pages<'_, A::Item, S>) -> Result<(), FileError> {
        let place = match self.layout.place(rows, &mut self.key) {
            Place::Continues if !self.above.may_go_on(self.layout, rows.record()) => Place::Unreadable,
            place => place,
        };
        match place {
            Place::Blank => Ok(()),
            Place::Total | Place::Amounts if self.totals.agrees(rows.number()) => {
                self.above.cut();
                Ok(())
            }
            Place::Total => {
                self.above.cut();
                self.total(rows, out);
                Ok(())
            }
            Place::Unreadable => {
                self.above.cut();
                self.homeless(rows, out);
                Ok(())
            }
            Place::Keyed => {
                if self.above.keyed(&self.key, self.layout, rows.record()) {
                    self.carried.clear();
                    self.hash = hash_of(&self.key);
                }
                self.of_a_document(rows, place, out)
            }
            Place::Continues | Place::Amounts => match self.above.key() {
                Some(above) => {
                    self.key.clear();
                    self.key.extend_from_slice(above);
                    self.of_a_document(rows, place, out)
                }
                None => {
                    self.homeless(rows, out);
                    Ok(())
                }
            },
        }
    }

    /// Takes a row into the document of the key at hand.
    fn of_a_document<S>(
        &mut self,
        rows: &Rows<'_>,
        place: Place,
        out: &mut Pages<'_, A::Item, S>,
    ) -> Result<(), FileError> {
        let mut view = RowView::new(rows, self.layout);
        let carries = !self.carry_down.is_empty();
        if carries {
            self.carried.take(self.carry_down, &view);
            view = view.carrying(&self.carried);
        }
        let changed = || FileError::Changed(out.name.to_owned());
        let Some(bucket) = bucket(&mut self.under_way, (&mut self.open, &mut self.left), self.hash) else {
            return Err(changed());
        };
        let at = bucket.groups.iter().position(|(key, _)| *key == self.key).unwrap_or(bucket.groups.len());
        if at == bucket.groups.len() {
            let rows = usize::try_from(bucket.left).unwrap_or_default();
            let (group, concerns) = (self.assembler.begin(rows), Concerns::default());
            let open = Open { group, rows: Vec::with_capacity(rows), bad: Vec::new(), concerns };
            bucket.groups.push((self.key.clone(), open));
        }
        let open = &mut bucket.groups[at].1;
        open.rows.push(view.number);
        let shape = view.check_shape();
        let misshapen = shape.is_err();
        let known = shape.and_then(|()| match place {
            Place::Keyed => Ok(()),
            _ if carries => Ok(()),
            _ => Err(continues(&view)),
        });
        if let Err(rejection) = known.and_then(|()| self.assembler.add(&mut open.group, &view)) {
            let certain = place == Place::Keyed || carries;
            let aside = Aside::of(view.number, rejection, rows.bytes().to_vec());
            open.bad.push(Aside { certain, ..aside });
            about(&self.assembler, &view, &mut open.concerns, misshapen);
        }
        bucket.left = bucket.left.checked_sub(1).ok_or_else(changed)?;
        if let Some(whole) = self.under_way.take_if(|bucket| bucket.left == 0) {
            for (key, open) in whole.groups {
                self.finish(&key, open, out);
            }
        }
        Ok(())
    }

    /// Keeps a row aside that belongs to no document.
    fn homeless<S>(&self, rows: &Rows<'_>, out: &mut Pages<'_, A::Item, S>) {
        let view = RowView::new(rows, self.layout);
        let shape = view.check_shape();
        let mut concerns = Concerns::default();
        about(&self.assembler, &view, &mut concerns, shape.is_err());
        let rejection = match self.layout.why_bad_key(rows) {
            Some((column, message)) => {
                let place = format!("row {}, column {column}", view.number);
                Rejection { code: "bad_cell".into(), place, message }
            }
            None => shape.err().unwrap_or_else(|| no_key(&view)),
        };
        let aside = Aside::of(view.number, rejection, rows.bytes().to_vec());
        out.reject(format!("row {}", view.number), aside, concerns);
    }

    /// Keeps a total aside that is not the sum of what it stands below. It is about no document of its own.
    fn total<S>(&self, rows: &Rows<'_>, out: &mut Pages<'_, A::Item, S>) {
        let differs = self.totals.differs(rows.number()).unwrap_or("its amounts cannot be told");
        let message = format!(
            "the row is a total of the file and does not agree with it: {differs}. Rows may be missing: \
             export the file again"
        );
        let place = format!("row {}", rows.number());
        let rejection = Rejection { code: "total_differs".into(), place: place.clone(), message };
        let concerns = Concerns { named: true, ..Concerns::default() };
        out.reject(place, Aside::of(rows.number(), rejection, rows.bytes().to_vec()), concerns);
    }

    fn finish<S>(&mut self, key: &[u8], open: Open<A::Group>, out: &mut Pages<'_, A::Item, S>) {
        let name = self.layout.key_text(key);
        let Open { group, rows, mut bad, mut concerns } = open;
        if let Some(aside) = self.tainted_by(key, &name, &rows) {
            self.assembler.about_group(&group, &mut concerns);
            bad.push(aside);
        } else if bad.is_empty() {
            match self.weighed(&name, group, &mut concerns) {
                Ok(items) => {
                    return items.into_iter().for_each(|(id, item)| out.item(id, item, A::counts));
                }
                Err((code, message)) => {
                    let row = rows.first().copied().unwrap_or_default();
                    let place = format!("row {row}, {name}");
                    let rejection = Rejection { code: code.to_owned(), place, message };
                    bad.push(Aside::of(row, rejection, Vec::new()));
                }
            }
        } else {
            self.assembler.about_group(&group, &mut concerns);
        }
        out.summary.rejected_items += 1;
        let first_bad = bad.first().map_or(0, |aside| aside.row);
        let unread: HashSet<u64> = bad.iter().map(|aside| aside.row).collect();
        let good: Vec<u64> = rows.into_iter().filter(|row| !unread.contains(row)).collect();
        bad.extend(good.into_iter().map(|row| {
            let message = format!(
                "the row is good, but {name} is kept aside whole, since row {first_bad} of it cannot be read"
            );
            let (code, place) = ("document_incomplete".to_owned(), format!("row {row}, {name}"));
            Aside::of(row, Rejection { code, place, message }, Vec::new())
        }));
        // What the whole could be about is said once, with the first row that cannot be read.
        concerns.item = Some(name.clone());
        for aside in bad {
            let rest = Concerns::of(&name);
            let id = format!("{name}, row {}", aside.row);
            let mut about = std::mem::replace(&mut concerns, rest);
            about.item = about.item.filter(|_| aside.certain);
            out.reject(id, aside, about);
        }
    }

    /// What keeps a document aside of whose number another row cannot be told to be another document's.
    fn tainted_by(&self, key: &[u8], name: &str, rows: &[u64]) -> Option<Aside> {
        if self.tainted.is_empty() {
            return None;
        }
        let of_number = |(number, row): (&Vec<u8>, &u64)| {
            let begins = key.strip_prefix(number.as_slice()).is_some_and(|rest| rest.first() == Some(&b'/'));
            (begins && !rows.contains(row)).then_some(*row)
        };
        let row = self.tainted.iter().find_map(of_number)?;
        let message = format!(
            "{name} is kept aside: row {row} has its number, and which document that row belongs to \
             cannot be read"
        );
        let first = rows.first().copied().unwrap_or_default();
        let (code, place) = ("document_incomplete".to_owned(), format!("row {first}, {name}"));
        Some(Aside::of(first, Rejection { code, place, message }, Vec::new()))
    }

    /// The item of good rows, where the file so far is not more than can be summed.
    fn weighed(
        &mut self,
        name: &str,
        group: A::Group,
        concerns: &mut Concerns,
    ) -> Result<Named<A::Item>, (&'static str, String)> {
        if let Err(refused) = self.assembler.check(name, &group) {
            self.assembler.about_group(&group, concerns);
            return Err(refused);
        }
        let items = self.assembler.finish(name, group).inspect_err(|_| concerns.name(name))?;
        let weights = items.iter().map(|(_, item)| A::weight(item));
        let weight = weights.fold(self.weight, i128::saturating_add);
        if weight > i128::from(MOST_HELD) {
            items.iter().for_each(|(_, item)| A::about_item(item, concerns));
            let message = format!(
                "{name} takes the file beyond what can be summed ({MOST_HELD} minor units): correct the \
                 amounts at their source"
            );
            return Err(("amount_out_of_range", message));
        }
        self.weight = weight;
        Ok(items)
    }
}

/// The bucket of this hash, made the one under way; `None` where no row of it is to come.
fn bucket<'b, G>(
    under_way: &'b mut Option<Bucket<G>>,
    (open, left): (&mut HashMap<u64, Bucket<G>>, &mut HashMap<u64, u32>),
    hash: u64,
) -> Option<&'b mut Bucket<G>> {
    if under_way.as_ref().is_none_or(|bucket| bucket.hash != hash) {
        let next = match open.remove(&hash) {
            Some(begun) => begun,
            None => Bucket { hash, left: left.remove(&hash)?, groups: Vec::new() },
        };
        if let Some(before) = under_way.replace(next) {
            open.insert(before.hash, before);
        }
    }
    under_way.as_mut()
}

/// What a row could be about. In one of another shape than the header any cell may be anything.
fn about<A: Assemble>(assembler: &A, row: &RowView<'_>, concerns: &mut Concerns, misshapen: bool) {
    match misshapen {
        true => row.cells().for_each(|cell| concerns.text(&cell)),
        false => assembler.about_row(row, concerns),
    }
}

fn continues(view: &RowView<'_>) -> Rejection {
    let message = "the row does not say which document it belongs to, and continues the one above it: list \
                   what a document's first row says for all in table.carry_down of the column map, or export \
                   every row whole"
        .to_owned();
    Rejection { code: "row_continues".into(), place: format!("row {}", view.number), message }
}

fn no_key(view: &RowView<'_>) -> Rejection {
    let message = "the row does not say which document it belongs to".to_owned();
    Rejection { code: "missing_value".into(), place: format!("row {}", view.number), message }
}

/// Collects items and hands over pages.
pub struct Pages<'s, T, S> {
    source: &'s FileSource,
    name: &'s str,
    sha256: &'s str,
    sink: S,
    items: Vec<Fetched<T>>,
    first_row: u64,
    last_row: u64,
    in_page: u32,
    /// What was read so far.
    pub summary: Summary,
}

impl<'s, T, S> Pages<'s, T, S> {
    /// Nothing collected yet.
    pub fn new(source: &'s FileSource, content: &'s Content, sink: S) -> Self {
        let summary = Summary { file_sha256: content.sha256.clone(), ..Summary::default() };
        Self {
            source,
            name: &content.name,
            sha256: &content.sha256,
            sink,
            items: Vec::new(),
            first_row: 2,
            last_row: 1,
            in_page: 0,
            summary,
        }
    }

    /// True when the rows before the current one fill a page.
    #[must_use]
    pub fn is_full(&self, rows: &Rows<'_>) -> bool {
        self.in_page > 0 && (self.in_page >= self.source.page_rows || rows.page_len() >= PAGE_BYTES)
    }

    /// Counts a row.
    pub fn row(&mut self, number: u64) {
        if self.in_page == 0 {
            self.first_row = number;
        }
        self.last_row = number;
        self.in_page += 1;
        self.summary.rows += 1;
    }

    /// Adds an item.
    pub fn item(&mut self, external_id: String, item: T, counts: fn(&T) -> bool) {
        self.summary.items += u64::from(counts(&item));
        let concerns = Concerns::default();
        self.items.push(Fetched { external_id, item: Ok(item), raw: Vec::new(), concerns });
    }

    /// Adds a row that is kept aside, under the name that tells it from every other.
    fn reject(&mut self, external_id: String, aside: Aside, concerns: Concerns) {
        let Aside { rejection, raw, .. } = aside;
        self.summary.rejected_rows += 1;
        if self.summary.rejections.len() < Summary::LISTED {
            self.summary.rejections.push(rejection.clone());
        }
        self.items.push(Fetched { external_id, item: Err(rejection), raw, concerns });
    }

    /// Adds a row that is kept aside and is an item of its own.
    pub fn reject_row(&mut self, row: u64, rejection: Rejection, raw: Vec<u8>) {
        self.reject(format!("row {row}"), Aside::of(row, rejection, raw), Concerns::default());
    }

    /// Hands the page over, with its body; `next_row` is where the file goes on.
    ///
    /// # Errors
    /// The sink's.
    pub fn emit<E>(&mut self, body: Vec<u8>, next_row: Option<u64>) -> Result<(), E>
    where
        S: FnMut(Page<T>) -> Result<(), E>,
    {
        let (first, last) = (self.first_row, self.last_row);
        let evidence = PageEvidence {
            request: format!("{} rows {first}-{last} of sha256 {}", self.name, self.sha256),
            request_id: None,
            api_version: None,
            count: u32::try_from(self.items.len()).unwrap_or(u32::MAX),
            received_at: self.source.received_at,
        };
        let items = std::mem::take(&mut self.items);
        self.in_page = 0;
        let next = next_row.map(|row| Cursor(format!("row {row}")));
        (self.sink)(Page { items, evidence, body, next, resume: None, absence: Absence::default() })
    }
}
