use tieout_domain::{Currency, calendar::PeriodKey};

use super::*;
use crate::detectors::fixture::{Books, Doc, Entry, booked, doc, entry};

/// Expects the cells that are kept, with those that are out of date worked out, to be those of all books.
#[track_caller]
pub(crate) fn kept_agrees(books: &Books) {
    assert_eq!(misplaced(&books.db).unwrap(), 0, "open: {}", books.open());
}

fn row(row: &TieOutRow) -> String {
    format!(
        "{} {} {} {}: billing {} corrections {} ledger {} variance {} explained {} transit {} unexplained {} \
         exceptions {}",
        row.entity,
        row.currency,
        row.period,
        row.account,
        row.billing_minor,
        row.corrections_minor,
        row.ledger_minor,
        row.variance_minor,
        row.explained_minor,
        row.in_transit_minor,
        row.unexplained_minor,
        row.open_exceptions
    )
}

fn cells(books: &Books) -> Vec<TieOutRow> {
    tie_out(&books.db, &TieOutFilter::default()).unwrap()
}

/// Detects, and expects these cells, in order; rows of one account only where `account` names one.
#[track_caller]
fn check(docs: &[Doc], entries: &[Entry], want: &[&str]) {
    let books = Books::with(docs, entries);
    books.detect();
    let got: Vec<String> = cells(&books).iter().map(row).collect();
    assert_eq!(got, want, "open: {}", books.open());
    kept_agrees(&books);
}

#[test]
fn what_agrees_has_no_variance() {
    check(
        &[doc("A", 900)],
        &[booked("A", 900)],
        &[
            "GB01 GBP 2026-03 1100: billing 900 corrections 0 ledger 900 variance 0 explained 0 transit 0 \
             unexplained 0 exceptions 0",
            "GB01 GBP 2026-03 4000: billing -900 corrections 0 ledger -900 variance 0 explained 0 transit 0 \
             unexplained 0 exceptions 0",
        ],
    );
}

#[test]
fn an_exception_explains_its_share_in_every_cell_that_it_touches() {
    check(
        &[doc("A", 900)],
        &[booked("A", 900).with(|e| {
            e.period = "2026-04";
            e.lines[1].0 = "4900";
        })],
        &[
            "GB01 GBP 2026-03 1100: billing 900 corrections 0 ledger 0 variance -900 explained -900 \
                transit 0 \
             unexplained 0 exceptions 2",
            "GB01 GBP 2026-03 4000: billing -900 corrections 0 ledger 0 variance 900 explained 900 transit 0 \
             unexplained 0 exceptions 2",
            "GB01 GBP 2026-04 1100: billing 0 corrections 0 ledger 900 variance 900 explained 900 transit 0 \
             unexplained 0 exceptions 2",
            "GB01 GBP 2026-04 4900: billing 0 corrections 0 ledger -900 variance -900 explained -900 \
                transit 0 \
             unexplained 0 exceptions 2",
        ],
    );
}

#[test]
fn reversals_cancel_out_over_periods_and_stand_as_corrections() {
    let wrong = booked("A", 700);
    let undone = wrong.clone().undone().with(|e| e.period = "2026-04");
    check(
        &[doc("A", 900)],
        &[wrong, undone, booked("A", 900)],
        &[
            "GB01 GBP 2026-03 1100: billing 900 corrections 700 ledger 1600 variance 0 explained 0 transit 0 \
             unexplained 0 exceptions 0",
            "GB01 GBP 2026-03 4000: billing -900 corrections -700 ledger -1600 variance 0 explained 0 \
                transit 0 \
             unexplained 0 exceptions 0",
            "GB01 GBP 2026-04 1100: billing 0 corrections -700 ledger -700 variance 0 explained 0 transit 0 \
             unexplained 0 exceptions 0",
            "GB01 GBP 2026-04 4000: billing 0 corrections 700 ledger 700 variance 0 explained 0 transit 0 \
             unexplained 0 exceptions 0",
        ],
    );
}

#[test]
fn a_write_off_booked_in_a_later_period_is_a_correction() {
    let off = entry("A", &[("6200", 900), ("1100", -900)]).with(|e| e.period = "2026-04");
    let books = Books::with(&[doc("A", 900).written_off()], &[booked("A", 900), off]);
    books.detect();
    assert_eq!(books.open(), "");
    kept_agrees(&books);
    let rows = cells(&books);
    assert!(rows.iter().all(|r| r.variance_minor == 0 && r.unexplained_minor == 0), "{rows:?}");
    assert_eq!(rows.iter().map(|r| r.corrections_minor).sum::<i64>(), 0);
    assert_eq!(rows.len(), 5);
}

