use std::collections::BTreeMap;

use tieout_domain::{Currency, calendar::PeriodKey};

use super::*;
use crate::detectors::fixture::{Books, Doc, Entry, booked, doc, entry};

/// What stands on the control accounts, per entity, currency and period: billing, corrections, ledger,
/// explained and in transit. What is nothing throughout is left out.
type OnControl = BTreeMap<(String, Currency, PeriodKey), [i64; 5]>;

fn on_control(rows: impl Iterator<Item = TieOutRow>) -> OnControl {
    let mut all = OnControl::new();
    for r in rows {
        let sums = all.entry((r.entity, r.currency, r.period)).or_default();
        let more =
            [r.billing_minor, r.corrections_minor, r.ledger_minor, r.explained_minor, r.in_transit_minor];
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    all.retain(|_, sums| *sums != [0; 5]);
    all
}

/// Expects the picture of the control accounts to say what the cells of these accounts say together.
#[track_caller]
pub(crate) fn control_agrees(books: &Books) {
    let control = books.list("SELECT account FROM control_account ORDER BY account");
    let of_control = |r: &TieOutRow| control.split(", ").any(|account| account == r.account);
    let cells = on_control(cells(books).into_iter().filter(of_control));
    assert_eq!(on_control(control_tie_out(&books.db).unwrap().into_iter()), cells, "open: {}", books.open());
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
    control_agrees(&books);
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
    control_agrees(&books);
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
fn a_shift_on_the_control_account_that_differs_on_another_is_no_correction_in_the_picture_either() {
    let off = entry("A", &[("6200", 900), ("1100", -900)]).with(|e| e.period = "2026-04");
    let other = entry("A", &[("6300", 900), ("1100", -900)]).with(|e| e.period = "2026-04");
    for last in [off, other] {
        let books = Books::with(&[doc("A", 900).written_off()], &[booked("A", 900), last]);
        books.detect();
        // Whatever detection says, both ways of summing up say the same.
        books.run("UPDATE exception SET state = 'closed'", []);
        control_agrees(&books);
    }
}

#[test]
fn a_cell_beyond_what_can_be_kept_is_an_error_and_no_wrong_figure() {
    let books = Books::with(&[doc("A", 900)], &[booked("A", 900)]);
    books.detect();
    books.run("UPDATE entry_line SET transaction_minor = ?1 WHERE account = '1100'", [i64::MAX]);
    control_agrees(&books);
    books.run("UPDATE expectation SET control_minor = -900", []);
    books.run("UPDATE expected_line SET amount_minor = -900 WHERE account = '1100'", []);
    assert_eq!(tie_out(&books.db, &TieOutFilter::default()).unwrap_err().code(), "money_overflow");
    assert_eq!(control_tie_out(&books.db).unwrap_err().code(), "money_overflow");
}
