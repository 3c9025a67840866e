//! What is printed: reports of sentences and tables, as PDF.
//!
//! Typst lays a report out by one page in its language (`page.typ`), which gets it as data, so that nothing
//! that a report says is read as a program. That page is all that is compiled: it reads no file and asks for
//! no package. The typeface is in the program (Inter: Latin, Greek, Cyrillic); only a report that holds a
//! letter that it lacks looks among the fonts of the system for one that has it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod report;
mod world;

use chrono::{Datelike as _, Timelike as _};
use typst::{
    comemo,
    diag::{SourceDiagnostic, Warned},
    foundations::{Datetime, Smart},
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use self::report::{Cells, Column, Part, Report, Row, Stands, Table};

/// So many rows are printed at most: more of them nobody reads on paper.
pub const MOST_ROWS: usize = 5_000;

/// Why a report cannot be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// It has more than [`MOST_ROWS`] rows.
    #[error("{0} rows are too many to print; {MOST_ROWS} can be")]
    TooLong(usize),
    /// It cannot be laid out: a fault of ours.
    #[error("the report cannot be laid out: {0}")]
    Layout(String),
}

impl Report {
    /// How many rows its tables have together.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.parts.iter().filter_map(|part| part.table.as_ref()).map(|table| table.rows.len()).sum()
    }

    /// The report as a PDF, A4: PDF/A-2b (ISO 19005-2, for archives) where each of its letters has a shape in
    /// the typeface or a font of the system; else a plain one, which shows a box in the place of the letter.
    ///
    /// # Errors
    /// [`PrintError::TooLong`], [`PrintError::Layout`].
    pub fn pdf(&self) -> Result<Vec<u8>, PrintError> {
        if self.rows() > MOST_ROWS {
            return Err(PrintError::TooLong(self.rows()));
        }
        let data = serde_json::to_string(self).map_err(|e| PrintError::Layout(e.to_string()))?;
        let world = world::World::of(&data);
        let Warned { output, warnings: _ } = typst::compile::<PagedDocument>(&world);
        let printed = output.and_then(|document| {
            let archived = PdfStandards::new(&[PdfStandard::A_2b]).unwrap_or_default();
            typst_pdf::pdf(&document, &self.options(archived))
                .or_else(|_| typst_pdf::pdf(&document, &self.options(PdfStandards::default())))
        });
        // What it remembers of this report is of no use for the next.
        comemo::evict(0);
        printed.map_err(|faults| PrintError::Layout(words(&faults)))
    }

    fn options(&self, standards: PdfStandards) -> PdfOptions {
        let part = |value: u32| u8::try_from(value).unwrap_or_default();
        let at = self.made_at;
        let date = Datetime::from_ymd_hms(
            at.year(),
            part(at.month()),
            part(at.day()),
            part(at.hour()),
            part(at.minute()),
            part(at.second()),
        );
        PdfOptions {
            creator: Smart::Custom(Some("Tieout".into())),
            timestamp: date.map(Timestamp::new_utc),
            standards,
            ..PdfOptions::default()
        }
    }
}

fn words<'f>(faults: impl IntoIterator<Item = &'f SourceDiagnostic>) -> String {
    faults.into_iter().map(|fault| fault.message.to_string()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str, rows: usize) -> Report {
        let row = || Row { cells: vec![text.to_owned(), "1.00".to_owned()], stands: Stands::Under };
        let column = |of| Column { title: text.to_owned(), of };
        let table = Table {
            columns: vec![column(Cells::Texts), column(Cells::Numbers)],
            rows: (0..rows).map(|_| row()).collect(),
        };
        Report {
            title: text.to_owned(),
            says: vec![text.to_owned()],
            facts: vec![(text.to_owned(), text.to_owned())],
            parts: vec![Part { heading: text.to_owned(), says: vec![text.to_owned()], table: Some(table) }],
            foot: text.to_owned(),
            wide: false,
            made_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn nothing_that_a_report_says_is_read_as_markup_or_program() {
        for text in [
            "#panic()",
            "#read(\"/etc/passwd\")",
            "*a* _b_ $c$ `d` @e <f> \\",
            "\"quoted\" {x}",
            "",
            "= a\n- b",
        ] {
            let bytes = report(text, 2).pdf().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(bytes.starts_with(b"%PDF-"), "{text}");
        }
    }

    #[test]
    fn letters_that_the_typeface_lacks_stop_no_report() {
        for text in ["株式会社東京", "שלום", "กขค", "\u{2061}12\u{2063}", "\u{1F4B6}", "a\u{0}b"]
        {
            report(text, 1).pdf().unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    #[test]
    fn a_report_says_the_same_in_the_same_bytes() {
        assert_eq!(report("Łódź 1,00 €", 3).pdf().unwrap(), report("Łódź 1,00 €", 3).pdf().unwrap());
    }

    #[test]
    fn more_rows_than_anybody_reads_on_paper_are_refused() {
        let error = report("a", MOST_ROWS + 1).pdf().unwrap_err();
        assert!(matches!(error, PrintError::TooLong(rows) if rows == MOST_ROWS + 1));
    }
}