#[test]
fn orphans_missing_documents_and_wrong_entities_are_explained_to_the_penny() {
    let docs = [doc("A", 900), doc("B", 50), doc("C", 7), doc("D", 11).unmapped("gap")];
    let entries = [
        booked("A", 900).with(|e| e.entity = "EU01"),
        booked("C", 7),
        booked("C", 7),
        booked("X", 33),
        booked("D", 11).with(|e| e.currency = "USD"),
        booked("Y", 5).with(|e| e.reference = None),
    ];
    let books = Books::with(&docs, &entries);
    books.detect();
    assert_eq!(
        books.open(),
        "A wrong_entity, B unposted, C duplicate_posting, D missing_mapping, JE6 orphan_journal, X \
            orphan_journal"
    );
    let rows = cells(&books);
    assert!(rows.iter().all(|r| r.unexplained_minor == 0), "{rows:?}");
    let control: Vec<(String, i64)> = rows
        .iter()
        .filter(|r| r.account == "1100")
        .map(|r| (format!("{} {}", r.entity, r.currency), r.variance_minor))
        .collect();
    let want = [("EU01 GBP", 900), ("GB01 GBP", -900 - 50 + 7 + 33 + 5), ("GB01 USD", 11)];
    assert_eq!(control, want.map(|(name, minor)| (name.to_owned(), minor)));
}

#[test]
fn what_is_on_its_way_is_neither_an_exception_nor_unexplained() {
    check(
        &[
            doc("A", 900).with(|d| d.due = "2026-07-01T00:00:00Z"),
            doc("Z", 0).with(|d| {
                d.due = "2026-07-01T00:00:00Z";
                d.lines = vec![("4000", -5), ("4010", 5)];
            }),
        ],
        &[],
        &[
            "GB01 GBP 2026-03 1100: billing 900 corrections 0 ledger 0 variance -900 explained 0 \
                transit -900 \
             unexplained 0 exceptions 0",
            "GB01 GBP 2026-03 4000: billing -905 corrections 0 ledger 0 variance 905 explained 0 transit 905 \
             unexplained 0 exceptions 0",
            "GB01 GBP 2026-03 4010: billing 5 corrections 0 ledger 0 variance -5 explained 0 transit -5 \
             unexplained 0 exceptions 0",
        ],
    );
}

#[test]
fn what_no_open_exception_covers_is_unexplained() {
    let books =
        Books::with(&[doc("A", 900)], &[booked("A", 800), entry("BANK", &[("4000", 6), ("1050", -6)])]);
    books.detect();
    books.run("UPDATE exception SET state = 'dismissed'", []);
    let rows = cells(&books);
    let of = |account: &str| {
        let row = rows.iter().find(|r| r.account == account).unwrap();
        (row.variance_minor, row.explained_minor, row.unexplained_minor)
    };
    assert_eq!(of("1100"), (-100, 0, -100));
    assert_eq!(of("4000"), (106, 0, 106));
    assert!(rows.iter().all(|r| r.account != "1050"), "no expectation and no control entry names it");
}

#[test]
fn a_filter_takes_its_cells_and_nothing_else() {
    let docs = [doc("A", 900), doc("B", 5).with(|d| (d.entity, d.currency) = (Some("EU01"), "EUR"))];
    let books = Books::with(&docs, &[booked("A", 900)]);
    books.detect();
    let of = |filter: TieOutFilter| tie_out(&books.db, &filter).unwrap().len();
    assert_eq!(of(TieOutFilter::default()), 4);
    assert_eq!(of(TieOutFilter { entity: Some("EU01".parse().unwrap()), ..TieOutFilter::default() }), 2);
    assert_eq!(of(TieOutFilter { account: Some("1100".parse().unwrap()), ..TieOutFilter::default() }), 2);
    assert_eq!(of(TieOutFilter { currency: Some(Currency::USD), ..TieOutFilter::default() }), 0);
    assert_eq!(of(TieOutFilter { period: Some(PeriodKey::new("2026-03")), ..TieOutFilter::default() }), 4);
}

