use super::*;
use crate::bank::{BankLine, comparable};

fn day(of: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, of).unwrap()
}

/// A payout `po_00000000NN` that left on this day of March.
fn paid(document: i64, minor: i64, left: u32) -> PaidOut {
    PaidOut {
        document,
        names: vec![comparable(&format!("po_{document:010}"))],
        paid_minor: minor,
        failed: false,
        left: day(left),
        arrives: day(left + 2),
        judged: true,
    }
}

fn failed(document: i64, minor: i64, left: u32) -> PaidOut {
    PaidOut { failed: true, ..paid(document, minor, left) }
}

/// A line with these words, booked on this day.
fn line(number: i64, minor: i64, booked: u32, text: &str) -> ShownLine {
    let of = BankLine { text: text.to_owned(), ..BankLine::default() };
    ShownLine { line: number, booked_on: day(booked), minor, searched: Searched::of(&of) }
}

/// What is said of each payout, with its lines, where statements cover the first days of March up to `upto`.
#[track_caller]
fn check(payouts: &[PaidOut], lines: &[ShownLine], upto: u32, want: &str) {
    let covered = [vec![(day(1), day(upto))]];
    let told: Vec<String> = receipts(payouts, lines, &covered)
        .iter()
        .map(|one| {
            let lines: Vec<String> = one.lines.iter().map(i64::to_string).collect();
            format!("{} {} [{}] {}", one.document, one.said.as_str(), lines.join(" "), one.shown_minor)
        })
        .collect();
    assert_eq!(told.join("; "), want);
}

#[test]
fn a_name_tells_whatever_the_amount_and_the_amount_tells_where_no_name_does() {
    let payouts = [paid(1, 500, 2), paid(2, 700, 3)];
    let lines = [line(10, 700, 5, "STRIPE PAYMENTS"), line(11, 500, 6, "ref PO-0000000001 Stripe")];
    check(&payouts, &lines, 28, "1 received [11] 500; 2 received [10] 700");
    check(&payouts, &[line(11, 490, 6, "PO0000000001")], 28, "1 differs [11] 490; 2 missing [] 0");
}

#[test]
fn what_could_be_two_is_matched_to_nothing_and_is_not_missing() {
    let twice = [line(10, 500, 4, "STRIPE"), line(11, 500, 5, "STRIPE")];
    check(&[paid(1, 500, 2)], &twice, 28, "1 unclear [] 0");
    let two = [paid(1, 500, 2), paid(2, 500, 3)];
    check(&two, &[line(10, 500, 5, "STRIPE")], 28, "1 unclear [] 0; 2 unclear [] 0");
    let far = [paid(1, 500, 2), paid(2, 500, 20)];
    check(&far, &[line(10, 500, 5, "STRIPE")], 31, "1 received [10] 500; 2 missing [] 0");
}

#[test]
fn a_line_is_missing_only_once_its_days_are_over_and_a_statement_covers_them() {
    // It left on the 2nd, was announced for the 4th, and may come until the 11th.
    check(&[paid(1, 500, 2)], &[], 10, "1 awaited [] 0");
    check(&[paid(1, 500, 2)], &[], 11, "1 missing [] 0");
    let unknown = PaidOut { judged: false, ..paid(1, 500, 2) };
    check(&[unknown], &[], 28, "1 awaited [] 0");
    let gap = [vec![(day(1), day(5)), (day(7), day(28))]];
    assert_eq!(receipts(&[paid(1, 500, 2)], &[], &gap)[0].said, Said::Awaited);
    assert_eq!(receipts(&[paid(1, 500, 2)], &[], &[])[0].said, Said::Awaited);
    check(&[paid(1, 500, 2)], &[line(10, 500, 12, "STRIPE")], 28, "1 missing [] 0");
    check(&[paid(1, 500, 2)], &[line(10, 500, 11, "STRIPE")], 28, "1 received [10] 500");
}

#[test]
fn the_same_payout_twice_is_another_amount() {
    let lines = [line(10, 500, 4, "po_0000000001"), line(11, 500, 5, "po_0000000001")];
    check(&[paid(1, 500, 2)], &lines, 28, "1 differs [10 11] 1000");
}

#[test]
fn what_failed_and_went_back_nets_to_nothing() {
    let named = [line(10, 500, 4, "po_0000000001"), line(11, -500, 6, "RETURN po_0000000001")];
    check(&[failed(1, 500, 2)], &named, 28, "1 received [10 11] 0");
    check(&[failed(1, 500, 2)], &named[..1], 28, "1 differs [10] 500");
    check(&[failed(1, 500, 2)], &named[..1], 8, "1 awaited [10] 500");
    check(&[failed(1, 500, 2)], &[], 28, "1 received [] 0");
    // Without names: in, out, and in again under the payout that was made in its place.
    let lines = [line(10, 500, 4, "STRIPE"), line(11, -500, 5, "RETURN"), line(12, 500, 8, "STRIPE")];
    check(&[failed(1, 500, 2), paid(2, 500, 6)], &lines, 28, "1 received [10 11] 0; 2 received [12] 500");
}

#[test]
fn a_line_that_names_several_payouts_is_their_sum_or_unclear() {
    let payouts = [paid(1, 500, 2), paid(2, 700, 3)];
    let words = "BATCH po_0000000001 po_0000000002";
    check(&payouts, &[line(10, 1200, 5, words)], 28, "1 received [10] 500; 2 received [10] 700");
    check(&payouts, &[line(10, 1199, 5, words)], 28, "1 unclear [] 0; 2 unclear [] 0");
}

#[test]
fn money_that_the_processor_took_from_the_bank_is_matched_by_its_sign() {
    check(&[paid(1, -500, 2)], &[line(10, 500, 4, "STRIPE")], 28, "1 missing [] 0");
    check(&[paid(1, -500, 2)], &[line(10, -500, 4, "STRIPE")], 28, "1 received [10] -500");
}
