//! What is due, against a plain list in memory that is filtered and sorted whole.

use tieout_domain::exception::Queue;

use super::{
    asked::View,
    filter::ViewFilter,
    opened::Opened,
    order::{SortColumn, ViewSort},
    tests::{COUNT, Dice, NOW, books, check, now, open},
};

#[test]
fn every_page_of_what_is_due_is_that_of_a_plain_sort() {
    let books = books(COUNT);
    let mut dice = Dice(31);
    let by = |columns: &[SortColumn], descending| {
        columns.iter().map(|column| ViewSort { column: *column, descending }).collect::<Vec<_>>()
    };
    // Little of it, half, and most: by the index of due times, by that of another order, and as a list.
    for shift in [-450, 0, 450] {
        let overdue_at = chrono::DateTime::from_timestamp_millis(NOW + shift);
        for entity in [None, Some("GB01".to_owned())] {
            let filter = ViewFilter { overdue_at, entity, ..open() };
            for columns in [
                &[][..],
                &[SortColumn::Due],
                &[SortColumn::Worth],
                &[SortColumn::Severity],
                &[SortColumn::Kind, SortColumn::Amount],
                &[SortColumn::Customer, SortColumn::Due],
            ] {
                let sorts = by(columns, dice.sometimes(2));
                check(&books, &View { filter: filter.clone(), sorts }, &mut dice);
            }
        }
    }
}

#[test]
fn a_backlog_that_is_overdue_as_a_whole_needs_no_look_at_its_rows() {
    let books = books(3_000);
    let last = books.rows.iter().map(|r| r.due_at).max().unwrap();
    let after = |ms: i64| Some(chrono::DateTime::from_timestamp_millis(last + ms).unwrap());
    let mut dice = Dice(7);
    for (overdue_at, whole) in [(after(1), true), (after(0), false), (Some(now()), false)] {
        for queue in [None, Some(Queue::Mismatch)] {
            let view = View { filter: ViewFilter { overdue_at, queue, ..open() }, sorts: Vec::new() };
            let opened = Opened::of(&books.store, &view, &[]).unwrap();
            assert!(opened.rows.is_none() || !whole, "{view:?}");
            check(&books, &view, &mut dice);
        }
        let filter = ViewFilter { overdue_at, amount_from: Some(500), ..open() };
        check(&books, &View { filter, sorts: Vec::new() }, &mut dice);
    }
}