#[test]
fn a_shift_on_the_control_account_that_differs_on_another_is_no_correction() {
    let corrected = |last: Entry| {
        let books = Books::with(&[doc("A", 900).written_off()], &[booked("A", 900), last]);
        books.detect();
        // Whatever detection says of it.
        books.run("UPDATE exception SET state = 'closed'", []);
        kept_agrees(&books);
        cells(&books).iter().any(|r| r.corrections_minor != 0)
    };
    let later =
        |account: &'static str| entry("A", &[(account, 900), ("1100", -900)]).with(|e| e.period = "2026-04");
    assert!(corrected(later("6200")), "bad debt, where it is expected");
    assert!(!corrected(later("6300")), "another account");
}

#[test]
fn a_cell_beyond_what_can_be_kept_is_an_error_and_no_wrong_figure() {
    let books = Books::with(&[doc("A", 900)], &[booked("A", 900)]);
    books.detect();
    // No detection would look at what nobody told of.
    books.run("DELETE FROM tie_out_kept", []);
    books.run("UPDATE entry_line SET transaction_minor = ?1 WHERE account = '1100'", [i64::MAX]);
    assert!(tie_out(&books.db, &TieOutFilter::default()).is_ok());
    books.run("UPDATE expected_line SET amount_minor = -900 WHERE account = '1100'", []);
    assert_eq!(tie_out(&books.db, &TieOutFilter::default()).unwrap_err().code(), "money_overflow");
    assert_eq!(control_tie_out(&books.db).unwrap_err().code(), "money_overflow");
}

#[test]
fn the_control_accounts_together_are_the_sum_of_their_cells() {
    let docs = [doc("A", 900), doc("B", 500).with(|d| d.control = Some("1200")), doc("C", 7)];
    let docs = docs.map(|made| {
        let control = made.control.unwrap();
        made.with(|d| d.lines[0].0 = control)
    });
    let books = Books::with(&docs, &[booked("A", 900), booked("C", 9)]);
    books.detect();
    let control: Vec<_> = control_tie_out(&books.db).unwrap().iter().map(row).collect();
    assert_eq!(
        control,
        ["GB01 GBP 2026-03 : billing 1407 corrections 0 ledger 909 variance -498 explained -498 transit 0 \
          unexplained 0 exceptions 0"]
    );
}

#[test]
fn what_a_person_decides_of_an_exception_is_in_the_cells_before_the_next_detection() {
    let books = Books::with(&[doc("A", 900), doc("B", 700)], &[booked("B", 700)]);
    books.detect();
    let before: Vec<_> = cells(&books).iter().map(row).collect();
    assert!(before[0].contains("explained -900 transit 0 unexplained 0"), "{before:?}");
    books.run("UPDATE exception SET state = 'dismissed'", []);
    let after: Vec<_> = cells(&books).iter().map(row).collect();
    assert!(after[0].contains("explained 0 transit 0 unexplained -900"), "{after:?}");
    kept_agrees(&books);
    books.run("UPDATE exception SET state = 'open'", []);
    assert_eq!(cells(&books).iter().map(row).collect::<Vec<_>>(), before);
}

#[test]
fn a_cell_is_read_as_it_was_kept_and_a_check_tells_one_that_somebody_changed() {
    let books = Books::with(&[doc("A", 900)], &[booked("A", 900)]);
    books.detect();
    books.run("UPDATE tie_out_cell SET ledger = 901 WHERE account = '1100'", []);
    let row = &cells(&books)[0];
    assert_eq!((row.ledger_minor, row.variance_minor), (901, 1));
    let told = || books.db.integrity_check().unwrap().into_iter().filter(|found| found.contains("tie-out"));
    assert_eq!(told().collect::<Vec<_>>(), ["1 cells of the tie-out that are not what the books come to"]);
    books.run("UPDATE tie_out_cell SET ledger = 900 WHERE account = '1100'", []);
    assert_eq!(told().count(), 0);
}

#[test]
fn what_an_entry_elsewhere_makes_watched_shows_what_is_booked_on_it_everywhere() {
    let march = entry("X", &[("1300", 50), ("6400", -50)]);
    let books = Books::with(&[doc("A", 900)], &[booked("A", 900), march]);
    books.detect();
    assert!(cells(&books).iter().all(|r| r.account != "1300"), "nothing watches it");
    books.book(&entry("Y", &[("1100", 7), ("1300", -7)]).with(|e| e.period = "2026-05"));
    books.detect();
    let of: Vec<_> = cells(&books)
        .into_iter()
        .filter(|r| r.account == "1300")
        .map(|r| (r.period.to_string(), r.ledger_minor))
        .collect();
    assert_eq!(of, [("2026-03".to_owned(), 50), ("2026-05".to_owned(), -7)]);
    kept_agrees(&books);
}
