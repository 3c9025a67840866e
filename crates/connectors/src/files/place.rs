//! Where a row belongs: to a document of its own, to the one above it, or to none, as totals and rows of
//! separators do.

use csv::ByteRecord;

use super::{
    label::is_label,
    rows::{Layout, Rows},
};

/// Where a row belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It holds nothing.
    Blank,
    /// To the document of its own key.
    Keyed,
    /// It has no key: it continues the document of the row above it.
    Continues,
    /// Its key cannot be read: it could belong to any document.
    Unreadable,
    /// It says that it is a total.
    Total,
    /// It holds amounts and nothing else: a total, if it is the last row and their sum.
    Amounts,
}

impl Layout {
    /// Where the current row belongs; its key, where it has one, is written into `key`.
    pub fn place(&self, rows: &Rows<'_>, key: &mut Vec<u8>) -> Place {
        let record = rows.record();
        if self.bad_key(rows) {
            return Place::Unreadable;
        }
        let keyed = self.key(record, key);
        let dated = self.day.is_none_or(|column| !empty(record, column) || rows.is_bad(column));
        if keyed && dated {
            return Place::Keyed;
        }
        if !rows.has_bad_cells() && record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return Place::Blank;
        }
        if self.is_labelled(record, dated) {
            return Place::Total;
        }
        if keyed {
            return Place::Keyed;
        }
        if !dated && !rows.has_bad_cells() && self.has_only_amounts(record) {
            return Place::Amounts;
        }
        Place::Continues
    }

    /// True where the row's first text is a word for a total, and no date stands beside it.
    fn is_labelled(&self, record: &ByteRecord, dated: bool) -> bool {
        let first = record.iter().enumerate().find(|(_, cell)| !cell.trim_ascii().is_empty());
        first.is_some_and(|(column, cell)| {
            (!dated || self.day == Some(column)) && is_label(&self.key_text(cell))
        })
    }

    fn has_only_amounts(&self, record: &ByteRecord) -> bool {
        let mut amounts = record.iter().enumerate().filter(|(_, cell)| !cell.trim_ascii().is_empty());
        let fits = |column: usize| self.amounts.contains(&column) || self.currency == Some(column);
        amounts.clone().any(|(column, _)| self.amounts.contains(&column))
            && amounts.all(|(column, _)| fits(column))
    }
}

/// The document of the row above: what a row that has no key of its own may continue.
#[derive(Default)]
pub struct Above {
    key: Option<Vec<u8>>,
    heads: Vec<Vec<u8>>,
}

impl Above {
    /// Its key, where there is a document above.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.key.as_deref()
    }

    /// Takes a row of its own key; answers whether it begins another document.
    pub fn keyed(&mut self, key: &[u8], layout: &Layout, record: &ByteRecord) -> bool {
        if self.key.as_deref() == Some(key) {
            return false;
        }
        let known = self.key.get_or_insert_default();
        known.clear();
        known.extend_from_slice(key);
        self.heads.resize_with(layout.heads().len(), Vec::new);
        for (head, column) in self.heads.iter_mut().zip(layout.heads()) {
            head.clear();
            head.extend_from_slice(record.get(*column).unwrap_or_default().trim_ascii());
        }
        true
    }

    /// What follows continues nothing.
    pub fn cut(&mut self) {
        self.key = None;
    }

    /// True where a row without a key may belong to the document above it: it has no number or the same one,
    /// and says nothing else of what the rows of a document have in common.
    #[must_use]
    pub fn may_go_on(&self, layout: &Layout, record: &ByteRecord) -> bool {
        let Some(key) = &self.key else { return false };
        let same_number = layout
            .number(record)
            .is_none_or(|number| key.strip_prefix(number).is_some_and(|rest| rest.first() == Some(&b'/')));
        let agrees = |(head, column): (&Vec<u8>, &usize)| {
            let cell = record.get(*column).unwrap_or_default().trim_ascii();
            cell.is_empty() || head.is_empty() || cell == head.as_slice()
        };
        same_number && self.heads.iter().zip(layout.heads()).all(agrees)
    }
}

fn empty(record: &ByteRecord, column: usize) -> bool {
    record.get(column).unwrap_or_default().trim_ascii().is_empty()
}
